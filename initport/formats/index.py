"""The formats that there are: the folders of this package that declare one."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from initport import formats as _room
from initport.diagnostics import Code, Diagnostic, InputError
from initport.folders import packages_in
from initport.formats.format import Certainty, Format
from initport.formats.read_options import Options
from initport.ir.location import Location


@cache
def names() -> tuple[str, ...]:
    """The names of the formats, sorted; none of them is imported."""
    return packages_in(_room.__path__)


def by_name(name: str) -> Format:
    """The format of that name."""
    found: Format = import_module(f"{_room.__name__}.{name}").FORMAT
    return found


@cache
def formats() -> Mapping[str, Format]:
    """Every format by its name."""
    return MappingProxyType({name: by_name(name) for name in names()})


def detect(path: str, data: bytes) -> Format:
    """The format of a file: what its content surely is, else what its name says, else what its content may be.

    Raises InputError for a file of another tool, and where neither says anything.
    """
    from initport.formats.other_tools import reject_other_languages, reject_other_tools

    reject_other_tools(data, path)

    certain: dict[str, Certainty] = {}
    for name in names():  # one by one: few have to be imported
        item = by_name(name)
        if item.ends(path):
            certain[name] = item.sniff(data, path)
            if certain[name] is Certainty.SURE:
                return item
    reject_other_languages(data, path)
    judged: list[tuple[tuple[bool, bool, Certainty], Format]] = []
    for item in sorted(formats().values(), key=lambda item: not item.ends(path)):
        certainty = certain[item.name] if item.name in certain else item.sniff(data, path)
        judged.append(((certainty is Certainty.SURE, item.name in certain, certainty), item))
    rank, best = max(judged, key=lambda one: one[0])
    if not any(rank):
        known = ", ".join(item.title for item in formats().values())
        detail = f"neither the name nor the content is of a format that is read ({known}); pass `--from` if it is"
        raise InputError(Diagnostic(Code.UNREADABLE, Location(path), detail))
    return best


def of_project(path: str, data: bytes) -> Format | None:
    """The format of a text met in a project, if its name and its content both say so."""
    named = (item for item in formats().values() if path.lower().endswith(item.in_projects))
    return next((item for item in named if item.sniff(data, path) is Certainty.SURE), None)


@cache
def project_endings() -> tuple[str, ...]:
    """The endings of the texts that may describe networks in a project."""
    return tuple(sorted({ending for item in formats().values() for ending in item.in_projects}))


def inapplicable(source: Format, given: Iterable[str]) -> list[str]:
    """Those of the given fields of `Options` that the format does not regard. Raises ValueError for an unknown one."""
    given = list(given)
    unknown = set(given) - set(Options._fields)
    if unknown:
        raise ValueError(f"no options: {', '.join(sorted(unknown))}")
    return [name for name in given if name not in source.options]
