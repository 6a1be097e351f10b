"""A weight's place in a network: which layer, which role, and how its axes relate to the roles of its sizes."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from initport.ir.scalar import Dim, Scalar, product
from initport.records import NamedTuple


class Kind(StrEnum):
    """What a layer computes, whatever its framework calls it."""

    CONV = "conv"
    DEPTHWISE_CONV = "depthwise_conv"
    CONV_TRANSPOSE = "conv_transpose"
    SEPARABLE_CONV = "separable_conv"
    LOCALLY_CONNECTED = "locally_connected"
    CONV_LSTM = "conv_lstm"
    DENSE = "dense"
    EINSUM = "einsum"
    ATTENTION = "attention"
    SEPARATE_ATTENTION = "separate_attention"
    SCALED_ATTENTION = "scaled_attention"
    HIGHWAY = "highway"
    MAXOUT = "maxout"
    EMBEDDING = "embedding"
    REVERSIBLE_EMBEDDING = "reversible_embedding"
    LSTM = "lstm"
    CUDNN_LSTM = "cudnn_lstm"
    PROJECTED_LSTM = "projected_lstm"
    GRU = "gru"
    GRU_RESET_BEFORE = "gru_reset_before"
    RNN = "rnn"
    SIMPLE_RNN = "simple_rnn"
    CUDNN_RNN = "cudnn_rnn"
    SCALE = "scale"
    BIAS = "bias"
    PRELU = "prelu"
    SRELU = "srelu"
    PARAMETRIC_SOFTPLUS = "parametric_softplus"
    BATCH_NORM = "batch_norm"
    NORMALIZATION = "normalization"
    RENORMALIZATION = "renormalization"
    RMS_NORM = "rms_norm"
    LAYER_SCALE = "layer_scale"
    SPECTRAL_NORM = "spectral_norm"
    PARAMETER = "parameter"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a weight does in its layer."""

    KERNEL = "kernel"
    BIAS = "bias"
    RECURRENT_KERNEL = "recurrent_kernel"
    RECURRENT_BIAS = "recurrent_bias"
    STATIC_KERNEL = "static_kernel"
    BIASES = "biases"
    """The input and the recurrent bias of a recurrent layer in one tensor."""
    DEPTHWISE_KERNEL = "depthwise_kernel"
    POINTWISE_KERNEL = "pointwise_kernel"
    QUERY_KERNEL = "query_kernel"
    KEY_KERNEL = "key_kernel"
    VALUE_KERNEL = "value_kernel"
    GATE_KERNEL = "gate_kernel"
    QUERY_BIAS = "query_bias"
    KEY_BIAS = "key_bias"
    VALUE_BIAS = "value_bias"
    GATE_BIAS = "gate_bias"
    CARRY_KERNEL = "carry_kernel"
    CARRY_BIAS = "carry_bias"
    OUTPUT_KERNEL = "output_kernel"
    OUTPUT_BIAS = "output_bias"
    SCALE = "scale"
    SCORE_WEIGHT = "score_weight"
    LEFT_THRESHOLD = "left_threshold"
    LEFT_SLOPE = "left_slope"
    RIGHT_THRESHOLD = "right_threshold"
    RIGHT_SLOPE = "right_slope"
    SINGULAR_VECTOR = "singular_vector"
    LOW_RANK_IN = "low_rank_in"
    LOW_RANK_OUT = "low_rank_out"
    GAMMA = "gamma"
    BETA = "beta"
    ALPHA = "alpha"
    PARAMETER = "parameter"
    MOVING_MEAN = "moving_mean"
    MOVING_VARIANCE = "moving_variance"
    MOVING_WEIGHT = "moving_weight"
    UNKNOWN = "unknown"


class Wrapper(StrEnum):
    """What a layer is wrapped in, where that decides how its weights are reached."""

    INNER = "inner"
    FORWARD = "forward"
    BACKWARD = "backward"


class Axis(NamedTuple):
    """One axis of a weight, or (``many``) a run of any number of axes, none included, with that product of sizes."""

    size: Scalar
    many: bool = False


class Layout:
    """The axes of a weight in one framework, first to last, their sizes as products of roles."""

    def __init__(self, axes: tuple[Axis, ...]) -> None:
        self.axes = axes

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Layout) and self.axes == other.axes)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.axes)

    def __repr__(self) -> str:
        return f"Layout({', '.join(f'*{axis.size}' if axis.many else str(axis.size) for axis in self.axes)})"

    @cached_property
    def rank(self) -> int | None:
        """The number of axes; None where a run of unknown length is among them."""
        return None if any(axis.many for axis in self.axes) else len(self.axes)

    @property
    def min_rank(self) -> int:
        return sum(not axis.many for axis in self.axes)

    def bind(self, sizes: Mapping[str, int]) -> "Layout":
        """The same axes with these sizes in place of their roles."""
        return Layout(tuple(Axis(axis.size.bind(sizes), axis.many) for axis in self.axes))

    def part(self, index: int, number: int | Fraction) -> "Layout":
        """The axes of one of ``number`` equal parts along the axis ``index``."""
        axes = list(self.axes)
        axes[index] = Axis(axes[index].size / number, axes[index].many)
        return Layout(tuple(axes))

    @cached_property
    def count(self) -> Scalar:
        return product(*(axis.size for axis in self.axes))

    def size(self, index: int) -> Scalar | None:
        """The size of an axis by its index, negative from the end; None where a run of axes stands before it."""
        run = self.axes[: index + 1] if index >= 0 else self.axes[index:]
        reaches = len(self.axes) > index if index >= 0 else len(self.axes) >= -index
        return self.axes[index].size if reaches and not any(axis.many for axis in run) else None


SPATIAL = Dim("kernel")
"""The receptive field: the product of all kernel sizes."""
