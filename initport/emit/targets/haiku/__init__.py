"""Haiku as a target."""

from initport.emit.jax.constructor import jax_target

TARGET = jax_target(
    __name__, "Haiku", libraries=("jax", "haiku"), extra="haiku", layers="haiku_layers", strings="haiku_layers"
)
