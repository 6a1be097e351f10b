"""How an op's output follows from its inputs: the rules that `grammars/graph_ops.yaml` names.

A rule never computes more than a few thousand numbers, whatever sizes a graph states.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from initport.formats.floats import round_to
from initport.formats.graph.op_values import (
    COMPARED_LIMIT,
    Array,
    Delta,
    Draw,
    Eye,
    Factor,
    Haar,
    Joined,
    Key,
    Part,
    Refused,
    Shape,
    Value,
    share,
)
from initport.formats.graph.tensors import array


class Operation(NamedTuple):
    """One output of a node: ``does`` is what the table says that the rule is to know."""

    node: Any
    does: str
    output: int

    def attr(self, key: str) -> Any:
        """The attribute's value; None where the node has none of that name."""
        for entry in self.node.attr:
            if entry.key == key:
                return entry.value
        return None

    def refuse(self, reason: str) -> Refused:
        return Refused(self.node.op, reason)


Rule = Callable[[Operation, list[Value]], Value]


def apply(rule: str, operation: Operation, inputs: list[Value]) -> Value:
    """The op's output. What is refused stays so in all that is made of it, in its own words."""
    for value in inputs:
        if type(value) is Refused:
            return value
    try:
        return RULES[rule](operation, inputs)
    except ArithmeticError as error:
        return operation.refuse(str(error) or "it divides by zero")
    except (IndexError, ValueError):
        return operation.refuse("the op does not take such inputs")


def _constant(operation: Operation, inputs: list[Value]) -> Value:
    value = operation.attr("value")
    return operation.refuse("it has no value") if value is None else array(value.tensor)


def _fill(operation: Operation, inputs: list[Value]) -> Value:
    dims, value = inputs
    number = value.single if isinstance(value, Array) else None
    shape = _dims(dims)
    if number is None or shape is None or not isinstance(value, Array):
        return operation.refuse("the shape or the number is not in the graph")
    return Array(value.type, shape, (number,))


def _like(operation: Operation, inputs: list[Value]) -> Value:
    shape, kind = _shape(inputs[0]), _type(inputs[0])
    return Array(kind, shape, (int(operation.does),)) if shape is not None else operation.refuse("its shape is unknown")


def _shape_of(operation: Operation, inputs: list[Value]) -> Value:
    shape = _shape(inputs[0])
    return operation.refuse("the shape is unknown") if shape is None else Array("int32", (len(shape),), shape)


def _pack(operation: Operation, inputs: list[Value]) -> Value:
    numbers = [value.single for value in inputs if isinstance(value, Array) and value.shape == ()]
    known = tuple(number for number in numbers if number is not None)
    if len(known) < len(inputs) or not isinstance(inputs[0], Array):
        return operation.refuse("more than numbers are packed")
    return Array(inputs[0].type, (len(known),), known)


def _product(operation: Operation, inputs: list[Value]) -> Value:
    elements = inputs[0].elements if isinstance(inputs[0], Array) else None
    if elements is None or len(inputs[0].shape or ()) > 1:  # type: ignore[union-attr]
        return operation.refuse("the product of something other than a few numbers")
    return Array(_type(inputs[0]), (), (round_to(math.prod(elements), _type(inputs[0])),))


def _cast(operation: Operation, inputs: list[Value]) -> Value:
    from initport.formats.graph.messages import type_names

    (value,) = inputs
    wanted = operation.attr("DstT")
    kind = type_names().get(wanted.type, "unknown") if wanted is not None else "unknown"
    if isinstance(value, Array):
        return Array(kind, value.shape, tuple(round_to(number, kind) for number in value.values))
    if isinstance(value, Draw) and kind in _REAL:
        return value._replace(type=kind)
    if isinstance(value, Haar | Eye) and kind in _REAL:
        return value
    return operation.refuse(f"a draw is made into {kind}")


_REAL = frozenset({"float", "double", "half", "bfloat16"})

_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: _quotient(a, b),
    "floor_divide": lambda a, b: a // b,
    "modulo": lambda a, b: a % b,
    "maximum": max,
    "minimum": min,
    "power": lambda a, b: _power(a, b),
}


def _quotient(first: float, second: float) -> float:
    """Of whole numbers cut towards zero."""
    if isinstance(first, float) or isinstance(second, float):
        return first / second
    quotient = abs(first) // abs(second)
    return quotient if (first < 0) == (second < 0) else -quotient


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > 64:
        raise ArithmeticError("a power of more than 64")
    result = base**exponent
    if isinstance(result, complex):
        raise ArithmeticError("a root of a negative number")
    return float(result)


def _arithmetic(operation: Operation, inputs: list[Value]) -> Value:
    first, second = inputs
    match first, second:
        case Array(), Array():
            return _numbers(operation, first, second)
        case Factor(), Factor():
            return _factors(operation, first, second)
        case (Array(), _) if operation.does in ("add", "multiply"):
            return _affine(operation, second, first)
        case (Array(), _) if operation.does == "subtract":
            return _affine(operation._replace(does="subtracted"), second, first)
        case _, Array():
            return _affine(operation, first, second)
        case Draw(law="normal"), Draw(law="normal") if operation.does in ("add", "subtract"):
            return _sum_of_normals(operation, first, second)
    return operation.refuse("it joins two draws, whose law is not known")


def _sum(operation: Operation, inputs: list[Value]) -> Value:
    value = inputs[0]
    for other in inputs[1:]:
        value = _arithmetic(operation, [value, other])
        if isinstance(value, Refused):
            return value
    return value


def _sum_of_normals(operation: Operation, first: Draw, second: Draw) -> Value:
    """Of normal numbers that are drawn apart the sum is normal, and so is the difference; the variances add up."""
    terms = (*(first.terms or (first,)), *(second.terms or (second,)))
    if first.shape is None or first.shape != second.shape or len(terms) > COMPARED_LIMIT or share(first, second):
        return operation.refuse("it joins two draws, which are not known to be apart from each other")
    return Draw(
        "normal",
        (operation.node.name,),
        first.shape,
        first.type,
        tuple(dict.fromkeys(first.seeds + second.seeds)),
        math.hypot(first.scale, second.scale),
        first.shift + second.shift if operation.does == "add" else first.shift - second.shift,
        terms=terms,
    )


def _numbers(operation: Operation, first: Array, second: Array) -> Value:
    calculate = _ARITHMETIC[operation.does]
    shape = _broadcast(first.shape, second.shape)
    if first.single is not None and second.single is not None:
        return Array(first.type, shape, (round_to(calculate(first.single, second.single), first.type),))
    if (first.shape != shape and first.single is None) or (second.shape != shape and second.single is None):
        return operation.refuse("arrays of several sizes are joined")
    count = len(first.values) if first.single is None else len(second.values)
    pairs = zip(*(each.values if each.single is None else each.values * count for each in (first, second)), strict=True)
    return Array(first.type, shape, tuple(round_to(calculate(a, b), first.type) for a, b in pairs))


def _affine(operation: Operation, value: Value, by: Array) -> Value:
    """A draw, or what is made of one, scaled or shifted by a number that is the same for all elements."""
    number, does = by.single, operation.does
    shape = _shape(value)
    if number is None:
        return operation.refuse("a draw is scaled or shifted by an array of several values")
    if by.shape != () and _broadcast(by.shape, shape) != shape:
        return operation.refuse("a draw is repeated along another axis")
    if isinstance(value, Joined):
        parts = tuple((size, _part(operation, part, by)) for size, part in value.parts)
        bad = next((part for _, part in parts if isinstance(part, Refused)), None)
        return bad or value._replace(parts=parts)
    if does in ("multiply", "divide"):
        factor = number if does == "multiply" else 1 / number
        match value:
            case Draw():
                return value._replace(scale=value.scale * factor, shift=value.shift * factor)
            case Haar():
                return value._replace(gain=value.gain * factor)
            case Eye():
                return value._replace(gain=value.gain * factor)
    if isinstance(value, Draw):
        match does:
            case "add":
                return value._replace(shift=value.shift + number)
            case "subtract":
                return value._replace(shift=value.shift - number)
            case "subtracted":
                return value._replace(scale=-value.scale, shift=number - value.shift)
    return operation.refuse("what it makes of a draw has no law that is known")


def _part(operation: Operation, part: Value, by: Array) -> Value:
    """The same of one of several parts, of which a number is one too."""
    scalar = by._replace(shape=())
    if isinstance(part, Array):
        plain = operation._replace(does="subtract") if operation.does == "subtracted" else operation
        return _numbers(plain, *((scalar, part) if operation.does == "subtracted" else (part, scalar)))
    return _affine(operation, part, scalar)


def _factors(operation: Operation, first: Factor, second: Factor) -> Value:
    """Q times the signs of R's diagonal, or that diagonal by its absolute values."""
    if first.draw == second.draw:
        parts = {first.part, second.part}
        if operation.does == "multiply" and parts == {"q", "signs"}:
            rows, columns = first.shape
            return Haar(first.draw, rows, columns, first.shape)
        if operation.does == "divide" and (first.part, second.part) == ("diagonal", "absolute"):
            return first._replace(part="signs")
    return operation.refuse("it joins parts of a QR decomposition in a way that no initializer does")


def _function(operation: Operation, inputs: list[Value]) -> Value:
    (value,) = inputs
    does = operation.does
    if isinstance(value, Array):
        if (calculate := _FUNCTIONS.get(does)) is None:
            return operation.refuse("it is not computed from numbers alone")
        return Array(value.type, value.shape, tuple(round_to(calculate(number), value.type) for number in value.values))
    if isinstance(value, Factor) and value.part == "diagonal" and does in ("sign", "absolute"):
        return value._replace(part="signs" if does == "sign" else "absolute")
    if does == "negate":
        minus = Array("double", (), (-1.0,))
        return _affine(operation._replace(does="multiply"), value, minus)
    return operation.refuse("what it makes of a draw has no law that is known")


def _root(number: float) -> float:
    if number < 0:
        raise ArithmeticError("the root of a negative number")
    return math.sqrt(number)


_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": _root,
    "rsqrt": lambda number: 1 / _root(number),
    "square": lambda number: number * number,
    "negate": lambda number: -number,
    "reciprocal": lambda number: 1 / number,
    "absolute": abs,
    "sign": lambda number: (number > 0) - (number < 0),
}


def _draw(operation: Operation, inputs: list[Value]) -> Value:
    seeds = tuple(operation.attr(name).i if operation.attr(name) is not None else 0 for name in ("seed", "seed2"))
    shape, kind = _dims(inputs[0]), _kind(operation)
    origin = (operation.node.op, *seeds, shape) if any(seeds) and shape is not None else (operation.node.name,)
    return Draw(operation.does, origin, shape, kind, seeds if any(seeds) else ())


def _stateless(operation: Operation, inputs: list[Value]) -> Value:
    """Of the same seeds and shape come the same numbers, at every run."""
    seed = inputs[1]
    seeds = seed.seeds if isinstance(seed, Key) else seed.elements if isinstance(seed, Array) else None
    if seeds is None:
        return operation.refuse("its seed is not in the graph")
    shape = _dims(inputs[0])
    whole = tuple(int(number) for number in seeds)
    return Draw(operation.does, (operation.does, "stateless", whole, shape), shape, _kind(operation), whole)


def _kind(operation: Operation) -> str:
    from initport.formats.graph.messages import type_names

    kind = operation.attr("dtype")
    return type_names().get(kind.type, "float") if kind is not None else "float"


def _key(operation: Operation, inputs: list[Value]) -> Value:
    elements = inputs[0].elements if isinstance(inputs[0], Array) else None
    return operation.refuse("its seed is not in the graph") if elements is None else Key(tuple(map(int, elements)))


def _integers(operation: Operation, inputs: list[Value]) -> Value:
    low, high = (value.single if isinstance(value, Array) else None for value in inputs[1:3])
    what = f"integers from {low:g} to below {high:g} are" if low is not None and high is not None else "integers are"
    return operation.refuse(f"{what} drawn, and no initializer of PyTorch or Keras draws integers")


def _qr(operation: Operation, inputs: list[Value]) -> Value:
    (value,) = inputs
    if not isinstance(value, Draw) or value.law != "normal" or value.shift or not value.scale:
        return operation.refuse(
            "what is decomposed is not a normal matrix of mean 0, so that Q has no law that is known"
        )
    if value.shape is None or len(value.shape) != 2 or value.shape[0] < value.shape[1]:
        return operation.refuse("what is decomposed is not a matrix with as many rows as columns or more")
    full = operation.attr("full_matrices")
    if full is not None and full.b and value.shape[0] != value.shape[1]:
        return operation.refuse("Q is taken beyond the matrix's columns")
    return Factor("r" if operation.output else "q", value, (value.shape[0], value.shape[1]))


def _diagonal(operation: Operation, inputs: list[Value]) -> Value:
    value = inputs[0]
    if isinstance(value, Factor) and value.part == "r":
        return value._replace(part="diagonal")
    return operation.refuse("the diagonal is taken of something other than R")


def _transpose(operation: Operation, inputs: list[Value]) -> Value:
    value, permutation = inputs
    order = permutation.elements if isinstance(permutation, Array) else None
    shape = _shape(value)
    if order is None or (shape is not None and sorted(order) != list(range(len(shape)))):
        return operation.refuse("the order of the axes is not in the graph")
    turned = None if shape is None else tuple(shape[int(axis)] for axis in order)
    match value:
        case Array(values=values) if len(values) == 1:
            return value._replace(shape=turned)
        case Draw():
            return value._replace(shape=turned, orders=(*value.orders, order))
        case Haar(shape=(rows, columns)) if (rows, columns) == (value.rows, value.columns):
            return value._replace(rows=columns, columns=rows, shape=(columns, rows))
        case Eye(shape=(rows, columns)):
            return value._replace(shape=(columns, rows))
    return operation.refuse("the axes of something other than a draw or a matrix are exchanged")


def _reshape(operation: Operation, inputs: list[Value]) -> Value:
    value, wanted = inputs
    sizes = wanted.elements if isinstance(wanted, Array) else None
    if sizes is None:
        return operation.refuse("the shape is not in the graph")
    return _laid(operation, value, _with_size(tuple(int(size) for size in sizes), _shape(value)))


def _with_size(sizes: tuple[int, ...], old: Shape) -> Shape:
    """The shape, its one open size filled in."""
    if -1 not in sizes:
        return sizes
    rest = -math.prod(sizes)
    return None if old is None or rest <= 0 else tuple(math.prod(old) // rest if size < 0 else size for size in sizes)


def _expand(operation: Operation, inputs: list[Value]) -> Value:
    value, axis = inputs
    at, shape = axis.single if isinstance(axis, Array) else None, _shape(value)
    if at is None or shape is None:
        return operation.refuse("the axis is not in the graph")
    place = int(at) if at >= 0 else len(shape) + 1 + int(at)
    return _laid(operation, value, (*shape[:place], 1, *shape[place:]))


def _laid(operation: Operation, value: Value, shape: Shape) -> Value:
    """The same elements in their order under another shape."""
    old = _shape(value)
    if shape is None or (old is not None and math.prod(old) != math.prod(shape)):
        return operation.refuse("the shape is not that of as many elements")
    match value:
        case Array() | Draw() | Haar():
            return value._replace(shape=shape)
    return operation.refuse("the shape of something other than a draw or a matrix is changed")


def _slice(operation: Operation, inputs: list[Value]) -> Value:
    """Of an orthogonal matrix, a part that the next op puts at a kernel's centre; of numbers, some of them."""
    value = inputs[0]
    if isinstance(value, Haar):
        return _some_rows(operation, value, inputs[1:4])
    if isinstance(value, Draw):
        return _strides(operation, value, inputs[1:4])
    bounds = [item.elements if isinstance(item, Array) else None for item in inputs[1:4]]
    if isinstance(value, Array) and value.shape is not None and len(value.shape) == 1 and None not in bounds:
        (start,), (stop,), (step,) = bounds  # type: ignore[misc]
        masks = {name: getattr(operation.attr(name), "i", 0) for name in ("begin_mask", "end_mask", "shrink_axis_mask")}
        elements = value.elements or ()
        if masks["shrink_axis_mask"]:
            return value._replace(shape=(), values=(elements[int(start)],))
        chosen = elements[
            None if masks["begin_mask"] else int(start) : None if masks["end_mask"] else int(stop) : int(step)
        ]
        return value._replace(shape=(len(chosen),), values=chosen)
    return operation.refuse("a slice is taken of something other than an orthogonal matrix or a few numbers")


def _strides(operation: Operation, value: Draw, bounds: Sequence[Value]) -> Value:
    """Some of the elements of a draw; an axis of which one is taken by its number alone is gone."""
    masks = {name: getattr(operation.attr(name), "i", 0) for name in _MASKS}
    begin, end, step = (item.elements if isinstance(item, Array) else None for item in bounds)
    plain = not (masks["ellipsis_mask"] or masks["new_axis_mask"] or masks["shrink_axis_mask"] & masks["begin_mask"])
    if not plain or value.shape is None or begin is None or end is None or step is None:
        return operation.refuse("which part of a draw is taken is not in the graph")
    ranges = [range(size) for size in value.shape]
    for axis, (first, last, by) in enumerate(zip(begin, end, step, strict=True)):
        if _has(masks["shrink_axis_mask"], axis):
            at = ranges[axis][int(first)]
            ranges[axis] = range(at, at + 1)
        else:
            start = None if _has(masks["begin_mask"], axis) else int(first)
            stop = None if _has(masks["end_mask"], axis) else int(last)
            ranges[axis] = ranges[axis][start : stop : int(by)]
    kept = [len(taken) for axis, taken in enumerate(ranges) if not _has(masks["shrink_axis_mask"], axis)]
    return _part_of(operation, value, tuple(ranges), tuple(kept))


def _has(mask: int, axis: int) -> bool:
    return bool(mask >> axis & 1)


def _subset(operation: Operation, inputs: list[Value]) -> Value:
    """`Slice`: a begin and a size for each axis, -1 being the rest."""
    value = inputs[0]
    begin, sizes = (item.elements if isinstance(item, Array) else None for item in inputs[1:3])
    if not isinstance(value, Draw):
        return operation.refuse("a variable's part is cut out of an initial value that was made for the whole")
    if value.shape is None or begin is None or sizes is None:
        return operation.refuse("which part of a draw is taken is not in the graph")
    ends = zip(begin, sizes, value.shape, strict=True)
    ranges = tuple(range(int(first), whole if size < 0 else int(first + size)) for first, size, whole in ends)
    return _part_of(operation, value, ranges, tuple(map(len, ranges)))


def _part_of(operation: Operation, value: Draw, ranges: tuple[range, ...], shape: tuple[int, ...]) -> Value:
    """Each number of a draw is drawn apart from all others, so that any of them have the same law."""
    assert value.shape is not None
    if any(
        len(taken) and not 0 <= taken[0] <= taken[-1] < size for taken, size in zip(ranges, value.shape, strict=True)
    ):
        return operation.refuse("the part that is taken of a draw is not within it, or turned round")
    if any(draw.orders or draw.part for draw in (value, *value.terms)):
        return operation.refuse("a part is taken of a draw that was cut or laid out anew")
    part = Part(value.shape, ranges)
    terms = tuple(term._replace(part=part) for term in value.terms)
    return value._replace(shape=shape, part=part, terms=terms)


def _reverse(operation: Operation, inputs: list[Value]) -> Value:
    """The same numbers in another order, of which the law of a draw says nothing."""
    value, axes = inputs
    order = axes.elements if isinstance(axes, Array) else None
    if order is None:
        return operation.refuse("the axes are not in the graph")
    match value:
        case Array(values=values) if len(values) == 1:
            return value
        case Draw(shape=shape) if shape is not None:
            turned = tuple(sorted(axis % len(shape) for axis in order))
            return value._replace(orders=(*value.orders, (-1.0, *turned)))
    return operation.refuse("something other than a draw is turned round")


def _some_rows(operation: Operation, value: Haar, bounds: Sequence[Value]) -> Value:
    """The first rows of a matrix whose rows are orthogonal: they are a Haar-distributed matrix themselves."""
    masks = {name: getattr(operation.attr(name), "i", 0) for name in _MASKS}
    begin, end, step = (item.elements if isinstance(item, Array) else None for item in bounds)
    whole = masks["begin_mask"] & 3 == 3 or begin == (0, 0)
    plain = not (masks["ellipsis_mask"] or masks["new_axis_mask"] or masks["shrink_axis_mask"])
    wide = value.rows <= value.columns and value.shape == (value.rows, value.columns)
    if plain and whole and wide and end is not None and len(end) == 2 and step == (1, 1):
        rows = value.rows if masks["end_mask"] & 1 else int(end[0])
        columns = value.columns if masks["end_mask"] & 2 else int(end[1])
        if 0 < rows <= value.rows and columns == value.columns:
            return value._replace(rows=rows, shape=(rows, columns))
    return operation.refuse("a part of an orthogonal matrix other than its first rows starts the variable")


_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


def _scatter(operation: Operation, inputs: list[Value]) -> Value:
    """One orthogonal matrix, put at a place of a kernel."""
    where, value, dims = inputs[:3]
    place = where.elements if isinstance(where, Array) else None
    shape = _dims(dims)
    if isinstance(value, Haar) and place is not None and shape is not None and len(shape) == len(place) + 2:
        matrix = (value.rows, value.columns)
        if _shape(where) == (1, len(place)) and value.shape == (1, *matrix) and shape[-2:] == matrix:
            return Delta(value, tuple(int(index) for index in place), shape)
    return operation.refuse("values are put at places of their own")


def _matrix_diagonal(operation: Operation, inputs: list[Value]) -> Value:
    value = inputs[0]
    if isinstance(value, Array) and value.single is not None and value.shape is not None and len(value.shape) == 1:
        return Eye((value.shape[0], value.shape[0]), value.single)
    return operation.refuse("the diagonal has more than one value")


def _set_diagonal(operation: Operation, inputs: list[Value]) -> Value:
    around, diagonal = inputs[0], inputs[1]
    if (
        isinstance(around, Array)
        and isinstance(diagonal, Array)
        and around.single == 0
        and diagonal.single is not None
        and around.shape is not None
        and len(around.shape) == 2
        and diagonal.shape == (min(around.shape),)
    ):
        return Eye((around.shape[0], around.shape[1]), diagonal.single)
    return operation.refuse("it is not a multiple of the identity")


def _concat(operation: Operation, inputs: list[Value]) -> Value:
    first = operation.does == "first"
    axis, parts = (inputs[0], inputs[1:]) if first else (inputs[-1], inputs[:-1])
    at = axis.single if isinstance(axis, Array) else None
    shapes = [_shape(part) for part in parts]
    if at is None or not parts or any(shape is None or not shape for shape in shapes):
        return operation.refuse("the axis or a part's shape is not in the graph")
    known = [shape for shape in shapes if shape is not None]
    rank = len(known[0])
    place = int(at) % rank
    around = {(*shape[:place], *shape[place + 1 :]) for shape in known}
    if len(around) > 1 or any(len(shape) != rank for shape in known):
        return operation.refuse("the parts do not fit beside each other")
    whole = (*known[0][:place], sum(shape[place] for shape in known), *known[0][place + 1 :])
    numbers = [part.elements for part in parts if isinstance(part, Array) and part.type in _SIZES]
    if rank == 1 and len(numbers) == len(parts) and None not in numbers:  # a shape in the making
        return Array(_type(parts[0]), whole, tuple(number for some in numbers for number in some or ()))
    return Joined(tuple((shape[place], part) for shape, part in zip(known, parts, strict=True)), place, whole)


_SIZES = frozenset({"int32", "int64"})


def _same(operation: Operation, inputs: list[Value]) -> Value:
    return inputs[0]


def _merge(operation: Operation, inputs: list[Value]) -> Value:
    """Either input; where both are the same numbers, as in a value that a condition reads or draws, it does not matter
    which."""
    first = inputs[0]
    if all(type(value) is type(first) and value == first for value in inputs):
        return first
    return operation.refuse("the value depends on a condition")


RULES: Mapping[str, Rule] = {
    "constant": _constant,
    "fill": _fill,
    "like": _like,
    "shape": _shape_of,
    "pack": _pack,
    "product": _product,
    "cast": _cast,
    "arithmetic": _arithmetic,
    "function": _function,
    "draw": _draw,
    "stateless": _stateless,
    "key": _key,
    "integers": _integers,
    "qr": _qr,
    "diagonal": _diagonal,
    "transpose": _transpose,
    "reshape": _reshape,
    "expand": _expand,
    "slice": _slice,
    "cut": _subset,
    "reverse": _reverse,
    "sum": _sum,
    "scatter": _scatter,
    "matrix_diagonal": _matrix_diagonal,
    "set_diagonal": _set_diagonal,
    "concat": _concat,
    "same": _same,
    "merge": _merge,
    "branches": _merge,
    "variable": _same,
}


def _shape(value: Value) -> Shape:
    return None if isinstance(value, Key | Refused) else value.shape


def _type(value: Value) -> str:
    return value.type if isinstance(value, Array | Draw) else "float"


def _dims(value: Value) -> Shape:
    """The shape that a vector of sizes states."""
    elements = value.elements if isinstance(value, Array) else None
    return None if elements is None or any(size < 0 for size in elements) else tuple(int(size) for size in elements)


def _broadcast(first: Shape, second: Shape) -> Shape:
    """The shape of two arrays together, as NumPy has it; None where one is not known or they do not fit."""
    if first is None or second is None:
        return None
    longer, shorter = sorted((first, second), key=len, reverse=True)
    padded = (1,) * (len(longer) - len(shorter)) + shorter
    if any(a != b and 1 not in (a, b) for a, b in zip(longer, padded, strict=True)):
        raise ValueError
    return tuple(max(a, b) if 0 not in (a, b) else 0 for a, b in zip(longer, padded, strict=True))
