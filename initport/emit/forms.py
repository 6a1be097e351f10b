"""What takes the place of a site, in the form that the place needs: what all targets share."""

import ast
from collections import Counter
from typing import TypeGuard

from initport.emit.decision import RefusedError
from initport.emit.terms import Argument, Call, Function, Given, Parameter, Term, Word, parts, read, sources
from initport.ir.initializers import TRUNCATED_VARIANCE
from initport.python.arguments import PLACEHOLDER
from initport.python.scope import resolve
from initport.python.sites import Site

_MAKERS = ("enum.", "typing.NamedTuple")
"""Classes of which an attribute becomes something else."""


def proved_call(site: Site, text: str) -> Call:
    """The term of a call that was proved equal, whose symbols stand for the source's expressions."""
    names: dict[str, Term] = {
        PLACEHOLDER + name: argument_of(site, name, node) for name, node in site.arguments.verbatim.items()
    }
    names[TRUNCATED_VARIANCE.name] = Word(repr(TRUNCATED_VARIANCE.value))
    call = read(text, names)
    assert isinstance(call, Call)
    return call


def argument_of(site: Site, parameter: str, node: ast.expr) -> Given:
    """An expression of the source as a term."""
    return Given(parameter, node, site.words(node))


def as_attribute(site: Site, term: Term) -> Term:
    """A function as it may stand at the site: one that a class would make a method of is wrapped.

    Raises RefusedError where the class itself uses the attribute: there a staticmethod cannot be called; or where its
    attributes are more than that."""
    if not site.place.attribute:
        return term
    bases = site.scope.node.bases if isinstance(site.scope.node, ast.ClassDef) else []
    if any(path.startswith(_MAKERS) for base in bases for path in resolve(base, site.scope)):
        raise RefusedError("a member or a field, which a function cannot be; give it a name outside of the class")
    assigned = {name for name, line in site.scope.lines.items() if line == site.line}
    used = {
        node.id for node in ast.walk(site.scope.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    if assigned & used:
        raise RefusedError("a class attribute that the class body itself uses; move it out of the class")
    return Call(Word("staticmethod"), (Argument(term),))


def is_function(term: Term) -> bool:
    """Whether a term is a function written out, which has no attributes of an initializer."""
    wrapped = isinstance(term, Call) and term.function == Word("staticmethod")
    return isinstance(term, Function) or wrapped


def factory(call: Term, result: Term, python2: bool) -> Function:
    """A function without arguments that gives the ``result`` of the ``call``. Raises RefusedError."""
    captured = captures(call)
    if captured and python2:
        raise RefusedError(
            "it needs a function with keyword-only parameters, which Python 2 lacks; call it at this place"
        )
    return Function((Parameter("*"), *captured) if captured else (), result)


def captures(term: Term) -> tuple[Parameter, ...]:
    """Parameters with the source's expressions as defaults, which evaluates them where they stood."""
    return tuple(Parameter(name, value) for name, value in sources(term).items())


def once(term: Term) -> bool:
    """Whether every expression of the source can stand in the call itself: just once, or without any effect."""
    counts = Counter(part.parameter for part in parts(term) if isinstance(part, Given))
    return all(counts[name] == 1 or is_plain(value.node) for name, value in sources(term).items())


def is_plain(node: ast.expr) -> bool:
    """Whether an expression only looks things up, so that leaving it out or repeating it changes nothing."""
    kinds = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(part, kinds) for part in ast.walk(node))


def is_given(node: ast.expr | None) -> TypeGuard[ast.expr]:
    """Whether there is an argument that is not None."""
    return node is not None and not (isinstance(node, ast.Constant) and node.value is None)
