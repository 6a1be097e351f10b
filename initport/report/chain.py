"""The size of activations and gradients over the depth of a chain of layers, from the laws of its weights.

In the mean field: of independent weights of variance v, an output's pre-activation has the second moment
fan_in * v * E[x²] + v_bias, and a gradient on its way back fan_out * v * E[f'(z)²] times that before it, z being normal
(Poole and others, 2016; Schoenholz and others, 2017). Layers are taken one after the other, branches and pooling are
not modelled.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

Activation = tuple[Callable[[float], float], Callable[[float], float]]


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


ACTIVATIONS: dict[str, Activation] = {
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "tanh": (math.tanh, lambda z: 1 - math.tanh(z) ** 2),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
    "linear": (lambda z: z, lambda z: 1.0),
}
"""The function and its derivative."""


class Link(NamedTuple):
    """A layer of the chain: the variance of its weights and biases, and its fans."""

    variance: float
    bias: float
    fan_in: float
    fan_out: float


class Depth(NamedTuple):
    """Standard deviations (root mean squares) by layer: of what each passes on, and of the gradient that reaches it."""

    activations: list[float]
    gradients: list[float]


_STEPS, _REACH = 400, 8.0
_GRID = [(-_REACH + (step + 0.5) * 2 * _REACH / _STEPS) for step in range(_STEPS)]
_WEIGHTS = [math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * 2 * _REACH / _STEPS for z in _GRID]


def _mean_square(function: Callable[[float], float], stddev: float) -> float:
    """``E[function(stddev z)²]`` over a standard normal z."""
    return math.fsum(weight * function(stddev * z) ** 2 for z, weight in zip(_GRID, _WEIGHTS, strict=True))


def depth(links: Sequence[Link], activation: str) -> Depth:
    """For input and output gradient of mean square 1; the last layer passes on what it computes itself."""
    function, slope = ACTIVATIONS[activation]
    square, activations, slopes = 1.0, [], []
    for index, link in enumerate(links):
        before = min(link.fan_in * link.variance * square + link.bias, 1e200)
        last = index == len(links) - 1
        stddev = math.sqrt(before)
        square = before if last else _scale(function, stddev, activation, power=1)
        slopes.append(1.0 if last else _scale(slope, stddev, activation, power=0))
        activations.append(math.sqrt(square))
    gradient, gradients = 1.0, []
    for link, factor in zip(reversed(links), reversed(slopes), strict=True):
        gradient *= factor
        gradients.append(math.sqrt(gradient))
        gradient = min(gradient * link.fan_out * link.variance, 1e200)
    return Depth(activations, gradients[::-1])


def _scale(function: Callable[[float], float], stddev: float, activation: str, power: int) -> float:
    """Homogeneous functions are scaled, so that no size of signal leaves the grid."""
    if activation in ("relu", "linear"):
        return _mean_square(function, 1.0) * stddev ** (2 * power)
    return _mean_square(function, stddev)
