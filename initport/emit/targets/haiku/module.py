"""Haiku: the parameters are dicts by module, and an initializer takes its key from the transformed function."""

from functools import partial

from initport.emit.jax.emitter import Library
from initport.emit.jax.emitter import emit as emit_for

_PROGRAMS = "initport.emit.targets.haiku.programs"

emit = partial(
    emit_for,
    library=Library(
        "a Haiku model",
        "import haiku as hk",
        "model",
        "a Haiku model, which are given",
        draws=f"{_PROGRAMS}.draw_in_transform",
        arguments=("initport.emit.jax.programs.constructors", f"{_PROGRAMS}.creators"),
    ),
)
