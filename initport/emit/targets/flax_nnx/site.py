"""Flax NNX in source code: initializers of JAX."""

from initport.emit.jax.rewriter import Rewriter

_REWRITER = Rewriter("flax_nnx", root="jax", own=frozenset({"jax"}))

decide, weights, names_written = _REWRITER.decide, _REWRITER.weights, _REWRITER.names_written
