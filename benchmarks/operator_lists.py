"""Reading a symbol of MXNet of 1,000 layers and an init net of Caffe2 of 5 MB, against parsing their bytes alone.

Run `python -m benchmarks.operator_lists`; processor time, the least of several runs, of reading alone and of whole
processes: `initport convert` against Python with click that parses the bytes. A net before training has operators that
draw; one that was saved after it has values.
"""

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.convert import compare, installed
from benchmarks.keras_config import READ
from initport.conversion import read
from initport.formats.caffe2.net_def import _net_class
from initport.formats.descriptors import file_descriptor
from initport.formats.proto_text import read_proto
from initport.grammar.files import grammar_file

RUNS = 7

PARSE = """
import sys, click
from google.protobuf import descriptor_pool, message_factory
pool = descriptor_pool.DescriptorPool()
pool.AddSerializedFile(open(sys.argv[2], "rb").read())
message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe2.NetDef")).FromString(open(sys.argv[1], "rb").read())
"""


def symbol(layers: int) -> bytes:
    """Convolutions, and normalizations behind them."""
    nodes: list[dict[str, Any]] = [{"op": "null", "name": "data", "inputs": []}]
    last = 0

    def add(op: str, name: str, inputs: list[int], **attrs: str) -> int:
        nodes.append(
            {"op": op, "name": name, "inputs": [[at, 0, 0] for at in inputs], **({"attrs": attrs} if attrs else {})}
        )
        return len(nodes) - 1

    for index in range(layers // 2):
        weight = add("null", f"stage{index}_conv_weight", [])
        conv = add(
            "Convolution", f"stage{index}_conv", [last, weight], num_filter="64", kernel="(3, 3)", no_bias="True"
        )
        statistics = [
            add("null", f"stage{index}_bn_{name}", []) for name in ("gamma", "beta", "moving_mean", "moving_var")
        ]
        last = add("BatchNorm", f"stage{index}_bn", [conv, *statistics], fix_gamma="False", eps="2e-05")
    return json.dumps({"nodes": nodes, "arg_nodes": [0], "heads": [[last, 0, 0]]}).encode()


def init_net(draws: int, values: int) -> bytes:
    """So many weights that are drawn, each with a bias, and so many values."""
    net = _net_class()(name="net")

    def fill(kind: str, name: str, shape: tuple[int, ...]) -> Any:
        op = net.op.add(type=kind, output=[name])
        op.arg.add(name="shape").ints.extend(shape)
        return op

    for index in range(draws):
        fill("XavierFill", f"res{index}_w", (64, 64, 3, 3))
        fill("ConstantFill", f"res{index}_b", (64,))
        net.op.add(type="Conv", input=[f"x{index}", f"res{index}_w", f"res{index}_b"], output=[f"x{index + 1}"])
    for index in range(values // 16384):
        given = fill("GivenTensorFill", f"given{index}", (128, 128))
        given.arg.add(name="values").floats.extend([0.5] * 16384)
    data: bytes = net.SerializeToString()
    return data


def least(run: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    times = []
    for _ in range(RUNS):
        gc.collect()
        begun = time.process_time()
        run()
        times.append(time.process_time() - begun)
    return min(times) * 1000


def main() -> None:
    cases: list[tuple[str, str, bytes, Callable[[bytes], object]]] = [
        ("symbol, 1,000 layers", "net-symbol.json", symbol(1000), json.loads),
        ("init net, 200 draws and values", "init_net.pb", init_net(100, 1_230_000), _net_class().FromString),
        ("init net, 26,000 draws", "init_net.pb", init_net(13000, 0), _net_class().FromString),
    ]
    for title, path, data, parse in cases:
        alone, whole = least(partial(parse, data)), least(partial(read, data, path=path))
        print(
            f"{title}, {len(data):,} bytes: parsed in {alone:.1f} ms, read in {whole:.1f} ms, {whole / alone:.1f} times"
        )
    with tempfile.TemporaryDirectory() as folder, installed() as initport:
        schema = Path(folder) / "schema"
        schema.write_bytes(file_descriptor(read_proto(grammar_file("caffe2.proto"))).SerializeToString())
        for title, name, data, _ in cases:
            file = Path(folder) / name
            file.write_bytes(data)
            program = READ if name.endswith("json") else PARSE
            compare(
                f"convert {title}",
                [*initport, "convert", str(file)],
                "parse",
                [sys.executable, "-c", program, str(file), str(schema)],
            )


if __name__ == "__main__":
    main()
