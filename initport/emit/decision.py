"""What can become of a site in a target."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from initport.diagnostics import Code
from initport.emit.terms import Term, print_term
from initport.grammar.meaning import (
    MeaningError,
    RejectedError,
    UndecidedError,
    UnknownCallError,
    UnknownLayoutError,
)
from initport.ir.weights import Layout

NEEDS: Mapping[str, Code] = {
    "matrix": Code.NEEDS_MATRIX,
    "scalar": Code.NEEDS_SCALAR,
    "unpartitioned": Code.NEEDS_WHOLE,
    "dense": Code.NEEDS_DENSE,
    "conv": Code.NEEDS_CONV,
}
"""What can be assumed, and the code of what rests on it."""

Weights = tuple[tuple[Layout, Layout | None], ...]
"""The axes that a site's weights can have: in the source, and in the target (None where nothing is known of them)."""


@dataclass(frozen=True, slots=True)
class Replace:
    """``term`` takes the place of ``node``.

    It was proved on the ``weights``. ``statements`` are the imports that it needs, ``definitions`` the functions;
    ``assumed`` is what of the user's assumptions it rests on, and ``also`` what takes the place of other expressions
    with it."""

    term: Term
    node: ast.expr
    weights: Weights
    statements: tuple[str, ...] = ()
    assumed: frozenset[str] = frozenset()
    definitions: tuple[str, ...] = ()
    also: tuple[tuple[ast.expr, str], ...] = ()

    @property
    def text(self) -> str:
        return print_term(self.term)

    @property
    def code(self) -> Code:
        """Of the first assumption, where it rests on some."""
        return next((code for name, code in NEEDS.items() if name in self.assumed), Code.LEGACY)


@dataclass(frozen=True, slots=True)
class Keep:
    """The site has the target's form already."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """``assume`` is the assumption that would lift the refusal, if there is one."""

    reason: str
    code: Code
    assume: str | None = None


Decision = Replace | Keep | Refuse


class RefusedError(Exception):
    """There is no such replacement; the message says why and what can be done, ``assume`` what could be assumed."""

    def __init__(self, reason: str, assume: str | None = None, code: Code = Code.REFUSED_SITE) -> None:
        super().__init__(reason)
        self.assume = assume
        self.code = code if assume is None else NEEDS[assume]


def refuse(error: RefusedError | MeaningError) -> Refuse:
    match error:
        case RefusedError(code=code, assume=assume):
            return Refuse(str(error), code, assume)
        case MeaningError():
            return Refuse(str(error), next(code for kind, code in _CODES if isinstance(error, kind)))


_CODES: tuple[tuple[type[MeaningError], Code], ...] = (
    (RejectedError, Code.REJECTED_INITIALIZER),
    (UnknownCallError, Code.UNKNOWN_INITIALIZER),
    (UnknownLayoutError, Code.UNKNOWN_SHAPE),
    (UndecidedError, Code.UNDECIDED),
    (MeaningError, Code.UNSUPPORTED_INITIALIZER),
)
