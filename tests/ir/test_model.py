"""A layer that equals another has that one's weights, at its own place."""

import pickle

from initport.ir.initializers import Constant
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight, WeightsElsewhere
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Role


def weight(key: str | None) -> Weight:
    place = Location("m.json", key=key)
    return Weight(Role.BIAS, Constant(Scalar.of(0)), place, "bias_initializer", "Zeros", False, None)


def layer(name: str, key: str | None, *weights: Weight) -> Layer:
    return Layer(name, Kind.DENSE, "Dense", Location("m.json", key=key), weights)


FIRST = layer("a", "layers[0]", weight("layers[0].config.bias_initializer"), weight("layers[0]"))
ELSEWHERE = WeightsElsewhere(FIRST, Location("m.json", key="layers[12]"))


def test_no_weights() -> None:
    none = WeightsElsewhere(layer("a", "layers[0]"), Location("m.json", key="layers[1]"))
    assert (len(none), tuple(none)) == (0, ())


def test_each_is_the_same_but_for_its_place() -> None:
    assert [str(one.location) for one in ELSEWHERE] == [
        "m.json:layers[12].config.bias_initializer",
        "m.json:layers[12]",
    ]
    assert [one._replace(location=FIRST.location) for one in ELSEWHERE] == [
        one._replace(location=FIRST.location) for one in FIRST.weights
    ]
    pairs = zip(ELSEWHERE, FIRST.weights, strict=True)
    assert all(one.initializer is other.initializer for one, other in pairs)


def test_they_are_a_sequence() -> None:
    assert len(ELSEWHERE) == 2
    assert ELSEWHERE[1].location.key == "layers[12]"
    assert ELSEWHERE[:1] == tuple(ELSEWHERE)[:1]
    assert [one.role for one in reversed(ELSEWHERE)] == [Role.BIAS, Role.BIAS]


def test_they_are_equal_to_what_they_hold() -> None:
    same = WeightsElsewhere(FIRST, Location("m.json", key="layers[12]"))
    assert ELSEWHERE == same == tuple(ELSEWHERE)
    assert FIRST.weights != ELSEWHERE
    assert WeightsElsewhere(FIRST, FIRST.location) == FIRST.weights
    assert pickle.loads(pickle.dumps(ELSEWHERE)) == ELSEWHERE


def test_connections_are_looked_for_when_they_are_asked_for() -> None:
    asked: list[str] = []

    def connections() -> dict[str, tuple[str, ...]]:
        asked.append("asked")
        return {"b": ("a",), "gone": ("b",)}

    layers = (FIRST, layer("b", "layers[1]")._replace(inputs=("x",)))
    assert Model("", "keras_config", FIRST.location, layers).inputs() == {"a": (), "b": ("x",)}
    lazy = Model("", "keras_config", FIRST.location, layers, None, connections)
    assert asked == []
    assert lazy.inputs() == {"a": (), "b": ("a",)}
    assert asked == ["asked"]
