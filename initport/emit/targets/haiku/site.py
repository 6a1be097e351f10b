"""Haiku in source code: its own initializers."""

from initport.emit.jax.rewriter import Rewriter

_CONSTANTS = {f"jnp.{name}": f"hk.initializers.Constant({value})" for value, name in enumerate(("zeros", "ones"))}

_REWRITER = Rewriter("haiku", root="haiku", own=frozenset({"haiku_layers"}), instead=_CONSTANTS)

decide, weights, names_written = _REWRITER.decide, _REWRITER.weights, _REWRITER.names_written
