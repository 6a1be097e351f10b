"""Emitted modules on models of the libraries on JAX: `python -m benchmarks.jax_models [DIRECTORY] [--networks 40]`.

DIRECTORY is a tree of networks (prototxts and JSON), beside which the fixtures are taken. All are emitted to each
library and compiled. Of some, at random (`--seed`), a model is built of the library's own layers, in the source's
sizes: what a constructor takes is given to it (`initializers()`), and then `init_weights` starts the whole model. A
layer that the library does not have is a module with its parameters. Printed are the numbers of layers and weights, and
the largest deviation of a mean or a variance from the true law, in standard errors. Networks beyond `--elements` are
left out.
"""

import argparse
import math
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import equinox as eqx
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from flax import linen, nnx

from initport.conversion import convert
from initport.diagnostics import InputError
from initport.emit.plan import Plan
from initport.emit.targets import target
from initport.ir.initializers import Constant, Initializer, canonical, elementwise
from initport.ir.weights import Kind
from initport.verify.measure import Drawn, draws_of, truth_of
from initport.verify.stub_shapes import complete, rows_of, target_shape

TARGETS = ("flax-linen", "flax-nnx", "haiku", "equinox")
FIXTURES = Path(__file__).parent.parent / "fixtures" / "convert"
FEW = 30
"""Draws, of fewer than which the variance is not compared."""

Shapes = dict[str, tuple[int, ...]]


class Part(NamedTuple):
    """A layer as an emitted module expects it: the shapes of its parameters by path."""

    name: str
    kind: Kind
    shapes: Shapes
    dims: Mapping[str, int]

    def has(self, *names: str) -> bool:
        return any(path.rpartition("/")[2] in names for path in self.shapes)

    @property
    def kernel(self) -> tuple[int, ...]:
        """The shape of what comes first."""
        return next(iter(self.shapes.values()))


def parts_of(plan: Plan) -> list[Part]:
    found: dict[str, Part] = {}
    for entry, _ in plan.emitted:
        dims, place = complete(entry.weight), entry.place
        kind = (
            Kind.UNKNOWN if entry.layer.wrapper or entry.layer.cell is not None or place.companion else entry.layer.kind
        )
        part = found.setdefault(entry.module, Part(entry.module, kind, {}, dims))
        shape = list(target_shape(entry, dims))
        if place.rows:
            shape[0] = sum(rows_of(place, dims))
        elif place.part:
            shape[0] *= place.part[1]
        part.shapes.update({path(name): tuple(shape) for name in (place.name or "", *place.alike)})
        beside = tuple(target_shape(entry.beside, dims)) if place.zero else ()
        part.shapes.update({path(name): beside for name in place.zero})
    return list(found.values())


def path(name: str) -> str:
    return name.replace(".", "/")


def leaves(tree: Any) -> dict[str, Any]:
    """Parameters by path."""
    found, _ = jax.tree_util.tree_flatten_with_path(tree)
    kinds = ("name", "key", "idx") if isinstance(tree, eqx.Module) else ("key", "idx")
    names = ([getattr(key, kind) for key in keys for kind in kinds if hasattr(key, kind)] for keys, _ in found)
    paths = ["/".join(map(str, one)) for one in names]
    return {path: value for path, (_, value) in zip(paths, found, strict=True) if hasattr(value, "shape")}


def fits(part: Part, tree: Any) -> bool:
    """Whether a layer of the library has exactly what is expected of it."""
    return part.shapes == {path: tuple(value.shape) for path, value in leaves(tree).items()}


# Flax Linen


class OwnLinen(linen.Module):
    """The parameters of a layer that the library has not."""

    shapes: Any

    @linen.compact
    def __call__(self, _: Any) -> None:
        inner: dict[str, Shapes] = {}
        for name, shape in dict(self.shapes).items():
            first, _, rest = name.partition("/")
            if rest:
                inner.setdefault(first, {})[rest] = shape
            else:
                self.param(first, jax.nn.initializers.zeros, shape)
        for first, shapes in inner.items():
            OwnLinen(tuple(shapes.items()), name=first)(None)


def linen_layer(part: Part, name: str, given: Mapping[str, Any]) -> tuple[Any, Any]:
    """A layer, and what it is called with."""
    shape, dims, bias = part.kernel, part.dims, part.has("bias")
    window, image = shape[:-2], (1, *shape[:-2])
    named = {"name": name, **given}
    match part.kind:
        case Kind.CONV:
            inputs, groups = shape[-2] * dims["groups"], dims["groups"]
            layer = linen.Conv(shape[-1], window, padding="VALID", feature_group_count=groups, use_bias=bias, **named)
            return layer, jnp.ones((*image, inputs))
        case Kind.DEPTHWISE_CONV:
            layer = linen.Conv(
                shape[-1], window, padding="VALID", feature_group_count=dims["in"], use_bias=bias, **named
            )
            return layer, jnp.ones((*image, dims["in"]))
        case Kind.CONV_TRANSPOSE if dims["groups"] == 1:
            return linen.ConvTranspose(shape[-1], window, use_bias=bias, **named), jnp.ones((*image, shape[-2]))
        case Kind.DENSE:
            return linen.Dense(shape[-1], use_bias=bias, **named), jnp.ones((1, shape[0]))
        case Kind.EMBEDDING:
            return linen.Embed(*shape, **named), jnp.zeros(1, int)
        case Kind.BATCH_NORM | Kind.SCALE | Kind.NORMALIZATION:
            norm = linen.BatchNorm(use_running_average=True, use_scale=part.has("scale"), use_bias=bias, **named)
            return norm, jnp.ones((1, shape[-1]))
        case Kind.LSTM | Kind.CUDNN_LSTM:
            return _stepping(linen.LSTMCell(shape[-1], name=name)), jnp.ones((1, shape[0]))
        case Kind.GRU_RESET_BEFORE:
            return _stepping(linen.GRUCell(shape[-1], name=name)), jnp.ones((1, shape[0]))
        case Kind.SIMPLE_RNN:
            return _stepping(linen.SimpleCell(shape[-1], name=name)), jnp.ones((1, shape[0]))
        case Kind.CONV_LSTM:
            cell = linen.ConvLSTMCell(shape[-1] // 4, window, name=name)
            return _stepping(cell), jnp.ones((1, *window, shape[-2]))
        case Kind.ATTENTION:
            heads = {"num_heads": dims["heads"], "qkv_features": dims["heads"] * dims["head"]}
            attention = linen.MultiHeadDotProductAttention(**heads, out_features=dims["out"], use_bias=bias, name=name)
            return attention, jnp.ones((1, 2, dims["in"]))
    raise LookupError


def _stepping(cell: Any) -> Callable[[Any], Any]:
    return lambda x: cell(cell.initialize_carry(jax.random.key(0), x.shape), x)


class Linen(linen.Module):
    """Each layer for itself, on an input of its own."""

    parts: Any
    own: Any
    given: Any

    @linen.compact
    def __call__(self) -> None:
        for index, part in enumerate(self.parts):
            if part.name in self.own:
                OwnLinen(tuple(part.shapes.items()), name=f"layer_{index}")(None)
            else:
                layer, x = linen_layer(part, f"layer_{index}", self.given.get(part.name, {}))
                layer(x)


def linen_model(parts: list[Part], own: set[str], given: Mapping[str, Any], key: Any) -> Any:
    return Linen(tuple(parts), tuple(own), given).init(key).get("params", {})


# Flax NNX


class OwnNnx(nnx.Module):
    def __init__(self, shapes: Shapes) -> None:
        inner: dict[str, Shapes] = {}
        for name, shape in shapes.items():
            first, _, rest = name.partition("/")
            if rest:
                inner.setdefault(first, {})[rest] = shape
            else:
                setattr(self, first, nnx.Param(jnp.zeros(shape)))
        for first, rest_of in inner.items():
            setattr(self, first, _own_nnx(rest_of))


def _own_nnx(shapes: Shapes) -> Any:
    """What holds parameters of these paths: a list, where they begin with numbers."""
    if not all(name.partition("/")[0].isdigit() for name in shapes):
        return OwnNnx(shapes)
    items: dict[str, Shapes] = {}
    for name, shape in shapes.items():
        items.setdefault(name.partition("/")[0], {})[name.partition("/")[2]] = shape
    return getattr(nnx, "List", list)([_own_nnx(items[index]) for index in sorted(items, key=int)])


def nnx_layer(part: Part, given: Mapping[str, Any], rngs: Any) -> Any:
    shape, dims, bias = part.kernel, part.dims, part.has("bias")
    window, more = shape[:-2], {"rngs": rngs, **given}
    match part.kind:
        case Kind.CONV:
            inputs, groups = shape[-2] * dims["groups"], dims["groups"]
            return nnx.Conv(inputs, shape[-1], window, feature_group_count=groups, use_bias=bias, **more)
        case Kind.DEPTHWISE_CONV:
            return nnx.Conv(dims["in"], shape[-1], window, feature_group_count=dims["in"], use_bias=bias, **more)
        case Kind.CONV_TRANSPOSE if dims["groups"] == 1:
            return nnx.ConvTranspose(shape[-2], shape[-1], window, use_bias=bias, **more)
        case Kind.DENSE:
            return nnx.Linear(shape[0], shape[-1], use_bias=bias, **more)
        case Kind.EMBEDDING:
            return nnx.Embed(*shape, **more)
        case Kind.BATCH_NORM | Kind.SCALE | Kind.NORMALIZATION:
            return nnx.BatchNorm(shape[-1], use_scale=part.has("scale"), use_bias=bias, **more)
        case Kind.LSTM | Kind.CUDNN_LSTM:
            return nnx.RNN(nnx.OptimizedLSTMCell(shape[0], shape[-1] // 4, rngs=rngs))
        case Kind.GRU_RESET_BEFORE:
            return nnx.RNN(nnx.GRUCell(shape[0], shape[-1] // 3, rngs=rngs))
        case Kind.SIMPLE_RNN:
            return nnx.RNN(nnx.SimpleCell(shape[0], shape[-1], rngs=rngs))
        case Kind.ATTENTION:
            sizes = (dims["heads"], dims["in"], dims["heads"] * dims["head"], dims["out"])
            return nnx.MultiHeadAttention(*sizes, use_bias=bias, decode=False, rngs=rngs)
    raise LookupError


class Nnx(nnx.Module):
    def __init__(self, parts: list[Part], own: set[str], given: Mapping[str, Any], key: Any) -> None:
        rngs = nnx.Rngs(key)
        for index, part in enumerate(parts):
            layer = OwnNnx(part.shapes) if part.name in own else nnx_layer(part, given.get(part.name, {}), rngs)
            setattr(self, f"layer_{index}", layer)


# Haiku


def haiku_layer(part: Part, name: str, given: Mapping[str, Any]) -> tuple[Any, Any]:
    shape, dims, bias = part.kernel, part.dims, part.has("b")
    window, named = shape[:-2], {"name": name, **given}
    match part.kind:
        case Kind.CONV:
            inputs, groups = shape[-2] * dims["groups"], dims["groups"]
            layer = hk.ConvND(
                len(window), shape[-1], window, padding="VALID", feature_group_count=groups, with_bias=bias, **named
            )
            return layer, jnp.ones((1, *window, inputs))
        case Kind.DEPTHWISE_CONV if len(window) == 2:
            depthwise = hk.DepthwiseConv2D(shape[-1] // dims["in"], window, with_bias=bias, **named)
            return depthwise, jnp.ones((1, *window, dims["in"]))
        case Kind.CONV_TRANSPOSE if dims["groups"] == 1:
            transposed = hk.ConvNDTranspose(len(window), shape[-2], window, with_bias=bias, **named)
            return transposed, jnp.ones((1, *window, shape[-1]))
        case Kind.DENSE:
            return hk.Linear(shape[-1], with_bias=bias, **named), jnp.ones((1, shape[0]))
        case Kind.EMBEDDING:
            return hk.Embed(shape[0], shape[1], **named), jnp.zeros(1, int)
        case Kind.BATCH_NORM | Kind.SCALE | Kind.NORMALIZATION:
            norm = hk.BatchNorm(part.has("scale"), part.has("offset"), 0.9, **named)
            return (lambda x: norm(x, True)), jnp.ones((1,) * (len(shape) - 1) + (shape[-1],))
        case Kind.LSTM | Kind.CUDNN_LSTM:
            core = hk.LSTM(shape[-1] // 4, name=name)
            return (lambda x: core(x, core.initial_state(1))), jnp.ones((1, shape[0] - shape[-1] // 4))
        case Kind.SIMPLE_RNN:
            plain = hk.VanillaRNN(shape[-1], name=name)
            return (lambda x: plain(x, plain.initial_state(1))), jnp.ones((1, shape[0]))
        case Kind.GRU_RESET_BEFORE:
            cell = hk.GRU(shape[-1] // 3, **named)
            return (lambda x: cell(x, cell.initial_state(1))), jnp.ones((1, shape[0]))
    raise LookupError


def haiku_model(parts: list[Part], own: set[str], given: Mapping[str, Any], key: Any) -> Any:
    def net() -> None:
        for index, part in enumerate(parts):
            if part.name not in own:
                layer, x = haiku_layer(part, f"layer_{index}", given.get(part.name, {}))
                layer(x)

    params = dict(hk.transform_with_state(net).init(key)[0])
    for index, part in enumerate(parts):
        for name, shape in part.shapes.items() if part.name in own else ():
            home, _, last = f"layer_{index}/{name}".rpartition("/")
            params.setdefault(home, {})[last] = jnp.zeros(shape)
    return params


# Equinox


class OwnEquinox(eqx.Module):
    values: dict[str, Any]

    def __init__(self, shapes: Shapes) -> None:
        self.values = {name: jnp.zeros(shape) for name, shape in shapes.items()}


def equinox_layer(part: Part, key: Any) -> Any:
    nn, shape, dims, bias = eqx.nn, part.kernel, part.dims, part.has("bias")
    window = shape[2:]
    match part.kind:
        case Kind.CONV:
            inputs, groups = shape[1] * dims["groups"], dims["groups"]
            return nn.Conv(len(window), inputs, shape[0], window, groups=groups, use_bias=bias, key=key)
        case Kind.DEPTHWISE_CONV:
            return nn.Conv(len(window), dims["in"], shape[0], window, groups=dims["in"], use_bias=bias, key=key)
        case Kind.CONV_TRANSPOSE:
            inputs, groups = shape[1] * dims["groups"], dims["groups"]
            return nn.ConvTranspose(len(window), inputs, shape[0], window, groups=groups, use_bias=bias, key=key)
        case Kind.DENSE:
            return nn.Linear(shape[1], shape[0], use_bias=bias, key=key)
        case Kind.EMBEDDING:
            return nn.Embedding(*shape, key=key)
        case Kind.BATCH_NORM | Kind.SCALE | Kind.NORMALIZATION if part.has("weight") and bias:
            return nn.LayerNorm(shape[-1])
        case Kind.LSTM | Kind.CUDNN_LSTM:
            return nn.LSTMCell(shape[1], shape[0] // 4, use_bias=bias, key=key)
        case Kind.GRU_RESET_BEFORE:
            return nn.GRUCell(shape[1], shape[0] // 3, use_bias=bias, key=key)
    raise LookupError


class Equinox(eqx.Module):
    layers: list[Any]

    def __init__(self, parts: list[Part], own: set[str], key: Any) -> None:
        keys = jax.random.split(key, len(parts))
        self.layers = [
            OwnEquinox(part.shapes) if part.name in own else equinox_layer(part, one)
            for part, one in zip(parts, keys, strict=True)
        ]


def is_own(name: str, part: Part) -> bool:
    """Whether the library has no such layer, with just these parameters."""
    key = jax.random.key(0)
    try:
        match name:
            case "flax-linen":
                tree = jax.eval_shape(lambda: linen_model([part], set(), {}, key))["layer_0"]
            case "flax-nnx":
                tree = nnx.state(nnx.eval_shape(lambda: nnx_layer(part, {}, nnx.Rngs(0))), nnx.Param)
            case "haiku":
                found = leaves(jax.eval_shape(lambda: haiku_model([part], set(), {}, key)))
                tree = {path.removeprefix("layer_0/"): value for path, value in found.items()}
            case _:
                tree = eqx.filter_eval_shape(lambda key: equinox_layer(part, key), key)
                tree = eqx.filter(tree, lambda leaf: hasattr(leaf, "shape"))
        return not fits(part, tree)
    except (LookupError, ValueError, TypeError, IndexError, ZeroDivisionError):
        return True


def deviations(drawn: Iterable[Drawn], values: Mapping[str, Any], homes: Mapping[str, str]) -> Iterator[float]:
    """In standard errors, of means and variances; a law that is one number deviates by all or nothing."""
    for item in drawn:
        value = values.get("/".join(filter(None, (homes[item.entry.module], path(item.name)))))
        if value is None:
            continue
        array = np.asarray(value, np.float64)
        for axis, index, number in item.slices:
            array = np.split(array, number if isinstance(number, int) else list(number), axis=axis)[index]
        truth, law = truth_of(item), canonical(item.initializer)
        if isinstance(law, Constant) or not truth.variance:
            yield 0.0 if np.allclose(array, truth.mean, rtol=1e-6, atol=1e-9) else math.inf
        elif elementwise(law):
            yield from _scores(array, truth.mean, truth.variance, law)


def _scores(array: Any, mean: float, variance: float, law: Initializer) -> Iterator[float]:
    yield (array.mean() - mean) / math.sqrt(variance / array.size)
    if array.size >= FEW:
        centered = array - array.mean()
        kurtosis = max(1.8, float((centered**4).mean() / (centered**2).mean() ** 2))
        yield (array.var() * array.size / (array.size - 1) - variance) / (
            variance * math.sqrt((kurtosis - 1) / array.size)
        )


class Figures(NamedTuple):
    """Of one network in one library: layers of the library and of our own, and the deviations."""

    layers: Counter[str]
    scores: list[float]


def execute(name: str, text: str, plan: Plan, seed: int) -> Figures:
    """Start a model of the library by an emitted module, through its constructors and as a whole."""
    namespace: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(text, "<emitted>", "exec"), namespace)
    parts = parts_of(plan)
    own = {part.name for part in parts if is_own(name, part)}
    given = namespace["initializers"]() if "initializers" in namespace else {}
    key, other = jax.random.split(jax.random.key(seed))
    inside = "layers/" if name == "equinox" else "layer_"
    homes = {
        part.name: f"{inside}{index}{'/values' if name == 'equinox' and part.name in own else ''}"
        for index, part in enumerate(parts)
    }
    match name:
        case "flax-linen":
            model = linen_model(parts, own, given, key)
            values = leaves(model)
        case "flax-nnx":
            model = Nnx(parts, own, given, key)
            values = leaves(nnx.state(model, nnx.Param))
        case "haiku":
            model = haiku_model(parts, own, given, key)
            values = leaves(model)
        case _:
            model, values = Equinox(parts, own, key), {}
    axis = getattr(target(name).vocabulary.grammar.blocks, "axis", 0)
    drawn = list(draws_of(plan, axis))
    constructed = [item for item in drawn if item.entry.place.argument in given.get(item.entry.module, {})]
    constructed = [item for item in constructed if item.entry.module not in own]
    scores = list(deviations(constructed, values, homes))
    started, left = namespace["init_weights"](model, other, homes)
    assert left == [], left
    scores += deviations(drawn, leaves(started), homes)
    layers = Counter({"layers": len(parts), "own": len(own), "constructed": len(constructed), "weights": len(drawn)})
    return Figures(layers, scores)


def elements(plan: Plan) -> int:
    return sum(math.prod(shape) for part in parts_of(plan) for shape in part.shapes.values())


def networks(directories: Iterable[Path]) -> Iterator[Path]:
    for directory in directories:
        yield from sorted(item for item in directory.rglob("*") if item.suffix in (".prototxt", ".json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=Path)
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--elements", type=int, default=3_000_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    files = list(networks([FIXTURES, *filter(None, [arguments.directory])]))
    converted: dict[Path, dict[str, Any]] = {}
    for file in files:
        try:
            found = {name: convert(file.read_bytes(), path=file.name, target=name) for name in TARGETS}
        except (InputError, ValueError):
            continue
        if any(result.text is not None and result.plan is not None for result in found.values()):
            converted[file] = found
            for result in found.values():
                if result.text is not None:
                    compile(result.text, file.name, "exec")
    sizes = {file: elements(found["flax-linen"].plan) for file, found in converted.items() if found["flax-linen"].plan}
    small = [file for file, size in sizes.items() if 0 < size <= arguments.elements]
    print(f"{len(files)} files, {len(converted)} networks emitted to {len(TARGETS)} libraries and compiled")
    chosen = sorted(random.Random(arguments.seed).sample(small, min(arguments.networks, len(small))))
    print(f"{len(chosen)} of {len(small)} with up to {arguments.elements:,} elements are executed")
    for name in TARGETS:
        counts: Counter[str] = Counter()
        scores: list[float] = []
        for index, file in enumerate(chosen):
            result = converted[file][name]
            if result.text is None or result.plan is None:
                counts["refused"] += 1
                continue
            try:
                figures = execute(name, result.text, result.plan, arguments.seed + index)
            except Exception as error:
                counts["failed"] += 1
                print(f"{name} {file}: {type(error).__name__}: {str(error)[:400]}", file=sys.stderr)
                continue
            counts += figures.layers
            scores += figures.scores
        worst = max(map(abs, scores), default=0.0)
        print(f"{name}: {dict(counts)}, {len(scores)} deviations, largest {worst:.2f} standard errors", flush=True)


if __name__ == "__main__":
    main()
