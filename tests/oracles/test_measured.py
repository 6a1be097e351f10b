"""The vocabularies against figures measured on the frameworks: TensorFlow 1.4 to 2.21, TFLearn, Sonnet and PyTorch.

Moments of what a vocabulary says about a call must equal the measured ones within sampling error, and calls that the
framework refuses must be refused.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from initport.grammar.call import Argument, Call, default_call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import RejectedError, UnknownCallError, Vocabulary
from initport.grammar.rows import SourceWeight
from initport.grammar.version import Version, parse_version
from initport.ir.initializers import Initializer, Orthogonal, Unsupported
from initport.ir.moments import moments
from initport.ir.scalar import Scalar
from initport.ir.weights import Axis, Layout
from tests.oracles.measured import CHANCE, Case, cases, scores, sizes_of, within_support

OTHERWISE = {
    "tf.get_variable partitioned 4x axis0": "shards of one variable",
    "tf.layers.dense under tf.variable_scope(initializer=...)": "two calls",
    "tf.contrib.layers.conv2d under tf.variable_scope(initializer=zeros)": "two calls",
    "slim.arg_scope([slim.conv2d], weights_initializer=variance_scaling_initializer())": "two calls",
    "tflearn.residual_block": "a block of several layers",
}
"""Cases that are not a single call of a vocabulary."""

ROLES = {
    "weights": "kernel", "kernel": "kernel", "W": "kernel", "w": "kernel", "Matrix": "kernel", "embeddings": "kernel",
    "w_gates": "kernel", "weight": "kernel", "weight_ih_l0": "kernel", "weight_ih": "kernel",
    "in_proj_weight": "kernel",
    "biases": "bias", "bias": "bias", "b": "bias", "Bias": "bias", "bias_ih_l0": "bias", "bias_hh_l0": "bias",
    "bias_ih": "bias", "bias_hh": "bias", "in_proj_bias": "bias", "out_proj.bias": "output_bias",
    "out_proj.weight": "output_kernel", "weight_hh_l0": "recurrent_kernel", "weight_hh": "recurrent_kernel",
    "weight_hr_l0": "output_kernel", "depthwise_weights": "depthwise_kernel", "w_dw": "depthwise_kernel",
    "pointwise_weights": "pointwise_kernel", "w_pw": "pointwise_kernel", "b_T": "carry_bias",
    **dict.fromkeys(("w_i_diag", "w_f_diag", "w_o_diag", "W_F_diag", "W_O_diag"), "parameter"),
    "W_0": "kernel", "B": "bias", "w_ru": "kernel", "b_ru": "bias", "w_c": "recurrent_kernel", "b_c": "output_bias",
    "kernel_w": "kernel", "kernel_u": "recurrent_kernel",
    **dict.fromkeys(("bias_i", "bias_j", "bias_f", "bias_o"), "bias"),
    "alphas": "alpha", "w_i": "kernel", "w_h": "recurrent_kernel", "scale": "gamma",
    "offset": "beta",
}  # fmt: skip
"""What a variable's name says about its role, where that is not the role's own name."""


PARTS = {
    "candidate": {"kernel": "recurrent_kernel", "bias": "output_bias"},
    "projection": {"kernel": "output_kernel"},
    "hidden_to_hidden": {"kernel": "recurrent_kernel"},
}
"""What a variable's role is in a part of a layer."""

INSTEAD = {"kernel": ("gamma", "alpha"), "bias": ("beta", "biases"), "depthwise_kernel": ("kernel",)}
"""The roles of variables that the framework calls like those."""

ELSEWHERE = {
    "torch.nn.Conv1d": {"in": 64, "kernel": 5},
    "torch.nn.Conv3d": {"in": 16, "kernel": 27},
    "torch.nn.ConvTranspose1d": {"kernel": 5},
    "torch.nn.ConvTranspose2d": {"kernel": 9},
    "torch.nn.Linear": {"in": 300},
    "torch.nn.Bilinear": {"first": 48},
}
"""Sizes of a layer that the shape of its bias does not tell."""


def _speakers(table: str, version: Version) -> list[Vocabulary]:
    frameworks = {
        "tensorflow": ("tensorflow", "tf_contrib", "tf_layers", "keras_calls"),
        "tflearn": ("tflearn", "tensorflow"),
        "sonnet": ("sonnet", "tensorflow"),
        "torch": ("torch", "torch_layers"),
    }[table]
    versions: dict[str, Version | None] = dict.fromkeys(frameworks, version)
    versions["keras_calls"] = None
    if table != "tensorflow":
        versions["tensorflow"] = (1, 15, 5)
    return [vocabulary(framework, versions[framework]) for framework in frameworks]


def _path(api: str) -> str:
    head, _, rest = api.partition(".")
    return {"tf": "tensorflow", "snt": "sonnet"}.get(head, head) + f".{rest}"


def _argument(value: Any) -> Argument:
    if value is None or isinstance(value, bool | str):
        return value
    return Scalar.of(Fraction(repr(value)))


def _numeric(shape: tuple[int, ...]) -> Layout:
    return Layout(tuple(Axis(Scalar.of(size)) for size in shape))


def _meaning(speakers: list[Vocabulary], call: Call, layout: Layout) -> Initializer:
    for speaker in speakers:
        if call.name in speaker.initializers:
            return speaker.meaning(call, layout)
    raise UnknownCallError(call.name)


def _initializer(case: Case, speakers: list[Vocabulary]) -> Initializer:
    """What the vocabulary says about a case that is a call of an initializer."""
    kwargs = {name: value for name, value in case.kwargs.items() if name not in ("args", "call")}
    name = _path(case.api)
    if "identifier" in kwargs:
        name = speakers[0].initializer_of(kwargs.pop("identifier"))
    positional = tuple(_argument(value) for value in case.kwargs.get("args", ()))
    named = tuple((key, _argument(value)) for key, value in kwargs.items())
    return _meaning(speakers, Call(name, positional, named), _numeric(case.shape))


def _weight(case: Case, speakers: list[Vocabulary]) -> SourceWeight | None:
    """The row of the weight that a case measured; None where the case is not a layer of a vocabulary."""
    layer = next((speaker.layers[_path(case.api)] for speaker in speakers if _path(case.api) in speaker.layers), None)
    if layer is None:
        return None
    path = case.layout.split(" ", 1)[1].removesuffix(":0")
    last = path.rpartition("/")[2]
    roles = [ROLES.get(last, last)]
    for part, others in PARTS.items():
        if part in path.lower():
            roles = [others.get(roles[0], roles[0])]
    roles += INSTEAD.get(roles[0], ())
    fitting = [weight for weight in layer.weights if weight.key == last]
    for role in roles:
        fitting = fitting or [weight for weight in layer.weights if weight.role == role]
    return next((weight for weight in fitting if _sizes(weight.layout, case.shape) is not None), None)


def _sizes(text: str, shape: tuple[int, ...]) -> dict[str, int] | None:
    """The sizes by role that give a layout, or one of the two alike that it holds, this shape; None if none do."""
    return {} if text == "source" else sizes_of(parse_layout(text.removeprefix("2, ")), shape)


def _all() -> Iterator[tuple[str, Case]]:
    for table in ("tensorflow", "tflearn", "sonnet", "torch"):
        yield from ((table, case) for case in cases(table) if case.api not in OTHERWISE)


CASES = list(_all())
MEASURED = [(table, case) for table, case in CASES if not case.error and case.n]
LAYERS = [(table, case) for table, case in MEASURED if case.layout.startswith(("variable ", "param "))]
INITIALIZERS = [row for row in MEASURED if row not in LAYERS and not isinstance(row[1].kwargs.get("value"), list)]
REFUSED = [(table, case) for table, case in CASES if case.error]
RESOLVED = [(table, case) for table, case in CASES if not case.error and not case.n]

WITHOUT_LAW = (
    "convolutional_delta_orthogonal",
    "convolutional_orthogonal_",
    "trunc_normal_",
    "dirac_",
    "sparse_",
    "Identity",
)
"""Initializers that no distribution of the IR describes, `trunc_normal_` where it cuts unevenly and Sonnet's
`Identity` on more than two axes."""


def _names(rows: list[tuple[str, Case]]) -> list[str]:
    return [f"{table}-{case.name}" for table, case in rows]


def _scores(table: str, case: Case) -> tuple[float, float] | None:
    """The z-scores of the mean and the variance; None where no law is known, and the vocabulary says so."""
    speakers = _speakers(table, parse_version(case.version))
    sizes: dict[str, int] = {}
    if (table, case) in LAYERS:
        weight = _weight(case, speakers)
        assert weight is not None, case.name
        call = default_call(weight.default)
        assert call is not None
        given = case.kwargs.get(weight.argument or "")
        if given is not None:
            call = Call(speakers[0].initializer_of(given))
        if "." not in call.name:
            call = Call(speakers[0].initializer_of(call.name), named=call.named)
        sizes = {**ELSEWHERE.get(case.api, {}), **(_sizes(weight.layout, case.shape) or {})}
        layout = _numeric(case.shape) if weight.layout == "source" else parse_layout(weight.layout)
        initializer = _meaning(speakers, call, layout)
    else:
        initializer = _initializer(case, speakers)
    if isinstance(initializer, Unsupported):
        assert case.api.rpartition(".")[2].startswith(WITHOUT_LAW)
        return None
    true = moments(initializer, sizes)
    assert true is not None
    assert isinstance(initializer, Orthogonal) or within_support(case, true)
    return scores(case, initializer, true)


@pytest.mark.parametrize(("table", "case"), INITIALIZERS + LAYERS, ids=_names(INITIALIZERS + LAYERS))
def test_moments_are_the_measured_ones(table: str, case: Case) -> None:
    if case.name.startswith("tf.keras.layers.LSTM") and case.layout == "variable bias:0" and case.mean:
        pytest.skip("a bias of blocks: the forget gate's starts at one")
    found = _scores(table, case)
    assert found is None or max(map(abs, found)) < CHANCE


@pytest.mark.parametrize(("table", "case"), REFUSED, ids=_names(REFUSED))
def test_what_the_framework_refuses_is_refused(table: str, case: Case) -> None:
    with pytest.raises((RejectedError, UnknownCallError)):
        _initializer(case, _speakers(table, parse_version(case.version)))


@pytest.mark.parametrize(("table", "case"), RESOLVED, ids=_names(RESOLVED))
def test_strings_name_what_the_framework_says(table: str, case: Case) -> None:
    (speaker, *_) = _speakers(table, parse_version(case.version))
    string = case.kwargs["identifier"]
    assert speaker.initializer_of(string) == f"tflearn.initializations.{string.lower()}"


def test_all_cases_together_scatter_as_chance_does() -> None:
    """The sum of the squares of independent z-scores has the mean of their number and twice that as its variance."""
    found = [_scores(table, case) for table, case in INITIALIZERS]
    squares = [score * score for pair in found if pair is not None for score in pair if score]
    assert len(squares) > 1500
    assert abs(sum(squares) - len(squares)) < CHANCE * (2 * len(squares)) ** 0.5
