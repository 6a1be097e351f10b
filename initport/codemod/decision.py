"""What can become of a site in a target."""

import ast
from dataclasses import dataclass

from initport.ir.weights import Layout

Weights = tuple[tuple[Layout, Layout | None], ...]
"""The axes that a site's weights can have: in the source, and in the target (None where nothing is known of them)."""


@dataclass(frozen=True, slots=True)
class Replace:
    """``text`` takes the place of ``node``; ``anchor`` is the function's name in it, within whose parentheses comments
    go.

    It was proved on the ``weights``. ``statements`` are the imports that it needs, ``assumed`` is what of the user's
    assumptions it rests on."""

    text: str
    anchor: str
    node: ast.expr
    weights: Weights
    statements: tuple[str, ...] = ()
    assumed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Keep:
    """The site has the target's form already."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """``assume`` is the assumption that would lift the refusal, if there is one."""

    reason: str
    assume: str | None = None


Decision = Replace | Keep | Refuse


class RefusedError(Exception):
    """There is no such replacement; the message says why and what can be done, ``assume`` what could be assumed."""

    def __init__(self, reason: str, assume: str | None = None) -> None:
        super().__init__(reason)
        self.assume = assume
