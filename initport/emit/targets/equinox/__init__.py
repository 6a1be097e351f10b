"""Equinox as a target."""

from initport.emit.jax.constructor import jax_target

TARGET = jax_target(__name__, "Equinox", libraries=("jax", "equinox"), extra="equinox", layers="equinox_layers")
