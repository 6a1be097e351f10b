"""What emitted modules of all targets end with. Emitted, never imported."""

from collections.abc import Callable, Mapping
from types import EllipsisType

Shape = tuple[int | EllipsisType | None, ...]
EXPECTED: Mapping[tuple[str, str], object] = {}

# The emitted text starts below this line.
Rename = Callable[[str], str | None] | Mapping[str, str | None]


class _Text(str):
    """What a KeyError shows as it is."""

    __repr__ = str.__str__


def _fits(size: Shape, shape: Shape, check: str | None) -> bool:
    if ... in shape:
        start = shape.index(...)
        end = len(shape) - start - 1
        if len(size) < start + end:
            return False
        size = size[:start] + size[len(size) - end :]
        shape = shape[:start] + shape[start + 1 :]
    same = (b is None or a == b for a, b in zip(size, shape, strict=False))
    return len(size) == len(shape) and (check == "kind" or all(same))


def _shape_text(shape: Shape) -> str:
    sizes = (
        "..." if size is ... else "?" if size is None else str(size) for size in shape
    )
    return f"({', '.join(sizes)})"


def _advice(
    missing: list[tuple[str, str]],
    homes: list[str],
    separator: str,
    fits: Callable[[str, str], bool],
) -> str:
    """What to say of weights that the model lacks, whose layers are called `homes`."""
    layers = list(dict.fromkeys(layer for layer, _ in missing))
    sources = {layer for layer, _ in EXPECTED}
    there = set(layers).intersection(homes)
    free = [home for home in homes if home in there or home not in sources]
    text = [
        f"not in the model: {', '.join(name for _, name in missing)}",
        f"not in the source: {', '.join(free) or 'nothing'}",
    ]
    for old, new in (("", ""), ("/", "."), (".", "/")):
        paths = [layer.replace(old, new) if old else layer for layer in layers]
        found = [
            {
                home[: len(home) - len(path)]
                for home in homes
                if f"{separator}{home}".endswith(f"{separator}{path}")
            }
            for path in paths
        ]
        common = sorted(set.intersection(*found), key=len)
        if common and (common[0] or old):
            if common[0] in ("module.", "_orig_mod."):
                return "\n".join(
                    [*text, f"pass model.{common[0][:-1]}: the model is wrapped"]
                )
            name = f"name.replace({old!r}, {new!r})" if old else "name"
            before = f"{common[0]!r} + " if common[0] else ""
            return "\n".join([*text, f"pass rename=lambda name: {before}{name}"])
    return "\n".join(
        [*text, "proposed by kind, shape and order:", *_proposal(layers, free, fits)]
    )


def _proposal(
    layers: list[str], free: list[str], fits: Callable[[str, str], bool]
) -> list[str]:
    """A `rename` in which what is not certain is marked."""
    fitting = {layer: [home for home in free if fits(layer, home)] for layer in layers}
    lines = ["rename = {"]
    for layer, homes in fitting.items():
        alike = [other for other in layers if fitting[other] == homes]
        apart = all(
            other in alike or not set(fitting[other]) & set(homes) for other in layers
        )
        if len(alike) == len(homes) and apart:
            mark = f"  # by order, one of {len(alike)} alike" if len(alike) > 1 else ""
            lines.append(f"    {layer!r}: {homes[alike.index(layer)]!r},{mark}")
        else:
            choice = ", ".join(map(repr, homes[:5])) + ", ..." * (len(homes) > 5)
            lines.append(
                f"    # {layer!r}: {f'one of {choice}' if homes else 'nothing fits'}"
            )
    return [*lines, "}"]
