"""When a file can hold sites: a look at the bytes, before all else. What is looked for is stated by the grammars."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from itertools import chain

from initport.grammar import trigger_words
from initport.regex import Pattern

_METACHARACTER = Pattern(r"[\\.^$*+?{}\[\]()|]")


def may_hold(data: bytes, what: str) -> bool:
    """Whether a file may hold ``initializers``, calls that draw ``values`` for variables, functions that fill tensors
    (``filled``), programs that build ``networks``, ``strings`` that layers look up, ``numbers`` that
    they take for initializers, or frameworks that are ``unread``."""
    return _look(data).may_hold(what)


def has_word(data: bytes, word: str) -> bool:
    """Whether a file has a word, be it as a part of another."""
    return _look(data).matches(word)


def import_words(data: bytes) -> frozenset[bytes]:
    """The words of the statements of a file that import, and of what else starts as they do."""
    return _look(data).imports


class _Look:
    """What is known of a file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._found: dict[str, bool] = {}
        self._kinds: dict[str, bool] = {}

    @cached_property
    def imports(self) -> frozenset[bytes]:
        lines = b"\n".join([line for pattern in _IMPORTS for line in pattern.findall(self.data)])
        return frozenset(lines.translate(_BLANKED).split())

    def may_hold(self, what: str) -> bool:
        if what not in self._kinds:
            packages, groups = _ways(what)
            found = not packages.isdisjoint(self.imports) if packages else False
            found = found or any(
                self.matches(first) and any(all(map(self.matches, rest)) for rest in others) for first, others in groups
            )
            self._kinds[what] = found and (what != "strings" or _holds_string(self.data))
        return self._kinds[what]

    def matches(self, pattern: str) -> bool:
        known = self._found.get(pattern)
        if known is None:
            if pattern.startswith(trigger_words.IMPORT):
                known = pattern.removeprefix(trigger_words.IMPORT).encode() in self.imports
            elif any(self._found.get(part) is False for part in _parts(pattern)):
                known = False
            else:
                known = self._search(pattern)
            self._found[pattern] = known
        return known

    def _search(self, pattern: str) -> bool:
        stem = _stem(pattern)
        if stem == pattern:
            return stem.encode() in self.data
        looked = _compile(pattern)
        return (not stem or self.matches(stem)) and looked.search(self.data) is not None


@cache
def _ways(what: str) -> tuple[frozenset[bytes], tuple[tuple[str, list[Sequence[str]]], ...]]:
    """The packages that need but be imported, and the other sets of patterns by the first of each."""
    packages: set[bytes] = set()
    groups: dict[str, list[Sequence[str]]] = {}
    for first, *rest in trigger_words.patterns(what):
        if first.startswith(trigger_words.IMPORT) and not rest:
            packages.add(first.removeprefix(trigger_words.IMPORT).encode())
        else:
            groups.setdefault(first, []).append(rest)
    return frozenset(packages), tuple(groups.items())


_BLANKED = bytes(code if chr(code).isalnum() or code == 95 else 32 for code in range(128)) + b" " * 128
"""What takes the place of each byte where only words are wanted."""

_IMPORTS = tuple(Pattern(word + rb"\b[^\n\\]*+(?:\\.[^\n\\]*+)*+", re.DOTALL) for word in (b"import", b"from"))


def _look(data: bytes) -> _Look:
    """What is known of the file that was looked at last."""
    global _last
    look = _last
    if data is not look.data and data != look.data:
        look = _last = _Look(data)
    return look


_last = _Look(b"")


def _holds_string(data: bytes) -> bool:
    """Whether some string may be one that a layer looks up (a test sees to it that all are found)."""
    ends = _string_ends()
    return any(word.lower().endswith(ends) for word in _QUOTED.findall(data))


_QUOTED = Pattern(rb"""["'](\w++)(?=["'])""")


@cache
def _string_ends() -> tuple[bytes, ...]:
    ends = [end.encode() for end in trigger_words.string_ends()]
    return (*ends, *(end + b"initializer" for end in ends))


@cache
def _compile(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())


@cache
def _stem(pattern: str) -> str:
    """The plain word that stands in all that a pattern matches: what it begins with; nothing where it is of several."""
    plain, before = _ASIDE.sub("", pattern), ""
    while plain != before:
        plain, before = _GROUP.sub("", plain), plain
    start = _METACHARACTER.search(pattern)
    if start is None or "|" in plain:
        return pattern if start is None else ""
    return pattern[: start.start() - (start[0] in "*?{")]


_ASIDE, _GROUP = Pattern(r"\\.|\[[^\]]*\]"), Pattern(r"\([^()]*\)")
"""What is no group, and a group within which there is none."""


@cache
def _parts(pattern: str) -> tuple[str, ...]:
    """The other words that are looked for and that occur wherever a pattern matches."""
    every = {_stem(item) for kind in KINDS for _, groups in [_ways(kind)] for item in _patterns_of(groups)}
    return tuple(item for item in every - {"", pattern} if item in _stem(pattern))


def _patterns_of(groups: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> Iterator[str]:
    for first, others in groups:
        yield from (item for item in (first, *chain(*others)) if not item.startswith(trigger_words.IMPORT))


KINDS = ("initializers", "values", "networks", "filled", "numbers", "strings", "unread")
"""What a file may hold, the quickest to be looked for first."""


def may_hold_any(data: bytes, kinds: Sequence[str] = KINDS) -> bool:
    return any(may_hold(data, what) for what in kinds)
