"""Equinox: the parameters are leaves of the model itself, and no constructor takes an initializer."""

from functools import partial

from initport.emit.jax.emitter import Library
from initport.emit.jax.emitter import emit as emit_for

_TREE = """eqx.filter(
        model,
        eqx.is_inexact_array,
        is_leaf=lambda node: isinstance(node, eqx.nn.StateIndex),
    )"""

emit = partial(
    emit_for,
    library=Library(
        "an Equinox model",
        "import equinox as eqx",
        _TREE,
        "an Equinox model; its state is none",
        paths="initport.emit.targets.equinox.programs.leaves",
        arguments=(),
    ),
)
