"""Keras as a target."""

from initport.emit.target import Target

TARGET = Target(
    package=__name__,
    name="keras",
    title="Keras",
    libraries=("keras",),
    layers="keras_layers",
    strings="keras_config",
    leaking=frozenset({"keras on torch"}),
    default_for=("source",),
)
