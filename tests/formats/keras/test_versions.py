"""The version and the dialect: as chosen, as stated, or as the config's words tell."""

import json
from typing import Any

import pytest

from initport.conversion import read
from initport.diagnostics import Code, InputError
from initport.formats.read_options import Options


def model(*layers: dict[str, Any], **root: Any) -> str:
    return json.dumps({"class_name": "Sequential", "config": list(layers), **root})


def dense(**config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": "d", "units": 3, **config}}


def scaling(distribution: str) -> dict[str, Any]:
    config = {"scale": 1.0, "mode": "fan_avg", "distribution": distribution, "seed": None}
    return {"class_name": "VarianceScaling", "config": config}


@pytest.mark.parametrize(
    ("stated", "framework", "version"),
    [
        ("1.2.2", "keras_config", (1, 2, 2)),
        ("2.0.2 ", "keras_config", (2, 0, 2)),
        ("2.3.1", "keras_config", (2, 3, 1)),
        ("2.2.4-tf", "tf_keras", (2, 2, 4)),
        ("2.1.6-tf", "tf_keras", (2, 1, 6)),
        ("2.4.0", "tf_keras", (2, 4, 0)),
        ("2.21.0", "tf_keras", (2, 21, 0)),
        ("3.0.5", "keras_config", (3, 0, 5)),
    ],
)
def test_stated(stated: str, framework: str, version: tuple[int, ...]) -> None:
    found = read(model(dense(), keras_version=stated), path="m.json")
    assert (found.model.framework, found.model.version, found.diagnostics) == (framework, version, ())


@pytest.mark.parametrize(
    ("layer", "framework", "version"),
    [
        (dense(init="glorot_uniform", bias=True), "keras_config", (1, 2, 2)),
        (dense(kernel_initializer=scaling("normal")), "keras_config", (2, 3, 1)),
        (dense(kernel_initializer=scaling("truncated_normal")), "tf_keras", (2, 21)),
        (dense(kernel_initializer={"class_name": "HeNormal", "config": {}}), "tf_keras", (2, 21)),
        ({**dense(), "registered_name": None, "module": "keras.layers"}, "keras_config", (3, 14)),
        (
            {**dense(kernel_initializer={"class_name": "HeNormal", "config": {"input_axes": None}}), "module": "keras"}
            | {"registered_name": None},
            "keras_config",
            (3, 15),
        ),
    ],
)
def test_inferred_and_said_once(layer: dict[str, Any], framework: str, version: tuple[int, ...]) -> None:
    found = read(model(layer, layer), path="m.json")
    assert (found.model.framework, found.model.version) == (framework, version)
    (said,) = found.diagnostics
    assert said.code is Code.ASSUMED_VERSION
    assert "--source-version" in said.detail


def test_the_users_choice_wins() -> None:
    text = model(dense(), keras_version="2.3.1")
    found = read(text, path="m.json", options=Options(version="2.2.4-tf"))
    assert (found.model.framework, found.model.version) == ("tf_keras", (2, 2, 4))
    with pytest.raises(InputError, match="not a version of Keras"):
        read(text, path="m.json", options=Options(version="newest"))
