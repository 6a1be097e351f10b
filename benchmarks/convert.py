"""How long initport takes as a whole process, and how much memory, against named baselines in the same run.

``python -m benchmarks.convert``: medians of 15 runs, the two sides of each pair in turn, and their ratio; of processor
time the least of each side, which a busy machine changes little. What runs is what pip installs from a wheel of this
source tree.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from initport.formats.caffe.binary_messages import file_descriptor
from initport.formats.caffe.schema import caffe

RUNS = 15
ROOT = Path(__file__).parent.parent
LENET = ROOT / "fixtures" / "convert" / "lenet" / "input.prototxt"

TEXT_FORMAT = """
import sys
from google.protobuf import descriptor_pool, message_factory, text_format
pool = descriptor_pool.DescriptorPool()
pool.AddSerializedFile(open(sys.argv[2], "rb").read())
net = message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.NetParameter"))()
text_format.Parse(open(sys.argv[1]).read(), net, allow_unknown_field=True)
"""


def resnet(layers: int) -> str:
    """A residual network of about that many layers: convolution, batch norm, scale, ReLU, and a sum every eighth."""
    parts = [
        'name: "ResNet" layer { name: "data" type: "Input" top: "b0" '
        "input_param { shape { dim: 1 dim: 3 dim: 224 dim: 224 } } }"
    ]
    block = """
layer { name: "conv%d" type: "Convolution" bottom: "b%d" top: "c%d"
  convolution_param { num_output: 64 kernel_size: 3 pad: 1 bias_term: false weight_filler { type: "msra" } } }
layer { name: "bn%d" type: "BatchNorm" bottom: "c%d" top: "c%d" batch_norm_param { use_global_stats: false } }
layer { name: "scale%d" type: "Scale" bottom: "c%d" top: "c%d" scale_param { bias_term: true } }
layer { name: "relu%d" type: "ReLU" bottom: "c%d" top: "c%d" }"""
    for index in range(layers * 2 // 9):
        parts.append(block % ((index,) * 12))
        top = f"b{index + 1}"
        if index % 2:
            sums = f'bottom: "c{index}" bottom: "b{index - 1}"'
            parts.append(f'layer {{ name: "sum{index}" type: "Eltwise" {sums} top: "{top}" }}')
        else:
            parts.append(f'layer {{ name: "split{index}" type: "Split" bottom: "c{index}" top: "{top}" }}')
    return "\n".join(parts)


@contextmanager
def installed() -> Iterator[list[str]]:
    """The command of an initport that is installed from a wheel, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*pip, "--target", folder, str(ROOT)], check=True)
        os.environ["PYTHONPATH"] = folder
        yield [sys.executable, "-P", "-m", "initport"]


class Run(NamedTuple):
    """Seconds on the clock and of processor time."""

    wall: float
    processor: float


def run(command: list[str]) -> Run:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    assert status < 2, f"{command} ends with {status}"  # 1: some weight was refused
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Run(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(command: list[str]) -> float:
    """The most memory that the process has at once, in MB."""
    ran = subprocess.run([sys.executable, "-c", _PEAK, *command], capture_output=True, text=True, check=True)
    return int(ran.stdout) / 1024


def compare(what: str, command: list[str], baseline: str, other: list[str]) -> None:
    """Print the medians of both commands and of their ratio, run by run, and the least processor times and memory."""
    run(command), run(other)
    pairs = [(run(command), run(other)) for _ in range(RUNS)]
    ratio = statistics.median(ours.wall / theirs.wall for ours, theirs in pairs)
    ours, theirs = (statistics.median(one.wall for one in side) for side in zip(*pairs, strict=True))
    least, beside = (min(one.processor for one in side) for side in zip(*pairs, strict=True))
    memory, other_memory = peak(command), peak(other)
    print(
        f"{what}: {ours * 1000:.0f} ms; {baseline}: {theirs * 1000:.0f} ms; ratio {ratio:.2f}; processor "
        f"{least * 1000:.0f} and {beside * 1000:.0f} ms, {least / beside:.2f}; memory {memory:.1f} and "
        f"{other_memory:.1f} MB, {memory / other_memory:.2f}"
    )


def main() -> None:
    with installed() as initport:
        measure(initport)


def measure(initport: list[str]) -> None:
    python = sys.executable
    click = [python, "-c", "import click"]
    compare("initport --version", [*initport, "--version"], "import click", click)
    compare("convert LeNet", [*initport, "convert", str(LENET)], "import click", click)
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(folder) / "schema"
        schema.write_bytes(file_descriptor(caffe()).SerializeToString())
        for layers in (1_000, 2_500, 5_000, 10_000):
            path = Path(folder) / f"{layers}.prototxt"
            path.write_text(resnet(layers), encoding="utf-8")
            what = f"convert {layers:,} layers"
            compare(
                what,
                [*initport, "convert", str(path)],
                "text_format.Parse",
                [python, "-c", TEXT_FORMAT, str(path), str(schema)],
            )


if __name__ == "__main__":
    main()
