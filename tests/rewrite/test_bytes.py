"""Bytes outside the edits stay as they are, whatever the file's encoding, line ends and indentation."""

import pytest

from initport.diagnostics import Code
from initport.emit.targets.keras.fresh import Written
from initport.emit.terms import Word
from initport.python.sites import Site
from tests.rewrite.rewriting import bytes_after, outcome

CALL = b"tf.contrib.layers.xavier_initializer()"
RESULT = b"lambda shape, dtype=None, **_: tf.keras.initializers.glorot_uniform()(shape, dtype=dtype)"


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(b"import tensorflow as tf\r\n\r\ni = %s\r\n", id="CRLF"),
        pytest.param(b"import tensorflow as tf\ri = %s\r", id="CR"),
        pytest.param(b"import tensorflow as tf\r\na = 1\ni = %s\r\n", id="mixed line ends"),
        pytest.param(b"import tensorflow as tf\ni = %s", id="no final newline"),
        pytest.param(b"\xef\xbb\xbfimport tensorflow as tf\ni = %s\n", id="byte order mark"),
        pytest.param(b"import tensorflow as tf\n\x0c\ni = %s\n", id="form feed"),
        pytest.param(b"import tensorflow as tf\nif a:\n\tfor b in c:\n\t\ti = %s\t# d\n", id="tabs"),
        pytest.param(b"import tensorflow as tf\ni = %s   \nj = '''\n  trailing  \n'''\n", id="trailing blanks"),
        pytest.param("import tensorflow as tf\nd = {'é€😀': %s}\n".encode(), id="UTF-8 before it on the line"),
        pytest.param(b"# coding: latin-1\nimport tensorflow as tf\nd = {'\xe9': %s}  # \xfc\n", id="Latin-1"),
        pytest.param(b"# -*- coding: cp1252 -*-\nimport tensorflow as tf\ni = %s  # \x80\n", id="cp1252"),
        pytest.param(b"import tensorflow as tf\ni = \\\n    %s\n", id="a continued line"),
        pytest.param(b"import tensorflow as tf; i = %s; j = 1\n", id="semicolons"),
        pytest.param(b"import tensorflow as tf\nx = '\\d'; i = %s\n", id="an escape that Python warns of"),
    ],
)
def test_all_else_stays(template: bytes) -> None:
    assert bytes_after(template.replace(b"%s", CALL)) == template.replace(b"%s", RESULT)


def test_a_call_over_several_lines() -> None:
    before = b"import tensorflow as tf\r\nf(a,\r\n  tf.contrib.layers.xavier_initializer(\r\n\r\n  ),\r\n  b)\r\n"
    assert bytes_after(before) == b"import tensorflow as tf\r\nf(a,\r\n  " + RESULT + b",\r\n  b)\r\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"# coding: nonsense\nimport tensorflow as tf\ni = " + CALL, Code.UNPARSABLE),
        (b"import tensorflow as tf\ni = \x00" + CALL, Code.UNPARSABLE),
        (b"<<<<<<< a\n=======\n(((" + CALL, Code.UNPARSABLE),
    ],
)
def test_what_cannot_be_read_is_left(data: bytes, code: Code) -> None:
    found = outcome(data)
    assert found.after is None
    assert [item.code for item in found.diagnostics] in ([code], [Code.UNREADABLE])


def test_nesting_too_deep_for_the_parser_is_left() -> None:
    found = outcome(b"import tensorflow as tf\ni = " + b"(" * 5000 + CALL + b")" * 5000)
    assert found.after is None
    assert found.diagnostics


@pytest.mark.parametrize("wrong", ["tf.keras.initializers.he_normal()", "tf.keras.initializers.he_normal("])
def test_a_result_that_does_not_hold_is_not_used(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def form(site: Site, *_: object) -> Written:
        return Written(Word(wrong), site.node)

    monkeypatch.setattr("initport.emit.targets.keras.site.form", form)
    found = outcome(b"import tensorflow as tf\ni = " + CALL + b"\n")
    assert found.after is None
    assert [item.code for item in found.diagnostics] == [Code.UNCHECKED]
