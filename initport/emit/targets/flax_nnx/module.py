"""Flax NNX: a module with constructor arguments for every layer, and ``init_weights``."""

from initport.emit.jax.emitter import Library
from initport.emit.jax.emitter import emit as emitted
from initport.emit.plan import Plan
from initport.grammar.meaning import Vocabulary
from initport.ir.model import Model

_LIBRARY = Library(
    title="a Flax NNX model",
    statement="from flax import nnx\n",
    tree="nnx.state(model, nnx.Param)",
    given="an NNX model",
)


def emit(model: Model, plan: Plan, target: Vocabulary) -> str:
    """The text of the module."""
    return emitted(model, plan, target, _LIBRARY)
