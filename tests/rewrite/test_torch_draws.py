"""What the rewritten programs draw on the installed PyTorch, against what they measured on TensorFlow 1.15.5.

The programs run with a stand-in for the rest of TensorFlow: a variable is a tensor of the shape that the weight has in
PyTorch. They draw often enough to see an error of 5 % in the variance, and of 1 % in the slow tests: the formula
of each line is proved equal, so that what is left is what PyTorch makes of it. Two weights stay as independent.
"""

import ast
import json
import math
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from initport.project.processes import Run
from initport.rewrite.apply import Rewritten
from initport.rewrite.file import rewrite_any
from initport.verify.sampling import FALSE_ALARM, MISS
from tests.rewrite.rewriting import written_for
from tests.rewrite.test_fixtures import CASES, FIXTURES, RUNS, source

torch = pytest.importorskip("torch")

EFFECTS = [0.05, pytest.param(0.01, marks=pytest.mark.slow)]
"""The relative errors in a variance that are seen; what people take for another law is off by 23 % or more."""

FIGURES: dict[str, dict[str, Any]] = json.loads((FIXTURES / "figures.json").read_text())
LAYERS = {
    **dict.fromkeys(("arg_scope", "slim_conv2d", "tflearn_variance_scaling"), (3, 3, 256, 384)),
    **dict.fromkeys(
        ("layers_dense", "sonnet_dict", "sonnet_shared_dict", "tensorlayer_arguments", "tflearn_default_parameter",
         "tflearn_initializations", "tflearn_string"), (1000, 800)
    ),
}  # fmt: skip
"""The shapes of the weights in programs whose layers have no stand-in: there the replacement is called by itself."""


def rewritten(case: str) -> Rewritten:
    run = RUNS["torch"]
    return rewrite_any(source(case).decode(), run.settings(written_for(run.versions)), lambda parse: parse)


def in_torch(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(shape) if len(shape) < 2 else (shape[-1], shape[-2], *shape[:-2])


class Tensorflow:
    """Variables, and the functions that the programs compute with."""

    float32 = None
    multiply = staticmethod(torch.mul)

    @staticmethod
    def get_variable(name: str, shape: Any = None, initializer: Any = None) -> Any:
        if shape is not None:
            return initializer(torch.empty(in_torch(shape)))
        return initializer() if callable(initializer) else initializer

    @staticmethod
    def Variable(value: Any, name: str = "") -> Any:  # noqa: N802 - TensorFlow's name
        return value

    @staticmethod
    def variable_scope(name: str) -> Any:
        return nullcontext()

    @staticmethod
    def random_normal(shape: Any) -> Any:
        return torch.randn(shape)


def weights_of(case: str) -> Callable[[], list[Any]]:
    """The program's function that gives its weights."""
    result = rewritten(case)
    kept = [node for node in ast.parse(result.text).body if not _needs_tensorflow(node)]
    names: dict[str, Any] = {"tf": Tensorflow}
    exec(compile(ast.Module(kept, []), "<result>", "exec"), names)
    if case not in LAYERS:
        weights: Callable[[], list[Any]] = names["weights"]
        return weights
    initialize = eval(result.converted[0].text, names)
    return lambda: [initialize(torch.empty(in_torch(LAYERS[case]))) for _ in range(2)]


def _needs_tensorflow(node: ast.stmt) -> bool:
    packages = ("tensorflow", "tflearn", "sonnet", "tensorlayer")
    return isinstance(node, ast.Import | ast.ImportFrom) and any(name in ast.unparse(node) for name in packages)


DRAWN = [case for case in CASES if case in FIGURES and rewritten(case).converted]


SAMPLED = 3
"""One program in so many is drawn in the default run: their weights have a million values each."""


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.slow] * (at % SAMPLED > 0)) for at, case in enumerate(DRAWN)]
)
def test_the_same_distribution(case: str, effect: float) -> None:
    weights, figures = weights_of(case), FIGURES[case]
    kurtosis = max(figures["kurt"], 1.01)
    needed = (kurtosis - 1) * ((FALSE_ALARM + MISS) / effect) ** 2
    torch.manual_seed(20)
    drawn: list[Any] = []
    while sum(value.numel() for value in drawn) < needed:
        with torch.no_grad():
            more = [value.double().flatten() for value in weights()]
        if drawn and torch.equal(more[0], drawn[0]):
            break  # seeded, or constant
        drawn += more
    values = torch.cat(drawn[:1] if (figures["pair_corr"] or 0) > 0.5 else drawn)
    share = 1 / values.numel() + 1 / figures["n"]
    mean = FALSE_ALARM * math.sqrt(figures["var"] * share) + 1e-9
    assert values.mean().item() == pytest.approx(figures["mean"], abs=mean)
    spread = FALSE_ALARM * math.sqrt((kurtosis - 1) * share)
    assert values.var(correction=0).item() == pytest.approx(figures["var"], rel=spread, abs=1e-12)
    if figures["pair_corr"] is not None:
        found = torch.corrcoef(torch.stack(drawn[:2]))[0, 1].item()
        assert found == pytest.approx(round(figures["pair_corr"]), abs=FALSE_ALARM / math.sqrt(drawn[0].numel()))


KINDS = {
    "dense": ("tf.layers.dense(x, 90, kernel_initializer={})", (90, 40), 40),
    "conv": ("tf.layers.conv2d(x, 30, 3, kernel_initializer={})", (30, 40, 3, 3), 40 * 9),
    "transposed": ("tf.layers.conv2d_transpose(x, 30, 3, kernel_initializer={})", (40, 30, 3, 3), 30 * 9),
    "depthwise": ("tf.layers.separable_conv2d(x, 30, 3, depthwise_initializer={})", (40, 1, 3, 3), 40 * 9),
    "depthwise, twice": (
        "tf.layers.separable_conv2d(x, 30, 3, depth_multiplier=2, depthwise_initializer={})", (80, 1, 3, 3), 40 * 9
    ),
    "pointwise": ("tf.layers.separable_conv2d(x, 30, 3, pointwise_initializer={})", (30, 40, 1, 1), 40),
    "embedding": ("tf.keras.layers.Embedding(500, 30, embeddings_initializer={})", (500, 30), 500),
    "recurrent": ("tf.keras.layers.LSTM(30, recurrent_initializer={})", (120, 30), 30),
    "bias": ("tf.layers.dense(x, 90, bias_initializer={})", (90,), 90),
    "matrix drawn at once": ("tf.Variable({}((40, 90)))", (40, 90), 40),
    "kernel drawn at once": ("tf.Variable({}((3, 3, 40, 30)))", (3, 3, 40, 30), 40 * 9),
}  # fmt: skip
"""A layer, its weight's shape in PyTorch, and what TensorFlow takes for its fan_in (facts of TensorFlow 1.15.5)."""


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("uniform", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_fans_of_the_layer(kind: str, uniform: bool, effect: float) -> None:
    call, shape, fan_in = KINDS[kind]
    made = call.format(f"tf.contrib.layers.variance_scaling_initializer(2.0, uniform={uniform})")
    result = rewrite_any(
        f"import tensorflow as tf\n{made}\n", Run(target="torch").settings(written_for({})), lambda p: p
    )
    (item,) = result.converted
    names: dict[str, Any] = {"tf": Tensorflow}
    exec("import functools, math, torch\nfrom torch import nn", names)
    variance = 2.0 / fan_in * (1.0 if uniform else 1.3 * 0.7737413035499232)
    needed = 2 * ((FALSE_ALARM + MISS) / effect) ** 2
    torch.manual_seed(21)
    drawn: list[Any] = []
    while sum(value.numel() for value in drawn) < needed:
        value = eval(item.text, names)
        value = value if isinstance(value, torch.Tensor) else value(torch.empty(shape))
        assert value.shape == shape
        drawn.append(value.double().flatten())
    values = torch.cat(drawn)
    assert values.var(correction=0).item() == pytest.approx(variance, rel=effect * FALSE_ALARM / (FALSE_ALARM + MISS))


def test_most_programs_are_measured() -> None:
    assert len(DRAWN) > 50


@pytest.mark.parametrize(
    ("call", "mean"),
    [
        ("tf.truncated_normal_initializer(stddev=s)", 0.0),
        ("tf.truncated_normal_initializer(mean=0.5, stddev=s)", 0.5),
        ("tf.truncated_normal_initializer(mean=0.5, stddev=s, seed=7)", 0.5),
        ("tf.variance_scaling_initializer(s)", 0.0),
    ],
)
@pytest.mark.parametrize("stddev", [0, 0.0, 0.25])
def test_a_deviation_that_is_zero_when_the_program_runs(call: str, mean: float, stddev: float) -> None:
    """PyTorch 2.13's trunc_normal_ divides by it; TensorFlow's draws are the mean then."""
    result = rewrite_any(
        f"import tensorflow as tf\ndef f(x, s):\n  return tf.layers.dense(x, 9, kernel_initializer={call})\n",
        Run(target="torch").settings(written_for({"tensorflow": (1, 15, 5)})),
        lambda p: p,
    )
    (item,) = result.converted
    names: dict[str, Any] = {"s": stddev}
    defined = [node for node in ast.parse(result.text).body if not _needs_tensorflow(node)]
    exec(compile(ast.Module(defined, []), "<result>", "exec"), names)
    weight = torch.nn.Parameter(torch.full((100, 400), torch.nan))
    torch.manual_seed(22)
    eval(item.text, names)(weight)
    values = weight.detach().double()
    if stddev == 0:
        assert bool((values == mean).all())
        return
    variance = stddev / 400 if "scaling" in call else stddev**2 * 0.7737413035499232
    assert values.mean().item() == pytest.approx(mean, abs=6 * math.sqrt(variance / values.numel()))
    assert values.var(correction=0).item() == pytest.approx(variance, rel=0.04)
