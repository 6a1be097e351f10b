"""Flax NNX: the parameters are in the model's state."""

from functools import partial

from initport.emit.jax.emitter import Library
from initport.emit.jax.emitter import emit as emit_for

emit = partial(
    emit_for,
    library=Library("a Flax NNX model", "from flax import nnx", "nnx.state(model, nnx.Param)", "an NNX model"),
)
