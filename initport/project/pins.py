"""Which versions of frameworks a source was written for: what the user says, else what its project pins.

Authority: the requirement syntax of PEP 440 and PEP 508, and conda's ``name=version``.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from initport.grammar import registry
from initport.grammar.version import Version, parse_version
from initport.python.versions import Versions

FILES = (
    "requirements.txt",
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "environment.yml",
    "environment.yaml",
    "Pipfile",
)
"""Where projects state what they run on, nearest to the source first."""


@cache
def _pin() -> re.Pattern[str]:
    """A distribution of a package that is known, in lower case, and its version."""
    names = {name: package for package, known in registry.releases().items() for name in known.distributions}
    longest = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(
        rf"""(?<![\w.-])(?P<name>{longest})(?:\[[\w,]+\])?["'\s]*"""
        r"""(?:==?|~=|<=)\s*["'=~<]*\s*(?P<version>\d+(?:\.\d+)+)"""
    )


class Chosen(NamedTuple):
    """Versions of packages, and in words where they come from."""

    versions: Versions
    because: str


class Pin(NamedTuple):
    """A version, and the file that names it."""

    version: Version
    where: str


Pins = Mapping[str, Pin]
"""By package."""


def stated(values: tuple[str, ...]) -> Mapping[str, Version]:
    """Parse ``tf=1.4``. Raises ValueError for anything else."""
    found = {}
    for value in values:
        name, equals, version = value.partition("=")
        try:
            package = registry.package_named(name)
        except KeyError:
            equals = ""
        if not equals:
            known = ", ".join(release.short or package for package, release in registry.releases().items())
            raise ValueError(f"{value!r} is not tf=VERSION or keras=VERSION; the packages are {known}")
        found[package] = parse_version(version.lstrip("="))
    return found


def versions_of(path: str, given: Mapping[str, Version]) -> Chosen:
    """The versions that a file was written for; ``given`` are those that the user states."""
    return choose(given, pins_of(os.path.dirname(os.path.abspath(path))))


def choose(given: Mapping[str, Version], pins: Pins) -> Chosen:
    """The versions for a source file, whose project pins these."""
    used = {package: pin for package, pin in pins.items() if package not in given}
    chosen = {**{package: pin.version for package, pin in used.items()}, **given}
    reasons = [f"{registry.title(package)} {_text(version)}, as told" for package, version in given.items()]
    reasons += [_because(package, pin) for package, pin in used.items()]
    if "tensorflow" in used and chosen["tensorflow"] >= (2,) and chosen.pop("tensorflow") >= (2, 3):
        chosen.setdefault("keras", (2, 4))  # the first that was TensorFlow's own, and in 2.3
    untold = [package for package in ("tensorflow", "keras") if package not in {**given, **pins}]
    if untold:
        newest = " and ".join(f"{registry.title(item)} {_text(registry.usual(item)[0])}" for item in untold)
        reasons.append(f"{newest}, as nothing tells; say --source-version tf=1.4 for another")
    return Chosen(Versions(chosen), "; ".join(reasons))


def _because(package: str, pin: Pin) -> str:
    if package == "tensorflow" and pin.version >= (2,):
        newest = _text(registry.usual(package)[0])
        return f"TensorFlow {newest} for what is left of it; {pin.where} names {_text(pin.version)}"
    return f"{registry.title(package)} {_text(pin.version)}, which {pin.where} names"


@cache
def pins_of(directory: str) -> Pins:
    """What the project around a directory pins, the nearest file first."""
    try:
        names = frozenset(os.listdir(directory)).intersection(FILES)
    except OSError:
        names = frozenset()
    found: dict[str, Pin] = {}
    for name in FILES if names else ():
        path = os.path.join(directory, name)
        for package, version in pinned(_read(path)).items() if name in names else ():
            found.setdefault(package, Pin(version, path))
    parent = os.path.dirname(directory)
    return found if parent == directory else {**pins_of(parent), **found}


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def pinned(text: str) -> Mapping[str, Version]:
    """The versions of packages that a file pins; the first where there are several."""
    found: dict[str, Version] = {}
    for line in text.splitlines():
        for pin in _pin().finditer(line.partition("#")[0].lower()):
            found.setdefault(registry.package_named(pin["name"]), parse_version(pin["version"]))
    return found


def _text(version: Version) -> str:
    return ".".join(map(str, version))
