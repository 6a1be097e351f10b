"""The rows as text for people: a table where it fits, else a block a weight, of which no word is cut."""

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from initport import tables
from initport.explain.row import Row, cells, lines

MANY = 40
"""Rows beyond which those of repeated blocks are shown together."""

_ALIKE = ("kind", "weight", "place", "source", "implicit", "distribution", "variance_formula", "law", "target", "exact")
"""What rows that are shown together agree in."""

Cells = dict[str, str]


def as_text(rows: Sequence[Row], width: int | None = None, every: bool = False) -> str:
    """For a terminal of ``width`` columns, on which running statistics and repeated blocks are folded unless ``every``
    row is asked for; without a width, for a file or a pipe: a line a row."""
    if width is None:
        return tables.as_text(lines(map(cells, rows)))
    shown, notes = list(rows), ""
    if not every:
        shown, notes = _without_statistics(shown)
    found = [cells(row) for row in shown] if every or len(shown) <= MANY else _group(shown)
    table = tables.as_text(lines(found))
    fits = max(map(len, table.splitlines()), default=0) <= width
    return (table if fits else "\n".join(_block(one, width) for one in found)) + notes


def _without_statistics(rows: list[Row]) -> tuple[list[Row], str]:
    kept = [row for row in rows if not row["statistics"] or row["exact"] is False]
    left = len(rows) - len(kept)
    note = f"{left} running statistics keep the target's own start; --all shows them.\n" if left else ""
    return kept, note


def _group(rows: Sequence[Row]) -> list[Cells]:
    """Rows that agree in all that decides how they start, as one, where the first of them stands."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in _ALIKE), []).append(row)  # type: ignore[literal-required]
    return [_together(group) for group in groups.values()]


def _together(group: Sequence[Row]) -> Cells:
    first, *others = found = [cells(row) for row in group]
    if not others:
        return first
    joined = {name: value if all(other[name] == value for other in others) else "…" for name, value in first.items()}
    names = list(dict.fromkeys(one["layer"] for one in found))
    joined["layer"] = f"{names[0]} … {names[-1]} ({len(found)})" if len(names) > 1 else f"{names[0]} ({len(found)})"
    joined["line"] = first["line"]
    if joined["variance"] == "…":
        joined["variance"] = group[0]["variance_formula"] or "…"
    return joined


def _block(one: Cells, width: int) -> str:
    """The name and the shape, how it starts, and the line in the target."""
    return "".join(f"{line}\n" for line in _lines(one, max(width, 20)))


def _lines(one: Cells, width: int) -> Iterator[str]:
    name = " ".join(part for part in (one["layer"], one["weight"], one["place"]) if part)
    fans = [f"{fan} {one[fan]}" for fan in ("fan_in", "fan_out") if one[fan] not in ("?", "…")]
    shape = "" if one["shape"] in ("", "?", "…") else one["shape"]
    facts = [f"line {one['line']}" if one["line"] else "", one["kind"], shape, ", ".join(fans)]
    yield from _wrap("  ".join(part for part in (name, *facts) if part), width, "", "    ")
    drawn = one["distribution"] + (f", variance {one['variance']}" if one["variance"] not in ("?", "0") else "")
    yield from _wrap(f"{one['source']}: {drawn}" + (f"; {one['law']}" if one["law"] else ""), width)
    if one["exact"] == "REFUSED":
        yield "  -> REFUSED"
    elif one["target"] != "-":
        yield from _wrap(f"-> {one['target']}", width)


def _wrap(text: str, width: int, first: str = "  ", rest: str = "     ") -> list[str]:
    """Lines of at most the width, but that a single word is never cut."""
    parts = re.sub(r"  +", "\0\0", text)  # two spaces part facts, and stay two
    found = wrap(parts, width, initial_indent=first, subsequent_indent=rest, break_long_words=False,
                 break_on_hyphens=False)  # fmt: skip
    return [line.replace("\0\0", "  ") for line in found]
