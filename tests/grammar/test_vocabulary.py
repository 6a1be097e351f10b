"""Names by version and module, and arguments that only the running source knows."""

from fractions import Fraction

import pytest

from initport.grammar import registry
from initport.grammar.call import Argument, Call, default_call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, UndecidedError, UnknownCallError, Vocabulary
from initport.grammar.version import parse_version
from initport.grammar.versions import Versions, distinct
from initport.ir import initializers as ir
from initport.ir.scalar import Dim, Scalar, Verbatim

KERNEL = parse_layout("*kernel, in, out")
F = Scalar.of(Verbatim("FLAGS.f"))


def _meaning(version: str, name: str, *arguments: Argument, framework: str = "tensorflow") -> ir.Initializer:
    return vocabulary(framework, parse_version(version)).meaning(Call(name, arguments), KERNEL)


def test_a_name_means_what_it_meant_in_the_version() -> None:
    name = "tensorflow.glorot_normal_initializer"
    fans = Scalar.of(Dim("in")) * Scalar.of(Dim("kernel")) + Scalar.of(Dim("out")) * Scalar.of(Dim("kernel"))
    deviation = (Scalar.of(2) / fans).sqrt()
    cut = ir.TruncatedNormal(Scalar.of(0), deviation)
    assert ir.equal(_meaning("1.9", name), cut)
    assert not ir.equal(_meaning("1.10", name), cut)
    with pytest.raises(UnknownCallError):
        _meaning("2.4", name)
    assert ir.equal(_meaning("2.4", "tensorflow.compat.v1.glorot_normal_initializer"), _meaning("1.15.5", name))


@pytest.mark.parametrize(
    ("version", "stddev"),
    [("1.10", 1), ("1.11", "1/20"), ("1.15.5", "1/20"), ("2.21", "1/20")],
)
def test_keras_defaults_change(version: str, stddev: int | str) -> None:
    found = _meaning(version, "tensorflow.keras.initializers.RandomNormal")
    assert found == ir.RandomNormal(Scalar.of(0), Scalar.of(Fraction(stddev)))


def test_core_defaults_change_in_version_2() -> None:
    name = "tensorflow.random_uniform_initializer"
    assert _meaning("1.15", name) == ir.RandomUniform(Scalar.of(0), Scalar.of(1))
    assert _meaning("2.0", name) != _meaning("1.15", name)
    assert _meaning("2.0", "tensorflow.compat.v1.random_uniform_initializer") == _meaning("1.15", name)


@pytest.mark.parametrize(
    "module",
    [
        "tensorflow.contrib.layers",
        "tensorflow.contrib.slim",
        "tensorflow.contrib.layers.python.layers.initializers",
        "tf_slim",
        "tf_slim.layers",
    ],
)
def test_modules_offer_the_same_functions(module: str) -> None:
    contrib = vocabulary("tf_contrib", (1, 4))
    assert contrib.function(f"{module}.xavier_initializer") is contrib.function(f"{module}.xavier_initializer_conv2d")


def test_modules_offer_the_same_layers() -> None:
    contrib = vocabulary("tf_contrib", (1, 4))
    assert contrib.layers["tf_slim.conv2d"] is contrib.layers["tensorflow.contrib.layers.convolution2d"]
    keras = vocabulary("keras_calls", (2, 2, 4))
    assert keras.layers["keras.layers.core.Dense"] is keras.layers["tensorflow.keras.layers.Dense"]
    assert vocabulary("keras_calls", (1, 2, 2)).layers["keras.layers.Dense"].parameters == ["output_dim", "init"]


@pytest.mark.parametrize(
    ("version", "layer", "position"),
    [((2, 0), "Conv2D", 8), ((2, 4), "Conv2D", 9), ((2, 1, 6), "Conv1D", 7), ((2, 2), "Conv1D", 8),
     ((2, 2), "Conv2DTranspose", 7), ((2, 2, 2), "Conv2DTranspose", 8), ((2, 2, 4), "Conv2DTranspose", 9)],
)  # fmt: skip
def test_positions_change(version: tuple[int, ...], layer: str, position: int) -> None:
    parameters = vocabulary("keras_calls", version).layers[f"keras.layers.{layer}"].parameters
    assert list(parameters).index("kernel_initializer") == position


def test_strings() -> None:
    keras = vocabulary("tensorflow", (1, 15))
    assert keras.initializer_of("he_normal") == "tensorflow.compat.v1.initializers.he_normal"
    with pytest.raises(UnknownCallError):
        keras.initializer_of("He_Normal")
    assert vocabulary("tflearn").initializer_of("Xavier") == "tflearn.initializations.xavier"


def test_a_number_of_the_source_stays_in_the_meaning() -> None:
    found = _meaning("1.15", "tensorflow.contrib.layers.variance_scaling_initializer", F, framework="tf_contrib")
    assert isinstance(found, ir.VarianceScaling)
    assert str(found.scale) == "1.3 * FLAGS.f * truncated_variance"
    uniform = _meaning("1.15", "tensorflow.random_uniform", None, -F, F)
    assert uniform == ir.RandomUniform(-F, F)


@pytest.mark.parametrize(
    "call",
    [
        Call("tensorflow.contrib.layers.xavier_initializer", (F,)),
        Call("tensorflow.contrib.layers.variance_scaling_initializer", named=(("mode", F),)),
    ],
    ids=str,
)
def test_a_choice_of_the_source_is_undecided(call: Call) -> None:
    with pytest.raises(UndecidedError):
        vocabulary("tf_contrib").meaning(call, KERNEL)


def test_bounds_of_the_source_are_symmetric_only_if_it_says_so() -> None:
    torch = vocabulary("torch")
    call = Call("nn.init.trunc_normal_", (None, Scalar.of(0), F / 2, -F, F))
    assert torch.meaning(call, KERNEL) == ir.TruncatedNormal(Scalar.of(0), F / 2, Scalar.of(2))
    with pytest.raises(UndecidedError):
        torch.meaning(Call("nn.init.trunc_normal_", (None, F)), KERNEL)


@pytest.mark.parametrize(
    ("framework", "name", "said"),
    [
        ("tflearn", "tflearn.initializations.uniform_scaling", "whether the number of axes <= 1 is not known here"),
        ("keras", "keras.initializers.Orthogonal", "the weight's last size, and its axes"),
    ],
)
def test_sizes_that_are_not_told_are_named_in_words(framework: str, name: str, said: str) -> None:
    function = vocabulary(framework).function(name)
    unknown = parse_layout("*kernel")
    with pytest.raises(MeaningError, match=said):
        vocabulary(framework).meaning(Call(name, (None,) * ("shape" in function.parameters)), unknown)


def test_defaults_are_formulas_of_the_sizes() -> None:
    layer = vocabulary("sonnet", (1, 36)).layers["sonnet.Conv2DTranspose"]
    call = default_call(layer.weights[0].default)
    assert call is not None
    assert call.name == "tensorflow.compat.v1.truncated_normal_initializer"
    assert dict(call.named)["stddev"] == Scalar.of(1) / (Scalar.of(Dim("in")) * Scalar.of(Dim("kernel"))).sqrt()
    assert default_call({}) is None


@pytest.mark.parametrize("package", ["keras", "tensorflow", "tflearn"])
def test_versions_in_which_a_string_is_read_alike(package: str) -> None:
    grammars = [name for name, head in registry.source_grammars().items() if head.package == package]
    versions = Versions().candidates(package)
    every = distinct(package, versions, None)
    assert distinct(package, every, None) == every
    for string in {string for name in grammars for item in every for string in vocabulary(name, item).strings}:
        few = distinct(package, versions, string)
        assert set(few) <= set(every)
        for version in every:
            first = next(item for item in few if distinct(package, (item, version), string) == (item,))
            for name in grammars:
                assert _meaning_of(string, vocabulary(name, version)) == _meaning_of(string, vocabulary(name, first))


def test_versions_apart_for_one_string_only() -> None:
    versions = parse_version("1.4"), parse_version("1.11")
    assert distinct("tensorflow", versions, "glorot_uniform") == versions[:1]
    assert distinct("tensorflow", versions, "glorot_normal") == versions  # corrected in 1.10
    assert distinct("tensorflow", versions, "no such string") == versions[:1]
    assert distinct("tensorflow", versions, None) == versions


def _meaning_of(string: str, known: Vocabulary) -> object:
    return known.knows(string) and (repr(known.function(known.initializer_of(string))), repr(known.fans))
