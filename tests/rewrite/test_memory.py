"""What a file takes of memory, against what Python's own parser takes for it: both as `tracemalloc` counts them, which
is the same in every run."""

import ast
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from initport.diagnostics import Code
from initport.project.options import MAX_FILE_SIZE
from initport.project.processes import Run, one, process

HEAD = "import tensorflow as tf\n"
SITE = "tf.get_variable('w', [3, 3], initializer=tf.random_normal_initializer(stddev=1, seed=1))"
FUNCTION = 'def f{n}(x, y=3):\n    a = [x, y, {n}, "text {n}"]\n    return a[0] + a[1] * {n}\n'


def functions(count: int) -> str:
    return "".join(FUNCTION.format(n=n) for n in range(count))


def within(source: str) -> str:
    return "".join(f"    {line}\n" for line in source.splitlines())


SHAPES: dict[str, Callable[[int], str]] = {
    "functions": lambda count: f"{HEAD}{functions(count)}w = {SITE}\n",
    "one class": lambda count: f"{HEAD}class A:\n{within(f'{functions(count)}w = {SITE}')}",
    "assignments": lambda count: HEAD + "".join(f"a{n} = [1, {n}, x.y(3)]\n" for n in range(2 * count)) + f"w = {SITE}",
    "one list": lambda count: f"{HEAD}x = [" + "[1, 2, x.y(3)],\n" * 2 * count + f"]\nw = {SITE}\n",
    "letters beyond ASCII": lambda count: f"{HEAD}{functions(count).replace('text', 'é')}w = {SITE}\n",
    "a site in each 30": lambda count: HEAD + f"{functions(30)}w = {SITE}\n" * (count // 30),
    "Python 2": lambda count: f"{HEAD}print 1\n{functions(count)}w = {SITE}\n",
    "one class in Python 2": lambda count: f"{HEAD}class A:\n{within(f'print 1{chr(10)}{functions(count)}w = {SITE}')}",
    "nothing to convert": lambda count: f"{HEAD}{functions(count)}w = f(tf.random_normal_initializer(stddev=a.b()))\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_takes_little_more_than_its_tree(shape: str) -> None:
    process(SHAPES[shape](30).encode(), "model.py", Run())  # what is remembered from run to run is remembered then
    data = SHAPES[shape](300).encode()
    parsed = data.replace(b"print 1", b"print(1)")
    assert _peak(lambda: process(data, "model.py", Run())) < 1.2 * _peak(lambda: ast.parse(parsed))


def test_a_file_that_is_too_large_takes_what_is_read_of_it(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(f"{HEAD}w = {SITE}\n")
    os.truncate(path, 50_000_000)
    found: list[Code] = []
    peak = _peak(lambda: found.extend(item.code for item in one(str(path), Run()).diagnostics))
    assert found == [Code.TOO_LARGE]
    assert peak < 2.5 * MAX_FILE_SIZE.default


def _peak(run: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
