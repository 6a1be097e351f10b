"""Flax NNX as a target."""

from initport.emit.jax.constructor import jax_target

TARGET = jax_target(__name__, "Flax NNX", libraries=("jax", "flax"), extra="flax", layers="flax_layers")
