"""Partitioned variables: their parts joined to the whole, where one law holds for all of it.

Authority: python/ops/partitioned_variables.py. The parts' places are in the VariableDefs; in a graph that was saved
only the op that joins the parts shows the axis.
"""

import re
from collections.abc import Sequence

from initport.formats.graph.fold import Folder
from initport.formats.graph.nodes import Graph
from initport.formats.graph.op_values import Array, Draw, Refused, Slice, Value, Variable, independent
from initport.formats.graph.table import table

_PART = re.compile(r"(.+)/part_(\d+)")


def join_parts(
    variables: Sequence[Variable], values: dict[str, Value], graph: Graph, folder: Folder
) -> tuple[list[Variable], dict[str, Value]]:
    """The variables with wholes in place of their parts, at the place of the first, and the values by name."""
    groups: dict[str, list[Variable]] = {}
    for variable in variables:
        found = _PART.fullmatch(variable.name)
        if found is not None:
            groups.setdefault(found[1], []).append(variable)
    whole: dict[str, Variable] = {}
    member: dict[str, str] = {}
    values = dict(values)
    for name, parts in groups.items():
        one = _whole(name, parts, values, graph, folder)
        if one is None:
            continue
        whole[name], values[name] = one
        member |= {part.name: name for part in parts}
        graph.uses[name] = [use for part in parts for use in graph.uses.get(part.name, ())]
    result: list[Variable] = []
    for variable in variables:
        owner = member.get(variable.name)
        if owner is None:
            result.append(variable)
        elif owner in whole:
            result.append(whole.pop(owner))
    return result, values


def _whole(
    name: str, parts: list[Variable], values: dict[str, Value], graph: Graph, folder: Folder
) -> tuple[Variable, Value] | None:
    """The whole variable and its value; None where it is not known how the parts lie."""
    full = _full(parts, graph, folder)
    if full is None:
        return None
    first = values[parts[0].name]
    variable = parts[0]._replace(name=name, shape=full, slice=None)
    contents = [values[part.name] for part in parts]
    bad = next((value for value in contents if isinstance(value, Refused)), None)
    if bad is not None:
        return variable, bad
    if isinstance(first, Array) and first.single is not None:
        same = all(isinstance(value, Array) and value.values == first.values for value in contents)
        return variable, first._replace(shape=full) if same else _refusal(parts, "start at different numbers")
    if not all(isinstance(value, Draw) for value in contents):
        return variable, _refusal(
            parts, "are made each by itself, as orthogonal matrices are, which is not a law of the whole"
        )
    draws = [value for value in contents if isinstance(value, Draw)]
    laws = {(draw.law, draw.scale, draw.shift) for draw in draws}
    if len(laws) > 1:
        return variable, _refusal(parts, "follow laws of their own sizes, which differ")
    if not independent(draws):
        return variable, _refusal(parts, "are the same draws, each by the same seed")
    return variable, draws[0]._replace(shape=full)


def _refusal(parts: list[Variable], why: str) -> Refused:
    return Refused(
        f"{len(parts)} parts", f"the parts of this partitioned variable {why}; initialize the weight yourself"
    )


def _full(parts: list[Variable], graph: Graph, folder: Folder) -> tuple[int, ...] | None:
    """The whole's shape, where the parts make it up."""
    slices = [part.slice for part in parts]
    shapes = [part.whole_shape for part in parts]
    if any(shape is None or len(shape) != len(shapes[0] or ()) for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    if all(item is not None for item in slices):
        stated = slices[0]
        assert isinstance(stated, Slice)
        axes = [axis for axis, size in enumerate(stated.full) if size != stated.size[axis]] or [0]
        axis = axes[0]
    else:
        found = _axis(parts, graph, folder)
        if found is None:
            return None
        axis = found
    if axis >= len(known[0]):
        return None
    return (*known[0][:axis], sum(shape[axis] for shape in known), *known[0][axis + 1 :])


def _axis(parts: list[Variable], graph: Graph, folder: Folder) -> int | None:
    """The axis along which an op joins the parts."""
    number = graph.joined.get(parts[0].name)
    if number is None:
        return None
    node = graph.nodes[number]
    value = folder.fold(node.input[table().joins[node.op]])
    return int(value.single) if isinstance(value, Array) and value.single is not None else None
