"""The hooks in the real pre-commit, which makes their environment from this tree as it is."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OLD = "import tensorflow as tf\n\ni = tf.contrib.layers.xavier_initializer()\n"
LAYER = 'layer { name: "a" type: "InnerProduct" inner_product_param { num_output: 4 weight_filler { type: "%s" } } }\n'
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}

FILES = {
    "a.py": OLD,
    "b.pyi": "x: int\n",
    "c.ipynb": json.dumps(NOTEBOOK),
    "net.prototxt": LAYER % "xavier",
    "package.json": '{"name": "x"}\n',
    "d.yaml": "a: 1\n",
    "e.yml": "a: 1\n",
}
"""What reaches the hooks; pre-commit's own configuration does so, too."""

OTHERS = {
    "README.md": "# initializer\n",
    "LICENSE": "MIT\n",
    "script": "#!/usr/bin/env python\nx = 1\n",
    "f.toml": "a=1\n",
}


class Scratch:
    """A git repository with a configuration of pre-commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "INITPORT_"))},
            "PRE_COMMIT_HOME": str(folder.parent / "home"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **{f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(["git", *arguments])

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run([sys.executable, "-m", "pre_commit", *arguments])

    def configure(self, repository: Path, revision: str, hook: str, *arguments: str) -> None:
        hooks = [{"id": hook, "args": list(arguments)}]
        config = {"repos": [{"repo": str(repository), "rev": revision, "hooks": hooks}]}
        (self.folder / ".pre-commit-config.yaml").write_text(json.dumps(config))  # JSON is YAML
        self.git("add", "-A")


def tree_as_it_is(folder: Path) -> str:
    """A repository of this tree with its uncommitted changes; the name of its only commit."""
    scratch = Scratch(folder)
    kept = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, kept.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "fixtures/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    scratch.git("add", "-A")
    scratch.git("commit", "-qm", "as it is")
    return scratch.git("rev-parse", "HEAD").stdout.strip()


@pytest.fixture
def available(tmp_path: Path) -> None:
    if importlib.util.find_spec("pre_commit") is None or shutil.which("git") is None:
        pytest.skip("pre-commit or git is not installed")
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("this is not a git checkout")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(tmp_path / "index"), "click"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("the package index cannot be reached, from which pre-commit makes the hooks' environment")


@pytest.mark.slow
@pytest.mark.usefixtures("available")
def test_install_fail_fix_pass(tmp_path: Path) -> None:
    hooks = tmp_path / "initport"
    revision = tree_as_it_is(hooks)
    scratch = Scratch(tmp_path / "scratch")
    for name, text in {**FILES, **OTHERS}.items():
        (scratch.folder / name).write_text(text)
    (scratch.folder / "script").chmod(0o755)

    scratch.configure(hooks, revision, "initport-check", "--verbose", "--keras-module", "tf_keras")
    assert scratch.pre_commit("install").returncode == 0
    checked = scratch.git("commit", "-m", "first")
    assert checked.returncode == 1, checked.stdout
    assert "-i = tf.contrib.layers.xavier_initializer()\n+i = lambda" in checked.stdout
    assert "tf_keras" in checked.stdout  # the argument reached it
    assert f"{len(FILES) + 1} files scanned" in checked.stdout
    assert "files were modified by this hook" not in checked.stdout
    assert (scratch.folder / "a.py").read_text() == OLD

    scratch.configure(hooks, revision, "initport-fix")
    fixed = scratch.pre_commit("run", "--all-files")
    assert fixed.returncode == 1, fixed.stdout
    assert "files were modified by this hook" in fixed.stdout
    new = (scratch.folder / "a.py").read_text()
    assert "tf.keras.initializers.glorot_uniform" in new
    scratch.git("add", "-A")
    assert scratch.pre_commit("run", "--all-files").returncode == 0
    passed = scratch.git("commit", "-m", "first")
    assert passed.returncode == 0, passed.stdout
    assert ".initport_cache" not in scratch.git("show", "--stat", "--format=").stdout

    (scratch.folder / "net.prototxt").write_text(LAYER % "xaviar")
    scratch.git("add", "-A")
    refused = scratch.git("commit", "-m", "second")
    assert (refused.returncode, "net.prototxt:1:" in refused.stdout, "IP202" in refused.stdout) == (1, True, True)
    assert (scratch.folder / "net.prototxt").read_text() == LAYER % "xaviar"
    scratch.git("reset", "-q", "--hard")

    tried = scratch.pre_commit("try-repo", str(hooks), "initport-check", "--all-files")
    assert tried.returncode == 0, tried.stdout
    assert "Passed" in tried.stdout

    installed = {path.name for path in (tmp_path / "home").glob("repo*/py_env-*/lib/python*/site-packages/*")}
    assert "initport" in installed
    assert not installed & {"torch", "keras", "tensorflow", "tf_keras", "numpy", "h5py"}
