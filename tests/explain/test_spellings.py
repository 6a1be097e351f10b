"""Which initializer suits an activation, and what the frameworks call it."""

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.explain.spellings import Spelling, activation, activations, answer, scale_of, spellings, spellings_of
from initport.grammar.expression import evaluate
from initport.ir.scalar import Scalar

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: x if x > 0 else x / 4,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "selu": lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * math.expm1(x)),
    "linear": lambda x: x,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_mean_square_of_each_activation(name: str) -> None:
    """By the trapezoid rule over twelve deviations to either side."""
    steps, reach = 40_000, 12.0
    points = [-reach + 2 * reach * step / steps for step in range(steps + 1)]
    density = [math.exp(-x * x / 2) / math.sqrt(2 * math.pi) for x in points]
    mean = sum(FUNCTIONS[name](x) ** 2 * d for x, d in zip(points, density, strict=True)) * 2 * reach / steps
    known = activation(name)
    assert known is not None
    stated = evaluate(known.mean_square, {"slope": Scalar.of(Fraction(1, 4))}).evaluate({})
    assert stated == pytest.approx(mean, rel=1e-6)


def test_the_law_of_a_piecewise_linear_activation_keeps_the_variance() -> None:
    for name in ("relu", "leaky_relu", "linear", "selu"):
        known = activation(name)
        assert known is not None
        square = evaluate(known.mean_square, {"slope": Scalar.of(Fraction(1, 4))})
        assert scale_of(known.laws[0], Fraction(1, 4)) * square == Scalar.of(1)


def test_every_activation_is_tested() -> None:
    assert {item.name for item in activations().values()} == FUNCTIONS.keys()


def calls(found: list[Spelling], framework: str) -> set[tuple[str, str]]:
    return {(item.call, item.distribution) for item in found if item.framework == framework}


def test_he_in_pytorch_and_caffe() -> None:
    found = spellings(Scalar.of(2), "fan_in", ("torch", "caffe"))
    assert ("nn.init.kaiming_normal_(tensor)", "normal") in calls(found, "PyTorch")
    assert calls(found, "Caffe") == {('"msra"', "normal")}


def test_a_slope_is_an_argument_of_pytorch() -> None:
    (section,) = answer("leaky_relu", ("torch",), Fraction(1, 5))
    assert "nn.init.kaiming_normal_(tensor, a=0.2)" in {item.call for item in section.spellings}


def test_one_name_draws_different_distributions() -> None:
    found = {(item.framework, item.variance) for item in spellings_of("xavier")}
    assert {("Caffe", "1 / fan_in"), ("PyTorch", "1 / fan_avg")} <= found


def test_he_normal_changed_with_keras() -> None:
    strings = [item for item in spellings_of("he_normal", ("keras",)) if item.call == '"he_normal"']
    drawn = {version: item.distribution for item in strings for version in item.version.split(", ")}
    assert (drawn["1.2.2"], drawn["2.3.1"]) == ("normal", "truncated normal")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("relu", "relu: He, variance 2 / fan_in"),
        ("LeakyReLU", "leaky_relu: He for leaky ReLU, variance (2 / (1 + slope ** 2)) / fan_in"),
        ("tanh", "tanh: Glorot, variance 1 / fan_avg"),
        ("msra", "msra, on a dense kernel"),
    ],
)
def test_titles(query: str, title: str) -> None:
    assert answer(query)[0].title == title


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["which", "swish2"], "neither an activation"),
        (["which", "relu", "--framework", "nothing"], "no framework"),
        (["which", "relu", "--framework", "tf9"], "no framework"),
    ],
)
def test_what_is_unknown_is_an_error_that_names_what_there_is(arguments: list[str], message: str) -> None:
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == 2
    assert message in ran.output


@pytest.mark.parametrize(
    ("framework", "version", "call"),
    [
        ("tf1", "1.15.5", "tf.initializers.he_uniform()"),
        ("TensorFlow 1", "1.15.5", "tf.contrib.layers.variance_scaling_initializer(uniform=True)"),
        ("tf=1.8", "1.8", "tf.initializers.he_uniform()"),
        ("tf2", "2.21", "tf.initializers.HeUniform()"),
        ("tf2", "2.21", "tf_slim.variance_scaling_initializer(uniform=True)"),
        ("keras2", "2.3.1", '"he_uniform"'),
        ("torch", "2.13", "nn.init.kaiming_uniform_(tensor)"),
    ],
)
def test_a_framework_may_name_its_version_whose_names_are_shown(framework: str, version: str, call: str) -> None:
    (section,) = answer("relu", (framework,))
    assert (version, call) in {(item.version, item.call) for item in section.spellings}
    assert len({item.version for item in section.spellings}) == 1


def test_a_name_that_a_version_lacks_is_not_shown() -> None:
    assert not any(".contrib." in item.call for item in spellings(Scalar.of(2), "fan_in", ("tf2",)))
    assert not any(".compat." in item.call for item in spellings(Scalar.of(2), "fan_in", ("tf=1.8",)))


@pytest.mark.parametrize("output_format", ["text", "markdown", "csv", "json"])
def test_formats(output_format: str) -> None:
    ran = CliRunner().invoke(main, ["which", "relu", "--framework", "caffe", "--output-format", output_format])
    assert ran.exit_code == 0
    assert "msra" in ran.output
