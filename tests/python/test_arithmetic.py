"""Arithmetic of the source as exact scalars."""

import ast

import pytest

from initport.python.arithmetic import elements, exact
from initport.python.scope import module_scope
from initport.python.text import Text


def value(source: str) -> str:
    *_, last = (tree := ast.parse(source)).body
    assert isinstance(last, ast.Expr)
    return str(exact(last.value, module_scope(tree, Text(source))))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("2", "2"),
        ("n", "n"),
        ("-n", "-n"),
        ("2 / n", "2 / n"),
        ("n * n", "n ** 2"),
        ("n + n", "2 * n"),
        ("n - n", "0"),
        ("n // 2", "(n // 2)"),
        ("n % 2", "(n % 2)"),
        ("n / 0", "(n / 0)"),
        ("n ** m", "(n ** m)"),
        ("n ** 1000", "(n ** 1000)"),
        ("math.sqrt(4)", "2"),
        ("np.sqrt(2. / n)", "sqrt(2 / n)"),
        ("n ** 0.5", "sqrt(n)"),
        ("pow(n, 0.5)", "sqrt(n)"),
        ("float(int(n))", "n"),
        ("tf.cast(n, tf.float32)", "n"),
        ("x.get_shape()[-1].value", "x.get_shape()[-1]"),
        ("np.prod([n, m, 2])", "2 * m * n"),
        ("np.prod(shape)", "np.prod(shape)"),
        ("f(n)", "f(n)"),
        ("n = 3\nn * m", "3 * m"),
        ("n = f(x)\nn", "n"),
        ("n = 3\nn = 4\nn", "n"),
        ("shape = [k, k, n]\nshape[0] * shape[-1]", "k * n"),
        ("shape = [k, k, n]\nshape[3]", "shape[3]"),
        ("shape = [k, k, n]\nnp.prod(shape[:-1])", "k ** 2"),
        ("shape = [k, *n]\nshape[0]", "shape[0]"),
        ("shape[i]", "shape[i]"),
    ],
)
def test_values(source: str, expected: str) -> None:
    assert value(source) == expected


def test_names_of_each_other_end() -> None:
    assert value("n = m\nm = n\nn") in ("n", "m")


def test_elements() -> None:
    source = "shape = (3, n)"
    tree = ast.parse(source)
    scope = module_scope(tree, Text(source))
    assert elements(ast.Name("shape"), scope) == [exact(ast.Constant(3), scope), exact(ast.Name("n"), scope)]
    assert elements(ast.Name("other"), scope) is None
