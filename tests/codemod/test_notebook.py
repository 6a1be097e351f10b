"""Notebooks: the JSON outside the edited strings stays as it is."""

import json

import pytest

from tests.codemod.rewriting import bytes_after, outcome

CALL = "tf.contrib.layers.xavier_initializer()"
RESULT = "lambda shape, dtype=None, **_: tf.keras.initializers.glorot_uniform()(shape, dtype=dtype)"


def notebook(*cells: str | list[str], indent: int | None = 1) -> bytes:
    rows: list[object] = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in cells]
    return json.dumps({"cells": rows, "nbformat": 4, "nbformat_minor": 2}, indent=indent).encode()


@pytest.mark.parametrize(
    "data",
    [
        notebook(["import tensorflow as tf\n", "i = %s\n"]),
        notebook("import tensorflow as tf\ni = %s\n"),
        notebook(["import tensorflow as tf"], ["i = %s"]),
        notebook(["import tensorflow as tf\n", "%matplotlib inline\n", "!ls $x\n", "tf?\n", "i = %s\n"]),
        notebook(["import tensorflow as tf\n", "if a:\n", "    %time b()\n", "i = %s"]),
        notebook(["%%bash\n", "echo 'not Python\n"], ["import tensorflow as tf\n", "i = %s"]),
        notebook(["import tensorflow as tf\n", "print 'Python 2'\n", "i = %s"]),
        notebook(["import tensorflow as tf\n", "d = {'\u00e9\U0001f600\"\\\\': %s}"]),
        notebook(["import tensorflow as tf\n", "i = %s"], indent=None),
    ],
)
def test_all_else_stays(data: bytes) -> None:
    before = data.replace(b"%s", CALL.encode())
    assert bytes_after(before, "a.ipynb") == data.replace(b"%s", RESULT.encode())


def test_an_import_that_is_added_or_goes_stays_in_its_cell() -> None:
    before = notebook(["from tensorflow.contrib.layers import xavier_initializer\n", "i = xavier_initializer()\n"])
    after = json.loads(bytes_after(before, "a.ipynb"))
    assert "".join(after["cells"][0]["source"]) == f"import tensorflow as tf\ni = {RESULT}\n"


def test_a_call_over_several_lines_keeps_the_list() -> None:
    before = notebook(["import tensorflow as tf\n", "i = tf.contrib.layers.xavier_initializer(\n", ")\n", "j = 1\n"])
    after = json.loads(bytes_after(before, "a.ipynb"))
    assert "".join(after["cells"][0]["source"]) == f"import tensorflow as tf\ni = {RESULT}\nj = 1\n"


@pytest.mark.parametrize("data", [b"xavier_initializer", b"[]xavier_initializer", b'{"cells": "xavier_initializer"}'])
def test_what_is_no_notebook_is_left(data: bytes) -> None:
    assert outcome(data, "a.ipynb").after is None
