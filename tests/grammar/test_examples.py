"""Every row of every grammar file: its authority, its examples, and the examples of layers' fans."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from initport.grammar.call import Call, default_call
from initport.grammar.expression import ExpressionError, evaluate
from initport.grammar.layout import ROLES, parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import CONSTANTS, RejectedError, UnknownLayoutError, Vocabulary
from initport.grammar.rows import Fans, Function, Grammar
from initport.grammar.version import Version, parse_version, within
from initport.ir import initializers as ir
from initport.ir.initializers import Unsupported, equal

GRAMMARS = Path(__file__).resolve().parents[2] / "grammars"


@cache
def _grammars() -> list[Grammar]:
    return [vocabulary(path.stem).grammar for path in sorted(GRAMMARS.glob("*.yaml")) if _is_grammar(path)]


def _is_grammar(path: Path) -> bool:
    return "framework" in yaml.safe_load(path.read_text())


ROWS = [
    pytest.param(grammar, name, row, example, id=f"{grammar.framework}-{name}-{index}-{number}")
    for grammar in _grammars()
    for name, rows in grammar.initializers.items()
    for index, row in enumerate(rows)
    for number, example in enumerate(row.examples)
]


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if value is None or isinstance(value, bool):
        return value
    try:
        return evaluate(str(value), {})
    except ExpressionError:
        return str(value)


def initializer_of(template: Any) -> ir.Initializer:
    ((name, fields),) = template.items()
    values: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "inner":
            values[key] = initializer_of(value)
        elif key == "distribution":
            values[key] = ir.Distribution(value)
        elif isinstance(value, bool):
            values[key] = value
        else:
            values[key] = evaluate(str(value), {**ROLES, **CONSTANTS})
    found: ir.Initializer = getattr(ir, name)(**values)
    return found


def _alone(grammar: Grammar, name: str, row: Function) -> Vocabulary:
    """A vocabulary of one row, with the fan rules of a version that it holds for."""
    version = _a_version(row.versions)
    fans: tuple[Fans, ...] = tuple(rule for rule in grammar.fans if within(version, rule.versions))
    return Vocabulary(grammar.framework, {name: row}, {}, fans, grammar)


def _a_version(versions: str) -> Version | None:
    """One that lies in a range."""
    bounds = [parse_version(bound.strip("<>=")) for bound in versions.split(",") if bound]
    below = [(*bound[:-1], bound[-1] - 1, 99) for bound in bounds]
    return next(version for version in (None, *bounds, *below) if within(version, versions))


@pytest.mark.parametrize(("grammar", "name", "row", "example"), ROWS)
def test_initializer(grammar: Grammar, name: str, row: Function, example: Any) -> None:
    call = Call(name, named=tuple((key, _argument(value)) for key, value in example["with"].items()))
    layout = parse_layout(example["layout"])
    speaker = _alone(grammar, name, row)
    if example.get("rejected"):
        with pytest.raises(RejectedError if layout.rank is not None else (RejectedError, UnknownLayoutError)):
            speaker.meaning(call, layout)
        return
    meaning = speaker.meaning(call, layout)
    if example.get("unsupported"):
        assert isinstance(meaning, Unsupported)
        assert meaning.reason
    else:
        assert equal(meaning, initializer_of(example["equals"]))


@pytest.mark.parametrize("grammar", _grammars(), ids=lambda grammar: grammar.framework)
def test_every_row_says_where_it_is_from_and_shows_an_example(grammar: Grammar) -> None:
    for name, rows in grammar.initializers.items():
        for row in rows:
            assert row.authority, name
            assert row.examples, name
    for name, layers in grammar.layers.items():
        assert all(layer.authority for layer in layers), name


@pytest.mark.parametrize("grammar", _grammars(), ids=lambda grammar: grammar.framework)
def test_defaults_of_layers_are_calls_of_the_grammar(grammar: Grammar) -> None:
    """Of the grammar itself, of another by its dotted path, or of Keras by a string."""
    own, everywhere = grammar.initializers, {path for other in _grammars() for path in other.initializers}
    strings = {word for rows in _strings() for word in rows}
    for name, rows in grammar.layers.items():
        for weight in (weight for row in rows for weight in row.weights):
            call = default_call(weight.default)
            assert call is None or call.name in own or call.name in everywhere or call.name in strings, (name, weight)
            told_by_the_reader = weight.layout.isidentifier() and weight.layout not in ROLES
            assert told_by_the_reader or parse_layout(weight.layout), (name, weight)


def _strings() -> list[Sequence[str]]:
    return [row.strings for rows in vocabulary("tensorflow").grammar.initializers.values() for row in rows]


@pytest.mark.parametrize("grammar", _grammars(), ids=lambda grammar: grammar.framework)
def test_arguments_that_hold_initializers_have_a_position(grammar: Grammar) -> None:
    for name, rows in grammar.layers.items():
        for row in rows:
            fillers = {weight.argument for weight in row.weights if weight.argument is not None}
            assert "." not in name or fillers <= set(row.parameters), name


@pytest.mark.parametrize(
    ("grammar", "example"),
    [pytest.param(grammar, example) for grammar in _grammars() for example in grammar.examples],
)
def test_fans_of_a_layer(grammar: Grammar, example: Any) -> None:
    speaker = vocabulary(grammar.framework)
    weights = speaker.layers[example["layer"]].weights
    layout = next(weight.layout for weight in weights if weight.role == example["role"])
    names = speaker.names(parse_layout(layout))
    assert names["fan_in"] == evaluate(str(example["fan_in"]), ROLES)
    assert names["fan_out"] == evaluate(str(example["fan_out"]), ROLES)


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("source", ["caffe", "keras_layers"])
def test_every_layer_of_a_source_has_a_row_in_the_target(source: str, target: str) -> None:
    kinds = vocabulary(target).grammar.kinds
    for name, rows in vocabulary(source).grammar.layers.items():
        for row in rows:
            assert {weight.role for weight in row.weights} <= set(kinds[row.kind].weights), name
