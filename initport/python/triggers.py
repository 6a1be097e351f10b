"""When a file can hold sites: a look at the bytes, before all else. What is looked for is stated by the grammars."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from initport.grammar import trigger_words

_METACHARACTER = re.compile(r"[\\.^$*+?{}\[\]()|]")


def may_hold(data: bytes, what: str) -> bool:
    """Whether a file may hold ``initializers``, calls that draw ``values`` for variables, functions that fill tensors
    (``filled``), programs that build ``networks``, ``strings`` that layers look up, ``numbers`` that
    they take for initializers, or frameworks that are ``unread``."""
    known = _known(data)
    if (what,) not in known:
        known[what,] = _may_hold(data, what, known)
    return known[what,]


def has_word(data: bytes, word: str) -> bool:
    """Whether a file has a word, be it as a part of another."""
    known = _known(data)
    if word not in known:
        known[word] = word.encode() in data
    return known[word]


@lru_cache(maxsize=1)
def _known(data: bytes) -> dict[str | tuple[str], bool]:
    """What is known of the file that was looked at last, by pattern, and by kind (in a tuple)."""
    return {}


def _may_hold(data: bytes, what: str, known: dict[str | tuple[str], bool]) -> bool:
    for patterns in trigger_words.patterns(what):
        for pattern in patterns:
            if pattern not in known:
                known[pattern] = _matches(pattern, data)
            if not known[pattern]:
                break
        else:
            return what != "strings" or _holds_string(data)
    return False


def _holds_string(data: bytes) -> bool:
    """Whether some string may be one that a layer looks up (a test sees to it that all are found)."""
    ends = _string_ends()
    return any(word.lower().endswith(ends) for word in _QUOTED.findall(data))


_QUOTED = re.compile(rb"""["'](\w++)(?=["'])""")


@cache
def _string_ends() -> tuple[bytes, ...]:
    ends = [end.encode() for end in trigger_words.string_ends()]
    return (*ends, *(end + b"initializer" for end in ends))


def _matches(pattern: str, data: bytes) -> bool:
    looked = _compile(pattern)
    return looked in data if isinstance(looked, bytes) else looked.search(data) is not None


@cache
def _compile(pattern: str) -> bytes | re.Pattern[bytes]:
    """Plain words are looked for quicker as they are."""
    return re.compile(pattern.encode()) if _METACHARACTER.search(pattern) else pattern.encode()


KINDS = ("initializers", "values", "networks", "filled", "numbers", "strings", "unread")
"""What a file may hold, the quickest to be looked for first."""


def may_hold_any(data: bytes, kinds: Sequence[str] = KINDS) -> bool:
    return any(may_hold(data, what) for what in kinds)
