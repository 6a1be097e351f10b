"""The findings of networks: excerpts, selection and ignore comments."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main
from initport.diagnostics import Code, Diagnostic
from initport.findings.network_findings import findings
from initport.ir.location import Location

LAYER = (
    'layer { name: "%s" type: "Convolution" convolution_param { num_output: 4 kernel_size: 3 weight_filler { %s } } }\n'
)
IGNORED = LAYER % ("ignored", 'type: "xavier" std: 0.01')
REJECTED = LAYER % ("rejected", 'type: "gaussian" std: 0')
FINE = LAYER % ("fine", 'type: "xavier"')


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["convert", *map(str, arguments)])


def codes(text: str, *arguments: str, path: Path) -> tuple[list[str], int]:
    path.write_text(text)
    ran = run(path, "-o", path.with_suffix(".py"), "--output-format", "json", *arguments)
    return [item["code"] for item in json.loads(ran.stdout)["findings"]], ran.exit_code


def silenced(line: str, comment: str) -> str:
    return f"{line[:-1]}  # initport: {comment}\n"


FOUND = {
    "nothing": (FINE, [], 0),
    "two": (IGNORED + REJECTED, ["IP401", "IP201"], 1),
    "one silent": (silenced(IGNORED, "ignore") + REJECTED, ["IP201"], 1),
    "both silent": (silenced(IGNORED, "ignore[IP4]") + silenced(REJECTED, "ignore[IP201]"), [], 0),
    "another code": (silenced(REJECTED, "ignore[IP401]"), ["IP201", "IP408"], 1),
    "another line": ("# initport: ignore\n" + REJECTED, ["IP408", "IP201"], 1),
    "unused": (silenced(FINE, "ignore"), ["IP408"], 0),
    "in a string": (FINE.replace("fine", "# initport: ignore"), [], 0),
    "unusable": ("layer {  # initport: ignore\n", ["IP105"], 2),
}


@pytest.mark.parametrize(("text", "found", "status"), list(FOUND.values()), ids=list(FOUND))
def test_comments(text: str, found: list[str], status: int, tmp_path: Path) -> None:
    assert codes(text, path=tmp_path / "net.prototxt") == (found, status)


SELECTED = {
    "family": (["--select", "IP4"], ["IP401"], 0),
    "ignored": (["--ignore", "IP401,IP2"], [], 0),
    "told quietly": (["-q"], ["IP201"], 1),
}


@pytest.mark.parametrize(("arguments", "found", "status"), list(SELECTED.values()), ids=list(SELECTED))
def test_selection(arguments: list[str], found: list[str], status: int, tmp_path: Path) -> None:
    assert codes(IGNORED + REJECTED, *arguments, path=tmp_path / "net.prototxt") == (found, status)


def test_an_unusable_input_cannot_be_ignored(tmp_path: Path) -> None:
    assert codes("layer {", "--ignore", "ALL", path=tmp_path / "net.prototxt") == ([], 2)


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    ran = run(tmp_path / "none.prototxt", "-o", tmp_path / "x.py", "--output-format", "json")
    assert ran.exit_code == 2
    assert [item["code"] for item in json.loads(ran.stdout)["findings"]] == ["IP101"]


def test_findings_go_beside_the_module(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text(IGNORED)
    ran = run(path, "--output-format", "github")
    assert "::notice " not in ran.stdout
    assert ran.stderr.startswith("::notice title=initport (IP401)")


def test_the_source_line_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text(f"# é\r\n{IGNORED}")
    lines = run(path, "--output-format", "full").stderr.splitlines()
    assert lines[2] == f"2 | {IGNORED.strip()}"
    column = lines[2].index("std")
    assert lines[3] == "  | ".ljust(column) + "^^^"


def test_a_solvers_network_has_comments_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_text(silenced(REJECTED, "ignore") + silenced(FINE, "ignore"))
    assert codes('net: "net.prototxt"\n', path=tmp_path / "solver.prototxt") == (["IP408"], 0)


def test_what_has_no_text_has_no_excerpt() -> None:
    told = [
        Diagnostic(Code.IGNORED_FIELD, Location("m.h5", key="a"), "x"),
        Diagnostic(Code.SEED, Location("gone", 9, 9), "y"),
    ]
    found = findings(told, "m.h5", lambda path: b"\x89HDF\0# initport: ignore" if path == "m.h5" else None, set(Code))
    assert [(item.code, item.excerpt) for item in found] == [(Code.SEED, None), (Code.IGNORED_FIELD, None)]
