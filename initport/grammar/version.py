"""Versions of a framework, and ranges of them: as grammar rows state them, ``>=2.0.6,<2.2``, and as projects do."""

import operator
import re
from collections.abc import Callable
from functools import lru_cache

from initport.records import NamedTuple
from initport.regex import Pattern

Version = tuple[int, ...]

_BOUND = Pattern(r"(>=|<=|<|>|==|!=)(\d+(?:\.\d+)*)")
_COMPARE: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge, "<=": operator.le, "<": operator.lt, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def parse_version(text: str) -> Version:
    """The leading numbers of a version such as ``2.2.4-tf`` or ``1.15.0rc1``. ValueError if there are none."""
    found = re.match(r"\d+(?:\.\d+){0,9}", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a version")
    return tuple(int(part) for part in found[0].split("."))


def version_text(version: Version) -> str:
    return ".".join(map(str, version))


@lru_cache(maxsize=16384)
def within(version: Version | None, versions: str) -> bool:
    """Whether a version lies in a range; no version at all (None) means the newest, an empty range all of them."""
    return all(_holds(version, bound.strip()) for bound in versions.split(",") if bound)


def contains(versions: str, others: str) -> bool:
    """Whether a range of the form ``>=A,<B`` holds all of another."""
    (first, last), (low, high) = bounds(versions), bounds(others)
    return first <= low and high <= last


def bounds(versions: str) -> list[Version]:
    """The versions at which a range begins or ends."""
    return [parse_version(found[2]) for found in _BOUND.finditer(versions)]


def _holds(version: Version | None, bound: str) -> bool:
    found = _BOUND.fullmatch(bound)
    if found is None:
        raise ValueError(f"{bound!r} is not a bound on a version")
    if version is None:
        return found[1].startswith(">")
    limit = parse_version(found[2])
    width = max(len(version), len(limit))
    return _COMPARE[found[1]](version + (0,) * (width - len(version)), limit + (0,) * (width - len(limit)))


class Range(NamedTuple):
    """What is known of a version: of every clause one of the ranges holds."""

    clauses: tuple[tuple[str, ...], ...] = ()

    def holds(self, version: Version) -> bool:
        return all(any(within(version, versions) for versions in clause) for clause in self.clauses)

    def bounds(self) -> list[Version]:
        """The versions at which one of the ranges begins or ends, and one just behind each."""
        found = [bound for clause in self.clauses for versions in clause for bound in bounds(versions)]
        return [*found, *((*bound, *(0,) * (2 - len(bound)), 1) for bound in found)]

    def __str__(self) -> str:
        return ", ".join(" or ".join(clause) for clause in self.clauses).replace("==", "")


_STATED = Pattern(r"(===?|~=|>=|<=|!=|<|>|\^|~|=)?\s*v?(\d+(?:\.\d+)*)((?:\.\*|\.x)?)[\w.+!-]*")


def stated_range(text: str) -> str | None:
    """The bounds in what a requirement says of a version: ``~=2.4``, ``==2.*``, ``^1.15``, ``>=2,<3``, ``1.15.*``; None
    where it bounds nothing. A version alone is that one.

    Authority: PEP 440, conda's match specifications (``=1.15`` is ``1.15.*``), Poetry's caret and tilde."""
    parts = (_STATED.match(part.strip()) for part in text.split(","))
    return ",".join(filter(None, (_bounds(*part.groups()) for part in parts if part is not None))) or None


def _bounds(sign: str | None, number: str, wild: str) -> str:
    parts = parse_version(number)
    if wild or sign == "=":
        return f">={number},<{_next(parts)}" if sign in (None, "=", "==", "===") else ""
    match sign:
        case "~=":
            return f">={number},<{_next(parts[:-1] or parts)}"
        case "^":
            leading = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
            return f">={number},<{_next(parts[: leading + 1])}"
        case "~":
            return f">={number},<{_next(parts[:2])}"
        case None | "===":
            return f"=={number}"
    return f"{sign}{number}"


def _next(parts: Version) -> str:
    return version_text((*parts[:-1], parts[-1] + 1))
