"""The network that a program builds is the network of its graph: every variable of the 24 programs of TensorFlow 1 in
``fixtures/graphs`` starts alike in both, where TensorFlow 1.15.5 has written the graphs and drawn the values."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from initport.conversion import read
from initport.emit.plan import Entry
from initport.ir.initializers import Unsupported
from initport.ir.moments import Moments, moments
from initport.verify.stub_shapes import complete
from tests.program.reading import entries, reading

FOLDER = Path(__file__).parents[2] / "fixtures" / "graphs"
PROGRAMS: dict[str, Any] = json.loads((FOLDER / "draws.json").read_text())

GRAPH_ONLY = {
    "averages": 1,  # what an average keeps, which the optimizer makes
    "functions": 1,  # the program has it as a tensor of its own, as what reads it is a Defun
    "rnn_cells": 6,  # the names are those of the functions that run the cells
}
"""Variables that only the graph names."""

REFUSED = {
    ("arithmetic", "squared"): "what `tensorflow.square` returns is known only when the program runs",
    ("arithmetic", "sum"): "its values are computed, and from what is known only when the program runs",
    ("constants", "large"): "`value` is known only when the program runs",
    ("orthogonal", "delta"): "what `tensorflow.python.ops.init_ops.ConvolutionDeltaOrthogonal` returns",
    ("partitioned", "even"): "the variable is made in parts by a partitioner",
    ("partitioned", "uneven/plain"): "the variable is made in parts by a partitioner",
    ("partitioned", "uneven/ofparts"): "the variable is made in parts by a partitioner",
    ("partitioned", "uneven/orthogonal"): "the variable is made in parts by a partitioner",
    ("types", "whole"): "integers are drawn",
    **{("parts", name): "what starts it is not known" for name in ("between", "column", "inner", "lower")},
    **{("parts", name): "what `tensorflow.add_n` returns" for name in ("added", "moved", "uniforms", "with_term")},
    ("parts", "beside"): "what `tensorflow.concat` returns",
    ("parts", "difference"): "its values are computed, and from what is known only when the program runs",
    ("parts", "reversed"): "what `tensorflow.reverse` returns",
    ("parts", "upper"): "what `tensorflow.slice` returns",
}
"""What the program does not tell."""

HELD = {("types", "half"): 2.0**-10}
"""Where a graph has the number that 16 bits hold and the program the one that is written: twice half a unit in the last
of 11 binary places, as a variance is a square."""


@cache
def of_program(name: str) -> dict[tuple[str, str], Entry]:
    return entries(reading((FOLDER / "programs.py").read_bytes(), name))


@cache
def of_graph(name: str) -> dict[tuple[str, str], Entry]:
    path = FOLDER / f"{name}.meta"
    return entries(read(path.read_bytes(), path=path.name))


def both() -> Iterator[tuple[str, tuple[str, str]]]:
    for name in PROGRAMS:
        yield from ((name, key) for key in of_graph(name) if key in of_program(name))


@pytest.mark.parametrize(
    ("name", "key"), list(both()), ids=lambda part: part if isinstance(part, str) else "-".join(part)
)
def test_starts_alike(name: str, key: tuple[str, str]) -> None:
    graph, program = of_graph(name)[key].weight, of_program(name)[key].weight
    if (name, key[0]) in REFUSED and key[1] != "bias":
        assert isinstance(program.initializer, Unsupported)
        assert program.initializer.reason.startswith(REFUSED[name, key[0]])
        return
    dims = complete(graph)
    theirs, ours = moments(graph.initializer, dims), moments(program.initializer, {**complete(program), **dims})
    assert theirs is not None
    assert ours is not None
    assert rows(ours) == pytest.approx(rows(theirs), rel=HELD.get((name, key[0]), 2e-6), abs=1e-12)
    assert program.repeats == graph.repeats
    if program.shape is not None and None not in program.shape:
        assert program.shape == graph.shape


def rows(known: Moments) -> list[float]:
    return [known.mean, known.variance, known.low, known.high]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_variable_of_the_graph_is_in_the_program(name: str) -> None:
    missing = [key for key in of_graph(name) if key not in of_program(name)]
    assert len(missing) == GRAPH_ONLY.get(name, 0), missing


def test_nothing_is_refused_beside_what_is_named() -> None:
    refused = {
        (name, key[0]) for name, key in both() if isinstance(of_program(name)[key].weight.initializer, Unsupported)
    }
    assert refused == set(REFUSED)


def test_most_variables_agree() -> None:
    assert len(list(both())) - len(REFUSED) >= 150
