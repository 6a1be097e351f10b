"""How the codemod's time grows with its input, shape by shape: `python -m benchmarks.growth [SHAPE ...]`.

Every shape is measured at four sizes, in CPU time of a process of its own that a limit ends. The last column is the
growth a doubling of the size beyond linear, over the last step that was measured: 1.00 is linear, 2.00 quadratic.
CPython takes no expression and no chain of `elif` deeper than some thousands; such shapes are repeated instead.
"""

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping

SIZES = (300, 900, 2_700, 8_100)
LIMIT = 120
"""Seconds of CPU that one measurement may take."""

ALLOWED = 1.3
"""Growth a doubling beyond linear, at most."""

FLOOR = 0.01
"""Seconds below which a measurement counts as this."""

_TF = "import tensorflow as tf\n"
_SITE = "tf.random_normal_initializer(stddev={})"
_SITED = f"{_TF}w = tf.get_variable('w', [3, 3], initializer={_SITE.format(1)})\n"

Shape = Callable[[int], str]


def _lines(pattern: str, head: str = _TF, tail: str = "") -> Shape:
    return lambda size: head + "".join(pattern.format(n=n, m=n + 1) for n in range(size)) + tail


def _groups(of: int, group: Shape, head: str = _TF) -> Shape:
    """Groups of the deepest size that CPython or its tests take."""
    return lambda size: head + "".join(group(of) for _ in range(size // of))


def _elif(size: int) -> str:
    return "if a0:\n    import os\n" + "".join(f"elif a{n}:\n    import os{n}\n" for n in range(1, size))


def _tries(size: int) -> str:
    opened = (f"{'  ' * n}try:\n{'  ' * n}  import a{n}\n{'  ' * n}except ImportError:\n" for n in range(size))
    return "".join(opened) + f"{'  ' * size}import b\n"


def _diamonds(size: int) -> str:
    steps = (f"if c: a{n + 1} = a{n}\nelse: a{n + 1} = a{n}\n" for n in range(size))
    return f"{_TF}a0 = tf\n{''.join(steps)}x = a{size}.random_normal_initializer(stddev=1)\n"


def _sum(size: int) -> str:
    return f"w = tf.Variable({' + '.join(['tf.random_normal([3, 3])'] * size)})\n"


def _notebook(size: int) -> str:
    lines = [_TF, *(f"a{n} = {_SITE.format(n + 1)}\n" for n in range(size))]
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": lines,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _long_line(size: int) -> str:
    return f"{_SITED}x = [{'1, ' * (100 * size // 3)}]\n{_SITED}"


def _defaults(size: int) -> str:
    given = ", ".join(f"p{n}={_SITE.format(n + 1)}" for n in range(size))
    used = "".join(f"    tf.get_variable('w', [3, 3], initializer=p{n})\n" for n in range(size))
    return f"{_TF}def f({given}):\n{used}"


def _bounds(size: int) -> str:
    one = (
        "b{n} = np.sqrt(6. / (n_in{n} + n_out))\nw{n} = tf.Variable(tf.random_uniform([n_in{n}, n_out], -b{n}, b{n}))\n"
    )
    return f"{_TF}import numpy as np\n" + "".join(one.format(n=n) for n in range(size))


def _each(pattern: str, size: int) -> str:
    return "".join(pattern.format(n=n) for n in range(size))


def _values(pattern: str, size: int, tail: str = "", head: str = _TF) -> str:
    return head + "".join(pattern.format(_SITE.format(n + 1)) for n in range(size)) + tail


SHAPES: Mapping[str, Shape] = {
    "sites, one a line": _lines("a{n} = tf.random_normal_initializer(stddev={m})\n"),
    "if/elif of imports only": _groups(300, _elif, head=""),
    "nested try/except ImportError": _groups(30, _tries, head=""),
    "alias diamonds": _diamonds,
    "chain of names": _lines("a{m} = a{n}\n", f"{_TF}a0 = tf.random_normal_initializer\n", "x = a0(stddev=1)\n"),
    "chain of values": _lines("a{m} = a{n}\n", f"{_TF}a0 = tf.random_normal([3, 3])\n", "w = tf.Variable(a9)\n"),
    "sites on one line": lambda size: f"{_TF}x = [{', '.join(_SITE.format(n + 1) for n in range(size))}]\n",
    "statements on one line": _lines("a{n} = tf.random_normal_initializer(stddev={m});"),
    "defaults of one function": _defaults,
    "rebindings": _lines("w = tf.random_normal_initializer(stddev={m})\ntf.get_variable('w', [3], initializer=w)\n"),
    "rebindings in a function": lambda size: _lines(
        "    w = tf.random_normal_initializer(stddev={m})\n    tf.get_variable('w', [3], initializer=w)\n",
        f"{_TF}def f():\n",
    )(size),
    "rebound draws": _lines("w = tf.random_normal([3, {m}])\nv = tf.Variable(w)\n"),
    "sums in one Variable": _groups(300, _sum),
    "bounds by hand": _bounds,
    "class methods": lambda size: _lines(
        "    def f{n}(self):\n        self.w{n} = tf.Variable(self.d{n}())\n"
        "    def d{n}(self):\n        return tf.random_normal([3, 3])\n",
        f"{_TF}class A:\n",
    )(size),
    "attributes": lambda size: _lines(
        "    def f{n}(self):\n        self.w{n} = tf.random_normal_initializer(stddev={m})\n"
        "        tf.get_variable('w', [3, 3], initializer=self.w{n})\n",
        f"{_TF}class A:\n",
    )(size),
    "one name for many": lambda size: _values("i = {}\n", size, "j = i\n") + _each("g{n}(j)\n", size),
    "one attribute for many": lambda size: (
        _values("    self.i = {}\n", size, head=f"{_TF}class A:\n  def f(self):\n") + _each("    g{n}(self.i)\n", size)
    ),
    "returns of one function": lambda size: (
        _values("  if c: return {}\n", size, head=f"{_TF}def f():\n") + _each("g{n}(f())\n", size)
    ),
    "calls of one function": _lines(
        "f({m}.)\n", f"{_TF}def f(s):\n    return tf.Variable(tf.random_normal([3, 3], stddev=s))\n"
    ),
    "strings given by name": _lines(
        "k{n} = 'glorot_normal'\nDense(3, kernel_initializer=k{n})\n", "from keras.layers import Dense\n"
    ),
    "one string for all": _lines(
        "Dense({m}, kernel_initializer=k)\n", "from keras.layers import Dense\nk = 'glorot_normal'\n"
    ),
    "Python 2 prints": _lines("print {n}\n", _SITED),
    "Python 2 the rest": _lines("exec 'a' in {{}}, {{}}\nx = `{n}`\n", _SITED),
    "Python 2 tuples": _lines("def f{n}((a, b), c):\n    pass\n", _SITED),
    "notebook strings": _notebook,
    "a long line": _long_line,
    "comments on one line": lambda size: f"{_SITED}# {'random_normal_initializer ' * size}\n",
    "ignore comments": _lines("a{n} = tf.random_normal_initializer(stddev={m})  # initport: ignore\n"),
    "keywords of one call": lambda size: f"{_TF}f({', '.join(f'a{n}={_SITE.format(n + 1)}' for n in range(size))})\n",
    "dict of initializers": lambda size: (
        f"{_TF}d = {{{', '.join(f'{n}: {_SITE.format(n + 1)}' for n in range(size))}}}\n"
    ),
    "nested functions": _groups(
        30,
        lambda size: (
            "".join(f"{' ' * n}def f{n}():\n" for n in range(size))
            + f"{' ' * size}w = tf.random_normal_initializer(stddev=1)\n"
        ),
    ),
    "spread dicts": _lines("d{n} = dict(stddev={m}.)\na{n} = tf.random_normal_initializer(**d{n})\n"),
    "arg_scope": _lines(
        "with slim.arg_scope([slim.conv2d], weights_initializer=tf.random_normal_initializer(stddev={m})):\n"
        "    slim.conv2d(x, {m}, 3)\n",
        f"{_TF}slim = tf.contrib.slim\n",
    ),
}


def measured(shape: str, size: int) -> float:
    """Seconds of CPU for the codemod on one text, once what is read once is read."""
    from initport.project.processes import Run, process

    text = SHAPES[shape](size).encode()
    path = "model.ipynb" if text.startswith(b"{") else "model.py"
    process(_SITED.encode(), "model.py", Run())
    process(b"import tensorflow as tf\nprint 1\nw = tf.Variable(tf.random_normal([3]))\n", "model.py", Run())
    start = time.process_time()
    outcome = process(text, path, Run())
    taken = time.process_time() - start
    failed = [item.detail for item in outcome.diagnostics if item.code.value in ("IP204", "IP205", "IP222")]
    if failed:
        print(f"{shape} of {size}: {failed[0]}", file=sys.stderr)
    return taken


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))


def rows(shapes: list[str]) -> Iterator[tuple[str, list[float | None], float | None]]:
    """A shape's times, None beyond the limit, and its growth."""
    for shape in shapes:
        times: list[float | None] = []
        for size in SIZES:
            command = (sys.executable, "-m", "benchmarks.growth", "--one", shape, str(size))
            run = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=_limited, check=False
            )
            if run.returncode == -signal.SIGXCPU or run.returncode == -signal.SIGKILL:
                times.append(None)
                break
            times.append(float(run.stdout) if run.returncode == 0 else float("nan"))
        last = [value for value in times if value is not None][-2:]
        doublings = 1.585  # log2(3)
        growth = (
            (max(last[1], FLOOR) / max(last[0], FLOOR) / 3) ** (1 / doublings)
            if len(last) == 2 and None not in times
            else None
        )
        yield shape, times, growth


def main() -> None:
    match sys.argv[1:]:
        case ["--one", shape, size]:
            print(measured(shape, int(size)))
        case chosen:
            print(f"{'shape':32}{''.join(f'{size:>9}' for size in SIZES)}  a doubling")
            for shape, times, growth in rows(chosen or list(SHAPES)):
                shown = "".join(f"{'>limit' if value is None else f'{value:.3f}':>9}" for value in times)
                verdict = "?" if growth is None else f"{growth:.2f}"
                over = "" if growth is not None and growth <= ALLOWED else "  <- more than linear"
                print(f"{shape:32}{shown:36}{verdict:>12}{over}", flush=True)


if __name__ == "__main__":
    main()
