"""The parameters of PyTorch's layers as the program sees them: their names, their sizes, and what fills them.

Authority: torch/nn/modules/module.py (named_parameters), torch/nn/modules/rnn.py (RNNBase, _all_weights).
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

from initport.grammar.layout import parse_layout
from initport.grammar.rows import SourceWeight
from initport.program.modules import attributes, grammar_of, keeps_parameters
from initport.program.values import ANY, Bound, Called, Fill, Items, Known, Made, Parameter, Unknown, Value, number
from initport.python.defaults import Setting, stated_sizes
from initport.python.stack import ALONE, Cell, sizes_in
from initport.python.stack import cells as stacked

SIZES_OF = frozenset({"size", "shape", "numel", "nelement"})

ANY_PROBLEM = "which of its parameters that fills is known only when the program runs"
PART_PROBLEM = "which part of it that fills is known only when the program runs"


def cells(made: Made) -> Sequence[Cell]:
    """The layers that a layer is: itself, or several in a stack. Raises ValueError where that is not known."""
    stack = made.layer.row.stack
    if stack is None:
        return (ALONE,)
    layers, both = made.given.get(stack.number, number(1)), made.given.get(stack.both, Known(False))
    ways = both.value if isinstance(both, Known) else None
    return stacked(
        stack, layers.integer if isinstance(layers, Known) else None, ways if isinstance(ways, bool) else None
    )


def parameter_names(made: Made) -> Iterator[tuple[str, SourceWeight, Cell]]:
    """The names of a layer's parameters, each with the weight that it holds, and of which of its layers."""
    if not keeps_parameters(made):
        for name, roles in attributes(made).items():
            yield from ((name, weight, ALONE) for weight in made.layer.row.weights if weight.role in roles)
        return
    try:
        known = cells(made)
    except ValueError:
        known = ()
    grammar = grammar_of(made)
    for cell in known:
        for weight in made.layer.row.weights:
            place = grammar.kinds[made.layer.row.kind].weights.get(weight.role)
            for name in () if place is None or place.name is None else (place.name, *place.alike):
                yield grammar.name_in(name, *cell), weight, cell


def parameters_of(made: Made, method: str, node: ast.AST) -> Value | None:
    """What a method or an attribute that lists a layer's parameters gives; None of any other."""
    held = [(name, Parameter(made, name, node=node)) for name, *_ in parameter_names(made)]
    given: Mapping[str, Callable[[], Sequence[Value]]] = {
        "named_parameters": lambda: [Items([Known(name), parameter]) for name, parameter in held],
        "parameters": lambda: [parameter for _, parameter in held],
    }
    if method in given:
        return Bound(lambda args, named: Items(list(given[method]()), node=node), node=node)
    if method == "all_weights":
        return Items([Items([parameter for _, parameter in held])], node=node)
    if method == "_all_weights":
        return Items([Items([Known(name) for name, _ in held])], node=node)
    return None


def size_of(parameter: Parameter, name: str, node: ast.AST) -> Value:
    """``size()``, ``size(0)``, ``shape`` or ``numel()`` of a parameter."""
    axes = _sizes(parameter)
    known: Value = Unknown(node=node) if axes is None else Items([number(size, node) for size in axes], node=node)
    if name == "shape":
        return known

    def size(args: Sequence[Value], given: Mapping[str, Value]) -> Value:
        if axes is None:
            return known
        if name != "size":
            total = 1
            for size in axes:
                total *= size
            return number(total, node)
        at = args[0].integer if args and isinstance(args[0], Known) else None
        if not args:
            return known
        return number(axes[at], node) if at is not None and -len(axes) <= at < len(axes) else Unknown(node=node)

    return Bound(size, node=node)


def _sizes(parameter: Parameter) -> list[int] | None:
    """The sizes of a parameter as a whole, where all are known."""
    found = ((weight, cell) for name, weight, cell in parameter_names(parameter.of) if name == parameter.name)
    weight, cell = next(found, (None, ALONE))
    if weight is None or parameter.part is not None or weight.layout == "source":
        return None
    layout = parse_layout(weight.layout)
    if layout.rank is None:
        return None
    stated = sizes(parameter.of, cell)
    axes = [axis.size.evaluate(stated) for axis in layout.axes]
    whole = [int(size) for size in axes if size is not None and size == int(size)]
    return whole if len(whole) == len(axes) else None


def sizes(made: Made, cell: Cell = ALONE) -> Mapping[str, int]:
    """The sizes by role that a layer's call states, of one of the layers that it is."""
    known = stated_sizes(made.layer, made.path, {name: _setting(value) for name, value in made.given.items()})
    return sizes_in(made.layer.row.stack, cell, known)


def _setting(value: Value) -> Setting | None:
    if isinstance(value, Known):
        return value.integer
    parts = (
        [item.integer if isinstance(item, Known) else None for item in value.items] if isinstance(value, Items) else []
    )
    return tuple(part for part in parts if part is not None) if parts and None not in parts else None


def _of_cell(target: Parameter) -> Parameter:
    """A parameter by the name under which the grammar has it: that of a recurrent cell is the first layer's; one that
    is not known may be any."""
    names = {name for name, *_ in parameter_names(target.of)} if keeps_parameters(target.of) else set()
    if not names or target.name in names or target.is_any:
        return target
    first = f"{target.name}_l0"
    places = (place for row in grammar_of(target.of).kinds.values() for place in row.weights.values())
    others = {name.removesuffix("_l0") for place in places for name in (place.name, *place.alike) if name}
    if first not in names and any(target.name.startswith(name) for name in others):  # of another setting of the layer
        return target
    return Parameter(target.of, first if first in names else ANY, target.part, node=target.node)


def fill(target: Parameter, call: Called | None, problem: str, node: ast.AST | None) -> None:
    """A parameter, or a part of it, is filled by a call; None where by something unknown."""
    fills = target.of.fills
    target = _of_cell(target)
    if target.is_any:
        fills[ANY] = Fill(None, ANY_PROBLEM, node=node)
        return
    before = fills.get(target.name)
    if target.part is None:
        fills[target.name] = Fill(call, problem, node=node)
        return
    low, high = (None if end is None else getattr(end, "integer", None) for end in target.part)
    whole = _sizes(Parameter(target.of, target.name))
    start = low if target.part[0] is not None else 0
    end = high if target.part[1] is not None else (whole[0] if whole else None)
    if whole is None or start is None or end is None:
        fills[target.name] = Fill(None, problem or PART_PROBLEM, before=before, node=node)
        return
    within = range(whole[0])[start:end]
    fills[target.name] = Fill(call, problem, (within.start, within.stop), before, node=node)
