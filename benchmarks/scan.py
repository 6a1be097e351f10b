"""How many rows a second `initport scan` does: in one process, in two, and on a Ray cluster of two nodes.

``python -m benchmarks.scan [--rows 200000] [--runs 5] [--engine local-1 ...]`` writes a corpus of so many rows: Python
files of the packages that are installed here, the same at each size, and generated ones. The engines take turns. It
prints medians: rows a second of wall-clock time and of processor time, and the peak of the largest process, at a tenth
of the rows and at all; the ratio of the engines, run by run; and what a part costs beside its rows. Needs pyarrow, and
Ray for its part (extra ``ray``).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parent.parent
GROUP = 1000
"""Rows of a row group, which is a part of a scan."""

LEGACY = """import tensorflow as tf


def block_{n}(x, units={units}):
    w = tf.get_variable("w{n}", [{units}, units], initializer=tf.contrib.layers.xavier_initializer())
    return tf.nn.relu(tf.matmul(x, w))


"""
KERAS = """from keras.layers import Dense


def head_{n}(x):
    return Dense({units}, kernel_initializer="glorot_uniform", bias_initializer="zeros")(x)


"""
MODERN = """import torch


def start_{n}(layer):
    torch.nn.init.xavier_uniform_(layer.weight)
    return layer.weight.sum() * {units}


"""
PLAIN = """def total_{n}(values, start={units}):
    for index, value in enumerate(values):
        start += value * (index % 7)
    return start


"""
KINDS = (LEGACY, *[PLAIN] * 19, KERAS, *[PLAIN] * 19, MODERN, *[PLAIN] * 19)


HEAD = "| engine | rows | runs | rows a second | rows a second of CPU | largest process |"


class Measured(NamedTuple):
    """Seconds of wall-clock and of processor time (None where that is spread over a cluster), and MiB of the largest
    process."""

    wall: float
    cpu: float | None = None
    peak: float | None = None


def files() -> Iterator[tuple[str, str]]:
    """Those of the packages that are installed beside pyarrow, in an order that is always the same."""
    top = Path(pa.__file__).parent.parent
    for path in sorted(top.rglob("*.py")):
        try:
            yield str(path.relative_to(top)), path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue


def generated() -> Iterator[tuple[str, str]]:
    """Without end: of sixty files one has legacy initializers, one those of Keras, one those of PyTorch; all differ."""
    number = 0
    while True:
        kind = KINDS[number % len(KINDS)]
        parts = (kind.format(n=number * 10 + part, units=8 + number % 500) for part in range(1 + number % 9))
        yield f"generated/{number}.py", "".join(parts)
        number += 1


def corpus(path: Path, number: int, installed: int) -> int:
    """Write that many rows, so many of which are from installed packages; returns the bytes of their content."""
    schema, size = pa.schema([("path", pa.string()), ("content", pa.string())]), 0
    found = islice(files(), installed)
    made = generated()

    def rows() -> Iterator[tuple[str, str]]:
        for _ in range(number):
            yield next(made)
            if (file := next(found, None)) is not None:
                yield file

    chosen = islice(rows(), number)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(chosen, GROUP)):
            size += sum(len(text) for _, text in group)
            writer.write_table(pa.table({"path": [name for name, _ in group], "content": [text for _, text in group]}))
    return size


def local(source: Path, out: Path, jobs: int) -> Measured:
    """The command, in so many processes."""
    command = [sys.executable, "-P", "-m", "initport", "scan", str(source), "-o", str(out), "-q", "--jobs", str(jobs)]
    start = time.perf_counter()
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    assert process.returncode == 0
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def on_ray(source: Path, out: Path) -> Measured:
    """The library's function, once the cluster is there and its workers have imported what they need."""
    from initport.scan.corpus import scan

    start = time.perf_counter()
    found = scan([str(source)], str(out), settings={}, engine="ray")
    assert found.exit_code == 0
    return Measured(time.perf_counter() - start)


ENGINES: Mapping[str, Callable[[Path, Path], Measured]] = {
    "local-1": partial(local, jobs=1),
    "local-2": partial(local, jobs=2),
    "ray-2": on_ray,
}


def per_part(top: Path, engines: Sequence[str], number: int = 500) -> Iterator[tuple[str, float]]:
    """What is done for each part, in milliseconds, measured on parts of one row, in which there is nothing to find."""
    from initport.scan.corpus import scan
    from initport.scan.sources import plan

    source = top / "parts.parquet"
    pq.write_table(pa.table({"path": ["x.py"] * number, "content": ["x = 1\n"] * number}), source, row_group_size=1)

    def milliseconds(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return (time.perf_counter() - start) * 1000 / number

    yield "planned", milliseconds(lambda: list(plan([str(source)])))
    out = top / "parts"
    done = partial(scan, [str(source)], str(out), settings={})
    yield "worked on by one process", milliseconds(done)
    yield "found done, when resumed", milliseconds(done)
    if "ray-2" in engines:
        shutil.rmtree(out)
        yield "worked on by Ray", milliseconds(partial(done, engine="ray"))


class Cluster:
    """Two nodes of a processor each."""

    def __enter__(self) -> None:
        import ray
        from ray.cluster_utils import Cluster

        os.environ["PYTHONPATH"] = str(ROOT)
        self.found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        self.found.add_node(num_cpus=1)
        ray.init(address=self.found.address, logging_level="ERROR", log_to_driver=False)

    def __exit__(self, *_: object) -> None:
        import ray

        ray.shutdown()
        self.found.shutdown()


def show(title: str, rows: int, runs: list[Measured]) -> None:
    wall = statistics.median(run.wall for run in runs)
    known = [(run.cpu, run.peak) for run in runs if run.cpu is not None and run.peak is not None]
    cpu, peak = (statistics.median(side) for side in zip(*known, strict=True)) if known else (None, None)
    print(f"| {title} | {rows:,} | {len(runs)} | {rows / wall:,.0f} | {'-' if cpu is None else f'{rows / cpu:,.0f}'} | "
          f"{'-' if peak is None else f'{peak:,.0f} MiB'} |", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    asked = parser.parse_args()
    engines = asked.engine or [*ENGINES]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        top = Path(folder)
        if "ray-2" in engines:
            stack.enter_context(Cluster())
        print(f"{HEAD}\n{'|---' * (HEAD.count('|') - 1)}|")
        for number in (asked.rows // 10, asked.rows):
            source, out = top / f"{number}.parquet", top / "out"
            size = corpus(source, number, asked.rows // 30)
            found: dict[str, list[Measured]] = {engine: [] for engine in engines}
            for run in range(asked.runs + 1):
                for engine in engines:
                    shutil.rmtree(out, ignore_errors=True)
                    measured = ENGINES[engine](source, out)
                    if run:  # the first fills the caches of the disk, and starts Ray's workers
                        found[engine].append(measured)
            for engine, runs in found.items():
                show(engine, number, runs)
            for one, other in pairwise(engines):
                ratio = statistics.median(a.wall / b.wall for a, b in zip(found[one], found[other], strict=True))
                print(f"{number:,} rows: {other} does {ratio:.2f} of {one}", file=sys.stderr)
            written = sum(path.stat().st_size for path in out.iterdir())
            print(f"a row: {size / number:,.0f} bytes of text, {source.stat().st_size / number:,.0f} in Parquet, "
                  f"{written / number:,.0f} written", file=sys.stderr)  # fmt: skip
        for what, milliseconds in per_part(top, engines):
            print(f"a part is {what}: {milliseconds:.2f} ms", file=sys.stderr)


if __name__ == "__main__":
    main()
