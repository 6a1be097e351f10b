"""What is remembered of clean files, and when it must be forgotten."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main
from initport.project import cache as module
from initport.project.cache import Cache
from initport.project.pins import _evidence_in, requirements_in

CLEAN = "import tensorflow as tf\nd = tf.keras.layers.Dense(4, kernel_initializer=tf.keras.initializers.he_normal())\n"
OLD = "import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer()\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INITPORT_NO_CACHE")
    (tmp_path / "clean.py").write_text(CLEAN)
    (tmp_path / "plain.py").write_text("x = 1\n")
    (tmp_path / "old.py").write_text(OLD)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["codemod", *arguments, "-v"])


def known(*arguments: str) -> int:
    """How many clean files were known."""
    return int(run(*arguments).stderr.partition("; ")[2].partition(" ")[0])


def test_only_what_is_clean_is_known_and_the_result_is_the_same(project: Path) -> None:
    cold = run(".")
    assert (cold.exit_code, "0 clean files known" in cold.stderr) == (1, True)
    warm = run(".")
    assert warm.stderr.replace("2 clean files known", "0 clean files known") == cold.stderr
    assert warm.stdout == cold.stdout
    assert "1 already modern" in warm.stderr
    assert known(".", "--jobs", "2") == 2


def test_several_processes_tell_what_they_find(project: Path) -> None:
    for index in range(20):
        (project / f"clean{index}.py").write_text(f"{CLEAN}# {index}\n")
    assert known(".", "--jobs", "2") == 0
    assert known(".") == 22


def test_the_directory_keeps_itself_out_of_repositories_and_backups(project: Path) -> None:
    run(".")
    assert (project / ".initport_cache" / ".gitignore").read_text() == "*\n"
    assert (
        (project / ".initport_cache" / "CACHEDIR.TAG")
        .read_text()
        .startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )


def test_where_it_is(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "initport.toml").write_text("")
    (project / "sub" / "a.py").write_text(CLEAN)
    run("sub")
    assert (project / "sub" / ".initport_cache").is_dir()
    (project / "sub" / "initport.toml").write_text('cache-dir = "configured"')
    run("sub")
    assert (project / "sub" / "configured").is_dir()
    run("sub", "--cache-dir", "said")
    assert (project / "said").is_dir()
    monkeypatch.setenv("INITPORT_CACHE_DIR", "environment")
    run("sub")
    assert (project / "environment").is_dir()


@pytest.mark.parametrize("how", ["option", "environment", "configuration"])
def test_none(project: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "environment":
        monkeypatch.setenv("INITPORT_NO_CACHE", "1")
    if how == "configuration":
        (project / "initport.toml").write_text("no-cache = true")
    assert "no cache" in run(".", *["--no-cache"] * (how == "option")).stderr
    assert not (project / ".initport_cache").exists()


CHANGES = [
    (["--keras-module", "keras"], 1),
    (["--source-version", "tf=1.14"], 1),
    (["--assume", "matrix"], 1),
    (["--ignore", "IP5"], 1),
    (["--select", "IP5"], 1),
    (["--per-file-ignores", "x.py:IP5"], 1),
    (["--unsafe-fixes"], 1),
    (["--exclude", "nothing"], 2),
    (["--jobs", "2"], 2),
    (["--diff"], 2),
    (["--exit-zero"], 2),
    (["--color", "always"], 2),
    (["--output-format", "json"], 2),
]


@pytest.mark.parametrize(("arguments", "kept"), CHANGES)
def test_settings_that_decide_make_it_forget(project: Path, arguments: list[str], kept: int) -> None:
    """A file with nothing to read is clean under all settings."""
    run(".")
    assert known(".", *arguments) == kept
    assert known(".", *arguments) == (3 if "--ignore" in arguments else 2)  # what is ignored is clean


def test_content_makes_it_forget(project: Path) -> None:
    run("clean.py")
    before = (project / "clean.py").stat()
    (project / "clean.py").write_text(OLD.ljust(len(CLEAN)))
    os.utime(project / "clean.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run("clean.py").exit_code == 1
    (project / "clean.py").write_text(CLEAN)
    assert known("clean.py") == 1


def test_a_pinned_version_makes_it_forget(project: Path) -> None:
    run("clean.py")
    (project / "requirements.txt").write_text("tensorflow==1.4.0\n")
    requirements_in.cache_clear()
    assert known("clean.py") == 0


def test_the_names_in_other_files_make_it_forget_what_they_decided(project: Path) -> None:
    """What `VarianceScaling` draws differs between the versions, and the names in another file show the version."""
    (project / "setup.py").write_text("")
    (project / "old.py").unlink()
    (project / "asks.py").write_text("import tensorflow as tf\nx = tf.keras.initializers.VarianceScaling()\n")
    other = project / "other.py"
    for name, codes in (("keras.optimizers.legacy", 0), ("Session", 1), ("keras.optimizers.legacy", 0)):
        other.write_text(f"import tensorflow as tf\nx = tf.{name}\n")
        for _ in range(2):
            _evidence_in.cache_clear()
            assert run("asks.py").stdout.count("IP316") == codes
    assert known("asks.py") == 1


def test_what_a_file_is_named_makes_it_forget(project: Path) -> None:
    run("clean.py")
    (project / "clean.py").rename(project / "clean.pyi")
    assert known("clean.pyi") == 0
    (project / "clean.pyi").rename(project / "renamed.pyi")
    assert known("renamed.pyi") == 1


def test_a_per_file_ignore_is_of_one_file(project: Path) -> None:
    (project / "other.py").write_text(OLD)
    arguments = [".", "--per-file-ignores", "old.py:IP5"]
    assert [run(*arguments).stdout.count("IP501") for _ in range(2)] == [1, 1]


def test_another_version_of_the_tool_makes_it_forget(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(".")
    monkeypatch.setattr(module, "fingerprint", lambda: b"other" * 8)
    assert known(".") == 0


def test_a_change_of_the_tool_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "initport" / "codemod").mkdir(parents=True)
    (tmp_path / "grammars").mkdir()
    code = tmp_path / "initport" / "codemod" / "cache.py"
    code.write_text("x = 1\n")
    monkeypatch.setattr(module, "__file__", str(code))

    def found() -> bytes:
        module.fingerprint.cache_clear()
        return module.fingerprint()

    seen = [found(), found()]
    code.write_text("x = 22\n")
    seen.append(found())
    (tmp_path / "grammars" / "new.yaml").write_text("")
    seen.append(found())
    os.utime(code, (1, 1))
    seen.append(found())
    module.fingerprint.cache_clear()
    assert [seen.index(item) for item in seen] == [0, 0, 2, 3, 4]


SPOILED = [b"", b"x", b"initport cache 2\n", b"initport cache 2\n" + bytes(32 + 24), b"\x80\x04." * 20]


@pytest.mark.parametrize("content", [*SPOILED, None])
def test_what_is_spoiled_is_written_anew(project: Path, content: bytes | None) -> None:
    run(".")
    (path,) = (item for item in (project / ".initport_cache").iterdir() if len(item.name) == 16)
    path.write_bytes(path.read_bytes()[:-1] if content is None else content)
    assert known(".") == 0
    assert known(".") == 2


def test_a_directory_that_cannot_be_made_is_no_error(project: Path) -> None:
    (project / "file").write_text("")
    assert run("clean.py", "--cache-dir", "file/cache").exit_code == 0


def test_it_does_not_grow_for_ever(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIMIT", 3)
    for index in range(5):
        (project / "clean.py").write_text(f"{CLEAN}# {index}\n")
        run("clean.py", "plain.py")
    cache = Cache(str(project / ".initport_cache"), "", {})
    assert cache.recall("plain.py") == (0, 0)
    assert len(dict(module._records(cache._path))) <= 3


def test_runs_at_the_same_time(project: Path) -> None:
    for index in range(40):
        (project / f"clean{index}.py").write_text(f"{CLEAN}# {index}\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}  # the code that this process runs
    command = [sys.executable, "-m", "initport", "codemod", "--exclude", "old.py"]
    runs = [subprocess.Popen([*command, "."], env=environment, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate()[1] for process in runs]
    assert [process.returncode for process in runs] == [0] * 4, told
    assert len(set(told)) == 1
    assert known(".", "--exclude", "old.py") == 42
    assert sorted(name for name in os.listdir(".initport_cache") if "." in name[1:]) == ["CACHEDIR.TAG"]
