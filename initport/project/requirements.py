"""What the files in which projects state their requirements say of the versions of packages.

Authority: the requirement syntax of PEP 440 and PEP 508, pip's requirements files (`-r`, `-c`, references to version
control), Poetry's and uv's lock files, conda's ``name=version``, tox's ``deps``, the tags of TensorFlow's images, and
Colab's ``%tensorflow_version``.
"""

import re
from collections.abc import Mapping
from functools import cache

from initport.grammar import registry
from initport.grammar.version import stated_range


def requirements(text: str) -> Mapping[str, tuple[str, ...]]:
    """The ranges of versions that a file requires of packages, each of which may be meant where there are several."""
    found: dict[str, list[str]] = {}
    lowered = "\n".join(line.partition("#")[0] for line in text.lower().splitlines())
    for item in _requirement().finditer(lowered):
        stated = next((item[part] for part in _STATED if item[part]), "")
        versions = stated_range(stated)
        name = next((item[part] for part in _NAMED if item[part]), "tensorflow")
        package = registry.find_package(re.sub("[_.]", "-", name))
        if versions is not None and versions not in found.setdefault(package, []):
            found[package].append(versions)
    return {package: tuple(ranges) for package, ranges in found.items() if ranges}


_STATED = ("locked", "image", "magic", "tag", "built", "quoted", "version")
_NAMED = ("name", "package", "repository", "wheel")
"""The groups of `_requirement` that hold a version, and the name of a package."""

_REFERENCE = re.compile(
    r"^[ \t]*(?:[\w{}:,=-]+[ \t]+){0,20}(?:-r|-c|--requirement|--constraint)[ \t=]*([^\s#;-][^\s#;]*)", re.MULTILINE
)


def references(text: str) -> list[str]:
    """The other files that a requirements file, or tox's ``deps``, take in."""
    return [found[1].replace("{toxinidir}/", "") for found in _REFERENCE.finditer(text)]


@cache
def _requirement() -> re.Pattern[str]:
    """A distribution of a package that is known, in lower case, and what is said of its version."""
    names = {name for known in registry.releases().values() for name in known.distributions}
    longest = "|".join(name.replace("-", "[-_.]") for name in sorted(names, key=len, reverse=True))
    bound = r"(?:[=~<>!^]=?=?\s*)?v?\d[\w.*+!-]*"
    several = rf"{bound}(?:\s*,\s*(?:[=~<>!^]=?=?\s*)v?\d[\w.*+!-]*)*"
    value = rf"""(?:\s*[=:]\s*["']|\s*[=:]\s*\{{[^}}]{{0,4000}}?version["']?\s*[=:]\s*["'])(?P<quoted>{several})["']"""
    return re.compile(
        rf"""\bname\s*=\s*"(?P<package>{longest})"\s*\nversion\s*=\s*"(?P<locked>[^"\n]+)\""""
        rf"""|tensorflow/tensorflow:(?P<image>\d[\w.]*)"""
        rf"""|%tensorflow_version\s+(?P<magic>\d[\w.]*)"""
        rf"""|\+\w{{3,5}}://\S{{0,300}}?/(?P<repository>{longest})(?:\.git)?@[vr]?(?P<tag>\d+\.\d[\w.]*)"""
        rf"""|/(?P<wheel>{longest})-(?P<built>\d[\w.]*)(?:[+-]\S{{0,200}}\.whl|\.tar\.gz|\.zip)"""
        rf"""|(?<![\w./-])["']?(?P<name>{longest})["']?(?:\[[\w,\s-]+\])?(?:{value}|\s*\(?\s*(?P<version>[=~<>!^]{several}))"""
    )
