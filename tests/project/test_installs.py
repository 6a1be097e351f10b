"""What a notebook installs, among lines of any kind and length."""

import pytest

from initport.project.pins import _notebook_installs


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"print('pip')",
        b"install tensorflow==1.4.0",
        b'"image/png": "' + b"pip conda " * 100_000 + b'"',  # nothing is installed; once its square in time
    ],
    ids=["nothing", "a word", "no tool", "a long line"],
)
def test_noop(line: bytes) -> None:
    assert not _notebook_installs(line)


@pytest.mark.parametrize(
    "line",
    [
        b'"!pip install tensorflow==1.4.0\\n",',
        b'"%pip -q install -U tensorflow==1.4.0"',
        b"!pip3 install 'tensorflow==1.4.0'",
    ],
)
def test_requirements(line: bytes) -> None:
    assert set(_notebook_installs(b'"x = 1\\n",\n' + line)) == {"tensorflow"}
