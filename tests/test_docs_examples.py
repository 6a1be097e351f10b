"""Every command and every piece of Python on the site's pages runs, on small files of the names that they use."""

import json
import re
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.conversion import convert
from tests.test_docs import PAGES, ROOT

GUIDE = ROOT / "fixtures" / "guide"
LENET = ROOT / "fixtures" / "convert" / "lenet" / "input.prototxt"

ELSEWHERE = ("resnet.md", "automation.md")
"""Pages whose examples run in `test_docs`."""

OTHERS = ("--engine ray",)
"""What only another environment can run: `tests/scan/test_ray.py` does."""

MODEL = """
from init_weights import init_weights
from torch import nn


def build() -> nn.Module:
    layers = {"conv1": nn.Conv2d(1, 20, 5), "conv2": nn.Conv2d(20, 50, 5)}
    model = nn.ModuleDict({**layers, "ip1": nn.Linear(800, 500), "ip2": nn.Linear(500, 10)})
    init_weights(model)
    return model


build_net = build
"""


def blocks(languages: str) -> Iterator[tuple[str, str]]:
    """The page and the text of each block in one of the languages."""
    for path in PAGES:
        name = str(path.relative_to(ROOT / "docs"))
        if name not in ELSEWHERE:
            text = path.read_text(encoding="utf-8")
            for block in re.findall(rf"^```(?:{languages})\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
                yield name, block


def commands() -> Iterator[Any]:
    for page, block in blocks("|sh|console"):
        for line in block.splitlines():
            command = line.removeprefix("$ ")
            if command.startswith("initport ") and not any(word in command for word in OTHERS):
                slow = [pytest.mark.slow] if re.search(r":\w+$", command) else []  # it builds a model
                yield pytest.param(command, id=f"{page}: {command}", marks=slow)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of the names that the pages use."""
    for name in ("train_val.prototxt", "other_train_val.prototxt", "net.prototxt"):
        shutil.copy2(LENET, tmp_path / name)
    shutil.copy2(ROOT / "fixtures" / "codemod" / "slim_conv2d.in.py", tmp_path / "model.py")
    shutil.copy2(ROOT / "fixtures" / "graphs" / "by_hand.meta", tmp_path / "by_hand.ckpt.meta")
    shutil.copy2(GUIDE / "by_hand_port.py", tmp_path / "port.py")
    shutil.copy2(GUIDE / "lenet_port.json", tmp_path / "model.json")
    (tmp_path / "init_weights.py").write_text(convert(LENET.read_text(), target="torch").text or "")
    (tmp_path / "mypackage").mkdir()
    for name in ("__init__", "model", "models"):
        (tmp_path / "mypackage" / f"{name}.py").write_text(MODEL if name != "__init__" else "")
    (tmp_path / "repositories").mkdir()
    shutil.copy2(tmp_path / "model.py", tmp_path / "repositories")
    values = {"conv1.weight": (20, 1, 5, 5), "conv1.bias": (20,)}
    _safetensors(tmp_path / "state_at_step_0.safetensors", values)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def _safetensors(path: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    """Tensors of zeros."""
    header, end = {}, 0
    for name, shape in shapes.items():
        size = 4
        for length in shape:
            size *= length
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


@pytest.mark.parametrize("command", list(commands()))
def test_a_command_runs(command: str, folder: Path) -> None:
    if "code.parquet" in command:
        pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        columns = {"file": ["model.py"], "text": [(folder / "model.py").read_text()]}
        parquet.write_table(pa.table(columns), folder / "code.parquet")
    arguments = command.split()[1:]
    ran = CliRunner().invoke(main, [*arguments, "--effect", "0.2"] if arguments[0] == "compare" else arguments)
    assert ran.exit_code in (0, 1), ran.output
    assert ran.output
    assert ran.exception is None or isinstance(ran.exception, SystemExit)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=page, marks=[pytest.mark.slow] if "def test_" in text else [])
        for page, text in blocks("python")
    ],
)
def test_python_runs(text: str, folder: Path) -> None:
    before = "from mypackage.models import build_net\n" if "build_net" in text else ""
    namespace: dict[str, Any] = {}
    exec(compile(before + text, "<page>", "exec"), namespace)
    for name, function in namespace.items():
        if name.startswith("test_"):
            function()


def test_there_are_examples_of_each_kind() -> None:
    assert len(list(commands())) >= 6
    assert len(list(blocks("python"))) >= 4


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT / "docs")))
def test_commands_within_sentences_exist(page: Path) -> None:
    """`initport NAME --option` in the text: there are such commands and options."""
    for text in re.findall(r"`initport ([^`]+)`", page.read_text(encoding="utf-8")):
        name, *rest = text.replace("\n", " ").split()
        helped = CliRunner().invoke(main, [name, "--help"]) if name != "--version" else None
        assert helped is None or helped.exit_code == 0, text
        for option in rest:
            if option.startswith("--") and helped is not None:
                assert re.search(rf"{re.escape(option.partition('=')[0])}\b", helped.output), text
