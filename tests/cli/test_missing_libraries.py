"""Commands that run a framework, where it is not installed: the extra is named, in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LENET = str(ROOT / "fixtures" / "convert" / "lenet" / "input.prototxt")
MODEL = str(ROOT / "fixtures" / "guide" / "resnet18.py") + ":ResNet"

BLOCK = """
import sys
from importlib.machinery import PathFinder

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {names!r} else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
"""


def run(tmp_path: Path, blocked: tuple[str, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    """In this process's environment, and in those that it starts, the blocked packages cannot be imported."""
    (tmp_path / "sitecustomize.py").write_text(BLOCK.format(names=set(blocked)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ["PYTHONPATH"]))}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("blocked", "arguments", "missing"),
    [
        (("numpy", "torch"), ("compare", LENET, MODEL), "numpy"),
        (("torch",), ("compare", LENET, MODEL), "torch"),
        (("numpy", "torch"), ("match", LENET, MODEL), "numpy"),
        (("torch",), ("match", LENET, MODEL), "torch"),
        (("torch",), ("verify", LENET), "PyTorch"),
        (("keras",), ("verify", LENET, "--to", "keras"), "Keras"),
    ],
)
def test_the_extra_is_named(tmp_path: Path, blocked: tuple[str, ...], arguments: tuple[str, ...], missing: str) -> None:
    ran = run(tmp_path, blocked, "-m", "initport", *arguments)
    assert ran.returncode == 2
    assert missing in ran.stderr
    assert "pip install 'initport[verify]'" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""


def test_the_library_names_it_too(tmp_path: Path) -> None:
    program = f"import initport\ninitport.verify(open({LENET!r}).read(), path='net.prototxt')"
    ran = run(tmp_path, ("numpy", "torch"), "-c", program)
    assert ran.stderr.rstrip().endswith("numpy is not installed in this environment: pip install 'initport[verify]'")


@pytest.mark.parametrize(("command", "blocked"), [("report", "matplotlib"), ("scan", "pyarrow")])
def test_other_extras(tmp_path: Path, command: str, blocked: str) -> None:
    ran = run(tmp_path, (blocked,), "-m", "initport", command, LENET, "-o", str(tmp_path / "out"))
    assert ran.returncode == 2
    assert f"{blocked} is not installed" in ran.stderr
    assert f"initport[{command}]" in ran.stderr
    assert "Traceback" not in ran.stderr
