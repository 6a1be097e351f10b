"""The shapes that the user states with ``--input``, against what the input names."""

from collections.abc import Mapping

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

_LISTED = 8
"""Names that a message lists at most."""


def check(stated: Mapping[str, tuple[int | None, ...]], ranks: Mapping[str, int | None], path: str, thing: str) -> None:
    """Raises InputError for a name that is not there, and for a shape with another number of axes.

    ``ranks`` are the names that may be stated, each with its number of axes where that is known; ``thing`` is what the
    format calls them.
    """
    for name, shape in stated.items():
        if name not in ranks:
            from difflib import get_close_matches  # few names are misspelt

            near = get_close_matches(name, ranks, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there {_list(list(ranks))}"
            detail = f"`--input {name}=...`: there is no {thing} `{name}`; {hint}"
        elif ranks[name] not in (None, len(shape)):
            detail = f"`--input {name}=...` has {_axes(len(shape))}; the {thing} `{name}` has {ranks[name]} here"
        else:
            continue
        raise InputError(Diagnostic(Code.WRONG_INPUT, Location(path), detail))


def _list(names: list[str]) -> str:
    if not names:
        return "are none whose shape can be stated"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ("is " if len(names) == 1 else "are ") + ", ".join(f"`{name}`" for name in names[:_LISTED]) + more


def _axes(number: int) -> str:
    return f"{number} ax{'i' if number == 1 else 'e'}s"
