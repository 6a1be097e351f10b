"""The rows of the Keras grammars: they exclude each other in every version, and what layers hand on reaches them."""

import pytest

from initport.grammar.call import Call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import RejectedError
from initport.grammar.version import parse_version, within
from initport.ir.scalar import Scalar

VERSIONS = [
    parse_version(text)
    for text in ("1.0.0", "1.0.8", "1.1.2", "1.2.0", "1.2.2", "2.0.0", "2.0.5", "2.0.6", "2.1.5", "2.1.6", "2.2.2",
                 "2.2.4", "2.2.5", "2.3.1", "2.4.0", "2.21.0", "3.14", "3.15.1")
]  # fmt: skip
FRAMEWORKS = ("keras_config", "tf_keras")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_one_row_a_version(framework: str) -> None:
    grammar = vocabulary(framework).grammar
    for version in VERSIONS:
        for name, functions in grammar.initializers.items():
            assert sum(within(version, row.versions) for row in functions) <= 1, (name, version)
        for name, layers in grammar.layers.items():
            found = [row for row in layers if within(version, row.versions)]
            assert len({(str(row.where), str(row.defaults)) for row in found}) == len(found), (name, version)


def test_every_default_is_an_initializer_of_its_version() -> None:
    for framework in FRAMEWORKS:
        for version in VERSIONS:
            spoken = vocabulary(framework, version)
            for rows in spoken.variants.values():
                for row in rows:
                    assert row.authority
                    for weight in row.weights:
                        assert weight.default["type"] in spoken.initializers, (framework, version, row)


def test_axes_that_a_call_names_make_up_its_fans() -> None:
    spoken = vocabulary("keras_config", (3, 15))
    layout = parse_layout("in, heads, head")
    plain = spoken.names(layout)
    named = spoken.names(layout, (("input_axes", (0,)), ("output_axes", (1, 2))))
    assert str(plain["fan_in"]) == "heads * in"
    assert (str(named["fan_in"]), str(named["fan_out"])) == ("in", "head * heads")
    with pytest.raises(RejectedError, match="no such axes"):
        spoken.names(layout, (("input_axes", (3,)), ("output_axes", (1, 2))))


def test_a_layer_hands_on_what_the_initializer_takes_and_was_not_given() -> None:
    spoken = vocabulary("keras_config", (3, 15))
    axes = (("input_axes", (0,)), ("output_axes", (1, 2)))
    assert spoken.with_arguments(Call("Zeros"), axes) == Call("Zeros")
    assert spoken.with_arguments(Call("GlorotUniform"), axes).named == axes
    own = Call("GlorotUniform", (), (("input_axes", (1,)), ("output_axes", (0, 2))))
    assert spoken.with_arguments(own, axes) == own


def test_a_based_grammar_states_what_differs() -> None:
    theirs, ours = vocabulary("tf_keras", (2, 4)), vocabulary("keras_config", (2, 3, 1))
    assert set(theirs.variants) >= set(ours.variants)
    assert "GlorotUniform" in theirs.initializers
    assert "GlorotUniform" not in ours.initializers
    one = parse_layout("out")
    assert theirs.names(one)["fan_in"] == Scalar.of(1) * theirs.names(one)["count"]
    assert ours.names(one)["fan_in"] == ours.names(one)["count"].sqrt()
