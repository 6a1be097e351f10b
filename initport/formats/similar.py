"""The known name that a misspelt one was meant to be."""

from collections.abc import Iterable

from initport.regex import Pattern

_WORD = Pattern(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*|\d+")
_LIKE = 0.75
_LONGEST = 60


def similar_name(name: str, known: Iterable[str]) -> str | None:
    """The most similar of the known names, if it has the same number of words and each word is like its counterpart:
    another word would mean another law. None where no name is."""
    words = _words(name)
    if not words or len(name) > _LONGEST:
        return None
    ranked = ((_likeness(words, _words(other)), other) for other in known)
    best, found = max(ranked, default=(0.0, ""))
    return found if best >= _LIKE else None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _likeness(words: list[str], others: list[str]) -> float:
    """The likeness of the least like pair of words; names of one word in all are compared as wholes too, as in
    `PReLu` and `PReLU`."""
    joined, joined_other = "".join(words), "".join(others)
    if joined == joined_other:
        return 1.0
    if len(words) != len(others):
        return 0.0
    from difflib import SequenceMatcher  # few names are misspelt

    return min(SequenceMatcher(None, word, other).ratio() for word, other in zip(words, others, strict=True))
