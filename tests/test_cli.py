"""The command line as a user meets it: what goes where, and the exit status."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport import __version__
from initport.cli import main
from initport.explain.row import COLUMNS, Row
from tests.fixtures import CASES, emitted, source

LENET = next(case for case in CASES if case.name == "lenet")
REFUSED = next(case for case in CASES if case.name == "refused")
PHASES = next(case for case in CASES if case.name == "phases")


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def test_version() -> None:
    assert run("--version").stdout == f"initport {__version__}\n"


@pytest.mark.parametrize("command", [[], ["convert"], ["explain"], ["verify"]])
def test_help_has_an_example(command: list[str]) -> None:
    found = run(*command, "--help")
    assert found.exit_code == 0
    assert "initport" in found.stdout


@pytest.mark.parametrize("target", ["torch", "keras"])
def test_convert_prints_the_module(target: str) -> None:
    found = run("convert", source(LENET), "--to", target, "-q")
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout == emitted(LENET, target).replace("(input.prototxt)", f"({source(LENET)})")


def test_convert_reads_stdin() -> None:
    found = run("convert", "-", stdin=source(LENET).read_bytes())
    assert found.exit_code == 0
    assert "# From LeNet (<stdin>)\n" in found.stdout


def test_a_refused_weight_is_told_and_the_rest_converted() -> None:
    found = run("convert", source(REFUSED))
    assert found.exit_code == 1
    assert '("good", "weight")' in found.stdout
    assert '("std0", "weight")' not in found.stdout
    assert "input.prototxt:4:131: IP201 'std0' kernel: gaussian std: 0: `std` must be above 0" in found.stderr


def test_quiet_tells_refusals_only() -> None:
    told = run("convert", source(REFUSED), "-q").stderr.splitlines()
    assert told
    assert all(" IP2" in line for line in told)


UNUSABLE = {
    "missing": (None, "IP101"),
    "syntax": ('layer { name "a" }', "IP102"),
    "template": ('layer { name: "a" type: "Convolution" convolution_param { num_output: {n} } }', "IP103"),
    "conflict": ("<<<<<<< HEAD\nname: 'a'\n=======\n>>>>>>> b\n", "IP104"),
    "truncated": ('layer { name: "a"', "IP105"),
    "wrong value": ('layer { name: "a" type: "InnerProduct" inner_product_param { num_output: "x" } }', "IP106"),
    "rejected": ('layer { name: "a" type: "ReLU" } layers { name: "b" type: RELU }', "IP107"),
    "solver": ('net: "nowhere.prototxt"', "IP108"),
    "empty": ("", "IP109"),
    "deep": ("a {" * 5000, "IP110"),
}


@pytest.mark.parametrize(("text", "code"), list(UNUSABLE.values()), ids=list(UNUSABLE))
@pytest.mark.parametrize("command", ["convert", "explain"])
def test_unusable_input(command: str, text: str | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    if text is not None:
        path.write_text(text)
    found = run(command, path)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert code in found.stderr
    assert str(path) in found.stderr


def test_binary_garbage(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    found = run("convert", path)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "IP101" in found.stderr


USAGE = [
    ["convert"],
    ["convert", "x", "--to", "mxnet"],
    ["convert", "x", "--input", "data"],
    ["convert", "x", "--input", "data=1,0"],
    ["convert", "x", "--input", "=1"],
    ["explain", "x", "--output-format", "xml"],
    ["frobnicate"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_bad_usage(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_other_formats_are_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"x")
    found = run("convert", path)
    assert found.exit_code == 2
    assert ".onnx" in found.stderr


def test_output_file_is_whole_or_untouched(tmp_path: Path) -> None:
    output = tmp_path / "init.py"
    output.write_text("old")
    output.chmod(0o640)
    assert run("convert", source(LENET), "-o", output).exit_code == 0
    assert output.read_text() == run("convert", source(LENET)).stdout
    assert stat.S_IMODE(output.stat().st_mode) == 0o640
    before = output.read_text()
    broken = tmp_path / "broken.prototxt"
    broken.write_text("layer {")
    assert run("convert", broken, "-o", output).exit_code == 2
    assert output.read_text() == before
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["broken.prototxt", "init.py"]


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_bytes(source(LENET).read_bytes())
    found = run("convert", path, "-o", path)
    assert found.exit_code == 2
    assert path.read_bytes() == source(LENET).read_bytes()


def test_unwritable_output(tmp_path: Path) -> None:
    found = run("convert", source(LENET), "-o", tmp_path / "none" / "init.py")
    assert found.exit_code == 2
    assert "none" in found.stderr


def test_phase_and_stage_choose_layers() -> None:
    assert '"train_only"' in run("convert", source(PHASES)).stdout
    found = run("convert", source(PHASES), "--phase", "test", "--stage", "deploy").stdout
    assert '"train_only"' not in found
    assert '"test_only"' in found
    assert '"staged"' in found


def test_input_completes_shapes(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text(
        'layer { name: "d" type: "Data" top: "data" } layer { name: "c" type: "Convolution" bottom: "data" top: "c" '
        'convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "xavier" } } }'
    )
    unknown = json.loads(run("explain", path, "--output-format", "json").stdout)["weights"][0]
    known = json.loads(run("explain", path, "--input", "data=1,6,9,9", "--output-format", "json").stdout)["weights"][0]
    assert (unknown["fan_in"], unknown["variance"]) == (None, None)
    assert (known["fan_in"], known["variance"]) == (54, pytest.approx(1 / 54, rel=1e-12))
    assert unknown["target"] == known["target"]


def test_a_solver_names_its_net(tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_bytes(source(LENET).read_bytes())
    (tmp_path / "solver.prototxt").write_text('net: "net.prototxt"\nbase_lr: 0.1\n')
    found = run("convert", tmp_path / "solver.prototxt")
    assert found.exit_code == 0
    assert f"# From LeNet ({tmp_path / 'net.prototxt'})\n" in found.stdout


def test_explain_json() -> None:
    found = json.loads(run("explain", source(REFUSED), "--output-format", "json").stdout)
    assert set(found) == {"target", "weights", "diagnostics"}
    assert all(list(row) == list(Row.__annotations__) for row in found["weights"])
    assert all(list(row) == ["code", "message", "path", "line", "column", "key"] for row in found["diagnostics"])
    by_name = {(row["layer"], row["weight"]): row for row in found["weights"]}
    good = by_name["good", "kernel"]
    assert (good["shape"], good["fan_in"], good["fan_out"], good["exact"]) == ([4, 576], 576, 4, True)
    assert (good["distribution"], good["variance"], good["variance_formula"]) == ("uniform", 1 / 576, "1 / fan_in")
    assert good["high"] == -good["low"] == pytest.approx((3 / 576) ** 0.5)
    assert by_name["good", "bias"]["implicit"]
    assert by_name["std0", "kernel"]["exact"] is False
    assert by_name["std0", "kernel"]["target"] is None


def test_explain_unusable_json(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text("layer {")
    found = run("explain", path, "--output-format", "json")
    assert found.exit_code == 2
    assert json.loads(found.stdout)["diagnostics"][0]["code"] == "IP105"


def test_explain_tables() -> None:
    weights = json.loads(run("explain", source(LENET), "--output-format", "json").stdout)["weights"]
    rows = list(csv.DictReader(io.StringIO(run("explain", source(LENET), "--output-format", "csv").stdout)))
    assert [row["target"] for row in rows] == [row["target"] for row in weights]
    markdown = run("explain", source(LENET), "--output-format", "markdown").stdout.splitlines()
    shown = [name for name in COLUMNS if name not in ("place", "law")]  # of which nothing is known here
    assert markdown[0] == f"| {' | '.join(shown)} |"
    assert len(markdown) == len(weights) + 2
    text = run("explain", source(LENET)).stdout.splitlines()
    assert text[0].split() == shown
    assert len(text) == len(weights) + 1


def test_verify_draws_and_tells() -> None:
    found = run("verify", source(LENET), "--effect", "0.05", "-q")
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.count("\nsame ") == 8


def test_python_m() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-m", "initport", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert ran.stdout == f"initport {__version__}\n"


HEAVY = {
    "torch", "keras", "tensorflow", "numpy", "rich", "google.protobuf", "h5py", "tree_sitter",
    "initport.cli.codemod", "initport.formats.keras.reader", "initport.python.module_sites",
}  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["convert", str(source(LENET))],
        ["convert", str(source(LENET)), "--to", "keras"],
        ["explain", str(source(LENET))],
    ],
)
def test_heavy_modules_are_not_imported(arguments: list[str]) -> None:
    program = "import sys; from initport.cli import main; main(sys.argv[1:], standalone_mode=False)"
    program = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {program}"
    ran = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    loaded = set(ran.stderr.split())
    assert "click" in loaded
    assert not loaded & HEAVY


def test_files_that_an_input_names_are_regular(tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_bytes(source(LENET).read_bytes())
    (tmp_path / "link.prototxt").symlink_to(tmp_path / "net.prototxt")
    os.mkfifo(tmp_path / "fifo.prototxt")
    (tmp_path / "sub").mkdir()
    names = {"net": 0, "link": 2, "fifo": 2, "none": 2}
    for name, status in names.items():
        (tmp_path / "solver.prototxt").write_text(f'net: "{name}.prototxt"\n')
        assert run("convert", tmp_path / "solver.prototxt").exit_code == status
    (tmp_path / "sub" / "solver.prototxt").write_text('net: "net.prototxt"\n')
    assert run("convert", tmp_path / "sub" / "solver.prototxt").exit_code == 2


def test_the_codemod_says_what_to_do_with_a_network() -> None:
    ran = CliRunner().invoke(main, ["codemod", str(source(LENET))])
    assert ran.exit_code == 0
    assert "`initport convert FILE` writes a module" in ran.stderr


def test_a_version_of_caffe_that_there_is_not_is_an_error() -> None:
    lenet = str(source(LENET))
    ran = CliRunner().invoke(main, ["convert", lenet, "--source-version", "9.9"])
    assert ran.exit_code == 2
    assert "there is no Caffe 9.9; pass 1.0" in ran.stderr
    for version in ("0.99", "1.0", "1.0.0", "2018.1"):
        assert CliRunner().invoke(main, ["convert", lenet, "--source-version", version]).exit_code == 0
