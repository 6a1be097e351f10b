"""Which versions of packages a source was written for: what the user states, else what its project requires, and where
that is silent what the names in the project's other files show."""

import os
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from functools import cache, partial
from typing import NamedTuple

from initport.grammar import registry
from initport.grammar.version import Range, Version, parse_version
from initport.grammar.versions import Evidence, Versions
from initport.project.regular_file import read
from initport.project.requirements import references, requirements

FILES = (
    "requirements*.txt",
    "constraints*.txt",
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "poetry.lock",
    "uv.lock",
    "environment*.yml",
    "environment*.yaml",
    "Pipfile",
    "Pipfile.lock",
    "Dockerfile*",
    "tox.ini",
)
"""Where projects state what they run on."""

_STARTS = tuple(os.path.normcase(pattern.partition("*")[0]) for pattern in FILES)

_FOLDER, _IN_FOLDER = "requirements", "*.txt"
"""A directory that holds such files of the one above."""

_REFERENCES = 100
"""The most files that those of one directory take in."""

_LIMIT = 1 << 22
"""The most bytes of such a file that are read: lock files are long."""

_SOURCES = 400
"""The most files of a project whose names are looked at."""

ROOTS = (".git", "setup.py", "setup.cfg", "pyproject.toml")
"""What stands in the top directory of a project."""


class Chosen(NamedTuple):
    """Versions of packages, and in words where they come from."""

    versions: Versions
    because: str


Requirements = Mapping[str, Evidence]
"""What a project requires of the versions of packages."""


def parse_versions(values: tuple[str, ...]) -> Mapping[str, Version]:
    """Parse ``tf=1.4``. Raises ValueError for anything else, and for versions that nothing is known of."""
    found = {}
    for value in values:
        name, equals, version = value.partition("=")
        try:
            package = registry.find_package(name)
        except KeyError:
            equals = ""
        if not equals:
            known = ", ".join(release.short or package for package, release in registry.releases().items())
            raise ValueError(f"{value!r} is not tf=VERSION or keras=VERSION; the packages are {known}")
        found[package] = parse_version(version.lstrip("="))
        gap = registry.gap(package, found[package])
        if gap is not None:
            raise ValueError(f"no {registry.title(package)} {version} was released, nor any of {gap}")
        if not registry.is_measured(package, found[package]):
            ranges = " or ".join(registry.measured_ranges(package))
            but = "".join(f", but not for {one}" for one in registry.releases()[package].unmeasured)
            raise ValueError(
                f"{registry.title(package)} {version} is not known; what it means was measured for {ranges}{but}"
            )
    return found


def versions_of(path: str, given: Mapping[str, Version], data: bytes = b"") -> Chosen:
    """The versions that a file was written for; ``given`` are those that the user states, ``data`` are the bytes of a
    notebook, which may install packages itself."""
    directory = os.path.dirname(os.path.abspath(path))
    return choose(given, {**requirements_in(directory), **_installed_by(path, data)}, directory)


def versions_alone(path: str, given: Mapping[str, Version], data: bytes, required: Requirements) -> Chosen:
    """The versions of a file whose project is not at hand, but for what that requires."""
    return choose(given, {**required, **_installed_by(path, data)})


def evidence_of(text: str, source: str) -> Requirements:
    """What lines of a requirements file require; ``source`` says in words what they are."""
    return {package: Evidence(Range((ranges,)), source) for package, ranges in requirements(text).items()}


def _installed_by(path: str, data: bytes) -> Requirements:
    return _notebook_installs(data) if path.endswith(".ipynb") else {}


_TOOL, _INSTALL = re.compile(rb"\b(?:pip3?|conda)\b"), re.compile(rb"\binstall\b")


def _installs(line: bytes) -> bool:
    """Whether a line of a notebook installs packages. Most lines, pictures among them, end at the first look."""
    if b"%tensorflow_version" in line:
        return True
    tool = _TOOL.search(line) if b"install" in line else None
    return tool is not None and _INSTALL.search(line, tool.end()) is not None


def _notebook_installs(data: bytes) -> Requirements:
    """What a notebook installs."""
    lines = [line for line in data.replace(b"\\n", b"\n").split(b"\n") if _installs(line)]
    return evidence_of(b"\n".join(lines).decode(errors="replace"), "the notebook")


def choose(given: Mapping[str, Version], required: Mapping[str, Evidence], directory: str = "") -> Chosen:
    """The versions for a source file of a directory, whose project requires these."""
    known = {package: evidence for package, evidence in required.items() if package not in given}
    versions = Versions(given, known, partial(evidence_around, directory) if directory else Versions().around)
    left = versions.candidates("tensorflow") if "tensorflow" in known else ()
    if left and left[0] >= (2, 3) and "keras" not in {**given, **known}:
        source = f"the Keras of TensorFlow, {known['tensorflow'].source}"
        versions = versions.narrow({"keras": Evidence(Range(((">=2.4",),)), source)})
    packages = [*given, *known, *(item for item in ("tensorflow", "keras") if item not in {**given, **known})]
    return Chosen(versions, "; ".join(map(versions.describe, packages)))


class Stated(NamedTuple):
    """What a file requires, and the paths of the other files that it takes in."""

    required: Requirements
    others: tuple[str, ...]


def stated_in(text: str, path: str, source: str) -> Stated:
    """What the text of a file says; ``source`` says in words which that is."""
    taken = (os.path.normpath(os.path.join(os.path.dirname(path), name)) for name in references(text))
    return Stated(evidence_of(text, source), tuple(dict.fromkeys(taken)))


def required_by(paths: list[str], look: Callable[[str], Stated], root: str) -> Requirements:
    """What these files require, with those that they take in, as far as these lie below ``root``."""
    found, pending = Versions(), list(paths)
    for number, path in enumerate(pending):
        if number == _REFERENCES:
            break
        stated = look(path)
        found = found.narrow(stated.required)
        pending += (other for other in stated.others if other.startswith(root) and other not in pending)
    return found.known


@cache
def requirements_in(directory: str) -> Requirements:
    """What the project around a directory requires, the nearest files alone."""
    root = os.path.join(project_root(directory), "")
    found = required_by(_stating(directory), lambda path: stated_in(_read(path), path, _path_text(path)), root)
    parent = os.path.dirname(directory)
    return found if parent == directory else {**requirements_in(parent), **found}


def stated_for(path: str) -> str | None:
    """The directory whose requirements a file states, by its name; None for any other file."""
    directory, _, name = path.rpartition("/")
    above, _, folder = directory.rpartition("/")
    if folder == _FOLDER and fnmatch(name, _IN_FOLDER):
        return above
    starts = os.path.normcase(name).startswith(_STARTS)  # most names end here
    return directory if starts and any(fnmatch(name, pattern) for pattern in FILES) else None


def _stating(directory: str) -> list[str]:
    """The files that state what a directory requires."""
    names = [*_names(directory), *(f"{_FOLDER}/{name}" for name in _names(os.path.join(directory, _FOLDER)))]
    return [os.path.join(directory, name) for name in names if stated_for(name) == ""]


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _path_text(path: str) -> str:
    """A path as people read it: from the current directory, where it is inside of that."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


def _read(path: str) -> str:
    try:
        return read(path, _LIMIT).decode(errors="replace")
    except OSError:
        return ""


def evidence_around(directory: str) -> Mapping[str, Evidence]:
    """What the names in the files of the project around a directory show of the versions of packages."""
    return _evidence_in(project_root(directory))


@cache
def _evidence_in(root: str) -> Mapping[str, Evidence]:
    from initport.project.discover import files
    from initport.python.evidence import evidence

    found = Versions()
    for number, path in enumerate(files([root], (), ())):
        if number == _SOURCES:
            break
        if path.endswith(".py"):
            found = found.narrow(evidence(_read(path), os.path.relpath(path, root)))
    return found.known


@cache
def is_project(directory: str) -> bool:
    """Whether what lies in a directory shows that it is the top of a project."""
    return any(os.path.exists(os.path.join(directory, name)) for name in ROOTS)


def project_root(directory: str) -> str:
    """The top directory of the project that a directory is in; the directory itself where nothing shows one."""
    here = directory
    while not is_project(here):
        parent = os.path.dirname(here)
        if parent == here:
            return directory
        here = parent
    return here
