"""Flax Linen: the parameters are a tree that its models are given."""

from functools import partial

from initport.emit.jax.emitter import Library
from initport.emit.jax.emitter import emit as emit_for

emit = partial(emit_for, library=Library("a Flax Linen model", "", "model", "a Linen model, which are given"))
