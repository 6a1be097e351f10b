"""Every row of every grammar file: it says its authority, and its examples hold."""

from collections.abc import Iterator
from typing import Any

import pytest

from initport.grammar.call import Call
from initport.grammar.expression import ExpressionError, evaluate
from initport.grammar.files import grammar_file
from initport.grammar.layout import ROLES, parse_layout
from initport.grammar.load import read_grammar, vocabulary
from initport.grammar.meaning import RejectedError, Vocabulary
from initport.grammar.rows import GrammarError
from initport.ir import initializers as ir
from initport.ir.scalar import Scalar

GRAMMARS = ("caffe", "torch", "keras")


def examples() -> Iterator[Any]:
    for framework in GRAMMARS:
        for name, function in vocabulary(framework).initializers.items():
            for index, example in enumerate(function.examples):
                yield pytest.param(framework, name, example, id=f"{framework}-{name}-{index}")


def argument(value: object) -> Scalar | str | bool | None:
    if isinstance(value, str):
        try:
            return evaluate(value, {})
        except ExpressionError:
            return value
    return value if isinstance(value, bool) or value is None else Scalar.of(evaluate(str(value), {}))


def build(template: dict[str, Any]) -> ir.Initializer:
    ((name, fields),) = template.items()
    values: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "inner":
            values[key] = build(value)
        elif key == "distribution":
            values[key] = ir.Distribution(value)
        else:
            values[key] = evaluate(str(value), ROLES)
    found: ir.Initializer = getattr(ir, name)(**values)
    return found


@pytest.mark.parametrize(("framework", "name", "example"), list(examples()))
def test_example(framework: str, name: str, example: dict[str, Any]) -> None:
    call = Call(name, (), tuple((key, argument(value)) for key, value in example["with"].items()))
    layout = parse_layout(example["layout"])
    if example.get("rejected"):
        with pytest.raises(RejectedError):
            vocabulary(framework).meaning(call, layout)
    else:
        assert ir.equal(vocabulary(framework).meaning(call, layout), build(example["equals"]))


@pytest.mark.parametrize("framework", GRAMMARS)
def test_every_row_has_an_authority_and_an_example(framework: str) -> None:
    for name, function in vocabulary(framework).initializers.items():
        assert function.authority, name
        assert function.examples, name


@pytest.mark.parametrize("example", vocabulary("caffe").grammar.examples, ids=lambda row: row["layer"])
def test_fans_of_caffes_layers(example: dict[str, str]) -> None:
    known = vocabulary("caffe")
    spec = next(weight for weight in known.layers[example["layer"]].weights if weight.role == example["role"])
    names = known.names(parse_layout(spec.layout))
    for fan in ("fan_in", "fan_out"):
        assert names[fan] == evaluate(str(example[fan]), ROLES)


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_every_layer_of_a_source_has_a_row_in_the_target(framework: str) -> None:
    target = vocabulary(framework).grammar.kinds
    for name, layer in vocabulary("caffe").layers.items():
        for weight in layer.weights:
            assert weight.role in target[layer.kind].weights, (name, weight.role)


BROKEN = {
    "not YAML": ("framework: [", "caffe.yaml"),
    "no mapping": ("- 1", "caffe.yaml: a mapping is expected"),
    "unknown key": ("framework: x\nfans: []\ninitializers: {}\nfan: 3", "caffe.yaml.fan: no such key"),
    "missing key": ("framework: x\nfans: []", "caffe.yaml: the key 'initializers' is missing"),
    "wrong type": ("framework: 3\nfans: []\ninitializers: {}", "caffe.yaml.framework: str is expected"),
    "deep": (
        "framework: x\nfans: []\ninitializers: {a: {parameters: {}, means: {}, authority: b, examples: 7}}",
        "caffe.yaml.initializers.a.examples: a list is expected",
    ),
    "unknown role": (
        "framework: x\nfans: []\ninitializers: {}\n"
        "layers: {L: {kind: conv, message: m, authority: a, weights: [{role: kernle, layout: out}]}}",
        "caffe.yaml.layers.L.weights[0].role: 'kernle' is not a valid Role",
    ),
}


@pytest.mark.parametrize(("text", "message"), list(BROKEN.values()), ids=list(BROKEN))
def test_a_broken_file_is_named_with_its_key(text: str, message: str) -> None:
    with pytest.raises(GrammarError) as error:
        read_grammar(text, "caffe.yaml")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("means", "problem"),
    [
        ("{Constnat: {value: 0}}", "KeyError"),
        ("{Constant: {valeu: 0}}", "TypeError"),
        ("{Constant: {value: vlaue}}", "nothing is called 'vlaue'"),
        ("{Constant: {value: 1 +}}", "not an expression"),
        ("{by: norm, A: 1}", "KeyError"),
    ],
)
def test_a_broken_meaning_is_named_with_its_key(means: str, problem: str) -> None:
    row = f"{{parameters: {{}}, means: {means}, authority: a, examples: []}}"
    grammar = read_grammar(f"framework: caffe\nfans: []\ninitializers: {{f: {row}}}", "caffe.yaml")
    known = Vocabulary("caffe", {"f": grammar.initializers["f"][0]}, {}, (), grammar)
    with pytest.raises(GrammarError, match=r"caffe\.yaml\.initializers\.f\.means: ") as error:
        known.meaning(Call("f"), parse_layout("out"))
    assert problem in str(error.value)


def test_grammar_files_are_found() -> None:
    assert grammar_file("caffe.yaml").is_file()
    with pytest.raises(FileNotFoundError, match=r"none\.yaml"):
        grammar_file("none.yaml")
