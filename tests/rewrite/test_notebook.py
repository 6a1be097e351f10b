"""Notebooks: the JSON outside the edited strings stays as it is."""

import json

import pytest

from initport.diagnostics import Code
from initport.project.processes import Run, process
from tests.rewrite.rewriting import bytes_after, outcome

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
        notebook(["import tensorflow as tf\n", "x = !ls\n", "y, z = %time f()\n", "i = %s"]),
        notebook(["import tensorflow as tf\n", "x = ('a %d'\n", "     % 1)\n", "i = %s"]),
        notebook(["%%bash\n", "echo 'not Python\n"], ["import tensorflow as tf\n", "i = %s"]),
        notebook(["import tensorflow as tf\n", "print 'Python 2'\n", "i = %s"]),
        notebook(["import tensorflow as tf\n", "d = {'\u00e9\U0001f600\"\\\\': %s}"]),
        notebook(["import tensorflow as tf\n", "i = %s"], indent=None),
        notebook(["\n", "    import tensorflow as tf\n", "    if a:\n", "        i = %s\n"], ["  x = 'a'\n", "j = %s"]),
        notebook("\timport tensorflow as tf\n\td = {'\u00e9\U0001f600\"\\\\': %s}\n"),
        notebook(["   %time a()\n", "   import tensorflow as tf\n", "   i = %s\n"]),
    ],
)
def test_all_else_stays(data: bytes) -> None:
    before = data.replace(b"%s", CALL.encode())
    assert bytes_after(before, "a.ipynb") == data.replace(b"%s", RESULT.encode())


def test_an_import_that_is_added_or_goes_stays_in_its_cell() -> None:
    before = notebook(["from tensorflow.contrib.layers import xavier_initializer\n", "i = xavier_initializer()\n"])
    after = json.loads(bytes_after(before, "a.ipynb"))
    assert "".join(after["cells"][0]["source"]) == f"import tensorflow as tf\ni = {RESULT}\n"


def test_an_import_that_is_added_to_an_indented_cell() -> None:
    """IPython takes the indentation of the first line from the lines that have it."""
    before = notebook(["  from tensorflow.contrib.layers import xavier_initializer\n", "  i = xavier_initializer()\n"])
    after = json.loads(bytes_after(before, "a.ipynb"))
    assert "".join(after["cells"][0]["source"]) == f"  import tensorflow as tf\n  i = {RESULT}\n"


def test_a_cell_that_is_indented_further_in_is_no_python() -> None:
    (found,) = outcome(notebook(["import tensorflow as tf\n", f"    i = {CALL}\n"]), "a.ipynb").findings
    assert found.code is Code.UNPARSABLE


def test_a_call_over_several_lines_keeps_the_list() -> None:
    before = notebook(["import tensorflow as tf\n", "i = tf.contrib.layers.xavier_initializer(\n", ")\n", "j = 1\n"])
    after = json.loads(bytes_after(before, "a.ipynb"))
    assert "".join(after["cells"][0]["source"]) == f"import tensorflow as tf\ni = {RESULT}\nj = 1\n"


@pytest.mark.parametrize("data", [b"xavier_initializer", b"[]xavier_initializer", b'{"cells": "xavier_initializer"}'])
def test_what_is_no_notebook_is_left(data: bytes) -> None:
    assert outcome(data, "a.ipynb").after is None


def test_findings_are_placed_in_the_file() -> None:
    data = notebook("'\u00e9'", ["import tensorflow as tf\n", f"f('\u00e9', {CALL}, {CALL[:-1]}**a))\n"])
    first, second = outcome(data, "a.ipynb").findings
    lines = data.decode().splitlines()
    line = next(index for index, text in enumerate(lines, 1) if CALL in text)
    for found, said in ((first, CALL), (second, CALL[:-2])):
        place = found.location
        assert (place.line, place.key) == (line, "cells[1]")
        assert place.column is not None
        assert found.excerpt is not None
        assert lines[line - 1][place.column - 1 :].startswith(said)
        assert found.excerpt.last == (line, place.column + len(said))
        assert found.excerpt.text == f"f('\u00e9', {CALL}, {CALL[:-1]}**a))"


def test_a_broken_cell_is_placed_in_the_file() -> None:
    data = notebook(["import tensorflow as tf\n"], ["<<<<<<< a\n", "=======\n", f"((({CALL}\n"])
    (found,) = outcome(data, "a.ipynb").findings
    assert found.code is Code.UNPARSABLE
    assert any(said in data.decode().splitlines()[(found.location.line or 0) - 1] for said in ("<<<", "===", "((("))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("i = %s", "i = %s  # initport: ignore[IP501]"),
        ("i = %s\n", "i = %s  # initport: ignore[IP501]\n"),
        (["i = %s\n", "%time(1)"], ["i = %s  # initport: ignore[IP501]\n", "%time(1)"]),
        (["a = 1\n", "i = %s"], ["a = 1\n", "i = %s  # initport: ignore[IP501]"]),
        (["f('\u00e9', %s)  # \\ \U0001f600"], ["f('\u00e9', %s)  # \\ \U0001f600  # initport: ignore[IP501]"]),
    ],
)
def test_a_baseline(before: str | list[str], after: str | list[str]) -> None:
    def filled(cell: str | list[str]) -> bytes:
        return notebook("import tensorflow as tf", cell, "k = 1").replace(b"%s", CALL.encode())

    found = outcome(filled(before), "a.ipynb", Run(baseline=True))
    assert (found.after, found.findings) == (filled(after), ())
    assert outcome(filled(after), "a.ipynb", Run(baseline=True)).after is None
    assert outcome(filled(after), "a.ipynb").findings == ()


@pytest.mark.parametrize("quote", ["'", '\\"', "\\u0027"])
def test_a_string_in_escaped_quotes_is_seen(quote: str) -> None:
    """JSON escapes what Python does not: the first look is at what the cells say."""
    call = f"layers.Dense(3, kernel_initializer={quote}he_normal{quote})"
    data = notebook(["from tensorflow.keras import layers\n", "CALL"]).replace(b"CALL", call.encode())
    found = process(data, "a.ipynb", Run(target="torch")).findings
    assert [item.code for item in found if item.change] == [Code.LEGACY]


def test_a_name_that_another_cell_brings() -> None:
    cells = ["import tensorflow as tf", "x = 1", f"w = tf.get_variable('w', [3, 4], initializer={CALL})"]
    after = json.loads(bytes_after(notebook(*cells), "a.ipynb"))
    written = "w = tf.get_variable('w', [3, 4], initializer=tf.keras.initializers.glorot_uniform())"
    assert ["".join(cell["source"]) for cell in after["cells"]] == [*cells[:2], written]
