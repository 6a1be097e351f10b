"""Tables of text cells, of which the first line is the head."""

from collections.abc import Sequence

Lines = Sequence[Sequence[str]]


def as_markdown(lines: Lines) -> str:
    """A table of GitHub's Markdown."""
    head, *rest = ([cell.replace("\\", "\\\\").replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(head), *rest))


def as_text(lines: Lines) -> str:
    """Columns aligned with spaces, for a pipe."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )
