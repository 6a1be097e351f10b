"""Flax Linen as a target."""

from initport.emit.jax.constructor import jax_target

TARGET = jax_target(__name__, "Flax Linen", libraries=("jax", "flax"), extra="flax", layers="flax_layers")
