"""How fast the codemod is, as ratios: `python -m benchmarks.codemod DIRECTORY [--before PATH] [--tf-upgrade PATH]`.

With `--both-ways`, nothing is measured: every file goes through the codemod as it is, and once more with every file
parsed whole, its result too, and every word looked for. The files are counted of which that makes a difference.

DIRECTORY is a tree of Python files, such as that in the wheel of TensorFlow 1.15.5. Baselines: reading all bytes of the
tree and parsing (`ast.parse`) just the files that hold a trigger word, which are known before the clock starts; one
process, for two; TensorFlow's own `tf_upgrade_v2 --intree`, where its path is given; `python -c "import click"` for a
file with nothing to change; and another build (its source tree), where that is given, for the tree and for files that
change. Times are CPU time of the process and its children, but for two processes, where it is the
time that passes. Each is measured in turn with its baseline, several times; the medians count. Nothing is asserted.
"""

import argparse
import ast
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

from initport.grammar.versions import Versions
from initport.project.processes import Run, one
from initport.python import module_sites as reader
from initport.python.evidence import evidence
from initport.python.vocabulary import names

RUNS = 5


def cpu(*command: str, source: str = "") -> float:
    """Seconds of CPU that a command takes, with the packages of another source tree where one is given."""
    environment = {**os.environ, "PYTHONPATH": source} if source else None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wall(*command: str) -> float:
    """Seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def medians(*measures: Callable[[], float]) -> list[float]:
    """Each measured in turn, so that what else the machine does falls on all alike."""
    rounds = [[measure() for measure in measures] for _ in range(RUNS)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def triggered(directory: Path) -> frozenset[Path]:
    """The files that hold a trigger word."""
    known = names(Versions())
    return frozenset(path for path in directory.rglob("*.py") if reader.has_trigger(path.read_bytes(), known))


def parsing(directory: Path, chosen: frozenset[Path]) -> float:
    """Seconds of CPU for reading every file and parsing the chosen ones."""
    start = time.process_time()
    for path in directory.rglob("*.py"):
        data = path.read_bytes()
        if path in chosen:
            ast.parse(data)
    return time.process_time() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("directory", type=Path)
    options.add_argument("--before", default="", help="the source tree of another build")
    options.add_argument("--tf-upgrade", help="the path of tf_upgrade_v2")
    options.add_argument("--both-ways", action="store_true", help="compare with what parsing everything gives")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    if chosen.both_ways:
        for target in ("keras", "torch"):
            paths = sorted(map(str, chosen.directory.rglob("*.py")))
            run = Run(target=target, roots=(str(chosen.directory),))
            different = [path for path in paths if is_different(path, run)]
            print(f"{target}: {len(paths)} files, {len(different)} different", *different, sep="\n  ")
        return
    _tree(chosen.directory, chosen.before)
    with tempfile.TemporaryDirectory() as folder:
        _single(Path(folder))
        _changed(Path(folder), chosen.before)
        if chosen.tf_upgrade:
            _upgrade(chosen.directory, chosen.tf_upgrade, Path(folder))


@contextmanager
def everything_parsed() -> Iterator[None]:
    """Within, no file is left unread, no text unparsed, no word aside, and of no result a part."""
    instead = {
        "project.processes._may_report": lambda *_: True,
        "python.evidence._may_show": lambda *_: True,
        "python.module_sites.may_hold": lambda *_: True,
        "python.module_sites.reaches_any": lambda *_: True,
        "python.module_sites.reaches_site": lambda *_: True,
        "python.vocabulary._words_of": lambda names, _: names.words | names.drawing,
        "rewrite.file.may_hold_any": lambda *_: True,
        "python.implicit.may_reach": lambda *_: True,
        "rewrite.file.may_reach": lambda *_: True,
        "rewrite.apply.skeleton": lambda text, _: reader.parse(text.content),
    }
    with ExitStack() as stack:
        for name, function in instead.items():
            stack.enter_context(patch(f"initport.{name}", function))
        evidence.cache_clear()
        yield
    evidence.cache_clear()


def is_different(path: str, run: Run) -> bool:
    """Whether what the codemod makes of a file, or finds in it, is not what it does when everything is parsed. What
    needs no change is counted only where a file is parsed."""
    quick = one(path, run)
    with everything_parsed():
        whole = one(path, run)
    return (quick.after, quick.findings) != (whole.after, whole.findings)


def _codemod(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", "initport", "codemod", "-q", "--no-cache", *arguments)


def _tree(directory: Path, before: str) -> None:
    run, chosen = _codemod(str(directory)), triggered(directory)
    alone = (*run, "--jobs", "1")
    tree, baseline, other = medians(
        lambda: cpu(*alone), lambda: parsing(directory, chosen), lambda: cpu(*alone, source=before) if before else 0.0
    )
    print(f"tree: {tree:.2f} s CPU, {tree / baseline:.2f} times reading and parsing ({baseline:.2f} s)")
    if before:
        print(f"tree: {tree / other:.2f} times the other build ({other:.2f} s)")
    one, two, both = medians(
        lambda: wall(*alone), lambda: wall(*run, "--jobs", "2"), lambda: cpu(*run, "--jobs", "2") / tree
    )
    print(f"two processes: {one / two:.2f} times faster ({one:.2f} s to {two:.2f} s, {os.cpu_count()} cores), with "
          f"{both:.2f} times the CPU time")  # fmt: skip


MODERN = "import keras\nstart = keras.initializers.GlorotUniform(seed=1)\n"


def _single(folder: Path) -> None:
    """Files in which there is nothing to change, without and with an initializer."""
    for name, text in (("plain", "x = 1\n"), ("modern", MODERN)):
        path = folder / f"{name}.py"
        path.write_text(text)
        single, click = medians(partial(cpu, *_codemod(str(path))), partial(cpu, sys.executable, "-c", "import click"))
        print(f"a {name} file: {single / click:.2f} times importing click ({click * 1000:.0f} ms)")


LEGACY = """import tensorflow as tf

first = tf.layers.dense(x, 8, kernel_initializer=tf.contrib.layers.xavier_initializer())
second = tf.get_variable("w", [3, 4], initializer=tf.truncated_normal_initializer(stddev=0.1, seed=1))
"""


def _changed(folder: Path, before: str) -> None:
    """CPU time that each further file that changes takes, and of one alone, which imports LibCST."""
    several = folder / "several"
    several.mkdir()
    for index in range(200):
        (several / f"{index}.py").write_text(f"{LEGACY}\nnumber = {index}\n")
    (folder / "one.py").write_text(LEGACY)
    for target in ("keras", "torch"):
        many = _codemod("--to", target, "--jobs", "1", "--source-version", "tf=1.15", str(several))
        one = _codemod("--to", target, "--source-version", "tf=1.15", str(folder / "one.py"))
        sources = ("", before) if before else ("",)
        found = medians(*(partial(cpu, *item, source=source) for source in sources for item in (many, one)))
        each = [(found[index] - found[index + 1]) / 199 for index in range(0, len(found), 2)]
        ratio = f", {each[0] / each[1]:.2f} times the other build" if before else ""
        print(f"a changed file ({target}): {each[0] * 1000:.2f} ms each, {found[1] * 1000:.0f} ms alone{ratio}")


def _upgrade(directory: Path, program: str, folder: Path) -> None:
    copy = folder / "in"
    shutil.copytree(directory, copy)
    for crashing in copy.rglob("keras/datasets/cifar10.py"):
        crashing.unlink()
    ours = cpu(*_codemod(str(copy)))
    theirs = cpu(program, "--intree", str(copy), "--outtree", str(folder / "out"), "--reportfile", f"{folder}/report")
    print(f"tf_upgrade_v2: {theirs:.1f} s CPU, {theirs / ours:.1f} times the codemod's {ours:.2f} s")


if __name__ == "__main__":
    main()
