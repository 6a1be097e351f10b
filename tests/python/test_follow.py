"""What expressions are made of, through names, each part once."""

import ast

import pytest

from initport.python.follow import Part, definition, evaluate, origins, parts
from initport.python.scope import Scope
from initport.python.syntax import Syntax, parse
from initport.python.text import Text


def last(source: str) -> Part:
    """The expression that the last statement is, and the block of the module."""
    tree = parse(source)
    statement = tree.body[-1]
    assert isinstance(statement, ast.Expr)
    return statement.value, Syntax.of(tree, Text(source)).scope


def inner(node: ast.expr, scope: Scope) -> list[Part] | None:
    bound, home = definition(node, scope)
    if bound is not node:
        return [(bound, home)]
    return [(item, scope) for item in node.elts] if isinstance(node, ast.List) else None


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        ("1\n", ["1"]),
        ("[]\n", []),
        ("[a, [b], c]\n", ["a", "b", "c"]),
        ("l = [a]\nm = l\n[m, b]\n", ["a", "b"]),
        ("l = [a]\n[l, l]\n", ["a"]),
        ("l = [l, a]\nl\n", ["a"]),
        ("l = [a]\nl = [b]\nl\n", ["l"]),
    ],
)
def test_origins(source: str, ends: list[str]) -> None:
    assert [ast.unparse(node) for node, _ in origins(last(source), inner)] == ends


def size(node: ast.expr, scope: Scope) -> tuple[list[Part], object] | None:
    within = inner(node, scope)
    return None if within is None else (within, sum)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("a\n", 1),
        ("[a, [b, c]]\n", 3),
        ("l = [a, b]\n[l, l]\n", 4),
        ("l = [l, a]\nl\n", 1),
        ("l0 = [a, a]\n" + "".join(f"l{n + 1} = [l{n}, l{n}]\n" for n in range(40)) + "l40\n", 2**41),
    ],
)
def test_evaluate(source: str, value: int) -> None:
    """Also where there are more ways to a part than could be gone."""
    assert evaluate(last(source), size, lambda node, scope: 1) == value  # type: ignore[arg-type]


def test_parts_are_each_once() -> None:
    nodes = [node for node, _ in parts(*last("b = c * 2\na = b + b\na\n"))]
    assert [node.value for node in nodes if isinstance(node, ast.Constant)] == [2]
