"""The net that a solver names: a file below the solver's directory, or below the one that `--root` names."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main

NET = 'layer { name: "a" type: "InnerProduct" bottom: "x" top: "a" inner_product_param { num_output: 4 } }\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose solver names its net from the top, as Caffe's examples do."""
    for name, text in (
        ("examples/mnist/solver.prototxt", 'net: "models/net.prototxt"\n'),
        ("models/net.prototxt", NET),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(item) for item in arguments])


SOLVER = "examples/mnist/solver.prototxt"


@pytest.mark.parametrize("command", ["convert", "explain"])
@pytest.mark.parametrize(
    ("here", "solver", "root"),
    [
        (".", SOLVER, "."),
        (".", f"./{SOLVER}", "./examples/.."),
        (".", SOLVER, "{}"),
        (".", f"{{}}/{SOLVER}", "."),
        ("/", f"{{}}/{SOLVER}", "{}"),
        ("examples", "mnist/solver.prototxt", ".."),
        ("examples/mnist", "solver.prototxt", "../.."),
        ("models", f"../{SOLVER}", ".."),
    ],
)
def test_root_names_the_directory(
    tree: Path, monkeypatch: pytest.MonkeyPatch, command: str, here: str, solver: str, root: str
) -> None:
    monkeypatch.chdir(tree / here)
    found = run(command, solver.format(tree), "--root", root.format(tree))
    assert found.exit_code == 0, found.output
    assert "a" in found.stdout


@pytest.mark.parametrize("arguments", [[], ["--root", "examples"], ["--root", "nowhere"]])
def test_other_directories_are_not_read(tree: Path, arguments: list[str]) -> None:
    found = run("convert", SOLVER, *arguments)
    assert found.exit_code == 2
    assert "pass the directory that it is relative to as `--root`" in found.stderr


def test_a_link_that_leads_out_is_not_followed(tree: Path) -> None:
    outside = tree / "outside"
    (tree / "models").rename(outside)
    inside = tree / "examples" / "mnist" / "models"
    os.symlink(outside, inside)
    assert run("convert", SOLVER).exit_code == 2
    assert run("convert", SOLVER, "--root", "examples/mnist").exit_code == 2
    inside.unlink()
    outside.rename(inside)
    assert run("convert", SOLVER).exit_code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_read(tree: Path) -> None:
    (tree / "models" / "net.prototxt").unlink()
    os.mkfifo(tree / "models" / "net.prototxt")
    assert run("convert", SOLVER, "--root", ".").exit_code == 2


def test_root_has_no_use_for_source_code(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("")
    found = run("convert", path, "--root", ".")
    assert found.exit_code == 2
    assert "`--root` has no use for" in found.output
