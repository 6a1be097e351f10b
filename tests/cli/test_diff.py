"""Diffs that `git apply` and `patch` take, whatever a file's bytes and its name are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = dict(os.environ)
SITE = b"tf.zeros_initializer()"
FILES = {
    "plain": b"import tensorflow as tf\ni = %s\n",
    "byte order mark": b"\xef\xbb\xbfimport tensorflow as tf\ni = %s\n",
    "byte order mark on the line": b"\xef\xbb\xbfimport tensorflow as tf; i = %s\n",
    "Latin-1": b"# coding: latin-1\nimport tensorflow as tf\nd = {'\xe9': %s}  # \xfc\n",
    "Shift JIS": "# coding: shift_jis\nimport tensorflow as tf\nd = {'表示': %s}  # ソ\n".encode("shift_jis"),
    "lone CR": b"import tensorflow as tf\ra = 1\ri = %s\rb = 2\r",
    "lone CR and LF": b"import tensorflow as tf\na = 1\r# b\r\ni = %s\nb = 2\n",
    "CRLF": b"import tensorflow as tf\r\ni = %s\r\n",
    "no final newline": b"import tensorflow as tf\ni = %s",
    "form feed and other separators": "import tensorflow as tf\n\x0c\ni = %s  # \x85 \u2028 \u2029\n".encode(),
    "no bytes of UTF-8 in the comments": b"# coding: latin-1\n# \xff\xfe\nimport tensorflow as tf\ni = %s\n",
}
NAMES = (
    *("a.py", "a b.py", "a\tb.py", "a\nb.py", 'a"b.py', "a\\b.py", "ä.py", "a'b.py", "$a.py", "-a.py", "a\x7fb.py"),
    *("deep er/x.py", "a\rb.py", "表.py", " a.py", "a .py", "\x1b[31m.py"),
)


def diff(folder: Path) -> bytes:
    command = [sys.executable, "-m", "initport", "codemod", "--isolated", "--no-cache", "-q", "--diff", "."]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False).stdout


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def applied(folder: Path, text: bytes, tool: list[str]) -> dict[str, bytes]:
    if tool[0] == "git":
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    ran = subprocess.run(tool, cwd=folder, input=text, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return files(folder)


TOOLS = [["git", "apply", "-"], ["patch", "-p1", "--binary", "--quiet"]]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool[0])
@pytest.mark.parametrize("about", ["bytes", "names"])
def test_it_applies(tmp_path: Path, tool: list[str], about: str) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    before, written = tmp_path / "before", tmp_path / "written"
    if about == "bytes":
        texts = {f"{index}.py": text for index, text in enumerate(FILES.values())}
    else:
        texts = dict.fromkeys(NAMES, FILES["plain"])
    for name, text in texts.items():
        path = before / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.replace(b"%s", SITE))
    shutil.copytree(before, written)
    command = [sys.executable, "-m", "initport", "codemod", "--isolated", "--no-cache", "-q", "--write", "."]
    subprocess.run(command, cwd=written, env=ENVIRONMENT, capture_output=True, check=False)
    expected = files(written)
    assert all(SITE not in text for text in expected.values())
    assert applied(before, diff(before), tool) == expected
