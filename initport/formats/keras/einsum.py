"""The kernel and bias of an EinsumDense layer, whose axes its equation names.

Source: _analyze_einsum_string of keras/src/layers/core/einsum_dense.py.
"""

from collections.abc import Mapping
from typing import NamedTuple

from initport.formats.keras.node import Node, WrongValueError
from initport.ir.scalar import Dim, Scalar
from initport.ir.weights import Axis, Layout
from initport.regex import Pattern

_AXES = "([a-zA-Z]{1,32})"  # NumPy's arrays had no more
_EQUATION = Pattern(rf"(\.\.\.)?{_AXES}(\.\.\.)?,{_AXES}->(\.\.\.)?{_AXES}(\.\.\.)?")


class Einsum(NamedTuple):
    """``input_axes`` and ``output_axes`` are those of the kernel that Keras 3.15 takes the fans from."""

    kernel: Layout
    bias: Layout
    input_axes: tuple[int, ...]
    output_axes: tuple[int, ...]
    sizes: Mapping[str, int]


def analyze(config: Node, shape: tuple[int | None, ...] | None) -> Einsum:
    """Raises WrongValueError for an equation that Keras rejects."""
    node = config["equation"]
    found = _EQUATION.fullmatch((node.text() or "").replace(" ", ""))
    if found is None:
        raise WrongValueError(node, "the equation has none of the forms that EinsumDense takes")
    left, taken, _, weight, _, given, _ = found.groups()
    if not set(weight) <= set(taken) | set(given):
        raise WrongValueError(node, "the equation does not say how long each axis of the kernel is")
    bias_axes = config["bias_axes"].text() or ""
    if not set(bias_axes) <= set(given):
        raise WrongValueError(config["bias_axes"], "a bias axis is not an axis of the output")
    start = min((given.find(axis) for axis in bias_axes), default=len(given))
    return Einsum(
        kernel=Layout(tuple(_axis(letter) for letter in weight)),
        bias=Layout(tuple(_axis(letter) if letter in bias_axes else Axis(Scalar.of(1)) for letter in given[start:])),
        input_axes=tuple(index for index, letter in enumerate(weight) if letter not in given),
        output_axes=tuple(index for index, letter in enumerate(weight) if letter in given),
        sizes=_sizes(config["output_shape"], shape, taken, given, bool(left)),
    )


def _axis(letter: str) -> Axis:
    return Axis(Scalar.of(Dim(f"axis_{letter}")))


def _sizes(
    output: Node, shape: tuple[int | None, ...] | None, taken: str, given: str, elided_left: bool
) -> dict[str, int]:
    """Sizes by axis, from the input's shape and the output's (without its batch axis)."""
    known: dict[str, int] = {}
    if shape is not None and len(shape) >= len(taken):
        axes = shape[-len(taken) :] if elided_left else shape
        known |= {f"axis_{letter}": size for letter, size in zip(taken, axes, strict=False) if size}
    out = (output.size(),) if isinstance(output.value, int) else output.shape() or ()
    pairs = zip(reversed(given), reversed(out), strict=False) if elided_left else zip(given[1:], out, strict=False)
    return known | {f"axis_{letter}": size for letter, size in pairs if size}
