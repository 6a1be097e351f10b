"""Which version of a framework a source was written for: what the user says, else what its project pins.

Authority: the requirement syntax of PEP 440 and PEP 508, and conda's ``name=version``.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from initport.grammar.versions import Version, parse_version
from initport.readers.python_source.versions import LEGACY, Versions

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

_PIN = re.compile(
    r"""["'\s]*(?P<name>tensorflow|tensorflow-gpu)(?:\[[\w,]+\])?["'\s]*(?:==?|~=|<=)\s*["'=~<]*\s*(?P<version>\d+(?:\.\d+)+)""",
    re.IGNORECASE,
)


class Chosen(NamedTuple):
    """Versions of packages, and in words where they come from."""

    versions: Versions
    because: str


def stated(values: tuple[str, ...]) -> Mapping[str, Version]:
    """Parse ``tf=1.4``. Raises ValueError for anything else."""
    names = {"tf": "tensorflow", "tensorflow": "tensorflow", "keras": "keras"}
    found = {}
    for value in values:
        name, equals, version = value.partition("=")
        if not equals or name not in names:
            raise ValueError(f"{value!r} is not tf=VERSION or keras=VERSION")
        found[names[name]] = parse_version(version.lstrip("="))
    return found


def versions_of(path: str, given: Mapping[str, Version]) -> Chosen:
    """The versions that a file was written for; ``given`` are those that the user states."""
    return choose(given, pin_of(os.path.dirname(os.path.abspath(path))))


def choose(given: Mapping[str, Version], pin: "Pin | None") -> Chosen:
    """The versions for a source file, where its project pins one or none."""
    if "tensorflow" in given:
        return Chosen(Versions(given), f"TensorFlow {_text(given['tensorflow'])}, as told")
    if pin is not None:
        return _pinned(given, pin)
    newest = _text(LEGACY["tensorflow"])
    return Chosen(Versions(given), f"TensorFlow {newest}, as nothing tells; say --source-version tf=1.4 for another")


class Pin(NamedTuple):
    """A version, and the file that names it."""

    version: Version
    where: str


@cache
def pin_of(directory: str) -> Pin | None:
    """What the project around a directory pins, nearest first."""
    try:
        names = frozenset(os.listdir(directory)).intersection(FILES)
    except OSError:
        names = frozenset()
    for name in FILES if names else ():
        path = os.path.join(directory, name)
        version = pinned(_read(path)) if name in names else None
        if version is not None:
            return Pin(version, path)
    parent = os.path.dirname(directory)
    return None if parent == directory else pin_of(parent)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _pinned(given: Mapping[str, Version], pin: Pin) -> Chosen:
    if pin.version >= (2,):
        newest = _text(LEGACY["tensorflow"])
        return Chosen(
            Versions(given), f"TensorFlow {newest} for what is left of it; {pin.where} names {_text(pin.version)}"
        )
    return Chosen(
        Versions({**given, "tensorflow": pin.version}), f"TensorFlow {_text(pin.version)}, which {pin.where} names"
    )


def pinned(text: str) -> Version | None:
    """The version of TensorFlow that a file pins; the first where there are several."""
    for line in text.splitlines():
        found = _PIN.search(line.partition("#")[0])
        if found is not None:
            return parse_version(found["version"])
    return None


def _text(version: Version) -> str:
    return ".".join(map(str, version))
