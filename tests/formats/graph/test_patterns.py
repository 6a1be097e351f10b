"""First values that differ in names alone are folded once, and are what each is by itself."""

from pathlib import Path
from typing import Any

import pytest

from initport.conversion import Reading, read
from initport.formats.graph.fold import Folder
from initport.formats.graph.patterns import Patterns
from initport.ir.initializers import Constant, Preset, RandomNormal
from initport.ir.scalar import Scalar
from tests.formats.graph.build import const, dims, graph, node, reading, started, weights

GRAPHS = sorted(Path("fixtures/graphs").glob("*.meta"))


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The values that are folded, and are not another's."""
    found: list[str] = []
    fold = Folder.fold
    monkeypatch.setattr(Folder, "fold", lambda self, text: found.append(text) or fold(self, text))  # type: ignore[func-returns-value]
    return found


def drawn(name: str, stddev: float, *more: Any, **attrs: Any) -> list[Any]:
    """A variable of normal values, as TensorFlow names the ops."""
    top = f"{name}/Initializer/random_normal"
    return [
        dims(f"{top}/shape", 6, 4), const(f"{top}/stddev", stddev),
        node(f"{top}/RandomStandardNormal", "RandomStandardNormal", f"{top}/shape", dtype="float", **attrs),
        *more, node(top, "Mul", f"{top}/RandomStandardNormal", f"{top}/stddev"), *started(top, (6, 4), name),
    ]  # fmt: skip


def stddevs(found: Reading) -> list[float | None]:
    laws = [weight.initializer for _, weight in weights(found).values()]
    assert all(isinstance(law, RandomNormal) for law in laws)
    return [law.stddev.evaluate({}) for law in laws if isinstance(law, RandomNormal)]


def test_one_law_is_folded_once(folded: list[str]) -> None:
    found = reading(graph(*drawn("a", 0.5), *drawn("b", 0.25), *drawn("c", 0.5), *drawn("d", 0.25)))
    assert stddevs(found) == [0.5, 0.25, 0.5, 0.25]
    assert folded == ["a/Initializer/random_normal", "b/Initializer/random_normal"]


def test_each_draws_for_itself() -> None:
    found = reading(graph(*drawn("a", 0.5), *drawn("b", 0.5)))
    assert [weight.repeats for _, weight in weights(found).values()] == [None, None]


def test_equal_seeds_are_ties() -> None:
    found = reading(graph(*drawn("a", 0.5, seed=1, seed2=2), *drawn("b", 0.5, seed=1, seed2=2)))
    assert [weight.repeats is None for _, weight in weights(found).values()] == [True, False]


def test_what_takes_more_than_its_own_ops_is_folded_by_itself(folded: list[str]) -> None:
    """The standard deviation of each is another's op."""
    nodes = [const("x", 2.0), const("y", 3.0)]
    for name, factor in (("a", "x"), ("b", "y")):
        top = f"{name}/Initializer/mul"
        draw = node(f"{top}/draw", "RandomStandardNormal", f"{top}/shape", dtype="float")
        nodes += [dims(f"{top}/shape", 6, 4), draw, node(top, "Mul", draw.name, factor), *started(top, (6, 4), name)]
    assert stddevs(reading(graph(*nodes))) == [2, 3]
    assert len(folded) == 2


def test_a_name_among_the_numbers_is_no_name() -> None:
    """The bytes of ``ab`` in a tensor, which would be those of ``cd`` if they were its name."""
    numbers: list[Any] = []
    for name in ("abcd", "efgh"):
        value = const(name, [0.0], (2,))
        del value.attr[0].value.tensor.float_val[:]
        value.attr[0].value.tensor.tensor_content = b"abcdabcd"
        numbers += [value, *started(name, (2,), f"v{name}")]
    first, second = (weight.initializer for _, weight in weights(reading(graph(*numbers))).values())
    assert first == second
    assert isinstance(first, Constant | Preset)


def test_of_two_ops_of_one_name_none_is_a_pattern(folded: list[str]) -> None:
    """TensorFlow refuses such a graph; what it says of either is not taken for the other's."""
    twice = [const("b/Initializer/random_normal/stddev", 7.0)]
    reading(graph(*drawn("a", 0.5), *drawn("b", 0.5), *twice))
    assert folded == ["a/Initializer/random_normal", "b/Initializer/random_normal"]


@pytest.mark.parametrize("path", GRAPHS, ids=[path.stem for path in GRAPHS])
def test_every_program_reads_the_same_without_patterns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_patterns = read(path.read_bytes(), path=path.name)
    monkeypatch.setattr(Patterns, "find", lambda *_: None)
    assert read(path.read_bytes(), path=path.name) == with_patterns


def test_numbers_of_a_constant() -> None:
    zeros = [item for name in "ab" for item in (const(name, [0.0], (3,)), *started(name, (3,), f"v{name}"))]
    assert {weight.initializer for _, weight in weights(reading(graph(*zeros))).values()} == {Constant(Scalar.of(0))}
