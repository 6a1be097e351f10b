"""Python 2: the same edits, all else untouched."""

import pytest

from tests.rewrite.rewriting import bytes_after, outcome

CALL = b"tf.contrib.layers.xavier_initializer()"
RESULT = b"lambda shape, dtype=None, **_: tf.keras.initializers.glorot_uniform()(shape, dtype=dtype)"


@pytest.mark.parametrize(
    "template",
    [
        b"import tensorflow as tf\nprint 'a'\ni = %s\n",
        b"import tensorflow as tf\nprint 'a' % (b,\n  c), d\ni = %s\n",
        b"import tensorflow as tf\nprint >>f, 'a',\ni = %s\n",
        b"import tensorflow as tf\nif a: print 'b'\nelse: print\ni = %s\n",
        b"import tensorflow as tf\ntry:\n    pass\nexcept (A, B), e:\n    pass\ni = %s\n",
        b"import tensorflow as tf\nraise A, 'b'\ni = %s\n",
        b"import tensorflow as tf\nexec 'a' in b\ni = %s\n",
        b"import tensorflow as tf\nx = 0L + 0777 + 0xFFL\ni = %s\n",
        b"import tensorflow as tf\nif a <> b: pass\ni = %s\n",
        b"import tensorflow as tf\nx = `a`\ni = %s\n",
        b"import tensorflow as tf\nx = ur'a'\ni = %s\n",
        b"import tensorflow as tf\ndef f(a, (b, c)): pass\ni = %s\n",
        b"import tensorflow as tf\ndef f(a, (b, c)=(1, 2)): pass\ni = %s\n",
        b"import tensorflow as tf\na = ?\n\nb = c(1)\n\ni = %s\n",
        b"import tensorflow as tf\r\na = f(1); b = c d?\r\n\r\ne(2)\r\n\r\ni = %s\r\n",
        b"import tensorflow as tf\nf(async=True)\ni = %s\n",
        b"import tensorflow as tf\r\nprint 'a', \\\r\n  'b'\r\ni = %s\r\n",
        b"import tensorflow as tf\nprint '\xe9'\ni = %s\n",
    ],
)
def test_edited_in_place(template: bytes) -> None:
    before = template.replace(b"%s", CALL)
    assert bytes_after(before) == template.replace(b"%s", RESULT)
    assert outcome(before).changes


def test_a_file_that_is_no_python_at_all_is_left() -> None:
    found = outcome(b"{% template %}\n%s\n((((" + CALL)
    assert found.after is None
    assert found.diagnostics
