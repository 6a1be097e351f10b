"""Modules that put something of their own in the place of an attribute of what they import."""

import pytest

from initport import codemod, explain
from tests.program.reading import lines

TF = "import tensorflow as tf\nfrom tensorflow import zeros_initializer\n"
OTHER = "lambda *_, **__: tf.ones_initializer()"
INITIALIZERS = "w = tf.get_variable('w', [6, 5], initializer={})\n"
CALLS = ("tf.zeros_initializer()", "zeros_initializer()", "tf.zeros_initializer", "tf.initializers.zeros()")


def converted(text: str) -> bool:
    return codemod(text, versions=("tf=1.15.5",)).changed


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "statement",
    [
        "",
        "tf.app.flags.zeros_initializer = 3",
        "class A:\n    def f(self):\n        self.zeros_initializer = 3",
        "other.zeros_initializer = 3",
        "assert tf.zeros_initializer == 3",
        "'''\ntf.zeros_initializer = 3\n'''",
        "setattr(other, 'zeros_initializer', 3)",
        "setattr(tf, 'ones_initializer', 3)",
    ],
)
def test_a_module_that_sets_something_else_changes_nothing(statement: str, call: str) -> None:
    assert converted(f"{TF}other = print\n{statement}\n{INITIALIZERS.format(call)}")


@pytest.mark.parametrize(
    ("statement", "calls"),
    [
        (f"tf.zeros_initializer = {OTHER}", CALLS[:3]),
        (f"import tensorflow as other\nother.zeros_initializer = {OTHER}", CALLS[:3]),
        (f"def patch():\n    tf.zeros_initializer = {OTHER}\npatch()", CALLS[:3]),
        (f"setattr(tf, 'zeros_initializer', {OTHER})", CALLS[:3]),
        (f"for name in NAMES: setattr(tf, name, {OTHER})", CALLS[:3]),
        (f"tf.initializers.zeros = {OTHER}", CALLS[3:]),
        ("import fake\ntf.initializers = fake", CALLS[3:]),
        ("import fake\nsetattr(tf, 'initializers', fake)", CALLS[3:]),
    ],
)
def test_an_initializer_that_is_bound_anew_is_refused(statement: str, calls: tuple[str, ...]) -> None:
    for call in calls:
        text = TF + statement + "\n" + INITIALIZERS.format(call)
        found = codemod(text, versions=("tf=1.15.5",))
        last = text.count("\n")
        at = [item for item in found.findings if item.location.line == last]
        assert f"initializer={call})" in str(found.text)
        assert ["sets this attribute of what it imports" in item.diagnostic.detail for item in at] == [True], call


LINEAR = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)
        self.b = nn.Conv2d(3, 4, 3)
"""


@pytest.mark.parametrize(
    ("statement", "known"),
    [
        ("", True),
        ("nn.Bilinear.reset_parameters = print", True),
        ("nn.Linear.reset_parameters = print", False),
        ("nn.Linear = nn.Identity", False),
        ("setattr(nn.Linear, 'reset_parameters', print)", False),
    ],
)
def test_defaults_of_a_layer_that_is_bound_anew_are_not_known(statement: str, known: bool) -> None:
    text = LINEAR.replace("nn\n", f"nn\n{statement}\n", 1)
    module = lines(text, versions={"torch": "2.1"})
    assert (module.get("a kernel") is not None, module["b kernel"] is not None) == (known, True)
    rows = explain(text, source="python", versions=("torch=2.1",)).rows
    assert [row["exact"] for row in rows if row["weight"]] == [known] * 2 + [True] * 2
