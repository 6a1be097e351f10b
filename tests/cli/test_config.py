"""Configuration files: where they are found, what they may say, and what stands before them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main

OLD = "import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer()\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INITPORT_NO_CACHE")
    (tmp_path / "src" / "pkg").mkdir(parents=True)
    (tmp_path / "src" / "pkg" / "a.py").write_text(OLD)
    return tmp_path


def shown(*arguments: str) -> dict[str, tuple[object, str]]:
    found = run("config", "--json", *arguments)
    assert found.exit_code == 0, found.output
    settings = json.loads(found.stdout)["settings"]
    return {key: (item["value"], item["source"]) for key, item in settings.items() if item["source"] != "default"}


def test_nothing_is_configured(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'initport-user'\n[tool.other]\njobs = 9\n")
    assert shown() == {}
    assert json.loads(run("config", "--json").stdout)["file"] is None


PLACES = [
    ({"pyproject.toml": "[tool.initport]\njobs = 2"}, "src", "pyproject.toml"),
    ({"pyproject.toml": "tool.initport.jobs = 2"}, "src", "pyproject.toml"),
    ({"initport.toml": "jobs = 2"}, "src", "initport.toml"),
    ({"initport.toml": "jobs = 2", "pyproject.toml": "[tool.initport]\njobs = 3"}, ".", "initport.toml"),
    ({"initport.toml": "jobs = 3", "src/pyproject.toml": "[tool.initport]\njobs = 2"}, "src/pkg", "src/pyproject.toml"),
    ({"initport.toml": "jobs = 2", "src/pyproject.toml": "[tool.isort]\n# no initport"}, "src/pkg", "initport.toml"),
    ({"initport.toml": "jobs = 2", "src/initport.toml": "jobs = 3"}, ".", "initport.toml"),
    ({"src/pkg/initport.toml": "jobs = 2"}, "src/pkg/a.py", "src/pkg/initport.toml"),
]


@pytest.mark.parametrize(("files", "path", "found"), PLACES)
def test_the_nearest_file_counts(project: Path, files: dict[str, str], path: str, found: str) -> None:
    for name, text in files.items():
        (project / name).write_text(text)
    assert shown(path) == {"jobs": (2, str(Path(found)))}


def test_several_paths_have_the_file_above_them_all(project: Path) -> None:
    (project / "initport.toml").write_text("jobs = 2")
    (project / "src" / "pkg" / "initport.toml").write_text("jobs = 3")
    assert shown("src/pkg/a.py", "src") == {"jobs": (2, "initport.toml")}


def test_standard_input_is_where_its_name_says(project: Path) -> None:
    (project / "src" / "initport.toml").write_text('keras-module = "tf_keras"')
    arguments = ["codemod", "-", "--write", "--stdin-filename"]
    assert "tf_keras" in CliRunner().invoke(main, [*arguments, "src/x.py"], input=OLD).stdout
    assert "tf_keras" not in CliRunner().invoke(main, [*arguments, "x.py"], input=OLD).stdout


def test_the_command_line_stands_before_the_file(project: Path) -> None:
    (project / "initport.toml").write_text('jobs = 2\nexclude = ["x"]\nkeras-module = "keras"')
    assert shown("--jobs", "1", "--exclude", "y") == {
        "jobs": (1, "command line"),
        "exclude": (["y"], "command line"),
        "keras-module": ("keras", "initport.toml"),
    }


def test_a_file_that_is_named_and_none(project: Path) -> None:
    (project / "initport.toml").write_text("jobs = 2")
    (project / "other.toml").write_text("jobs = 3")
    assert shown("--config", "other.toml") == {"jobs": (3, "other.toml")}
    assert shown("--isolated") == {}


def test_what_it_says_is_done(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.initport]\nexclude = ["pkg"]\nexit-zero = true')
    assert run("codemod", "src").stdout == ""
    found = run("codemod", "src/pkg/a.py")
    assert (found.exit_code, "xavier" in found.stdout) == (0, True)
    assert run("codemod", "src/pkg/a.py", "--isolated").exit_code == 1


ERRORS = {
    "unknown key": ("assum = []", "unknown key `assum`; did you mean `assume`?"),
    "a key unlike any": ("qqqq = 1", "unknown key `qqqq`; known: `assume`, "),
    "not configurable": ("write = true", "unknown key `write`"),
    "no array": ('exclude = "x"', "`exclude` must be an array of strings, not a string"),
    "a mixed array": ('exclude = ["x", 1]', "`exclude` must be an array of strings, not such an array"),
    "no integer": ("jobs = true", "`jobs` must be an integer, not a boolean"),
    "out of range": ("jobs = 0", "`jobs`: 0 is not in the range x>=1."),
    "no boolean": ('exit-zero = "yes"', "`exit-zero` must be a boolean, not a string"),
    "no choice": ('keras-module = "tf"', "`keras-module`: 'tf' is not one of"),
    "no choice in an array": ('assume = ["matrix", "x"]', "`assume`: 'x' is not one of"),
    "no string": ("to = 1", "`to` must be a string, not an integer"),
    "no version": ('source-version = ["cube=1"]', "`source-version`: 'cube=1' is not tf=VERSION"),
    "no TOML": ("jobs = x", "it is not TOML: Invalid value (at line 1, column 8)"),
    "no UTF-8": (b"jobs = '\xff'", "it is not TOML: 'utf-8' codec"),
    "a directory": (None, "it cannot be read: Is a directory"),
}


@pytest.mark.parametrize(("text", "message"), list(ERRORS.values()), ids=list(ERRORS))
@pytest.mark.parametrize("command", ["codemod", "config"])
def test_errors_name_file_and_key(project: Path, command: str, text: str | bytes | None, message: str) -> None:
    path = project / "initport.toml"
    if text is None:
        path.mkdir()
    else:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = run(command, "src")
    assert (found.exit_code, found.stdout) == (2, "")
    assert f"{path}: {message}" in found.stderr
    assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [("tool.initport = 1", "`tool.initport` must be a table"), ("[tool.black]", "it has no table [tool.initport]")],
)
def test_a_pyproject_that_is_named_must_speak_of_it(project: Path, text: str, message: str) -> None:
    (project / "pyproject.toml").write_text(text)
    found = run("codemod", "src", "--config", "pyproject.toml")
    assert found.exit_code == 2
    assert f"pyproject.toml: {message}" in found.stderr


def test_text(project: Path) -> None:
    (project / "initport.toml").write_text('exclude = ["a b"]')
    lines = [line.split(maxsplit=1) for line in run("config", "-j", "3").stdout.splitlines()]
    assert lines[0] == ["key", "value    source"]
    assert ["exclude", '["a b"]  initport.toml'] in lines
    assert any(line[0] == "jobs" and line[1].split() == ["3", "command", "line"] for line in lines)


def test_files_ignore_findings_relative_to_the_configuration(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "initport.toml").write_text('per-file-ignores = {"src/pkg/*" = ["IP5"]}\n')
    assert run("codemod", "src").exit_code == 0
    monkeypatch.chdir(project / "src")
    assert run("codemod", "pkg").exit_code == 0
    assert run("codemod", "pkg", "--per-file-ignores", "src/pkg/*:IP5").exit_code == 1
    assert run("codemod", "pkg", "--per-file-ignores", "pkg/*:IP5").exit_code == 0


@pytest.mark.parametrize("wrong", ["IP5", ":IP5", "*:IP9"])
def test_ignores_of_files_that_say_nothing(project: Path, wrong: str) -> None:
    found = run("codemod", "src", "--per-file-ignores", wrong)
    assert found.exit_code == 2
    assert "IP" in found.stderr
