"""Versions of a framework, and the ranges of them that a grammar row holds for: ``>=1.10``, ``>=2.0.6,<2.2``."""

import operator
import re
from collections.abc import Callable

Version = tuple[int, ...]

_BOUND = re.compile(r"(>=|<=|<|>|==)(\d+(?:\.\d+)*)")
_COMPARE: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge, "<=": operator.le, "<": operator.lt, ">": operator.gt, "==": operator.eq,
}  # fmt: skip


def parse_version(text: str) -> Version:
    """The leading numbers of a version such as ``2.2.4-tf`` or ``1.15.0rc1``. ValueError if there are none."""
    found = re.match(r"\d+(?:\.\d+){0,9}", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no version")
    return tuple(int(part) for part in found[0].split("."))


def within(version: Version | None, versions: str) -> bool:
    """Whether a version lies in a range; no version at all (None) means the newest, an empty range all of them."""
    return all(_holds(version, bound.strip()) for bound in versions.split(",") if bound)


def _holds(version: Version | None, bound: str) -> bool:
    found = _BOUND.fullmatch(bound)
    if found is None:
        raise ValueError(f"{bound!r} is no bound on a version")
    if version is None:
        return found[1].startswith(">")
    limit = parse_version(found[2])
    width = max(len(version), len(limit))
    return _COMPARE[found[1]](version + (0,) * (width - len(version)), limit + (0,) * (width - len(limit)))
