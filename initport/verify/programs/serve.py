"""What the programs share: the exchange with initport, one line of JSON each way, and the summary of drawn values.

Needs numpy. Anything that the frameworks or a model print goes to stderr, so that stdout holds answers only.
"""

import json
import os
import runpy
import sys
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

CHUNK = 2**20
"""Elements that are summed at once."""

DATA_EDGES = 32
"""Quantiles of the first values that are added to the edges asked for."""


def limit(memory: int | None) -> None:
    """Let the data of this process take no more than that many bytes, where the system can hold it to that."""
    if memory is None:
        return
    try:
        import resource
    except ImportError:  # not on this system
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def serve(handlers: dict[str, Callable[[Any, Callable[[int, int], None]], Any]]) -> None:
    """Answer requests until stdin ends: ``{"do": name, "with": argument}`` with ``{"answer": ...}`` or ``{"error":
    ...}``, and before it any number of ``{"progress": [done, of]}``."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def put(line: dict[str, Any]) -> None:
        json.dump(line, out)
        out.write("\n")
        out.flush()

    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = handlers[request["do"]](request["with"], lambda done, of: put({"progress": [done, of]}))
        except BaseException as error:
            message = "it needs more memory than it may have" if isinstance(error, MemoryError) else str(error)
            put({"error": f"{type(error).__name__}: {message}"})
            if not isinstance(error, Exception):
                raise
            import traceback

            traceback.print_exc()
        else:
            put({"answer": answer})


def summarize(values: Any, wanted: Any) -> dict[str, Any]:
    """Power sums about ``center``, extremes, exact zeros, values outside ``low`` to ``high``, and how many values lie
    up to each of the ``edges``; ``slack`` is what the type of the values rounds, relatively."""
    flat = np.asarray(values).reshape(-1)
    edges = np.asarray(wanted["edges"], dtype=np.float64)
    low, high = (np.nan if bound is None else bound for bound in (wanted["low"], wanted["high"]))
    slack = wanted.get("slack", 1e-6) * np.nanmax([abs(low), abs(high), 0.0])
    sums = [0, 0.0, 0.0, 0.0, np.inf, -np.inf, 0, 0]
    counts = np.zeros(len(edges) + 1, dtype=np.int64)
    for start in range(0, flat.size, CHUNK):
        chunk = flat[start : start + CHUNK].astype(np.float64)
        centered = chunk - wanted["center"]
        squares = centered * centered
        outside = (chunk < low - slack) | (chunk > high + slack)
        found: list[Any] = [chunk.size, centered.sum(), squares.sum(), (squares * squares).sum(),
                            chunk.min(), chunk.max(), (chunk == 0).sum(), outside.sum()]  # fmt: skip
        sums = merge_sums(sums, [float(value) for value in found])
        if len(edges):
            counts += np.bincount(np.searchsorted(edges, chunk), minlength=len(edges) + 1)
    return {"sums": sums, "counts": np.cumsum(counts[:-1]).tolist()}


def merge_sums(old: list[Any], new: list[Any]) -> list[Any]:
    total = [a + b for a, b in zip(old, new, strict=True)]
    total[4], total[5] = min(old[4], new[4]), max(old[5], new[5])
    return total


def merge(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The summary of both."""
    if old is None:
        return new
    counts = [a + b for a, b in zip(old["counts"], new["counts"], strict=True)]
    return {"sums": merge_sums(old["sums"], new["sums"]), "counts": counts}


def with_data_edges(edges: list[float], values: Any) -> list[float]:
    """The edges and quantiles of these values: there, laws other than the expected one differ from each other."""
    flat = np.asarray(values).reshape(-1)[:CHUNK].astype(np.float64)
    flat = flat[np.isfinite(flat)]
    quantiles = np.quantile(flat, np.linspace(0.01, 0.99, DATA_EDGES)).tolist() if flat.size else []
    return sorted({*edges, *quantiles})


def part(values: Any, slices: Any) -> Any:
    """The slices that are asked for, each one of the parts along an axis: (axis, index, number), or the places where
    the parts end instead of the number where they are not equal."""
    for axis, index, number in slices:
        values = np.array_split(values, number, axis)[index]
    return values


def code_key(function: Any) -> Any:
    """Equal only for functions that do the same: the code, its constants and names, and what it closes over."""
    code = getattr(function, "__code__", None)
    if code is None or function.__closure__ or function.__defaults__ or function.__kwdefaults__:
        return ("object", id(function))
    return ("code", code.co_code, repr(code.co_consts), code.co_names, code.co_varnames)


BATCH = 2**18
"""Elements that are drawn, at most, before they are summed."""


class Target(Protocol):
    """What a program knows of an emitted module, once it has run it on a stub of a model."""

    def start(self, weight: Any) -> Any:
        """What a weight of the stub was started at, as an array."""

    def function(self, weight: Any) -> Any:
        """What started it."""

    def key_of(self, function: Any) -> Any:
        """Equal only for functions that draw alike."""

    def draw(self, function: Any, weight: Any) -> Any:
        """Another draw, independent of all before, as an array."""


def measuring(backend: str, run: Callable[[Any, dict[str, Any]], Target]) -> Callable[[Any, Any], Any]:
    """The handler that answers `initport.verify.measure`: ``run`` gets a job and the namespace of its module."""

    def measure(request: Any, progress: Callable[[int, int], None]) -> Any:
        limit(request["memory"])
        of = sum(len(job["weights"]) for job in request["jobs"])
        pools: dict[Any, Any] = {}
        answers: list[list[Any]] = []
        for job in request["jobs"]:
            namespace: dict[str, Any] = {}
            exec(compile(job["text"], job["path"], "exec"), namespace)
            target = run(job, namespace)
            answers.append([])
            for weight in job["weights"]:
                answers[-1].append(_answer(target, weight, pools))
                progress(sum(map(len, answers)), of)
        return {"backend": backend, "jobs": answers}

    return measure


def _answer(target: Target, weight: Any, pools: dict[Any, Any]) -> Any:
    """The summary of a weight's own start, and that of the draws of all weights that start alike."""
    own = summarize(part(target.start(weight), weight["slices"]), weight)
    function = target.function(weight)
    asked = [weight[name] for name in ("shape", "slices", "center", "low", "high", "edges", "draws")]
    key = (target.key_of(function), json.dumps(asked))
    if key not in pools:
        pools[key] = _pool(target, function, weight, own)
    return {"own": own, "pool": pools[key]}


def _pool(target: Target, function: Any, weight: Any, total: Any) -> Any:
    size = total["sums"][0]
    while total["sums"][0] < weight["draws"]:
        number = min(max(1, BATCH // size), -(-(weight["draws"] - total["sums"][0]) // size))
        drawn = [np.array(part(target.draw(function, weight), weight["slices"])) for _ in range(int(number))]
        total = merge(total, summarize(np.stack(drawn), weight))
    return total


if __name__ == "__main__":  # so that a program finds this file, wherever it lies itself
    runpy.run_path(sys.argv[1], run_name="__main__")
