"""What is code: as `tokenize` sees it, wherever that can read the text."""

import io
import tokenize
from pathlib import Path

import pytest

from initport.lexis import is_code

WORD = "word"
ROOT = Path(__file__).parents[1]


def places(content: str) -> list[int]:
    return [at for at in range(len(content)) if content.startswith(WORD, at)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", False),
        ("# word", False),
        ("'word'", False),
        ('"word"', False),
        ("'''\nword\n'''", False),
        ('"""a " b "" word"""', False),
        ("r'\\'word'", False),
        ("'\\\\' 'word'", False),
        ("'a\\\nword'", False),
        ("x = '#'  # word", False),
        ("# it's\n# word", False),
        ("u'word' b'word'", False),
        ("word", True),
        ("'' word", True),
        ("'\\\\' word", True),
        ("# a\nword", True),
        ("# a\rword", True),
        ("'#' + word", True),
        ('""" """ + word', True),
        ("f'{word}'", True),
        ("rf'{word}' + fR'{word}'", True),
        ("'a\nword'", True),
        ("'''word", True),
        ("'word' + word", True),
    ],
)
def test_is_code(content: str, expected: bool) -> None:
    assert is_code(content, places(content)) is expected


@pytest.mark.parametrize("path", sorted((ROOT / "initport").rglob("[a-z]*.py"))[::5], ids=lambda path: path.stem)
def test_nothing_that_is_code_is_missed(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    starts = [0]
    for line in content.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tokens = list(tokenize.generate_tokens(io.StringIO(content).readline))
    found = {starts[token.start[0] - 1] + token.start[1]: token for token in tokens if token.string.strip()}
    quiet = (tokenize.STRING, tokenize.COMMENT)
    names = [at for at, token in found.items() if token.type == tokenize.NAME]
    strings = [at for at, token in found.items() if token.type in quiet and token.string[0] in "\"'#"]
    assert names
    assert all(is_code(content, [at]) for at in names[::5])
    assert not is_code(content, sorted(strings))
