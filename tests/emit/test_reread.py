"""What was emitted, read back from the text of the whole module, is what the source said: the proof once more, at the
other end, so that nothing between the proof and the file can change a line.

Every form is read: an initializer of a whole weight, one of equal parts, weights that share a parameter, parameters
that hold the weight's other slices, weights in wrappers and stacks, those that no constructor argument reaches."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from initport.emit.idioms import _choices, _sizes
from initport.emit.plan import Entry, target_axes
from initport.grammar.call import read_call
from initport.grammar.expression import ExpressionError
from initport.grammar.load import vocabulary
from initport.ir.initializers import Blocks, Constant, Initializer, bind, canonical, equal
from initport.ir.scalar import InexactError, Scalar
from initport.ir.weights import Layout
from tests.fixtures import CASES, emitted, plan_of

GIVEN = frozenset({"w", "shape", "dtype"})
Key = tuple[str, str]


def torch_lines(text: str) -> Iterator[tuple[Key, str]]:
    table = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Dict))
    for key, value in zip(table.keys, table.values, strict=True):
        assert key is not None
        yield ast.literal_eval(key), ast.unparse(value)


def keras_lines(text: str) -> Iterator[tuple[Key, str]]:
    """Of `initializers`, by constructor argument, and of `others`, by variable."""
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    for name in ("initializers", "others"):
        for node in functions[name].body if name in functions else ():
            if not isinstance(node, ast.Return):
                continue
            assert isinstance(node.value, ast.Dict)
            for layer, arguments in zip(node.value.keys, node.value.values, strict=True):
                assert layer is not None
                assert isinstance(arguments, ast.Dict)
                for argument, value in zip(arguments.keys, arguments.values, strict=True):
                    assert argument is not None
                    yield (ast.literal_eval(layer), ast.literal_eval(argument)), ast.unparse(value)


def parts_of(line: str, target: str) -> list[str] | None:
    """The parts that the line draws side by side; None where it draws the whole."""
    joint = vocabulary(target).grammar.blocks
    assert joint is not None
    node = ast.parse(line, mode="eval").body
    call = node.body if isinstance(node, ast.Lambda) else node
    function, given = joint.call.rpartition(": ")[2].split("(")
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != function:
        return None
    return [ast.unparse(part) for part in call.args[given.count(",") :]]


def meaning(line: str, target: str, layout: Layout | None) -> Initializer:
    known, parts = vocabulary(target), parts_of(line, target)
    if parts is None:
        return known.meaning(read_call(line, dict(_sizes(known, layout)), GIVEN), layout)
    assert layout is not None
    assert known.grammar.blocks is not None
    inside = layout.part(known.grammar.blocks.axis, len(parts))
    return Blocks(tuple(meaning(part, target, inside) for part in parts))


def holds(entry: Entry, line: str, target: str) -> bool:
    """Whether the line means the source's initializer; where it states a size as a number, on weights of that size."""
    initializer, layout, dims = (
        entry.weight.initializer,
        target_axes(entry.weight.layout, entry.place),
        entry.weight.dims,
    )
    for names in ((), *_choices(initializer, layout, dims)):
        sizes = {name: dims[name] for name in names}
        try:
            if equal(meaning(line, target, layout and layout.bind(sizes)), bind(initializer, sizes)):
                return True
        except (InexactError, ExpressionError):
            continue
    return False


def own_part(entry: Entry, line: str, target: str) -> str:
    """What draws the weight in the line of its parameter."""
    if not entry.place.part:
        return line
    parts = parts_of(line, target)
    index, number = entry.place.part
    assert parts is not None
    assert len(parts) == number
    return parts[index]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_torch_module(case: Path) -> None:
    lines = dict(torch_lines(emitted(case, "torch")))
    read: set[Key] = set()
    for entry, _ in plan_of(case, "torch").emitted:
        for name in (entry.place.name or "", *entry.place.alike):
            line = lines[entry.module, name]
            assert holds(entry, own_part(entry, line, "torch"), "torch"), (entry.module, name, line)
            read.add((entry.module, name))
        for other in entry.place.zero:
            assert lines[entry.module, other] == "nn.init.zeros_"
            read.add((entry.module, other))
    assert lines.keys() == read


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_keras_module(case: Path) -> None:
    lines = dict(keras_lines(emitted(case, "keras")))
    for entry, _ in plan_of(case, "keras").emitted:
        line = lines.pop((entry.module, str(entry.place.argument or entry.place.name)))
        assert holds(entry, line, "keras"), (entry.module, line)
        for argument, value in entry.place.also.items():
            assert lines.pop((entry.module, argument)) == repr(value)
    assert lines == {}


def test_every_form_is_among_the_cases() -> None:
    entries = [entry for case in CASES for target in ("torch", "keras") for entry, _ in plan_of(case, target).emitted]
    assert any(isinstance(canonical(entry.weight.initializer), Blocks) for entry in entries)
    assert any(entry.place.part for entry in entries)
    assert any(entry.place.alike for entry in entries)
    assert any(entry.place.zero for entry in entries)
    assert any(entry.layer.wrapper for entry in entries)
    assert any(entry.layer.cell for entry in entries)
    assert any(entry.place.argument is None and entry.place.layout == "source" for entry in entries)


def test_the_check_can_fail() -> None:
    case = next(case for case in CASES if case.name == "lenet")
    (entry, spelling), *_ = plan_of(case, "torch").emitted
    assert holds(entry, spelling.text, "torch")
    assert not holds(entry, spelling.text.replace('"linear"', '"relu"'), "torch")
    assert not equal(Constant(Scalar.of(0)), entry.weight.initializer)


def test_the_check_of_parts_can_fail() -> None:
    case = next(case for case in CASES if case.name == "keras_recurrent")
    entry = next(e for e, _ in plan_of(case, "torch").emitted if e.place.name == "bias_ih_l0")
    good = "blocks_(w, nn.init.zeros_, nn.init.ones_, nn.init.zeros_, nn.init.zeros_)"
    assert holds(entry, good, "torch")
    assert not holds(entry, good.replace("zeros_, nn.init.ones_", "ones_, nn.init.zeros_"), "torch")
    assert not holds(entry, good.replace(", nn.init.zeros_)", ")"), "torch")
