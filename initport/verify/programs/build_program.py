"""Build a model again and again, or read the tensors of a file, and summarize the weights.

Answers the requests of `initport.compare.port`. Needs numpy, and the model's framework; run as a program, or loaded by
`initport.testing`.
"""

import hashlib
import importlib
import random
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import model_graph  # type: ignore[import-not-found]
import numpy as np
from serve import limit, merge, part, serve, summarize, with_data_edges  # type: ignore[import-not-found]

SIGNED = 24
"""First elements of a weight whose order tells two draws apart: chance makes it equal once in 24! times."""


def module_of(model: Any) -> str:
    """The framework of a model."""
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(model, keras.Model):
        return "keras"
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        return "torch"
    raise TypeError(f"the factory made a {type(model).__name__}, which is no model of PyTorch or Keras 3")


def weights_of(model: Any) -> list[dict[str, Any]]:
    """Name, shape, type and layer of every parameter, in the order of the model, and the ``tensor`` itself."""
    if module_of(model) == "torch":
        return list(_of_torch(model))
    if not model.built:
        raise TypeError("the model is not built: give it an input shape, or call it in the factory")
    return list(_of_keras(model, ""))


def _of_torch(model: Any) -> Iterator[dict[str, Any]]:
    """A parametrized weight is what its parametrization makes of it."""
    modules = dict(model.named_modules())
    seen: set[str] = set()
    for name, value in model.named_parameters():
        home, _, last = name.rpartition(".")
        before, parametrized, inside = f".{name}".partition(".parametrizations.")
        if parametrized:
            home, last = before[1:], inside.partition(".")[0]
            name, value = f"{home}.{last}".lstrip("."), getattr(modules[home], last)
        if name not in seen:
            seen.add(name)
            yield _weight(name, home, value, str(value.dtype).removeprefix("torch."), modules[home])


def _of_keras(layer: Any, prefix: str) -> Iterator[dict[str, Any]]:
    import keras

    seen: set[int] = set()
    for inner in layer.layers:
        if isinstance(inner, keras.Model):
            found = _of_keras(inner, f"{prefix}{inner.name}/")
        else:
            trained = {id(value) for value in inner.trainable_weights}
            found = (
                _weight(
                    f"{prefix}{inner.name}.{_path(value, inner)}", f"{prefix}{inner.name}", value, value.dtype, inner
                )
                for value in inner.weights
                if id(value) in trained or value.name not in ("moving_mean", "moving_variance", "seed_generator_state")
            )
        for weight in found:
            if id(weight["tensor"]) not in seen:
                seen.add(id(weight["tensor"]))
                yield weight


def _path(value: Any, layer: Any) -> str:
    """The variable's name, and that of a holder within the layer where one is known."""
    for holder in ("forward_layer", "backward_layer"):
        inner = getattr(layer, holder, None)
        if inner is not None and any(item is value for item in inner.weights):
            return f"{holder}.cell.{value.name}"
    inner = getattr(layer, "cell", None)
    if inner is not None and any(item is value for item in getattr(inner, "weights", ())):
        return f"cell.{value.name}"
    return str(value.name)


def _weight(name: str, home: str, value: Any, dtype: str, owner: Any) -> dict[str, Any]:
    kind = _known(type(owner))
    return {"name": name, "home": home, "shape": [int(size) for size in value.shape], "dtype": dtype, "tensor": value,
            "class": f"{kind.__module__}.{kind.__qualname__}"}  # fmt: skip


def _known(kind: type) -> type:
    """The framework's own layer that a class is or derives from, if there is one."""
    own = (base for base in kind.__mro__ if base.__module__.startswith(("torch.nn.modules.", "keras.")))
    return next((base for base in own if base.__name__ not in ("Module", "Layer")), kind)


def array(value: Any) -> Any:
    if hasattr(value, "detach"):
        value = value.detach()
        return value.float().cpu().numpy() if value.dtype.itemsize < 4 else value.cpu().numpy()
    if isinstance(value, np.ndarray):
        return value
    import keras

    return np.asarray(keras.ops.convert_to_numpy(value), dtype=np.float64 if value.dtype == "float64" else np.float32)


def seed_all(seed: int) -> None:
    """Whatever a factory may draw with."""
    random.seed(seed)
    np.random.seed(seed)
    for name in ("torch", "keras"):
        module = sys.modules.get(name)
        if module is None:
            continue
        if name == "torch":
            module.manual_seed(seed)
        else:
            module.utils.set_random_seed(seed)


def describe(model: Any) -> dict[str, Any]:
    weights = [{key: value for key, value in item.items() if key != "tensor"} for item in weights_of(model)]
    framework = module_of(model)
    before = model_graph.of_torch(model) if framework == "torch" else model_graph.of_keras(model)
    return {"framework": framework, "weights": weights, "before": before}


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
        seed_all(request["seed"] + 7919 * done)
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
        self.make: Callable[[], Any] | None = None
        self.model: Any = None

    def load(self, request: Any, progress: Callable[[int, int], None]) -> dict[str, Any]:
        limit(request["memory"])
        sys.path[:0] = request["path"]
        module, _, name = request["factory"].partition(":")
        found: Any = importlib.import_module(module)
        for attribute in name.split("."):
            found = getattr(found, attribute)
        self.make = found
        seed_all(request["seed"])
        self.model = found()
        return describe(self.model)

    def initialize(self, request: Any, progress: Callable[[int, int], None]) -> None:
        """From now on each build ends with the ``init_weights`` of an emitted module."""
        assert self.make is not None
        self.make, self.model = _with_initializer(self.make, request["text"], request["rename"]), None

    def weights(self) -> dict[str, Any]:
        """Those of the next build, by name."""
        model = self.model if self.model is not None else self.make()  # type: ignore[misc]
        self.model = None
        return {item["name"]: array(item["tensor"]) for item in weights_of(model)}

    def measure(self, request: Any, progress: Callable[[int, int], None]) -> dict[str, Any]:
        def build(number: int) -> list[Any]:
            if number or self.model is None:
                assert self.make is not None
                self.model = self.make()
            return [item["tensor"] for item in weights_of(self.model)]

        self.model = None
        return measure(build, request, progress, request["builds"])


def _with_initializer(make: Callable[[], Any], text: str, rename: dict[str, str] | None) -> Callable[[], Any]:
    """The factory, and after it the ``init_weights`` of an emitted module, its layers renamed."""
    namespace: dict[str, Any] = {}
    exec(compile(text, "<converted>", "exec"), namespace)

    def build() -> Any:
        model = make()
        namespace["init_weights"](model, rename)
        return model

    return build


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
