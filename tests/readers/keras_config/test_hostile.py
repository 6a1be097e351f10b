"""Whatever stands at any key, the answer is a module or a diagnostic with the path, soon and in bounded memory."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from initport.conversion import convert

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


def put(path: Path, value: Any) -> Any:
    if not path:
        return value
    result = copy.deepcopy(MODEL)
    at: Any = result
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return result


@pytest.mark.parametrize("path", list(paths(MODEL)), ids=lambda path: ".".join(map(str, path)) or "root")
def test_any_value_at_any_key(path: Path) -> None:
    for value in VALUES:
        for target in ("torch", "keras"):
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
