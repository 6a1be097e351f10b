"""Completion, in the shells that are there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """With an `initport` in the path that runs this tree."""
    script = tmp_path / "bin" / "initport"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m initport "$@"\n')
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}


COMPLETED = [
    (["initport", "cod"], {"codemod"}),
    (["initport", "codemod", "--fo"], {"--force-exclude"}),
    (["initport", "codemod", "--keras-module", "tf"], {"tf.keras", "tf_keras"}),
    (["initport", "completion", ""], {"bash", "zsh", "fish"}),
]


@pytest.mark.parametrize(("words", "expected"), COMPLETED, ids=lambda value: " ".join(sorted(value)))
def test_bash(words: list[str], expected: set[str], environment: dict[str, str]) -> None:
    program = f"""
eval "$(initport completion bash)"
COMP_WORDS=({" ".join(word or '""' for word in words)})
COMP_CWORD={len(words) - 1}
_initport_completion initport
printf '%s\\n' "${{COMPREPLY[@]}}"
complete -p initport
"""
    ran = subprocess.run(["bash", "-c", program], env=environment, capture_output=True, text=True, check=True)
    *replies, registered = ran.stdout.splitlines()
    assert expected <= set(replies)
    assert registered.endswith("-F _initport_completion initport")


def _needs(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


@pytest.mark.parametrize(("words", "expected"), COMPLETED, ids=lambda value: " ".join(sorted(value)))
def test_zsh(words: list[str], expected: set[str], environment: dict[str, str]) -> None:
    _needs("zsh")
    program = f"""
compdef() {{ registered=($@) }}
compadd() {{ print -l -- $completions }}
_describe() {{ print -l -- ${{completions_with_descriptions%%:*}} }}
eval "$(initport completion zsh)"
words=({" ".join(word or '""' for word in words)}) CURRENT={len(words)}
$registered[1]
print -- $registered[2]
"""
    ran = subprocess.run(["zsh", "-f", "-c", program], env=environment, capture_output=True, text=True, check=True)
    *replies, registered = ran.stdout.splitlines()
    assert expected <= set(replies)
    assert registered == "initport"


@pytest.mark.parametrize(("words", "expected"), COMPLETED, ids=lambda value: " ".join(sorted(value)))
def test_fish(words: list[str], expected: set[str], environment: dict[str, str]) -> None:
    _needs("fish")
    program = f"initport completion fish | source; complete -C '{' '.join(words)}'"
    ran = subprocess.run(["fish", "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert expected <= {line.partition("\t")[0] for line in ran.stdout.splitlines()}


@pytest.mark.parametrize("words", [["initport", "codemod", "net"]])
def test_bash_leaves_files_to_itself(words: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_text("")
    program = f"""
cd {tmp_path}
eval "$(initport completion bash)"
COMP_WORDS=({" ".join(words)})
COMP_CWORD=2
compopt() {{ printf '%s ' compopt "$@"; }}
_initport_completion initport
"""
    ran = subprocess.run(["bash", "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert "compopt -o default" in ran.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_of_the_shell(shell: str) -> None:
    ran = CliRunner().invoke(main, ["completion", shell])
    assert ran.exit_code == 0
    assert f"_INITPORT_COMPLETE={shell}_complete" in ran.stdout
    _needs(shell)
    subprocess.run([shell, "-n"], input=ran.stdout, text=True, check=True)
