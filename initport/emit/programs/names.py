"""What emitted modules of all targets end with. Emitted, never imported."""

from collections.abc import Callable, Mapping
from types import EllipsisType

Shape = tuple[int | EllipsisType | None, ...]
EXPECTED: Mapping[tuple[str, str], object] = {}

# The emitted text starts below this line.
Rename = Callable[[str], str | None] | Mapping[str, str | None]


class _Text(str):
    """A message that KeyError prints without quotes."""

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


def _mismatch(problems: Mapping[str, list[str]]) -> str:
    """The error for weights that differ from the source's: their names by reason."""
    lines = ["the model does not match the source"]
    for problem, names in problems.items():
        if len(names) > 3:
            names = [f"{', '.join(names[:2])} and {len(names) - 2} others"]
        lines += [f"{name}: {problem}" for name in names]
    return "\n  ".join(lines)


def _advice(
    missing: list[tuple[str, str, str]],
    homes: list[str],
    separator: str,
    fits: Callable[[str, str], bool],
) -> str:
    """The error for weights that the model lacks: (layer, path of it, path of the
    weight). The model's layers are called `homes`."""
    absent = (layer for layer, path, _ in missing if path not in homes)
    layers = list(dict.fromkeys(absent))
    sources = dict.fromkeys(layer for layer, _ in EXPECTED)
    free = [home for home in homes if home in layers or home not in sources]
    lines = [
        f"not in the model: {', '.join(weight for *_, weight in missing)}",
        f"not in the source: {', '.join(free) or 'nothing'}",
    ]
    for _, path, weight in missing:
        if path in homes:
            name = weight[len(path) :].lstrip("./")
            lines.append(f"{path or 'the model'} has no parameter {name}")
    if not layers:
        return "\n".join([*lines, "pass strict=False to skip what the model lacks"])
    certain: dict[str, str] = {}
    for old, new in (("", ""), ("/", "."), (".", "/")):
        if old and not any(old in layer for layer in layers):
            continue
        names = {layer: layer.replace(old, new) if old else layer for layer in sources}
        found = [_prefixes(names[layer], free, separator) for layer in layers]
        for prefix in sorted(set.intersection(*found), key=len):
            if prefix in ("module.", "_orig_mod."):
                wrapped = f"pass model.{prefix[:-1]}: the model is wrapped"
                return "\n".join([*lines, wrapped])
            all_there = all(prefix + name in homes for name in names.values())
            if all_there and (prefix or old):
                name = f"name.replace({old!r}, {new!r})" if old else "name"
                before = f"{prefix!r} + " if prefix else ""
                return "\n".join([*lines, f"pass rename=lambda name: {before}{name}"])
        for layer, prefixes in zip(layers, found, strict=True):
            if len(prefixes) == 1:
                certain.setdefault(layer, prefixes.pop() + names[layer])
    lines.append("proposed by name, kind, shape and order:")
    return "\n".join([*lines, *_proposal(layers, free, certain, fits)])


def _prefixes(name: str, homes: list[str], separator: str) -> set[str]:
    """What precedes `name` in the paths that end with it."""
    tail = separator + name
    ending = (home for home in homes if (separator + home).endswith(tail))
    return {home[: -len(name)] for home in ending}


def _proposal(
    layers: list[str],
    free: list[str],
    certain: dict[str, str],
    fits: Callable[[str, str], bool],
) -> list[str]:
    """A `rename` in which uncertain pairs are marked."""
    left = [home for home in free if home not in certain.values()]
    fitting = {
        layer: [home for home in left if fits(layer, home)]
        for layer in layers
        if layer not in certain
    }
    lines = ["rename = {"]
    for layer in layers:
        if layer in certain:
            lines.append(f"    {layer!r}: {certain[layer]!r},")
            continue
        homes = fitting[layer]
        alike = [other for other in fitting if fitting[other] == homes]
        apart = all(
            other in alike or not set(fitting[other]) & set(homes) for other in fitting
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
