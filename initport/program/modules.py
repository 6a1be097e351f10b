"""Frameworks whose layers keep their parameters as attributes, which functions fill: those of which a grammar says
``gives: filled``. Those of others keep them under the names of ``attributes``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from initport.grammar.load import vocabulary
from initport.grammar.registry import heads, roots, source_grammars
from initport.grammar.rows import Grammar
from initport.ir.weights import Role
from initport.program.values import Made
from initport.regex import Pattern

CHANGED = (
    "set_data", "set_value", "fill", "initialize", "assign", "assign_add", "assign_sub", "set_weights", "copydata",
    "copyparams",
)  # fmt: skip
"""Methods that give a parameter, or the parameters of a layer, other values, in frameworks with ``attributes``."""
KEEPING = frozenset({"requires_grad_", "share_memory_"})
"""Methods of tensors that change no value, though their names end as of those that do (torch.Tensor)."""
SETTERS = frozenset({
    "assign", "assign_add", "assign_sub", "batch_set_value", "copyto", "set_value", "vector_to_parameters",
})  # fmt: skip
"""Functions of libraries that give the parameters which they are given other values."""
READ = ("data", "array", "value")
"""Attributes, or methods, of a parameter there that give its values, to be written to."""
_CHANGING = Pattern(
    rf"\.(?:{'|'.join((*CHANGED, *SETTERS))})\(|\bsetattr\(|\.(?:\w*initializer|_?init)\s*=[^=]"
    rf"|\.(?:{'|'.join(READ)})\s*(?:\[|=[^=]|\(\)\s*\[)|\[(?::|\.\.\.)\]\s*="
)
"""Signs that a text does so."""

METHODS = "torch.Tensor."
"""What the grammar of the layers calls the methods that fill a parameter, before their names."""


@cache
def packages() -> tuple[str, ...]:
    """The packages of these frameworks, as their names begin."""
    return tuple({f"{root}." for name, head in heads().items() if head.gives == "filled" for root in roots(name)})


@cache
def _of_attributes(filling: bool) -> tuple[str, ...]:
    """The packages of layers with ``attributes``; those alone whose initializers fill what they are called with."""
    grammars = {name: vocabulary(name).grammar for name in source_grammars()}
    names = [name for name, known in grammars.items() if known.attributes and not (filling and "shape" in known.called)]
    return tuple({root for name in names for root in roots(name)})


def may_fill(content: str) -> bool:
    """Whether a text can fill parameters at all."""
    if any(package.rstrip(".") in content for package in packages()):
        return True
    changing = _CHANGING.search(content) is not None
    calling = "nitializer" in content
    return (changing and any(root in content for root in _of_attributes(False))) or (
        calling and any(root in content for root in _of_attributes(True))
    )


@cache
def _layerless(root: str) -> tuple[str, ...]:
    names = [name for name in source_grammars() if root in roots(name)]
    return tuple(prefix for name in names for prefix in vocabulary(name).grammar.layerless)


def layerless(path: str) -> tuple[str, ...]:
    """How the names of a package begin that make no layers; ``path`` is one of its names."""
    return _layerless(path.partition(".")[0])


@cache
def _opaque() -> re.Pattern[str]:
    return re.compile("|".join(item for name in source_grammars() for item in vocabulary(name).grammar.opaque))


def is_opaque(path: str) -> bool:
    """Whether what a library has under that name makes layers that no row knows."""
    return _opaque().match(path) is not None


def is_module(paths: Iterable[str]) -> bool:
    """Whether an object is of such a framework; ``paths`` are what its class derives from."""
    return any(path.startswith(packages()) for path in paths)


@cache
def _grammar(layers: str) -> str:
    """The grammar of the initializers of a grammar's layers, where they are filled; empty otherwise."""
    own = vocabulary(layers).grammar.head.own if layers else ""
    return own if own and heads()[own].gives == "filled" else ""


def keeps_parameters(made: Made) -> bool:
    """Whether a layer is of such a framework."""
    return bool(_grammar(made.layer.framework))


def attributes(made: Made) -> Mapping[str, Sequence[Role]]:
    """The names under which a layer of another framework keeps its weights, by their roles."""
    return vocabulary(made.layer.framework).grammar.attributes if made.layer.framework else {}


def grammar_of(made: Made) -> Grammar:
    """The grammar that says how a layer of such a framework stores its weights."""
    return vocabulary(_grammar(made.layer.framework)).grammar
