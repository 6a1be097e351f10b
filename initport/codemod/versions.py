"""Which version of a framework a source was written for: what the user says, else what its project pins.

Authority: the requirement syntax of PEP 440 and PEP 508, and conda's ``name=version``.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Chosen:
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


def choose(given: Mapping[str, Version], pin: "Pin | None") -> Chosen:
    """The versions for a source file, where its project pins one or none."""
    if "tensorflow" in given:
        return Chosen(Versions(given), f"TensorFlow {_text(given['tensorflow'])}, as told")
    if pin is not None:
        return _pinned(given, pin)
    newest = _text(LEGACY["tensorflow"])
    return Chosen(Versions(given), f"TensorFlow {newest}, as nothing tells; say --source-version tf=1.4 for another")


@dataclass(frozen=True, slots=True)
class Pin:
    """A version, and the file that names it."""

    version: Version
    where: str


def pin_in(directory: str, read: Callable[[str], str | None]) -> Pin | None:
    """What the files of a directory pin; ``read`` gives the text of one, None where there is none."""
    for name in FILES:
        path = os.path.join(directory, name)
        version = pinned(read(path) or "")
        if version is not None:
            return Pin(version, path)
    return None


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
