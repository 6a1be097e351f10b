"""What was emitted, read back from the text of the whole module, is what the source said: the proof once more, at the
other end, so that nothing between the proof and the file can change a line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from initport.emitters.idioms import _sizes
from initport.emitters.plan import Entry, _layout
from initport.grammar.call import read_call
from initport.grammar.load import vocabulary
from initport.ir.initializers import Constant, equal
from initport.ir.scalar import Scalar
from tests.fixtures import CASES, emitted, plan_of

GIVEN = frozenset({"w", "shape", "dtype"})


def torch_lines(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    table = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Dict))
    for key, value in zip(table.keys, table.values, strict=True):
        assert key is not None
        yield ast.literal_eval(key), ast.unparse(value)


def keras_lines(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    made = next(node for node in functions if node.name == "initializers")
    table = next(node.value for node in made.body if isinstance(node, ast.Return))
    assert isinstance(table, ast.Dict)
    for layer, arguments in zip(table.keys, table.values, strict=True):
        assert layer is not None
        assert isinstance(arguments, ast.Dict)
        for argument, value in zip(arguments.keys, arguments.values, strict=True):
            assert argument is not None
            yield (ast.literal_eval(layer), ast.literal_eval(argument)), ast.unparse(value)


def holds(entry: Entry, line: str, target: str) -> bool:
    known, layout = vocabulary(target), _layout(entry.weight, entry.place)
    call = read_call(line, _sizes(known, layout), GIVEN)
    return equal(known.meaning(call, layout), entry.weight.initializer)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_torch_module(case: Path) -> None:
    lines = dict(torch_lines(emitted(case, "torch")))
    for entry, _ in plan_of(case, "torch").emitted:
        assert holds(entry, lines.pop((entry.module, entry.place.name or "")), "torch")
        for other in entry.place.zero:
            assert lines.pop((entry.module, other)) == "nn.init.zeros_"
    assert lines == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_keras_module(case: Path) -> None:
    lines = dict(keras_lines(emitted(case, "keras")))
    for entry, _ in plan_of(case, "keras").emitted:
        assert holds(entry, lines.pop((entry.module, str(entry.place.argument))), "keras")
        for argument, value in entry.place.also.items():
            assert lines.pop((entry.module, argument)) == repr(value)
    assert lines == {}


def test_the_check_can_fail() -> None:
    case = next(case for case in CASES if case.name == "lenet")
    (entry, spelling), *_ = plan_of(case, "torch").emitted
    assert holds(entry, spelling.text, "torch")
    assert not holds(entry, spelling.text.replace('"linear"', '"relu"'), "torch")
    assert not equal(Constant(Scalar.of(0)), entry.weight.initializer)
