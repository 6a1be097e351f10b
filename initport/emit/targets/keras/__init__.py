"""Keras as a target."""

from initport.emit.target import Target

TARGET = Target(
    package=__name__,
    title="Keras",
    libraries=("keras",),
    layers="keras_layers",
    strings="keras_config",
    leaking=frozenset({"keras on torch"}),
    methods=frozenset({"get_config", "from_config", "clone"}),  # keras/src/initializers/initializer.py
    seeding="keras.utils.set_random_seed(SEED)",  # keras/src/random/seed_generator.py of Keras 3
)
