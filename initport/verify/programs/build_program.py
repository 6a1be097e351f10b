"""Build a model again and again, or read the tensors of a file, and summarize the weights.

Answers the requests of `initport.compare.port`. Needs numpy, and the model's framework; run as a program, or loaded by
`initport.testing`.
"""

import hashlib
import importlib.util
import inspect
import random
import sys
import time
import zipfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from serve import limit, merge, part, serve, summarize, with_data_edges  # type: ignore[import-not-found]

SIGNED = 24
"""First elements of a weight whose order distinguishes two draws: chance makes it equal once in 24! times."""


EMIT = Path(__file__).parents[2] / "emit"


@cache
def frameworks() -> dict[str, ModuleType]:
    """What is known of the models of each framework, by the name of the target."""
    files = sorted(EMIT.glob("targets/*/programs/models.py"))
    shared = {f"models_of_{_folder(file)}": file for file in EMIT.glob("*/programs/models.py")}
    sys.modules.update({name: _load(name, file) for name, file in shared.items()})  # which those of targets import
    try:
        return {_folder(file).replace("_", "-"): _load(f"models_of_{_folder(file)}", file) for file in files}
    finally:
        for name in shared:
            del sys.modules[name]


def _folder(file: Path) -> str:
    return file.parent.parent.name


def _load(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_model(value: Any) -> bool:
    return any(known.is_model(value) for known in frameworks().values())


def framework_of(model: Any) -> str:
    """The framework of a model."""
    for name, known in frameworks().items():
        if known.is_model(model):
            return name
    *titles, last = sorted(known.TITLE for known in frameworks().values())
    raise TypeError(
        f"the factory returned a {type(model).__name__}, which is not a model of {', '.join(titles)} or {last}"
    )


def weights_of(model: Any) -> list[dict[str, Any]]:
    """Name, shape, type and layer of every parameter, in the order of the model, and the ``tensor`` itself."""
    known = frameworks()[framework_of(model)]
    return [_weight(item, known.LAYERS) for item in known.weights_of(model)]


def _weight(item: tuple[str, str, Any, str, Any], layers: str) -> dict[str, Any]:
    name, home, value, dtype, owner = item
    kind = None if owner is None else _known(type(owner), layers)
    return {"name": name, "home": home, "shape": [int(size) for size in value.shape], "dtype": dtype, "tensor": value,
            "class": "" if kind is None else f"{kind.__module__}.{kind.__qualname__}"}  # fmt: skip


def _known(kind: type, layers: str) -> type:
    """The framework's own layer that a class is or derives from, if there is one."""
    own = (base for base in kind.__mro__ if base.__module__.startswith(layers))
    return next((base for base in own if base.__name__ not in ("Module", "Layer")), kind)


def array(value: Any) -> Any:
    return next((known.array(value) for known in frameworks().values() if known.is_weight(value)), value)


def seed_all(seed: int) -> None:
    """Whatever a factory may draw with."""
    random.seed(seed)
    np.random.seed(seed)
    for known in frameworks().values():
        known.seed(seed)


def build_model(make: Callable[..., Any], seed: int) -> Any:
    """What a factory makes, of a seed where it asks for one: as ``seed``, or as what a framework makes of it."""
    given: dict[str, Callable[[int], Any]] = {"seed": int}
    for known in frameworks().values():
        given.update(known.GIVEN)
    required = [
        parameter.name
        for parameter in _parameters(make)
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    unknown = [name for name in required if name not in given]
    if unknown:
        raise TypeError(
            f"the factory needs `{unknown[0]}`: give that a default, or write a factory that needs nothing but a seed, "
            f"called {' or '.join(given)}"
        )
    return make(**{name: given[name](seed) for name in required})


def _parameters(make: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        if isinstance(make, type):  # whose metaclass may hide what it takes
            return list(inspect.signature(make.__init__).parameters.values())[1:]  # type: ignore[misc]
        return list(inspect.signature(make).parameters.values())
    except (TypeError, ValueError):  # it has none to be seen
        return []


def seed_of(seed: int, number: int) -> int:
    """The seed of a build."""
    return seed + 7919 * number


def describe(model: Any) -> dict[str, Any]:
    weights = [{key: value for key, value in item.items() if key != "tensor"} for item in weights_of(model)]
    framework = framework_of(model)
    return {"framework": framework, "weights": weights, "before": frameworks()[framework].order(model)}


def signature(values: Any) -> Any:
    """Equal for equal draws, and for such as differ by a positive factor only."""
    flat = np.asarray(values).reshape(-1)
    head = flat[:SIGNED]
    if head.size < SIGNED or np.unique(head).size < SIGNED:
        return hashlib.blake2b(np.ascontiguousarray(flat).tobytes(), digest_size=16).hexdigest()
    return tuple(int(index) for index in np.argsort(head))


def off_orthogonal(values: Any, gain: float) -> float:
    """How far the rows or the columns are from orthogonal vectors of that length, relatively."""
    found = []
    for matrix in (values.reshape(values.shape[0], -1), values.reshape(-1, values.shape[-1])):
        matrix = matrix.astype(np.float64)
        short = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        product = short @ short.T / gain**2
        found.append(float(np.abs(product - np.eye(len(product))).max()))
    return min(found)


def measure(
    build: Callable[[int], list[Any]], request: Any, progress: Callable[[int, int], None], builds: int
) -> dict[str, Any]:
    """Summaries of the weights asked for, of as many builds as are needed."""
    wanted = request["weights"]
    ends = None if request.get("seconds") is None else time.monotonic() + request["seconds"]
    totals: list[Any] = [None] * len(wanted)
    edges: list[list[float]] = [weight["edges"] for weight in wanted]
    gram: list[float | None] = [None] * len(wanted)
    first: list[Any] = []
    repeated: list[int] = []
    done = 0
    while done < builds:
        seed_all(seed_of(request["seed"], done))
        arrays = [array(value) for value in build(done)]
        open_ones = 0
        signatures = [signature(values) for values in arrays] if done < 2 else []
        if done == 1:
            repeated = [i for i, (old, new) in enumerate(zip(first, signatures, strict=True)) if old == new]
            if all(index in repeated for index in {weight["index"] for weight in wanted if weight["draws"] > 1}):
                break  # the same again: nothing more is to be learnt
        if done == 0:
            first = signatures
        for number, weight in enumerate(wanted):
            total = totals[number]
            if total is not None and total["sums"][0] >= weight["draws"]:
                continue
            values = part(arrays[weight["index"]], weight["slices"])
            if done == 0 and weight["edges"]:
                edges[number] = with_data_edges(weight["edges"], values)
            totals[number] = merge(total, summarize(values, {**weight, "edges": edges[number]}))
            if weight.get("gain") and done < 2:
                off = off_orthogonal(values, weight["gain"])
                gram[number] = max(off, gram[number] or 0.0)
            open_ones += totals[number]["sums"][0] < weight["draws"]
        done += 1
        sizes = [max(1, total["sums"][0] // done) for total in totals]
        most = max((-(-weight["draws"] // size) for weight, size in zip(wanted, sizes, strict=True)), default=1)
        progress(done, max(done, min(int(most), builds)))
        if done >= 2 and open_ones == 0:
            break
        if ends is not None and time.monotonic() > ends:
            break
    found = [{**total, "edges": edge, "gram": off} for total, edge, off in zip(totals, edges, gram, strict=True)]
    return {"builds": done, "weights": found, "repeated": repeated, "alike": alike(first)}


def alike(signatures: list[Any]) -> list[list[int]]:
    """Indices of weights that hold the same draws."""
    groups: dict[Any, list[int]] = {}
    for index, value in enumerate(signatures):
        groups.setdefault(value, []).append(index)
    return [group for group in groups.values() if len(group) > 1]


class Factory:
    """``package.module:factory``, imported and called for each build."""

    def __init__(self) -> None:
        self.make: Callable[[int], Any] = _nothing
        self.model: Any = None
        self.names: list[str] = []

    def load(self, request: Any, progress: Callable[[int, int], None]) -> dict[str, Any]:
        limit(request["memory"])
        sys.path[:0] = request["path"]
        module, _, name = request["factory"].partition(":")
        found: Any = importlib.import_module(module)
        for attribute in name.split("."):
            found = getattr(found, attribute)
        self.make = partial(build_model, found)
        seed_all(request["seed"])
        self.model = self.make(request["seed"])
        described: dict[str, Any] = describe(self.model)
        self.names = [item["name"] for item in described["weights"]]
        return described

    def initialize(self, request: Any, progress: Callable[[int, int], None]) -> None:
        """From now on each build ends with the ``init_weights`` of an emitted module."""
        self.make, self.model = _with_initializer(self.make, request["text"], request["rename"]), None

    def weights(self) -> dict[str, Any]:
        """Those of the next build, by name."""
        model = self.model if self.model is not None else self.make(0)
        self.model = None
        return {item["name"]: array(item["tensor"]) for item in weights_of(model)}

    def measure(self, request: Any, progress: Callable[[int, int], None]) -> dict[str, Any]:
        def tensors(number: int) -> list[Any]:
            found = weights_of(self.make(seed_of(request["seed"], number)))
            if [item["name"] for item in found] != self.names:  # a tree of parameters may come in another order
                found.sort(key=lambda item: self.names.index(item["name"]))
            return [item["tensor"] for item in found]

        self.model = None
        return measure(tensors, request, progress, request["builds"])


def _nothing(seed: int) -> Any:
    raise TypeError("no factory was loaded")


def _with_initializer(make: Callable[[int], Any], text: str, rename: dict[str, str]) -> Callable[[int], Any]:
    """The factory, and after it the ``init_weights`` of an emitted module, its layers renamed."""
    namespace: dict[str, Any] = {}
    exec(compile(text, "<converted>", "exec"), namespace)

    def make_and_start(seed: int) -> Any:
        model = make(seed)
        return frameworks()[framework_of(model)].start(namespace["init_weights"], model, rename, seed)

    return make_and_start


def of_file(request: Any, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """The tensors of a file, whose places and types initport has read: {"offset", "dtype", "shape", "member"}."""
    limit(request["memory"])
    tensors = [_tensor(request["file"], item) for item in request["tensors"]]
    return measure(lambda number: tensors, request, progress, 1)


def _tensor(file: str, item: Any) -> Any:
    count = int(np.prod(item["shape"], dtype=np.int64))
    size = {"bfloat16": 2}.get(item["dtype"]) or np.dtype(item["dtype"]).itemsize
    if item.get("member") is not None:
        with zipfile.ZipFile(file) as archive, archive.open(item["member"]) as stream:
            stream.read(item["offset"])
            data = stream.read(count * size)
    else:
        with open(file, "rb") as stream:
            stream.seek(item["offset"])
            data = stream.read(count * size)
    if item["dtype"] == "bfloat16":
        values = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        values = np.frombuffer(data, item["dtype"])
    return values.reshape(item["shape"], order="F" if item.get("fortran") else "C")


if __name__ == "__main__":
    factory = Factory()
    serve({"load": factory.load, "initialize": factory.initialize, "measure": factory.measure, "file": of_file})
