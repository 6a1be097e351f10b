"""The help: what it must hold, and its examples, which are run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from initport.cli import COMMANDS, main
from initport.cli.click_options import Flag
from tests.fixtures import CASES, source

LENET = source(next(case for case in CASES if case.name == "lenet"))
KERAS = source(next(case for case in CASES if case.name == "keras_2"))
OLD = "import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer()\n"
FACTORY = """from torch import nn

def factory():
    return nn.Sequential(nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5), nn.Linear(800, 500), nn.Linear(500, 10))
"""

NETWORK = """import tensorflow as tf


def network(x):
    return tf.layers.dense(x, 10, name="out")
"""


def help_of(*command: str) -> str:
    return CliRunner().invoke(main, [*command, "--help"], terminal_width=120).stdout


def examples(text: str) -> list[str]:
    """The command lines under `Examples:`."""
    found = re.search(r"Examples?:\n((?: +initport .*\n)+)", text)
    return [line.strip() for line in found[1].splitlines()] if found else []


ALL = sorted({line for name in ((), *((name,) for name in COMMANDS)) for line in examples(help_of(*name))})


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    """A directory with what the examples name, and an environment in which `initport` runs this tree."""
    for name in ("train_val", "deploy", "lenet", "net"):
        (tmp_path / f"{name}.prototxt").write_bytes(LENET.read_bytes())
    (tmp_path / "solver.prototxt").write_text('net: "train_val.prototxt"\n')
    (tmp_path / "model.json").write_bytes(KERAS.read_bytes())
    (tmp_path / "model.py").write_text(OLD)
    (tmp_path / "network.py").write_text(NETWORK)
    (tmp_path / "src").mkdir()
    columns = {name: [OLD] for name in ("text", "content")}
    pq.write_table(pa.table({**columns, "file": ["model.py"]}), tmp_path / "code.parquet")
    (tmp_path / "src" / "model.py").write_text(OLD)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text(FACTORY)
    for directory in (".zfunc", ".local/share/bash-completion/completions", ".config/fish/completions", "bin"):
        (tmp_path / directory).mkdir(parents=True)
    for name, command in (("initport", "-m initport"), ("python", "")):
        script = tmp_path / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
        script.chmod(0o755)
    return {**os.environ, "HOME": str(tmp_path), "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}


SLOW = ("initport report", "initport compare", "initport match", "initport verify", "initport scan")
"""Commands that build a model or start processes, which their own tests do as well."""


@pytest.mark.parametrize("line", [pytest.param(line, marks=[pytest.mark.slow] * line.startswith(SLOW)) for line in ALL])
def test_an_example_runs(line: str, world: dict[str, str]) -> None:
    shell = shutil.which("bash") or "sh"
    ran = subprocess.run([shell, "-c", line], cwd=world["HOME"], env=world, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout or ">" in line or "--write" in line or "-o " in line or "--add-ignore" in line


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_how(name: str) -> None:
    text = help_of(name)
    assert examples(text), name
    command = main.get_command(main.make_context("initport", ["rules"]), name)
    assert command is not None
    for item in command.params:
        if isinstance(item, Flag):
            assert item.help, item.name
            assert f"{item.declared.group} options:" in text


def test_the_program_tells_of_its_world() -> None:
    text = help_of()
    for heading in ("Exit status:", "Environment:", "Files:", "Examples:", "Commands:"):
        assert heading in text
    assert all(f"\n  {name} " in text for name in COMMANDS)


COLORS = [
    ([], {}, False),
    (["--color", "always"], {}, True),
    (["--color", "always"], {"NO_COLOR": "1"}, True),
    (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ([], {"FORCE_COLOR": "1"}, True),
    ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ([], {"FORCE_COLOR": ""}, False),
]


@pytest.mark.parametrize(("arguments", "variables", "colored"), COLORS)
def test_color(arguments: list[str], variables: dict[str, str], colored: bool, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(OLD)
    runner = CliRunner(env={"NO_COLOR": None, "FORCE_COLOR": None, **variables})
    assert ("\x1b[" in runner.invoke(main, ["codemod", str(tmp_path), *arguments]).stdout) is colored


def test_the_help_of_all_loads_no_command() -> None:
    program = "import sys; from initport.cli import main; main(['--help'], standalone_mode=False)"
    program = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {program}"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name for name in ran.stderr.split() if name.startswith("initport.")}
    assert loaded == {"initport.cli", "initport.cli.plain", "initport.cli.commands"}
