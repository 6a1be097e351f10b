"""How terms are printed: parentheses where they are needed, and nowhere else."""

import ast
import re

import pytest

from initport.emit.terms import Argument, Call, Function, Given, Parameter, Term, Word, name_sources, print_term, read


def given(text: str) -> Given:
    return Given("x", ast.parse(f"({text})", mode="eval").body, text)


@pytest.mark.parametrize(
    ("idiom", "source", "text"),
    [
        ("f(x)", "a", "f(a)"),
        ("f(x, y=2)", "a + b", "f(a + b, y=2)"),
        ("f(x)", "a if b else c", "f(a if b else c)"),
        ("f(x)", "a := b", "f((a := b))"),
        ("f(x)", "yield", "f((yield))"),
        ("2 * x", "a.b[0](c)", "2 * a.b[0](c)"),
        ("2 * x", "a * b", "2 * (a * b)"),
        ("x * 2", "a * b", "a * b * 2"),
        ("2 / x", "a / b", "2 / (a / b)"),
        ("x / 2", "a + b", "(a + b) / 2"),
        ("1 - x", "a - b", "1 - (a - b)"),
        ("x - 1", "a - b", "a - b - 1"),
        ("x ** 0.5", "-a", "(-a) ** 0.5"),
        ("x ** 0.5", "a ** b", "(a ** b) ** 0.5"),
        ("2 ** x", "-a", "2 ** -a"),
        ("-x", "a * b", "-(a * b)"),
        ("-x", "-a", "--a"),
        ("x * 2", "a or b", "(a or b) * 2"),
        ("x * 2", "lambda: 0", "(lambda: 0) * 2"),
        ("x * 2", "not a", "(not a) * 2"),
        ("(2 / 3) * x", "a", "2 / 3 * a"),
        ("2 / (3 * x)", "a", "2 / (3 * a)"),
        ("math.sqrt(2 / w.shape[0]) * x", "a", "math.sqrt(2 / w.shape[0]) * a"),
    ],
)
def test_parentheses(idiom: str, source: str, text: str) -> None:
    term = read(idiom, {"x": given(source)})
    assert print_term(term) == text
    filled = re.sub(r"\bx\b", f"({source})", idiom)
    assert ast.dump(ast.parse(text, mode="eval")) == ast.dump(ast.parse(filled, mode="eval"))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Function((), Word("0")), "lambda: 0"),
        (Function((Parameter("*"), Parameter("a", given("b or c"))), Word("a")), "lambda *, a=b or c: a"),
        (Function((Parameter("a", given("b := 1")), Parameter("**_")), Word("a")), "lambda a=(b := 1), **_: a"),
        (Call(Function((Parameter("w"),), Word("w")), (Argument(Word("t")),)), "(lambda w: w)(t)"),
        (name_sources(read("f(x, 2)", {"x": given("a + b")})), "f(x, 2)"),
    ],
)
def test_functions(term: Term, text: str) -> None:
    assert print_term(term) == text
