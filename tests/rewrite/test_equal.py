"""Weights that one initializer object starts alike: reported whether or not anything is converted.

Measured on Keras 3.15: two layers of one `HeNormal()` are equal, two of `"he_normal"`, or of an object each, are not.
"""

import pytest

from initport.grammar.version import parse_version
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome

HEAD = "import keras\nfrom keras import layers\n"
NEW, OLD = (Run(versions={"keras": parse_version(version)}) for version in ("3.0", "2.3.1"))

TWICE = (
    "i = keras.initializers.HeNormal()\n"
    "a = layers.Dense(3, kernel_initializer=i)\nb = layers.Dense(3, kernel_initializer=i)"
)

OPTIONS = "o = {'activation': 'relu', 'kernel_initializer': keras.initializers.HeNormal()}\n"


def test_calls_of_one_object() -> None:
    """TensorFlow 2.21: two calls of one `tf.initializers.RandomNormal()` on a shape give equal values."""
    source = (
        b"import tensorflow as tf\ni = tf.initializers.RandomNormal()\nv = tf.Variable(i([3])), tf.Variable(i([4]))\n"
    )
    found = outcome(source, run=Run(versions={"tensorflow": (2, 21)}))
    (finding,) = [item for item in found.findings if item.diagnostic.code.code == "IP606"]
    assert "it starts weights of `i([3])` and `i([4])`" in finding.diagnostic.detail
    assert not any(
        item.diagnostic.code.code == "IP606"
        for item in outcome(source, run=Run(versions={"tensorflow": (2, 4)})).findings
    )


def codes(body: str, run: Run = NEW) -> list[str]:
    return [item.diagnostic.code.code for item in outcome(f"{HEAD}{body}\n".encode(), run=run).findings]


@pytest.mark.parametrize(
    ("body", "run"),
    [
        pytest.param("i = keras.initializers.HeNormal()\na = layers.Dense(3, kernel_initializer=i)", NEW, id="once"),
        pytest.param(TWICE.replace("HeNormal", "Zeros"), NEW, id="a constant"),
        pytest.param(
            "a = layers.Dense(3, kernel_initializer='he_normal')\nb = layers.Dense(3, kernel_initializer='he_normal')",
            NEW,
            id="strings",
        ),
        pytest.param(
            "for n in sizes:\n    a = layers.Dense(n, kernel_initializer=keras.initializers.HeNormal())",
            NEW,
            id="an object each",
        ),
        pytest.param(TWICE, OLD, id="Keras 2.3"),
        pytest.param(
            f"{OPTIONS}a = layers.Dense(3, **o)\no['kernel_initializer'] = 'zeros'\nb = layers.Dense(3, **o)",
            NEW,
            id="a dict that changes",
        ),
        pytest.param(f"{OPTIONS}a = layers.Dense(3, **o)", NEW, id="a dict that one layer takes"),
    ],
)
def test_nothing_is_said(body: str, run: Run) -> None:
    assert "IP606" not in codes(body, run)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(TWICE, id="a module's name"),
        pytest.param("def f():\n    " + TWICE.replace("\n", "\n    "), id="a function's name"),
        pytest.param(
            "i = keras.initializers.HeNormal()\nfor n in sizes:\n    a = layers.Dense(n, kernel_initializer=i)",
            id="a loop",
        ),
        pytest.param(
            "i = keras.initializers.HeNormal()\na = [layers.Dense(3, kernel_initializer=i) for _ in range(2)]",
            id="a comprehension",
        ),
        pytest.param(TWICE.replace("HeNormal()", "GlorotUniform(seed=1)"), id="seeded"),
        pytest.param(f"{OPTIONS}a = layers.Dense(3, **o)\nb = layers.Dense(3, **o)", id="a dict of arguments"),
        pytest.param(
            "o = dict(kernel_initializer=keras.initializers.HeNormal(), use_bias=False)\n"
            "for n in sizes:\n    a = layers.Dense(n, **o)",
            id="a call of dict",
        ),
    ],
)
def test_equal_weights_are_reported(body: str) -> None:
    found = outcome(f"{HEAD}{body}\n".encode(), run=NEW)
    assert codes(body) == ["IP606"]
    assert found.after is None
    assert "`layers.Dense`" in found.diagnostics[0].detail
