"""Broken grammar files: the error names the file and the key, or the line."""

from pathlib import Path

import pytest
import yaml

from initport.grammar.call import Call
from initport.grammar.errors import GrammarError
from initport.grammar.files import grammar_file
from initport.grammar.layout import parse_layout
from initport.grammar.load import read_grammar, vocabulary
from initport.grammar.meaning import Vocabulary
from initport.grammar.row_tables import Source
from initport.grammar.rows import Grammar

GRAMMARS = [
    path
    for path in sorted(Path(grammar_file("caffe.yaml")).parent.glob("*.yaml"))
    if "framework" in yaml.safe_load(path.read_text(encoding="utf-8"))
]
FUNCTION = "parameters: {}, means: {Constant: {value: 0}}, authority: x, examples: []"

BROKEN = [
    ("fans: []\ninitializers: {}", "x.yaml", "'framework' is missing"),
    ("framework: x\nfans: []\ninitializers: {}\nlayer: {}", "x.yaml.layer", "no such key"),
    ("framework: x\nfans: 3\ninitializers: {}", "x.yaml.fans", "a list is expected"),
    (
        "framework: x\nfans: [{rank: 1, fan_in: 1}]\ninitializers: {}",
        "x.yaml.fans[0]",
        "'fan_out' is missing",
    ),
    (
        f"framework: x\nfans: []\ninitializers: {{f: {{{FUNCTION}, alias: [g]}}}}",
        "x.yaml.initializers.f.alias",
        "no such key",
    ),
    (
        "framework: x\nfans: []\ninitializers: {}\nlayers: {D: {kind: cube, weights: [], authority: x}}",
        "x.yaml.layers.D.kind",
        "'cube' is not a valid Kind",
    ),
    ("framework: x\nfans: []\ninitializers: {}\nmodules: {a: [{versions: '<2'}]}", "x.yaml.modules.a[0]", "'name'"),
    (
        f"framework: x\nfans: []\ninitializers: {{f: {{{FUNCTION.replace('[]', '7')}}}}}",
        "x.yaml.initializers.f.examples",
        "a list is expected",
    ),
    (
        "framework: x\nfans: []\ninitializers: {}\n"
        "layers: {L: {kind: conv, authority: a, weights: [{role: kernle, layout: out}]}}",
        "x.yaml.layers.L.weights[0].role",
        "'kernle' is not a valid Role",
    ),
    ("framework: 3\nfans: []\ninitializers: {}", "x.yaml.framework", "str is expected"),
    ("framework: x\nfans: []\ninitializers: 3", "x.yaml.initializers", "a mapping is expected"),
    ("framework: x\nfans: []\nkinds: {cube: {}}", "x.yaml.kinds", "'cube' is not a valid Kind"),
    ("framework: x\nfans: []\nlayers:\n  D: {}\n  D: {}", "x.yaml", "the key 'D' occurs twice in a mapping, line 5"),
    ("framework: x\nfans: []\nfans: []", "x.yaml", "the key 'fans' occurs twice in a mapping, line 3"),
    ("framework: ]", "x.yaml", "line 1"),
    ("- a", "x.yaml", "a mapping is expected"),
]


@pytest.mark.parametrize(("text", "where", "problem"), BROKEN, ids=[where for _, where, _ in BROKEN])
def test_error_names_the_place(text: str, where: str, problem: str) -> None:
    with pytest.raises(GrammarError) as caught:
        read_all(read_grammar(text, "x.yaml"))
    assert caught.value.where == where
    assert problem in str(caught.value)


def read_all(grammar: Grammar) -> list[object]:
    return [row for table in (grammar.initializers, grammar.layers, grammar.kinds) for row in table.values()]


ROWS = """
framework: x
fans: []
initializers:
  good: {parameters: {}, means: {Constant: {value: 0}}, authority: x, examples: []}
  wrong: {parameters: []}
"""


def test_a_broken_row_is_told_when_it_is_asked_for() -> None:
    grammar = read_grammar(ROWS, "x.yaml")
    assert grammar.initializers["good"][0].authority == "x"
    with pytest.raises(GrammarError, match=r"x\.yaml\.initializers\.wrong: the key 'means' is missing"):
        grammar.initializers["wrong"]
    with pytest.raises(GrammarError, match=r"(?s)x\.yaml: .*line 7"):
        read_grammar(f"{ROWS}  open: {{parameters: [}}", "x.yaml")


@pytest.mark.parametrize("path", GRAMMARS, ids=lambda path: path.stem)
def test_every_row_of_every_file_is_well_formed(path: Path) -> None:
    assert read_all(vocabulary(path.stem).grammar)


@pytest.mark.parametrize(
    "means",
    [
        "{Constant: {value: valeu}}",
        "{Constant: {amount: 1}}",
        "{Constnat: {value: 1}}",
        "{Constant: {value: 1 +}}",
        "{by: values, else: {Constant: {value: 1}}}",
        "{if: 1 < 2, otherwise: {Constant: {value: 1}}}",
        "{VarianceScaling: {scale: 1, fan: count, distribution: normall}}",
    ],
)
def test_template_that_cannot_be_filled_names_its_row(means: str) -> None:
    row = f"{{parameters: {{value: 0}}, means: {means}, authority: x, examples: []}}"
    grammar = read_grammar(f"framework: x\nfans: []\ninitializers: {{f: {row}}}", "x.yaml")
    speaker = Vocabulary("x", {"f": grammar.initializers["f"][0]}, {}, (), grammar)
    with pytest.raises(GrammarError) as caught:
        speaker.meaning(Call("f"), parse_layout("in, out"))
    assert caught.value.where == "x.yaml.initializers.f.means"


def test_grammar_files_are_found() -> None:
    assert Path(grammar_file("caffe.yaml")).is_file()
    with pytest.raises(FileNotFoundError, match=r"none\.yaml"):
        grammar_file("none.yaml")


def test_names_are_found_alike_however_many_are_looked_for() -> None:
    data = {"layers": {"a": {"aliases": ["b", "c"]}, "c": {}, "d": [{"aliases": ["b"]}, {"aliases": ["b", 1]}]}}
    source = Source(data, "test.yaml")
    for _ in range(20):
        assert [source.mentioning("layers", name) for name in "abcde"] == [["a"], ["a", "d"], ["a", "c"], ["d"], []]
        assert source.mentioning("initializers", "a") == []
