"""Graphs of a million nodes that are no network: each ends as stated within 500 MB, in a process of its own. How soon
it ends is measured by `benchmarks.graphs`."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from initport.formats.wire import varint
from tests.formats.graph.build import const, graph, node, started

NODES = 1_000_000
MEGABYTES = 500


def entry(field: int, content: str | bytes) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return bytes((field << 3 | 2,)) + varint(len(data)) + data


def million(op: str, name: Callable[[int], Iterable[str]], attrs: bytes = b"") -> bytes:
    """Nodes n0, n1 ... that take what ``name`` gives for each."""
    kind = entry(2, op)
    return b"".join(
        entry(1, entry(1, f"n{at}") + kind + b"".join(entry(3, text) for text in name(at)) + attrs)
        for at in range(NODES)
    )


def variable(shape: tuple[int, ...]) -> bytes:
    return graph(const("zeros", 0.0, shape), *started("zeros", shape))


def attrs_of(message: Any) -> bytes:
    """A node's attributes alone, as they are in the file."""
    bare = type(message)(name=message.name, op=message.op, input=message.input)
    data: bytes = message.SerializeToString()
    return data[len(bare.SerializeToString()) :]


def variables() -> bytes:
    attrs = attrs_of(node("v", "VariableV2", shape=(2,), dtype="float"))
    return million("VariableV2", lambda at: (), attrs)


def initializer() -> bytes:
    nodes = million("Neg", lambda at: [f"n{at - 1}" if at else "zeros"])
    return variable((2,)) + nodes + graph(*started(f"n{NODES - 1}", (2,), "w"))


def circle() -> bytes:
    return million("Identity", lambda at: [f"n{(at + 1) % NODES}"]) + graph(*started("n0", (2,), "w"))


def inputs() -> bytes:
    return variable((2,)) + entry(1, entry(1, "m") + entry(2, "BiasAdd") + entry(3, "v") * NODES)


CASES: dict[str, tuple[Callable[[], bytes], int]] = {
    "no variables": (lambda: million("Relu", lambda at: [f"n{at - 1}"]), 2),
    "one initializer": (initializer, 1),
    "variables": (variables, 2),
    "readers of one variable": (lambda: variable((2, 2)) + million("MatMul", lambda at: ["x", "v/read"]), 0),
    "a chain of reads": (lambda: variable((2,)) + million("Identity", lambda at: [f"n{at - 1}" if at else "v"]), 0),
    "a node of a million inputs": (inputs, 0),
    "a circle": (circle, 1),
    "cut short": (lambda: million("NoOp", lambda at: ())[:-1], 2),
}


MEASURE = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, ended, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(ended)
print(child.returncode, usage.ru_maxrss)
"""
"""In a small process of its own, since a process begins with the memory of the one that starts it."""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_million_nodes(case: str, tmp_path: Path) -> None:
    make, status = CASES[case]
    path = tmp_path / "graph.pb"
    path.write_bytes(make())
    command = [sys.executable, "-m", "initport", "convert", str(path), "-o", os.devnull]
    said = subprocess.run([sys.executable, "-c", MEASURE, *command], check=True, capture_output=True, text=True).stdout
    ended, kilobytes = map(int, said.split())
    assert ended == status
    assert kilobytes < MEGABYTES * 1024
