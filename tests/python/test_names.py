"""What names stand for: imports, aliases, shadowing."""

import ast

import pytest

from initport.python.scope import DOUBT, Scope, bound_names, module_scope, resolve
from initport.python.text import Text


def scope_of(source: str) -> Scope:
    return module_scope(ast.parse(source), Text(source))


def resolved(source: str, expression: str) -> set[str]:
    return set(resolve(ast.parse(expression, mode="eval").body, scope_of(source)))


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        pytest.param("", "tf.x", id="nothing binds it"),
        pytest.param("tf = load()", "tf.x", id="a call's result"),
        pytest.param("a = b\nb = a", "a.x", id="a circle of aliases"),
        pytest.param("a, *b = x, y, z", "a.x", id="a starred target"),
    ],
)
def test_unknown(source: str, expression: str) -> None:
    assert resolved(source, expression) == set()


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        pytest.param("import tensorflow as tf\ntf = 1", "tf.x", id="bound again to something else"),
        pytest.param("import tensorflow as tf\nfor tf in y: pass", "tf.x", id="bound by a loop"),
        pytest.param("import tensorflow as tf\nwith y as tf: pass", "tf.x", id="bound by with"),
        pytest.param("import tensorflow as tf\ndef tf(): pass", "tf.x", id="bound by def"),
        pytest.param("import tensorflow as tf\ntry: pass\nexcept E as tf: pass", "tf.x", id="bound by except"),
        pytest.param("import tensorflow as tf\nmatch y:\n  case tf: pass", "tf.x", id="bound by case"),
        pytest.param("import tensorflow as tf\ndef f():\n  global tf\n  tf = 1", "tf.x", id="bound through global"),
        pytest.param("import tensorflow as tf\nif (tf := y): pass", "tf.x", id="bound by an expression"),
        pytest.param("import tensorflow as tf\n[tf := y for y in z]", "tf.x", id="bound out of a comprehension"),
    ],
)
def test_doubt(source: str, expression: str) -> None:
    assert resolved(source, expression) == {"tensorflow.x", f"{DOUBT}.x"}


@pytest.mark.parametrize(
    ("source", "expression", "path"),
    [
        ("import tensorflow as tf", "tf.a.b", "tensorflow.a.b"),
        ("import tensorflow.contrib.slim", "tensorflow.contrib.x", "tensorflow.contrib.x"),
        ("import tensorflow.contrib.slim as slim", "slim.x", "tensorflow.contrib.slim.x"),
        ("from tensorflow.contrib import slim", "slim.x", "tensorflow.contrib.slim.x"),
        ("from tensorflow.contrib.layers import f as g", "g", "tensorflow.contrib.layers.f"),
        ("import tensorflow as tf\nslim = tf.contrib.slim", "slim.x", "tensorflow.contrib.slim.x"),
        ("import tensorflow as tf\na, b = tf.x, tf.y", "b.z", "tensorflow.y.z"),
        ("import tensorflow as tf\na: object = tf.x", "a.z", "tensorflow.x.z"),
        ("import tensorflow as tf", "getattr(tf.contrib.layers, 'f')", "tensorflow.contrib.layers.f"),
        ("from .local import f", "f", ".local.f"),
        ("import tensorflow as tf\ntf.f()\ndel tf", "tf.x", "tensorflow.x"),
        ("try:\n  import tensorflow as tf\nexcept E:\n  tf = None", "tf.x", "tensorflow.x"),
        ("import tensorflow as tf\nf(t := tf.contrib)", "t.x", "tensorflow.contrib.x"),
        ("import tensorflow as tf", "(t := tf.contrib).x", "tensorflow.contrib.x"),
        ("import tensorflow as tf\n[tf for tf in y]", "tf.x", "tensorflow.x"),
        ("from base import *", "tf.x", "tensorflow.x"),
    ],
)
def test_known(source: str, expression: str, path: str) -> None:
    assert resolved(source, expression) == {path}


def test_both_branches_of_a_try() -> None:
    source = "try:\n  import tensorflow.compat.v1 as tf\nexcept ImportError:\n  import tensorflow as tf"
    assert resolved(source, "tf.x") == {"tensorflow.compat.v1.x", "tensorflow.x"}


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("import tensorflow as tf\ntf1 = tf.compat.v1 if a else tf", {"tensorflow.compat.v1.x", "tensorflow.x"}),
        ("import tensorflow as tf\ntf1 = tf.compat.v1 if a else f()", {"tensorflow.compat.v1.x", f"{DOUBT}.x"}),
        ("tf1 = f() if a else g()", set()),
        ("from ..compat import tfv1 as tf1", {"..compat.tfv1.x", "tensorflow.x"}),
        ("from tensorflow.compat import v1 as tf1", {"tensorflow.compat.v1.x"}),
    ],
)
def test_a_choice(source: str, paths: set[str]) -> None:
    assert resolved(source, "tf1.x") == paths


def test_a_name_for_a_part_of_itself() -> None:
    source = "import tensorflow as tf\ntf = tf.compat.v1"
    assert resolved(source, "tf.x") == {"tensorflow.compat.v1.x", "tensorflow.x"}


def test_a_parameter_shadows_the_import() -> None:
    scope = scope_of("import tensorflow as tf\ndef f(tf): pass\ndef g(): pass")
    shadowed, seen = scope.read_all().children.values()
    expression = ast.parse("tf.x", mode="eval").body
    assert not resolve(expression, shadowed)
    assert resolve(expression, seen) == {"tensorflow.x"}


def test_a_class_body_does_not_enclose_its_methods() -> None:
    scope = scope_of("import tensorflow as tf\nclass A:\n  tf = None\n  def f(self): pass")
    (body,) = scope.children.values()
    (method,) = body.read().children.values()
    expression = ast.parse("tf.x", mode="eval").body
    assert not resolve(expression, body)
    assert resolve(expression, method) == {"tensorflow.x"}


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("a.b", []),
        ("a.b.c", []),
        ("f().b", []),
        ("a[i].b", []),
        ("a", ["a"]),
        ("a.b, c", ["c"]),
        ("a, [b, *c]", ["a", "b", "c"]),
        ("f(x := 1).b", ["x"]),
        ("a[(x := 1)].b.c", ["x"]),
    ],
)
def test_names_that_a_target_binds(target: str, names: list[str]) -> None:
    (statement,) = ast.parse(f"{target} = 1").body
    assert isinstance(statement, ast.Assign)
    assert sorted(bound_names(statement.targets[0])) == names
