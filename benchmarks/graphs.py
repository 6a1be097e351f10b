"""What reading a TensorFlow graph costs: of 2,000 variables against protobuf's own parse of the same bytes and against
TensorFlow's `import_meta_graph`, how it grows to a million nodes, and how soon a million hostile ones end.

``python -m benchmarks.graphs [PYTHON]``: CPU time of whole processes, the least of three; PYTHON is one that has
TensorFlow. What runs is what pip installs from a wheel of this source tree.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.convert import installed
from initport.formats.graph.messages import message_class
from tests.formats.graph.test_million import CASES

RUNS = 3
GROWTH = (10_000, 100_000, 1_000_000)
FLOAT, INT = 1, 3

PARSE = """
import sys
sys.path.insert(0, {root!r})
from initport.formats.graph.messages import message_class
graph = message_class("MetaGraphDef").FromString(open({path!r}, "rb").read())
"""
NODES = (
    PARSE
    + """
for node in graph.graph_def.node:
    node.name, node.op, list(node.input)
"""
)
IMPORT = "import tensorflow.compat.v1 as tf"
META_GRAPH = IMPORT + "; tf.disable_eager_execution(); tf.train.import_meta_graph({path!r})"
ROOT = str(Path(__file__).parent.parent)


def tensor(node: Any, values: list[float], shape: tuple[int, ...], kind: int) -> None:
    value = node.attr.add(key="value").value.tensor
    value.dtype = kind
    for size in shape:
        value.tensor_shape.dim.add(size=size)
    (value.float_val if kind == FLOAT else value.int_val).extend(values)
    node.attr.add(key="dtype").value.type = kind


def variable(name: str, shape: tuple[int, ...], limit: float | None) -> Iterator[Any]:
    """The nodes of a variable that starts within a limit, or at zero, as TensorFlow 1 writes them."""

    def node(part: str, op: str, *inputs: str) -> Any:
        found = message_class("NodeDef")(name=f"{name}{part}", op=op, input=[f"{name}{item}" for item in inputs])
        types = {"T": INT, "dtype": FLOAT} if op == "RandomUniform" else {"T": FLOAT} if inputs else {}
        for key, kind in types.items():
            found.attr.add(key=key).value.type = kind
        return found

    start = "/Initializer/zeros"
    if limit is None:
        zeros = node(start, "Const")
        tensor(zeros, [0.0], shape, FLOAT)
        yield zeros
    else:
        start = "/Initializer/random_uniform"
        axes = node(f"{start}/shape", "Const")
        tensor(axes, list(shape), (len(shape),), INT)
        yield axes
        for part, value in (("/min", -limit), ("/max", limit)):
            number = node(start + part, "Const")
            tensor(number, [value], (), FLOAT)
            yield number
        yield node(f"{start}/RandomUniform", "RandomUniform", f"{start}/shape")
        yield node(f"{start}/sub", "Sub", f"{start}/max", f"{start}/min")
        yield node(f"{start}/mul", "Mul", f"{start}/RandomUniform", f"{start}/sub")
        yield node(start, "Add", f"{start}/mul", f"{start}/min")
    made = node("", "VariableV2")
    sizes = made.attr.add(key="shape").value.shape
    for size in shape:
        sizes.dim.add(size=size)
    made.attr.add(key="dtype").value.type = FLOAT
    yield made
    yield node("/Assign", "Assign", "", start)
    yield node("/read", "Identity", "")


def network(variables: int) -> bytes:
    """Dense layers of 64 by 64, one after the other."""
    meta = message_class("MetaGraphDef")()
    meta.meta_info_def.tensorflow_version = "1.15.5"
    nodes, collection = meta.graph_def.node, meta.collection_def.add(key="variables").value.bytes_list
    before = "x"
    nodes.add(name=before, op="Placeholder").attr.add(key="dtype").value.type = FLOAT
    for number in range(variables // 2):
        layer = f"layer{number}"
        for part, shape, limit in (("kernel", (64, 64), 0.21650635), ("bias", (64,), None)):
            name = f"{layer}/{part}"
            nodes.extend(variable(name, shape, limit))
            definition = message_class("VariableDef")(variable_name=f"{name}:0", initializer_name=f"{name}/Assign",
                                                      snapshot_name=f"{name}/read:0", trainable=True)  # fmt: skip
            collection.value.append(definition.SerializeToString())
        nodes.add(name=f"{layer}/MatMul", op="MatMul", input=[before, f"{layer}/kernel/read"])
        nodes.add(name=f"{layer}/BiasAdd", op="BiasAdd", input=[f"{layer}/MatMul", f"{layer}/bias/read"])
        before = f"{layer}/Relu"
        nodes.add(name=before, op="Relu", input=[f"{layer}/BiasAdd"])
        for node in nodes[-3:]:
            node.attr.add(key="T").value.type = FLOAT
    data: bytes = meta.SerializeToString()
    return data


def write(path: str, variables: int) -> None:
    """In a process of its own: what is started from a large one counts that one's memory as its own."""
    code = f"from benchmarks.graphs import network; open({path!r}, 'wb').write(network({variables}))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def write_hostile(path: str, case: str) -> int:
    """One of the graphs of a million nodes that the tests hold to 500 MB; returns the exit status that ends it."""
    code = (f"from tests.formats.graph.test_million import CASES; make, status = CASES[{case!r}]; "
            f"open({path!r}, 'wb').write(make()); print(status)")  # fmt: skip
    return int(subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.PIPE).stdout)


def cpu(command: list[str], ends: int = 0) -> tuple[float, int]:
    """Seconds of CPU time, the least of some runs, and the most memory that one took, in MB."""
    found = []
    for _ in range(RUNS):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if os.waitstatus_to_exitcode(status) != ends:
            raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
        found.append((usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024))
    return min(found)


def main() -> None:
    python = sys.argv[1] if len(sys.argv) > 1 else None
    with installed() as initport, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.meta")
        write(path, 2_000)
        convert = [*initport, "convert", path, "-o", os.devnull]
        rows = {
            "initport --version": [*initport, "--version"],
            "protobuf's parse": [sys.executable, "-c", PARSE.format(root=ROOT, path=path)],
            "the same, and each node's name, op and inputs": [sys.executable, "-c", NODES.format(root=ROOT, path=path)],
            "initport convert": convert,
        }
        if python is not None:
            rows["import tensorflow"] = [python, "-W", "ignore", "-c", IMPORT]
            rows["import_meta_graph"] = [python, "-W", "ignore", "-c", META_GRAPH.format(path=path)]
        for what, command in rows.items():
            print(f"{what}: {cpu(command)[0]:.2f} s", flush=True)
        for nodes in GROWTH:
            write(path, nodes // 8)
            seconds, memory = cpu(convert)
            _, message = cpu([sys.executable, "-c", PARSE.format(root=ROOT, path=path)])
            print(f"convert {nodes:,} nodes: {seconds:.2f} s, {memory} MB; the parse alone {message} MB", flush=True)
        for case in CASES:
            seconds, memory = cpu(convert, write_hostile(path, case))
            print(f"a million nodes, {case}: {seconds:.2f} s, {memory} MB", flush=True)


if __name__ == "__main__":
    main()
