"""What there is to read and to write, derived from the heads of the grammar files: nothing else lists them."""

from collections.abc import Mapping
from functools import cache

from initport.grammar import files
from initport.grammar.errors import GrammarError
from initport.grammar.record import read_row
from initport.grammar.rows import Head, Releases
from initport.grammar.version import Version, contains, parse_version, within


@cache
def heads() -> Mapping[str, Head]:
    """The heads of all grammars, by the file's name. Raises GrammarError naming the file and key."""
    return {name: read_row(Head, head, f"{name}.yaml.head") for name, head in files.heads() if head is not None}


@cache
def source_grammars() -> Mapping[str, Head]:
    """The heads of the grammars that read Python source."""
    return {name: head for name, head in heads().items() if head.package}


@cache
def releases() -> Mapping[str, Releases]:
    """What is known of each package that has versions. Raises GrammarError where two grammars say it."""
    found: dict[str, Releases] = {}
    for name, head in source_grammars().items():
        if head.releases is not None:
            if head.package in found:
                raise GrammarError(f"{name}.yaml.head.releases", f"another grammar says them of {head.package}")
            found[head.package] = head.releases
    return found


@cache
def home_of(package: str) -> str:
    """The grammar that states the releases of a package, and its title."""
    homes = (name for name, head in source_grammars().items() if head.package == package and head.releases is not None)
    return next(homes, package)


@cache
def packages() -> frozenset[str]:
    """The packages whose source is read."""
    return frozenset(head.package for head in source_grammars().values())


def roots(name: str) -> tuple[str, ...]:
    """The packages that the names of a grammar are imported from."""
    head = heads()[name]
    return tuple(head.roots) or (head.package,)


@cache
def all_roots() -> frozenset[str]:
    """The packages that a name of any grammar is imported from."""
    return frozenset(root for name in source_grammars() for root in roots(name))


@cache
def objects() -> frozenset[str]:
    """The calls whose result has a path of its own: that of the function, with ``()`` behind it."""
    return frozenset(path for head in heads().values() for path in head.objects)


def find_package(name: str) -> str:
    """The package that people call so: by its own name, a short one, or its title. KeyError where none is."""
    for package, release in releases().items():
        if name in (package, release.short) or name.lower() in (release.title.lower(), *release.distributions):
            return package
    raise KeyError(name)


def title(package: str) -> str:
    """What people call a package."""
    return releases()[package].title if package in releases() else package


@cache
def usual(package: str) -> tuple[Version, ...]:
    """The versions in which a name is looked up where nothing decides, the likeliest first."""
    known = releases().get(package)
    return () if known is None else tuple(parse_version(version) for version in known.usual)


def is_measured(package: str, version: Version) -> bool:
    """Whether something of a package was measured in a version."""
    known = releases().get(package)
    skipped = () if known is None else (*known.unreleased, *known.unmeasured)
    return not any(within(version, one) for one in skipped) and any(
        within(version, one) for one in measured_ranges(package)
    )


def gap(package: str, version: Version) -> str | None:
    """The range of numbers around a version that no release of a package has; None where there may be one."""
    known = releases().get(package)
    return next((one for one in known.unreleased if within(version, one)), None) if known is not None else None


@cache
def measured_ranges(package: str) -> tuple[str, ...]:
    """The ranges of versions that the grammars of a package were measured in, without those inside another."""
    found = {head.measured for head in source_grammars().values() if head.package == package}
    return tuple(sorted(one for one in found if not any(one != other and contains(other, one) for other in found)))
