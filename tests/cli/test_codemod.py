"""`initport codemod`: what is looked at, what is printed, what is written, and the exit status."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main

BEFORE = "import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer()\n"
AFTER = (
    "import tensorflow as tf\n"
    "i = lambda shape, dtype=None, **_: tf.keras.initializers.glorot_uniform()(shape, dtype=dtype)\n"
)
REFUSED = "import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer(**a)\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text(BEFORE)
    (tmp_path / "pkg" / "b.py").write_text("x = 1\n")
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["codemod", *arguments], input=stdin)


def test_nothing_to_do(tree: Path) -> None:
    result = run("pkg/b.py")
    assert result.exit_code == 0
    assert not result.stdout


def test_by_default_it_reports(tree: Path) -> None:
    result = run("pkg", "--output-format", "concise")
    assert result.exit_code == 1
    assert result.stdout.startswith("pkg/a.py:2:5: IP501 tf.contrib.layers.xavier_initializer() -> lambda shape")
    assert "2 files scanned" in result.stderr
    assert "1 initializer to convert in 1 file," in result.stderr
    assert (tree / "pkg" / "a.py").read_text() == BEFORE


def test_one_is_no_plural(tree: Path) -> None:
    assert run("pkg/b.py").stderr.startswith("1 file scanned")


def test_diff(tree: Path) -> None:
    result = run("pkg", "--diff")
    assert result.exit_code == 1
    assert "--- a/pkg/a.py\n+++ b/pkg/a.py\n" in result.stdout
    assert "\n-i = tf.contrib.layers.xavier_initializer()\n+i = lambda" in result.stdout
    assert (tree / "pkg" / "a.py").read_text() == BEFORE


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_write(tree: Path, jobs: str) -> None:
    file = tree / "pkg" / "a.py"
    file.chmod(0o750)
    assert run("pkg", "--write", "--jobs", jobs).exit_code == 0
    assert file.read_text() == AFTER
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert sorted(os.listdir(tree / "pkg")) == ["a.py", "b.py"]
    assert run("pkg", "--write").exit_code == 0
    assert file.read_text() == AFTER


def test_write_through_a_link(tree: Path) -> None:
    (tree / "link.py").symlink_to("pkg/a.py")
    assert run("link.py", "--write").exit_code == 0
    assert (tree / "link.py").is_symlink()
    assert (tree / "pkg" / "a.py").read_text() == AFTER


def test_a_refusal_is_told_with_its_place(tree: Path) -> None:
    (tree / "pkg" / "a.py").write_text(REFUSED)
    result = run("pkg", "--write")
    assert result.exit_code == 1
    assert "pkg/a.py:2:5: IP224" in result.stdout
    assert (tree / "pkg" / "a.py").read_text() == REFUSED


@pytest.mark.parametrize(
    ("options", "ignored", "found"),
    [
        ((), "", True),
        ((), "*.py\n", False),
        ((), "pkg/\n", False),
        (("--exclude", "pkg"), "", False),
        (("--exclude", "a.*"), "", False),
        (("--include", "b.py"), "", False),
        (("--include", "pkg/*"), "", True),
    ],
)
def test_what_is_looked_at(tree: Path, options: tuple[str, ...], ignored: str, found: bool) -> None:
    (tree / ".gitignore").write_text(ignored)
    assert bool(run(".", *options).stdout) is found


def test_a_named_file_is_read_though_it_is_ignored(tree: Path) -> None:
    (tree / ".gitignore").write_text("*.py\n")
    assert run("pkg/a.py").stdout


def test_stdin(tree: Path) -> None:
    result = run("-", "--stdin-filename", "pkg/new.py", "--write", "-q", stdin=BEFORE)
    assert result.exit_code == 0
    assert result.stdout == AFTER
    assert run("-", stdin=BEFORE).exit_code == 1


@pytest.mark.parametrize(
    "arguments", [(), ("missing.py",), ("-", "pkg"), ("pkg", "--source-version", "tf"), ("pkg", "--to", "caffe")]
)
def test_bad_usage(tree: Path, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("requirements.txt", "numpy\ntensorflow==1.4.0\n", "1.4.0"),
        ("requirements.txt", "tensorflow-gpu[x] == 1.8\n", "1.8"),
        ("setup.py", "setup(install_requires=['tensorflow==1.9.0', 'six'])\n", "1.9.0"),
        ("environment.yml", "dependencies:\n  - tensorflow-gpu=1.10\n", ">=1.10,<1.11 ("),
        ("pyproject.toml", 'tensorflow = "==1.13.1"\n', "1.13.1"),
        ("requirements.txt", "tensorflow==2.4.0\n", "2.4.0 ("),
        ("requirements.txt", "tensorflow-datasets==1.2.0\n# tensorflow==1.1\n", ": any version"),
        ("requirements.txt", "tensorflow>=1.4\n", ">=1.4 ("),
        ("requirements-dev.txt", "tensorflow>=2.0,<2.11\n", ">=2.0,<2.11 ("),
        ("Pipfile", '[packages]\ntensorflow = "~=2.4"\n', ">=2.4,<3 ("),
        ("Pipfile.lock", '{"default": {"tensorflow": {"hashes": ["a"], "version": "==2.4.1"}}}', "2.4.1 ("),
        ("poetry.lock", '[[package]]\nname = "tensorflow"\nversion = "2.4.1"\n', "2.4.1 ("),
        ("uv.lock", '[[package]]\nname = "tensorflow"\nversion = "2.4.1"\n', "2.4.1 ("),
        ("pyproject.toml", '[tool.poetry.dependencies]\ntensorflow = "^2.4"\n', ">=2.4,<3 ("),
        ("setup.cfg", "install_requires =\n    tensorflow>2\n", ">2 ("),
        ("Dockerfile", "FROM tensorflow/tensorflow:1.15.5-gpu-py3\n", "1.15.5 ("),
    ],
)
def test_the_version_that_a_project_pins(tree: Path, name: str, text: str, version: str) -> None:
    (tree / name).write_text(text)
    assert f"TensorFlow {version}".replace(" :", ":") in run("pkg").stderr


def test_the_versions_of_several_packages(tree: Path) -> None:
    (tree / "requirements.txt").write_text("keras==2.1.2\ntf-keras==2.3\nKeras-Applications==1.0.8\ndm-sonnet==1.36\n")
    summary = run("pkg", "--source-version", "tflearn=0.3.2").stderr
    for told in (
        "TFLearn 0.3.2, from --source-version",
        "Keras 2.1.2 (",
        "Sonnet 1.36 (",
        "TensorFlow: any version",
    ):
        assert told in summary
    assert run("pkg", "--source-version", "sonet=1").exit_code == 2


def test_a_stated_version_stands_before_a_pinned_one(tree: Path) -> None:
    (tree / "requirements.txt").write_text("tensorflow==1.4.0\n")
    assert "TensorFlow 1.12, from --source-version" in run("pkg", "--source-version", "tf=1.12").stderr


def test_what_is_no_regular_file_is_a_finding_and_the_run_goes_on(tree: Path) -> None:
    os.mkfifo(tree / "pipe.py")
    (tree / "loop.py").symlink_to("loop.py")
    (tree / "nowhere.py").symlink_to("missing.py")
    found = run("pipe.py", "loop.py", "nowhere.py", "pkg/a.py", "--output-format", "concise")
    assert found.exit_code == 2
    lines = found.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["pipe.py", "loop.py", "nowhere.py", "pkg/a.py:2:5"]
    assert all("IP101" in line for line in lines[:3])
    assert run("pkg", "--write").exit_code == 0


def test_links_in_a_directory_are_not_written_through(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "a.py"
    outside.write_text(BEFORE)
    (tree / "pkg" / "link.py").symlink_to(outside)
    assert run("pkg", "--write").exit_code == 0
    assert (tree / "pkg" / "a.py").read_text() == AFTER
    assert outside.read_text() == BEFORE


def test_write_with_diff_writes_nothing(tree: Path) -> None:
    for option in ("--write", "--add-ignore"):
        found = run("pkg", option, "--diff")
        assert "+++ b/pkg/a.py" in found.stdout
        assert (tree / "pkg" / "a.py").read_text() == BEFORE


def test_fix_is_write(tree: Path) -> None:
    assert run("pkg", "--fix").exit_code == 0
    assert (tree / "pkg" / "a.py").read_text() == AFTER


def test_statistics(tree: Path) -> None:
    (tree / "pkg" / "c.py").write_text(REFUSED + BEFORE)
    found = run("pkg", "--statistics")
    assert [line.split()[:2] for line in found.stdout.splitlines()] == [["2", "IP501"], ["1", "IP224"]]
    assert found.exit_code == 1


def test_the_last_lines_say_what_can_be_done_next(tree: Path) -> None:
    (tree / "pkg" / "c.py").write_text(REFUSED)
    assert "1 of 2 can be converted: run with --write" in run("pkg").stderr
    assert "Written for Keras, the default for Python source; `--to` chooses another." in run("pkg").stderr
    assert "Written for PyTorch.\n" in run("pkg", "--to", "pytorch", "--assume", "conv").stderr
    assert "can be converted" not in run("pkg", "--write").stderr


def test_a_run_that_looks_at_nothing_warns(tree: Path) -> None:
    (tree / "empty").mkdir()
    found = run("empty")
    assert (found.exit_code, "nothing was scanned" in found.stderr) == (0, True)
    assert "nothing was scanned" not in run("pkg").stderr
    (tree / "loop.py").symlink_to("loop.py")
    assert "none of the files named could be read: loop.py" in run("loop.py").stderr
