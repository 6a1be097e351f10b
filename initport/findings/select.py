"""Which codes count: `--select`, `--ignore` and per-file ignores, by code or the start of one.

Authority for the precedence: ruff's, the longest match decides, and ignoring wins a tie.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from initport.diagnostics import Code
from initport.records import NamedTuple

ALL = "ALL"
_CODES = tuple(code.code for code in Code)


class Selection(NamedTuple):
    """``select`` and ``ignore`` are selectors as `selectors` gives them; ``per_file`` are more of what is ignored, by
    glob, which is matched with paths relative to the directory ``root`` (None is the current one) and with names."""

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    per_file: tuple[tuple[str, tuple[str, ...]], ...] = ()
    root: str | None = None

    def codes(self, path: str) -> frozenset[Code]:
        """The codes that count in a file."""
        return _choose(self.select, (*self.ignore, *self._ignored_codes(path)))

    def _ignored_codes(self, path: str) -> tuple[str, ...]:
        if not self.per_file:
            return ()
        root = os.path.abspath(self.root or ".")
        relative = os.path.relpath(os.path.join(os.getcwd(), path), root).replace(os.sep, "/")
        name = relative.rpartition("/")[2]
        matching = (ignored for glob, ignored in self.per_file if _matches(glob, relative, name))
        return tuple(selector for ignored in matching for selector in ignored)


def _matches(glob: str, relative: str, name: str) -> bool:
    inside = glob if glob.endswith("*") else f"{glob.rstrip('/')}/*"
    return any(fnmatchcase(*pair) for pair in ((relative, glob), (name, glob), (relative, inside)))


def selection(
    select: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    per_file: Mapping[str, Sequence[str]] | None = None,
    root: str | None = None,
) -> Selection:
    """From what a user wrote: each item is one selector or several with commas between; no ``select`` is all of them.

    Raises ValueError for what selects no code.
    """
    files = tuple((glob, selectors(values)) for glob, values in (per_file or {}).items())
    chosen = selectors(select) or (ALL,)
    return Selection((*chosen, *selectors(extend_select)), selectors(ignore), files, root)


def selectors(values: Iterable[str]) -> tuple[str, ...]:
    """Raises ValueError for what selects no code."""
    found = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    for selector in found:
        if not is_selector(selector):
            import difflib

            near = difflib.get_close_matches(selector.upper(), (*_CODES, ALL), n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else "; `initport rules` lists them"
            raise ValueError(f"{selector!r} is not a code, nor the start of one{hint}")
    return found


def is_selector(selector: str) -> bool:
    return selector == ALL or (len(selector) > 1 and any(code.startswith(selector) for code in _CODES))


def selects(selector: str, code: Code) -> bool:
    return selector == ALL or (is_selector(selector) and code.code.startswith(selector))


@lru_cache(maxsize=256)
def _choose(select: tuple[str, ...], ignore: tuple[str, ...]) -> frozenset[Code]:
    return frozenset(code for code in Code if _match(code, select) > _match(code, ignore))


def _match(code: Code, chosen: Iterable[str]) -> int:
    """The length of the longest selector of a code, 0 for ALL, -1 for none."""
    return max((0 if one == ALL else len(one) for one in chosen if selects(one, code)), default=-1)
