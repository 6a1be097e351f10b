"""Flax NNX as a target."""

from initport.emit.target import Target

TARGET = Target(
    package=__name__,
    name="flax-nnx",
    title="Flax NNX",
    libraries=("jax", "flax"),
    layers="flax_nnx",
    strings="flax_nnx",
    extra="flax",
    shared="initport.emit.jax",
    rewrites=False,
)
