"""`verify`, `compare`, `match` and `report` take every kind of source, and `verify` runs every target."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.conversion import convert
from initport.emit.targets import target as target_named
from initport.formats.read_options import Options
from initport.grammar.versions import Versions
from initport.verify.measure import Job, measure
from tests.fixtures import FIXTURES
from tests.formats.caffe2.test_reader import net
from tests.formats.mxnet.test_reader import operator, symbol, variable
from tests.formats.onnx.test_reader import DRAW, model, node

PROGRAM = b"""
import tensorflow as tf

def build(x):
    return tf.layers.dense(x, 40, kernel_initializer=tf.contrib.layers.xavier_initializer(), name="fc")
"""

SOURCES: dict[str, bytes] = {
    "caffe.prototxt": (FIXTURES / "convert/lenet/input.prototxt").read_bytes(),
    "keras.json": (FIXTURES / "convert/keras_2/input.json").read_bytes(),
    "graph.meta": (FIXTURES / "graphs/layers_cnn.meta").read_bytes(),
    "init_net.pb": net(
        [("XavierFill", "fc_w", (40, 30), {}), ("ConstantFill", "fc_b", (40,), {})],
        [("FC", ["x", "fc_w", "fc_b"], {})],
    ).SerializeToString(),
    "net-symbol.json": symbol(
        variable("data"), variable("fc_weight", ["xavier", {}], (40, 30)),
        operator("FullyConnected", "fc", [0, 1], num_hidden="40", no_bias="True"),
    ),
    "model.onnx": model([DRAW], [node("MatMul", ["x", "w"], "fc")], {"w": "w0"}),
    "net.cfg": b"[net]\ninputs=30\n[connected]\noutput=40\n",
    "program.py": PROGRAM,
}  # fmt: skip

VERSIONS = Versions({"tensorflow": (1, 15, 5)})


def converted(name: str, target: str) -> Job:
    source = "python" if name.endswith(".py") else "auto"
    found = convert(SOURCES[name], path=name, source=source, target=target, options=Options(versions=VERSIONS))
    assert found.text is not None
    assert found.plan is not None
    return Job(name, found.text, found.plan)


SLOW = pytest.mark.slow  # tests/jax and tests/report show the same on fewer sources


@pytest.mark.parametrize(
    "target", ["torch", *(pytest.param(name, marks=SLOW) for name in ("keras", "flax-linen", "flax-nnx"))]
)
def test_verify_takes_every_source_for_every_target(target: str) -> None:
    missing = [library for library in target_named(target).libraries if find_spec(library) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    jobs = [converted(name, target) for name in SOURCES]
    for job, checks in zip(jobs, measure(jobs, target, effect=0.3), strict=True):
        assert checks, job.path
        drawn = {(check.entry.module, check.entry.place.name) for check in checks}
        assert drawn == {(entry.module, entry.place.name) for entry, _ in job.plan.emitted}, job.path
        assert [check.verdict.problem for check in checks if check.verdict.problem] == [], job.path


PORT = """
from torch import nn

def build():
    model = nn.Sequential()
    model.fc = nn.Linear(30, 40)
    {start}
    nn.init.zeros_(model.fc.bias)
    return model
"""

STARTS = {
    "init_net.pb": 'nn.init.kaiming_uniform_(model.fc.weight, nonlinearity="linear")',
    "net-symbol.json": "nn.init.xavier_uniform_(model.fc.weight)",
    "model.onnx": "nn.init.normal_(model.fc.weight, std=0.02)",
    "program.py": "nn.init.xavier_uniform_(model.fc.weight)",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, data in SOURCES.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(name: str, command: str, *arguments: str) -> Any:
    versions = ("--source-version", "tensorflow=1.15.5") if name.endswith(".py") else ()
    return CliRunner().invoke(main, [command, *versions, name, *arguments, "--quiet"])


QUICK = ("init_net.pb", "program.py")
"""A source of each way to be read: operators, and a program."""


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=SLOW) for name in STARTS])
def test_compare_and_match_take_every_source(folder: Path, name: str) -> None:
    port = f"port_{name.partition('.')[0].replace('-', '_')}"
    (folder / f"{port}.py").write_text(PORT.format(start=STARTS[name]))
    right = run(name, "compare", f"{port}:build", "--effect", "0.05")
    assert "same" in right.stdout, right.output
    assert right.exit_code == 0, right.output
    (folder / f"{port}_wrong.py").write_text(PORT.format(start="pass"))
    wrong = run(name, "compare", f"{port}_wrong:build", "--effect", "0.05")
    assert "PyTorch's own default" in wrong.stdout or name == "init_net.pb", wrong.output
    assert wrong.exit_code == 1
    matched = run(name, "match", f"{port}:build")
    assert matched.exit_code == 0
    assert "fc" in matched.stdout


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=SLOW) for name in SOURCES])
def test_report_takes_every_source(folder: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    assert run(name, "report", "-o", "report.html").exit_code == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<table" in page
    assert ("<svg" in page) is (name != "program.py"), "the size of its input is not known, and so no variance"
