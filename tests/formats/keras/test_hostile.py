"""Whatever stands at any key, the answer is a module or a diagnostic with the path, soon and in bounded memory."""

import ast
import copy
import io
import json
import pathlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import h5py
import pytest

from initport.conversion import convert
from initport.diagnostics import Code
from initport.emit.targets import names
from tests.fixtures import CASES, source

TARGETS = list(names())

MODEL: dict[str, Any] = {
    "class_name": "Sequential",
    "keras_version": "2.4.0",
    "config": {
        "name": "m",
        "layers": [
            {
                "class_name": "Conv2D",
                "config": {
                    "name": "conv",
                    "filters": 4,
                    "kernel_size": [3, 3],
                    "strides": [1, 1],
                    "padding": "same",
                    "data_format": "channels_last",
                    "use_bias": True,
                    "batch_input_shape": [None, 8, 8, 3],
                    "kernel_initializer": {
                        "class_name": "VarianceScaling",
                        "config": {"scale": 2.0, "mode": "fan_in", "distribution": "normal", "seed": None},
                    },
                },
            },
            {
                "class_name": "Bidirectional",
                "config": {"name": "b", "layer": {"class_name": "LSTM", "config": {"name": "l", "units": 3}}},
            },
            {"class_name": "BatchNormalization", "config": {"name": "bn", "axis": -1, "scale": True}},
            {"class_name": "EinsumDense", "config": {"name": "e", "equation": "ab,bc->ac", "output_shape": [3]}},
        ],
    },
}
VALUES: list[Any] = [
    None, True, -1, 0, 1e999, float("nan"), 10**400, "", "x\n\"'''\u202e", "\ud800", [], {}, [[]], [None], ["a", 1],
    {"class_name": 5}, {"class_name": "Dense", "config": None}, [1] * 7, 3.7, {"items": [1]},
]  # fmt: skip

Path = tuple[Any, ...]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*path, key))


def put(path: Path, value: Any, model: dict[str, Any] = MODEL) -> Any:
    if not path:
        return value
    result = copy.deepcopy(model)
    at: Any = result
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return result


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", list(paths(MODEL)), ids=lambda path: ".".join(map(str, path)) or "root")
def test_any_value_at_any_key(path: Path, every: bool) -> None:
    """For the targets in turn, or for all."""
    for index, value in enumerate(VALUES):
        for target in ("torch", "keras") if every else (TARGETS[index % 2],):
            result = convert(json.dumps(put(path, value)), path="m.json", target=target)
            assert (result.text is None) == (result.exit_code == 2)
            assert all(len(str(item)) < 2_000 for item in result.diagnostics)
            if result.text is not None:
                ast.parse(result.text)
                result.text.encode()


def test_names_reach_the_code_as_literals_only() -> None:
    name = '"): __import__("os").system("true"), ("'
    text = json.dumps(put(("config", "layers", 0, "config", "name"), name))
    for target in ("torch", "keras"):
        found = convert(text, path="m.json", target=target).text
        assert found is not None
        assert name in {node.value for node in ast.walk(ast.parse(found)) if isinstance(node, ast.Constant)}
        assert "__import__" not in {node.id for node in ast.walk(ast.parse(found)) if isinstance(node, ast.Name)}


def wrapped(times: int, how: str) -> str:
    record: dict[str, Any] = {"class_name": "Dense", "config": {"name": "d", "units": 3}}
    for _ in range(times):
        inner = {"name": "w", "layer": record} if how == "TimeDistributed" else [record]
        record = {"class_name": how, "config": inner}
    return json.dumps({"class_name": "Sequential", "config": [record]})


def unfolding() -> str:
    """Thirty models that each hold the one before three times: 3**30 layers in three kilobytes of YAML."""
    lines = ["a0: &a0 {class_name: Dense, config: {units: 3}}"]
    lines += [f"a{i + 1}: &a{i + 1} {{class_name: Sequential, config: [*a{i}, *a{i}, *a{i}]}}" for i in range(30)]
    return "\n".join([*lines, "class_name: Sequential", "config: [*a30]"])


def laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]" for i in range(20)]
    return "\n".join([*lines, "class_name: Sequential", "config: *a20"])


def merged() -> str:
    """Twelve mappings that each merge the one before nine times."""
    lines = ["m0: &m0 {a: 1}"]
    lines += [f"m{i + 1}: &m{i + 1} {{<<: [{', '.join([f'*m{i}'] * 9)}], b: 1}}" for i in range(12)]
    return "\n".join([*lines, "class_name: Sequential", "config: [*m12]"])


def sequential(kind: str, *configs: dict[str, Any]) -> str:
    layers = [{"class_name": kind, "config": config} for config in configs]
    return json.dumps({"class_name": "Sequential", "keras_version": "2.4.0", "config": layers})


def scaled(number: int) -> list[dict[str, Any]]:
    how = "VarianceScaling"
    return [{"kernel_initializer": {"class_name": how, "config": {"scale": 1 + i}}} for i in range(number)]


def stacked(number: int) -> str:
    cell = {"class_name": "LSTMCell", "config": {"units": 3}}
    return sequential("RNN", {"cell": {"class_name": "StackedRNNCells", "config": {"cells": [cell] * number}}})


def named(length: int, number: int) -> str:
    """A model whose name stands before those of its layers."""
    return sequential("Sequential", {"name": "n" * length, "layers": [json.loads(DENSE)] * number})


DENSE = json.dumps({"class_name": "Dense", "config": {}})
HUGE = {
    "deep lists": "[" * 1_000_000,
    "deep mappings": '{"class_name":"Sequential","config":' * 100_000,
    "deep wrappers": wrapped(150, "TimeDistributed"),
    "deep models": wrapped(150, "Sequential"),
    "a million layers": f'{{"class_name":"A","config":[{",".join(["{}"] * 1_000_000)}]}}',
    "long text": f'{{"class_name":"A","config":[{",".join(["[[]]"] * 2_500_000)}]}}',
    "layers": f'{{"class_name":"A","config":[{",".join([DENSE] * 30_000)}]}}',
    "unfolding": unfolding(),
    "laughs": laughs(),
    "initializers": sequential("Dense", *({"units": 1 + i} for i in range(2_600))),
    "initializers of one layer": sequential("Foo", {f"k{i}_initializer": "foo" for i in range(100_000)}),
    "spellings": sequential("Dense", *scaled(600)),
    "weights": sequential("BatchNormalization", *[{}] * 8_000),
    "cells": stacked(16_000),
    "names": named(1_000_000, 11),
    "merged": merged(),
    "flow": f"class_name: Sequential\nconfig: [{', '.join(['{}'] * 100_000)}]",
    "recursive": "&a\nclass_name: Sequential\nconfig: [*a]\n",
}

LIMITED = """
import resource, sys
from initport.conversion import convert
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
data = sys.stdin.buffer.read()
result = convert(data, source="keras", path="m.json")
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) // 1024
print(result.exit_code, len(result.diagnostics), peak)
"""


@pytest.mark.parametrize("name", HUGE)
def test_huge_inputs_are_told_and_take_little(name: str) -> None:
    """No hang (the time-out is far beyond any machine's need), and no more memory than is promised."""
    program = [sys.executable, "-c", LIMITED]
    ran = subprocess.run(program, input=HUGE[name].encode(), capture_output=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr.decode()
    status, told, megabytes = ran.stdout.split()
    assert (int(status), int(told)) == (2, 1)
    assert int(megabytes) < 500


def every_layer() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each layer of the fixtures by itself, or a model of them whole."""
    for case in CASES:
        if source(case).suffix == ".json":
            model = json.loads(source(case).read_text(encoding="utf-8"))
            whole = not isinstance(model["config"], list)
            for record in [model] if whole else model["config"]:
                name = record["config"]["name"]
                yield f"{case.name}-{name}", model if whole else {**model, "config": [record]}


LAYERS = dict(every_layer())


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (index % 4 > 0)) for index, name in enumerate(LAYERS)]
)
def test_any_value_in_any_layer(name: str) -> None:
    """Every key (of a large model, a hundred of them) gets one of the values, the values in turn."""
    every = list(paths(LAYERS[name]))
    for index, path in enumerate(every[:: 1 + len(every) // 100]):
        value = VALUES[index % len(VALUES)]
        result = convert(json.dumps(put(path, value, LAYERS[name])), path="m.json", target=TARGETS[index % 2])
        assert (result.text is None) == (result.exit_code == 2)
        assert all(item.location.path == "m.json" for item in result.diagnostics)
        if result.text is not None:
            ast.parse(result.text)


@pytest.mark.parametrize(("kind", "config", "key"), [
    ("ParametricSoftplus", {"alpha_init": float("inf")}, "alpha_init"),
    ("ParametricSoftplus", {"beta_init": ["a"]}, "beta_init"),
    ("PReLU", {"shared_axes": [7], "batch_input_shape": [None, 4]}, "shared_axes"),
    ("SReLU", {"shared_axes": ["x"], "batch_input_shape": [None, 4]}, "shared_axes"),
])  # fmt: skip
def test_the_path_of_what_is_wrong_is_told(kind: str, config: dict[str, Any], key: str) -> None:
    text = {"class_name": "Sequential", "keras_version": "1.2.2", "config": [{"class_name": kind, "config": config}]}
    (said,) = convert(json.dumps(text), path="m.json").diagnostics
    assert (said.code, said.location.key) == (Code.REJECTED_LAYER, f"config[0].config.{key}")


MANY = [1] * 100_000


@pytest.mark.parametrize(("kind", "config", "code"), [
    ("Dense", {"kernel_initializer": {"class_name": "Constant", "config": {"value": MANY}}}, Code.REJECTED_INITIALIZER),
    ("Dense", {"kernel_initializer": {"class_name": "Zeros", "config": {f"k{i}": 1 for i in range(100)}}},
     Code.REJECTED_INITIALIZER),
    ("LayerNormalization", {"axis": MANY, "batch_input_shape": [None, 2**31 - 1]}, Code.REJECTED_LAYER),
    ("EinsumDense", {"equation": f"{'a' * 99},{'a' * 99}->a", "output_shape": 3}, Code.REJECTED_LAYER),
    ("Conv2D", {"kernel_size": MANY}, Code.REJECTED_LAYER),
])  # fmt: skip
def test_what_is_longer_than_any_tensor_has_axes_is_refused(kind: str, config: dict[str, Any], code: Code) -> None:
    assert [item.code for item in convert(sequential(kind, config), path="m.json").diagnostics] == [code]


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_file_cut_short_anywhere_is_told(ending: str, tmp_path: pathlib.Path) -> None:
    data = container(ending, tmp_path)
    assert convert(data, path=f"m.{ending}").exit_code == 0
    for length in range(0, len(data), max(1, len(data) // (8 if ending == "h5" else 40))):  # HDF5 has its own process
        result = convert(data[:length], path=f"m.{ending}")
        assert result.exit_code == 2 or result.text is not None


def container(ending: str, folder: pathlib.Path) -> bytes:
    text = json.dumps(MODEL | {"config": MODEL["config"]})
    if ending == "keras":
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("metadata.json", json.dumps({"keras_version": "2.4.0"}))
            archive.writestr("config.json", text)
        return stream.getvalue()
    with h5py.File(folder / "m.h5", "w") as file:
        file.attrs["model_config"] = text
        file.create_dataset("weights", data=[0.0] * 100)
    return (folder / "m.h5").read_bytes()
