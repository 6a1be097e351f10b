"""Functions that draw values for other files of their project, which start variables with them."""

import os
from contextlib import closing
from dataclasses import replace

from initport.emit.settings import Settings
from initport.python.arguments import UnreadableError
from initport.python.follow import call_of, other_names
from initport.python.scope import resolve
from initport.python.sites import Left, Place, Sites
from initport.python.sites.draw import Start, draw, returning_function, start_of
from initport.python.syntax import Spot, Syntax, parse
from initport.python.text import Text
from initport.python.vocabulary import Names

MORE = (
    "`{function}` returns its values, and {files} starts variables with them, but they may go elsewhere too; draw them "
    "where the variable is made"
)


def with_library_draws(sites: Sites, settings: Settings) -> Sites:
    """The sites of a module, and those that its functions draw for other files. A draw of which no file makes a
    variable is none."""
    if not sites.draws or not settings.has_project():
        return sites
    found, left = list(sites.found), list(sites.left)
    for reference in sites.draws:
        function = returning_function(reference, sites.syntax, settings.names)
        start = None if function is None else _start_elsewhere(function, settings)
        try:
            site = None if start is None else draw(reference, sites.syntax, settings.names, start)
        except UnreadableError as error:
            node = reference.node
            at = sites.syntax.text.place(sites.syntax.text.span(node).start)
            left.append(Left(*at, sites.syntax.text.of(node), str(error), code=error.code))
            continue
        if site is not None:
            found.append(site._replace(reference=reference))
    return replace(sites, found=tuple(sorted(found, key=lambda site: site.span)), left=tuple(left))


def _start_elsewhere(function: str, settings: Settings) -> Start | None:
    """What other files start with what a function of the module gives; None where no variable is seen."""
    starts: list[tuple[str, Start | None]] = []
    for path, content in settings.users(function):
        try:
            syntax = Syntax.of(parse(content), Text(content))
        except (SyntaxError, RecursionError, MemoryError):
            starts.append((path, None))
            continue
        with closing(syntax):
            starts += ((path, start) for start in _starts_in(syntax, function, settings.names))
    known = [(os.path.basename(path), start) for path, start in starts if start is not None]
    if not known:
        return None
    files = " and ".join(dict.fromkeys(name for name, _ in known))
    doubt = MORE.format(function=function, files=files)
    whole = len(known) == len(starts) and not any(start.doubt for _, start in known)
    plain = all(start.scaling == () for _, start in known)
    where = Place(f"a variable in {files}")
    return Start(where, () if plain else None, "" if whole else doubt, any(start.on_call for _, start in known))


def _starts_in(syntax: Syntax, function: str, names: Names) -> list[Start | None]:
    """What each use of a function of another file in a module starts."""
    spots = (spot for name in sorted(other_names(syntax, [function])) for spot in syntax.spots(name))
    return [_start_at(spot, syntax, names) for spot in spots if _is_use(spot, function)]


def _is_use(spot: Spot, function: str) -> bool:
    """Whether a name is that of another file's function, and is looked up."""
    context = getattr(spot.node, "ctx", None)
    paths = resolve(spot.node, spot.scope) if context is not None else frozenset()  # type: ignore[arg-type]
    return type(context).__name__ == "Load" and any(path.rpartition(".")[2] == function for path in paths)


def _start_at(spot: Spot, syntax: Syntax, names: Names) -> Start | None:
    if call_of(spot) is not None and spot.holder is not None:
        return start_of(spot.holder, syntax, names)
    return start_of(spot, syntax, names, is_function=True)
