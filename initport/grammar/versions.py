"""The versions of the packages that a source was written for, as far as something states them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from initport.grammar import files, registry
from initport.grammar.version import Range, Version, bounds, version_text, within
from initport.records import NamedTuple

Key = tuple[tuple[tuple[str, Version], ...], tuple[tuple[str, Range], ...]]


class Evidence(NamedTuple):
    """What is known of a package's version, and in words where that is from."""

    range: Range
    source: str


def nothing() -> Mapping[str, Evidence]:
    return {}


class Versions(NamedTuple):
    """The versions of packages that a source was written for: ``chosen`` by the user, else what the project pins or the
    source's own names show (``known``); ``around`` looks at the names in the rest of the project."""

    chosen: Mapping[str, Version] = {}
    known: Mapping[str, Evidence] = {}
    around: Callable[[], Mapping[str, Evidence]] = nothing

    def key(self) -> Key:
        ranges = ((package, evidence.range) for package, evidence in sorted(self.known.items()))
        return tuple(sorted(self.chosen.items())), tuple(ranges)

    def of(self, package: str) -> tuple[Version | None, ...]:
        """The version of a package, and where it is not known exactly those to look a name up in, the likeliest first;
        None alone where all its versions mean the same."""
        if package in self.chosen:
            return (self.chosen[package],)
        usual = registry.usual(package)
        left = [version for version in usual if self._range(package).holds(version)]
        return tuple(left) or self.candidates(package)[-1:] or usual or (None,)

    def others(self, package: str) -> tuple[Version, ...]:
        """The versions for names that a package has in none of those: code that outlived its version."""
        if package in self.chosen or package not in self.known:
            return ()
        return tuple(version for version in registry.usual(package) if version not in self.of(package))

    def candidates(self, package: str) -> tuple[Version, ...]:
        """One of each of the versions that it can be and that differ in something, in order; of those that were
        measured."""
        return _candidates(package, self._range(package))

    def exact(self, package: str) -> bool:
        """Whether the user states the version."""
        return package in self.chosen

    def doubt_of(self, frameworks: Iterable[str]) -> str | None:
        """Why nothing is known of what these grammars say: none of the versions that one of their packages can be was
        measured. None where one was, or nothing states any."""
        heads = registry.heads()
        for head in (heads[name] for name in frameworks if name in heads):
            package, chosen = head.package, self.chosen.get(head.package)
            possible = self.candidates(package) if chosen is None else (chosen,)
            stated = package in registry.releases() and (package in self.known or chosen is not None)
            measured = (within(item, head.measured) and registry.is_measured(package, item) for item in possible)
            if stated and not any(measured):
                return (
                    f"what {self.describe(package)} draws was not measured; pass `--source-version "
                    f"{registry.releases()[package].short or package}=VERSION` for a version that draws the same "
                    f"(known are {head.measured})"
                )
        return None

    def narrow(self, evidence: Mapping[str, Evidence]) -> "Versions":
        """With more that is known. What contradicts what was known leaves nothing known of a package; versions that
        were not measured stay."""
        known = dict(self.known)
        for package, more in evidence.items():
            before = known.get(package)
            if package in self.chosen:
                continue
            known[package] = more if before is None else _both(before, more)
            if not self.candidates_in(package, known[package]):
                alone = (item for item in (before, more) if item is not None)
                unmeasured = next((item for item in alone if not self.candidates_in(package, item)), None)
                contradictory = Evidence(Range(), f"{known[package].source} contradict each other")
                known[package] = contradictory if unmeasured is None else unmeasured
        return self._replace(known=known)

    @staticmethod
    def candidates_in(package: str, evidence: Evidence) -> tuple[Version, ...]:
        """The versions that it can be as far as one thing shows: none of those that were not measured."""
        return _candidates(package, evidence.range)

    def describe(self, package: str) -> str:
        """In words what is known of a version, and where it is from."""
        title = registry.title(package)
        if package in self.chosen:
            return f"{title} {version_text(self.chosen[package])}, from --source-version"
        if package not in self.known:
            return f"{title}: any version"
        known = self.known[package]
        if not known.range.clauses:
            return f"{title}: {known.source}"
        return f"{title} {known.range} ({known.source})" if known.source else f"{title} {known.range}"

    def _range(self, package: str) -> Range:
        return self.known[package].range if package in self.known else Range()


def _both(one: Evidence, other: Evidence) -> Evidence:
    clauses = dict.fromkeys((*one.range.clauses, *other.range.clauses))
    return Evidence(Range(tuple(clauses)), f"{one.source} and {other.source}")


@cache
def _candidates(package: str, known: Range) -> tuple[Version, ...]:
    versions = {*_turns(package), *registry.usual(package), *known.bounds()}
    return tuple(sorted(item for item in versions if known.holds(item) and registry.is_measured(package, item)))


@cache
def _turns(package: str) -> frozenset[Version]:
    """The versions in which something about a package changes."""
    found: set[Version] = set()
    for name, head in registry.source_grammars().items():
        if head.package == package:
            ranges = (*_ranges(files.read(name)), head.measured)
            found.update(version for versions in ranges for version in bounds(versions))
    return frozenset(found)


def distinct(package: str, versions: Iterable[Version], string: str | None) -> tuple[Version, ...]:
    """The first of those of the versions in which a string, or (None) every string, means the same to every layer of a
    package."""
    found: dict[tuple[bool, ...], Version] = {}
    for version in versions:
        found.setdefault(tuple(within(version, item) for item in _string_ranges(package, string)), version)
    return tuple(found.values())


@lru_cache(maxsize=1024)
def _string_ranges(package: str, string: str | None) -> frozenset[str]:
    """The ranges on which it depends what a string means to a layer of a package."""
    rows = (item for name in _grammars(package) for item in files.read(name).get("initializers", {}).items())
    own = (row for name, row in rows if string is None or string.lower() in _strings_of(name, row))
    return _layer_ranges(package).union(*map(_ranges, own))


def _strings_of(name: str, rows: Any) -> Iterator[str]:
    """All that may be a string for an initializer of a grammar, in lower case."""
    yield name.lower()
    for row in rows if isinstance(rows, list) else [rows]:
        yield from (item.lower() for key in ("aliases", "strings") for item in row.get(key, ()))


@cache
def _layer_ranges(package: str) -> frozenset[str]:
    """The ranges on which it depends which layers of a package there are, and what they are given."""
    found: set[str] = set()
    for name in _grammars(package):
        found.update(_ranges({key: rows for key, rows in files.read(name).items() if key not in _BESIDE_LAYERS}))
    return frozenset(found)


@cache
def _grammars(package: str) -> tuple[str, ...]:
    """The grammars of a package, and those that they extend."""
    pending = [name for name, head in registry.source_grammars().items() if head.package == package]
    for name in pending:
        pending += [base for base in (files.read(name).get("base"),) if base and base not in pending]
    return tuple(pending)


_BESIDE_LAYERS = ("initializers", "marks", "repeats", "advances")
"""The initializers, and the sections that speak of dotted paths, which a string has none of."""


def _ranges(data: Any) -> Iterator[str]:
    """The ranges that a grammar's rows state."""
    if isinstance(data, dict):
        if isinstance(data.get("versions"), str):
            yield data["versions"]
        for value in data.values():
            yield from _ranges(value)
    elif isinstance(data, list):
        for value in data:
            yield from _ranges(value)
