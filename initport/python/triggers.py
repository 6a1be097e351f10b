"""When a file can hold sites: a look at the bytes, before all else. What is looked for is stated by the grammars."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from itertools import chain, pairwise

from initport.grammar import trigger_words
from initport.records import NamedTuple
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
        parts = self.data.split(b"import")
        lines = b"\n".join([*map(_last_line, parts[:-1]), *map(_first_line, parts[1:])])
        return frozenset(lines.translate(_BLANKED).split())

    def has_sign(self, kinds: tuple[str, ...]) -> bool:
        packages, words = _signs(kinds)
        return any(map(self.matches, words)) or not packages.isdisjoint(self.imports)

    def may_hold(self, what: str) -> bool:
        known = self._kinds.get(what)
        if known is None:
            packages, ways = _ways(what)
            known = not packages.isdisjoint(self.imports) or any(map(self._goes, ways))
            known = self._kinds[what] = known and (what != "strings" or _holds_string(self.data))
        return known

    def _goes(self, way: "_Way") -> bool:
        first, others = way
        return self.matches(first) and any(all(map(self.matches, rest)) for rest in others)

    def matches(self, pattern: str) -> bool:
        known = self._found.get(pattern)
        if known is None:
            known = self._found[pattern] = self._search(_sought(pattern))
        return known

    def _search(self, sought: "_Sought") -> bool:
        if sought.package:
            return sought.package in self.imports
        if sought.alternatives:
            return any(map(self.matches, sought.alternatives))
        for part in sought.parts:
            if self._found.get(part) is False:
                return False
        word, data = sought.word, self.data
        if sought.looked is None:
            return word.encode() in data
        if not word:
            return sought.looked.search(data) is not None
        if not self.matches(word):
            return False
        stem = word.encode()
        at = data.find(stem)  # to look for the word takes half as long as to search for what begins with it
        while at >= 0 and sought.looked.match(data, at) is None:
            at = data.find(stem, at + 1)
        return at >= 0


def _last_line(text: bytes) -> bytes:
    """What stands behind the last end of a line, but for those that a backslash takes back."""
    start = text.rfind(b"\n")
    while start > 0 and text[start - 1] in b"\\\r" and text.endswith(_CONTINUED, 0, start + 1):
        start = text.rfind(b"\n", 0, start)
    return text[start + 1 :]


def _first_line(text: bytes) -> bytes:
    """What stands before the first end of a line, but for those that a backslash takes back."""
    end = text.find(b"\n")
    while end > 0 and text[end - 1] in b"\\\r" and text.endswith(_CONTINUED, 0, end + 1):
        end = text.find(b"\n", end + 1)
    return text if end < 0 else text[:end]


_CONTINUED = (b"\\\n", b"\\\r\n")

_Way = tuple[str, list[Sequence[str]]]
"""A pattern, and the sets of other patterns one of which must be found with it."""


@cache
def _ways(what: str) -> tuple[frozenset[bytes], tuple[_Way, ...]]:
    """The packages that need but be imported, and the other sets of patterns by the first of each."""
    packages: set[bytes] = set()
    groups: dict[str, list[Sequence[str]]] = {}
    for first, *rest in trigger_words.patterns(what):
        if first.startswith(trigger_words.IMPORT) and not rest:
            packages.add(first.removeprefix(trigger_words.IMPORT).encode())
        else:
            groups.setdefault(first, []).append(rest)
    return frozenset(packages), tuple(groups.items())


@cache
def _signs(kinds: tuple[str, ...]) -> tuple[frozenset[bytes], tuple[str, ...]]:
    """The packages and words one of which is imported by, or in, every file that may hold something of these kinds."""
    packages: set[bytes] = set()
    words: set[str] = set()
    for alone, ways in map(_ways, kinds):
        packages |= alone
        for first, _ in ways:
            if first.startswith(trigger_words.IMPORT):
                packages.add(first.removeprefix(trigger_words.IMPORT).encode())
            else:
                words.update(map(_stem, _alternatives(first)))
    return frozenset(packages), tuple(word for word in words if not any(part in word for part in words - {word}))


_BLANKED = bytes(code if chr(code).isalnum() or code == 95 else 32 for code in range(128)) + b" " * 128
"""What takes the place of each byte where only words are wanted."""


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


class _Sought(NamedTuple):
    """What a pattern asks for: a ``package`` that is imported, one of several ``alternatives``, or a ``word`` that
    begins what matches, and ``looked`` there unless the word is all; where one of its ``parts`` is not, it is not."""

    package: bytes
    alternatives: tuple[str, ...]
    word: str
    parts: tuple[str, ...]
    looked: Pattern[bytes] | None


@cache
def _sought(pattern: str) -> _Sought:
    if pattern.startswith(trigger_words.IMPORT):
        return _Sought(pattern.removeprefix(trigger_words.IMPORT).encode(), (), "", (), None)
    several = _alternatives(pattern)
    if len(several) > 1:
        return _Sought(b"", several, "", (), None)
    stem = _stem(pattern)
    return _Sought(b"", (), stem, _parts(pattern), None if stem == pattern else Pattern(pattern.encode()))


def _alternatives(pattern: str) -> tuple[str, ...]:
    """The parts of a pattern one of which must match: what bars outside of groups divide."""
    plain, before = _ASIDE.sub(_hidden, pattern), ""
    while plain != before:
        plain, before = _GROUP.sub(_hidden, plain), plain
    ends = [-1, *(at for at, letter in enumerate(plain) if letter == "|"), len(plain)]
    return tuple(pattern[start + 1 : end] for start, end in pairwise(ends))


def _hidden(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _stem(pattern: str) -> str:
    """The plain word that a pattern begins with, which has no alternatives."""
    start = _METACHARACTER.search(pattern)
    return pattern if start is None else pattern[: start.start() - (start[0] in "*?{")]


_ASIDE, _GROUP = Pattern(r"\\.|\[[^\]]*\]"), Pattern(r"\([^()]*\)")
"""What is no group, and a group within which there is none."""


def _parts(pattern: str) -> tuple[str, ...]:
    """The other words that are looked for and that occur wherever a pattern matches."""
    stem = _stem(pattern)
    return tuple(item for item in _words() if item in stem and item != pattern)


@cache
def _words() -> frozenset[str]:
    """All that patterns begin with."""
    return frozenset(_stem(item) for kind in KINDS for _, ways in [_ways(kind)] for item in _patterns_of(ways)) - {""}


def _patterns_of(ways: Sequence[_Way]) -> Iterator[str]:
    for first, others in ways:
        for item in (first, *chain(*others)):
            if not item.startswith(trigger_words.IMPORT):
                yield from _alternatives(item)


KINDS = ("initializers", "values", "networks", "filled", "numbers", "strings", "unread")
"""What a file may hold, the quickest to be looked for first."""


def may_hold_any(data: bytes, kinds: Sequence[str] = KINDS) -> bool:
    look = _look(data)
    return look.has_sign(tuple(kinds)) and any(map(look.may_hold, kinds))
