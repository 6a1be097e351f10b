"""Command lines that are run without click: what they mean, and which are left to it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import convert, main, plain
from initport.cli.command import line_of
from initport.cli.network_code import DECLARED

LENET = str(Path(__file__).parents[2] / "fixtures" / "convert" / "lenet" / "input.prototxt")

PLAIN = [
    "net.prototxt",
    "net.prototxt --to keras -o init.py",
    "--to=flax-nnx net.prototxt --quiet",
    "net.prototxt --input data=1,3,224,224 --input=other=1,? --phase TEST --level 3 --stage a --stage b",
    "model.json --source-version 2.1.6 --select IP2,IP3 --ignore IP201 --output-format json",
    "network.py --module --network Net --assume dense --assume matrix",
    "solver.prototxt --root . --from caffe -q",
]
CLICKS = [
    "",
    "a.prototxt b.prototxt",
    "-",
    "net.prototxt --help",
    "net.prototxt --unknown",
    "net.prototxt --to",
    "net.prototxt --to nothing",
    "net.prototxt --to KERAS",
    "net.prototxt --to keras --to torch",
    "net.prototxt --quiet=1",
    "net.prototxt -qo init.py",
    "net.prototxt --level x",
    "net.prototxt --level -1",
    "net.prototxt --select nothing",
    "net.prototxt --input data=0",
    "net.prototxt --color always",
    "-- net.prototxt",
]


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_means_what_click_says(line: str) -> None:
    file, values, given = plain.parse(line.split(), DECLARED)
    context = convert.convert.make_context("convert", line.split())
    assert {"file": file, **values} == context.params
    assert {"file", *given} == set(line_of(context).given)


@pytest.mark.parametrize("line", CLICKS)
def test_any_other_line_is_clicks(line: str) -> None:
    assert plain.run(["convert", *line.split()]) is None


@pytest.mark.parametrize(
    "args", [[], ["--help"], ["--version", "-h"], ["explain", LENET], ["convert", LENET, "--laws", "glorot_uniform"]]
)
def test_other_commands_and_misuse_are_clicks(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert plain.run(args) is None
    assert capsys.readouterr() == ("", "")


def test_the_version_is_printed_as_click_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert plain.run(["--version"]) == 0
    assert capsys.readouterr() == (CliRunner().invoke(main, ["--version"]).stdout, "")


@pytest.mark.parametrize("variable", ["NO_COLOR", "FORCE_COLOR", "_INITPORT_COMPLETE"])
def test_colours_and_completion_are_clicks(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    assert plain.run(["convert", LENET]) is None


PROGRAM = """
import sys
import initport.cli.plain
from initport.__main__ import main
def run():
    written, sys.stderr.write = sys.stderr.write, lambda text: written(f"{'click' in sys.modules}\\n{text}")
    main()
"""


def test_both_ways_write_the_same() -> None:
    """One that click reads differs in nothing but that it does."""
    alone, clicks = (
        subprocess.run([sys.executable, "-c", f"{PROGRAM}\n{start}", "convert", LENET], capture_output=True, text=True)
        for start in ("run()", "sys.modules['initport.cli.plain'].run = lambda args: None; run()")
    )
    assert (alone.returncode, alone.stdout) == (0, clicks.stdout)
    assert (alone.stderr, clicks.stderr) == (f"False\n{clicks.stderr[5:]}", f"True\n{clicks.stderr[5:]}")


def test_what_a_conversion_goes_without() -> None:
    """Libraries, and modules of Python, that take longer to import than all of a small conversion may last."""
    costly = ("click", "dataclasses", "google", "inspect", "libcst", "pkgutil", "rich", "tree_sitter", "weakref")
    program = f"""
import os, sys
from initport.__main__ import main
end = os._exit
def report(status):
    print([name for name in {costly!r} if name in sys.modules], file=sys.stderr)
    end(status)
os._exit = report
main()
"""
    ran = subprocess.run(
        [sys.executable, "-S", "-c", program, "convert", LENET, "--quiet"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (ran.returncode, ran.stderr) == (0, "[]\n")
