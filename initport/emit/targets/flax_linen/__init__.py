"""Flax Linen as a target."""

from initport.emit.target import Target

TARGET = Target(
    package=__name__,
    name="flax-linen",
    title="Flax Linen",
    libraries=("jax", "flax"),
    layers="flax_linen",
    strings="flax_linen",
    extra="flax",
    shared="initport.emit.jax",
    rewrites=False,
)
