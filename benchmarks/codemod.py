"""How fast the codemod is, as ratios: `python benchmarks/codemod.py DIRECTORY [--tf-upgrade PATH]`.

Baselines: reading all bytes of the tree and parsing (`ast.parse`) just the files that hold a trigger word; TensorFlow's
own `tf_upgrade_v2 --intree`, where its path is given; `python -c "import click"` for a file with nothing to change.
Times are CPU time of the process and its children, medians of several runs. Nothing is asserted.
"""

import argparse
import ast
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from initport.readers.python_source import reader
from initport.readers.python_source.versions import Versions
from initport.readers.python_source.vocabulary import names

RUNS = 5


def cpu(*command: str) -> float:
    """Seconds of CPU that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wall(*command: str) -> float:
    """Seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def median(measure: Callable[[], float], runs: int = RUNS) -> float:
    return statistics.median(measure() for _ in range(runs))


def parsing(directory: Path) -> float:
    """Seconds of CPU for reading every file and parsing those with a trigger word."""
    known = names(Versions())
    start = time.process_time()
    for path in directory.rglob("*.py"):
        data = path.read_bytes()
        if reader.triggered(data, known):
            ast.parse(data)
    return time.process_time() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("directory", type=Path)
    options.add_argument("--tf-upgrade", help="the path of tf_upgrade_v2")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    run = (sys.executable, "-m", "initport", "codemod", str(chosen.directory), "-q")
    tree = median(lambda: cpu(*run))
    baseline = median(lambda: parsing(chosen.directory))
    print(f"tree: {tree:.2f} s CPU, {tree / baseline:.2f} times reading and parsing ({baseline:.2f} s)")
    one, two = median(lambda: wall(*run)), median(lambda: wall(*run, "--jobs", "2"))
    print(f"two processes: {one / two:.2f} times faster ({one:.2f} s to {two:.2f} s, {os.cpu_count()} cores)")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.py"
        plain.write_text("x = 1\n")
        click = median(lambda: cpu(sys.executable, "-c", "import click"))
        single = median(lambda: cpu(sys.executable, "-m", "initport", "codemod", str(plain), "-q"))
        print(f"a file with nothing to change: {single / click:.2f} times importing click ({click * 1000:.0f} ms)")
        if chosen.tf_upgrade:
            upgrade = (chosen.tf_upgrade, "--intree", str(chosen.directory), "--outtree", f"{folder}/out")
            theirs = cpu(*upgrade, "--reportfile", f"{folder}/report.txt")
            print(f"tf_upgrade_v2: {theirs:.1f} s CPU, {theirs / tree:.1f} times as much")


if __name__ == "__main__":
    main()
