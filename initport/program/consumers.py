"""What a TensorFlow function that reads a variable shows of it: the op that it makes, of `graph_ops.yaml`."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from initport.formats.graph.table import Consumer, table
from initport.program.modules import METHODS, packages
from initport.program.values import APPLIED, RESHAPED, Called, Computed, Items, Known, Made, Value

Truth = Callable[[Value], bool | None]


def consumer(
    path: str, args: Sequence[Value], given: Mapping[str, Value], truth: Truth
) -> Iterator[tuple[Made, Consumer]]:
    """The variables among the arguments of a call, each with the row that fits it."""
    use = table().functions.get(path.removeprefix("tensorflow.compat.v1.").removeprefix("tensorflow."))
    if use is None or not path.startswith("tensorflow."):
        return
    known = {**dict(zip(use.parameters, args, strict=False)), **given}
    for name, at in use.inputs.items():
        variable = known.get(name)
        if not isinstance(variable, Made) or variable.wrapper != "variable":
            continue
        for row in table().consumers.get(use.op, ()):
            flags = {flag: known.get(flag, Known(False)) for flag in row.where}
            fits = all(truth(value) is row.where[flag] for flag, value in flags.items())
            called = row.name in (None, (variable.name or "").rpartition("/")[2])
            if row.input == at and fits and called and row.rank in (None, rank(variable)):
                yield variable, row
                break


def rank(variable: Made) -> int | None:
    """The number of axes of a variable."""
    shape = shape_of(variable)
    return None if shape is None else len(shape)


def shape_of(variable: Made) -> tuple[int | None, ...] | None:
    """The sizes of a variable's axes, as far as its call or what draws its values states them."""
    stated = variable.given.get("shape")
    if stated is None:
        start = next(iter(variable.given.values()), None)
        stated = drawn_shape(start)
    if isinstance(stated, Made):
        return shape_of(stated)
    if isinstance(stated, Known) and stated.integer is not None:
        return (stated.integer,)
    if not isinstance(stated, Items):
        return None
    return tuple(item.integer if isinstance(item, Known) else None for item in stated.items)


def drawn_shape(value: Value | None) -> Value | None:
    """The shape that values are drawn of, or that they are given."""
    match value:
        case Called(args=args, given=given):
            if value.path.startswith(METHODS):
                return drawn_shape(args[0]) if args else None
            if value.path == APPLIED:  # an initializer, and a shape after what else it is called with
                return given.get("shape") or next((arg for arg in args[1:] if isinstance(arg, Items)), None)
            last = value.path.rpartition(".")[2]
            by_sizes = value.path.startswith(packages()) and args and isinstance(args[0], Known)
            if by_sizes or (last in ("randn", "rand") and value.path.startswith("numpy.")):
                return Items([arg for arg in args if isinstance(arg, Known)])
            by_numpy = value.path.startswith("numpy.") and last in ("normal", "uniform")
            at = 2 if by_numpy or last == "constant" else 1 if value.path == RESHAPED else 0
            named = next((given[name] for name in ("shape", "size", "dims") if name in given), None)
            return named or (args[at] if len(args) > at else None)
        case Computed(left=left, right=right):
            parts = [part for part in (left, right) if not isinstance(part, Known)]
            return drawn_shape(parts[0]) if parts else None
        case Made():
            return value
        case Known(value=plain) if plain is not None and not isinstance(plain, str):
            return Items([])
    return None
