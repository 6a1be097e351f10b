"""Which files are meant, compared with git where .gitignore decides."""

import inspect
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from initport.project.discover import files

NAMES = (
    "a.py", "b.py", "ab.py", "[a].py", "a-b.py", "!x.py", "#x.py", "sp .py", "naïve.py", "A.py", "1.py", "]b.py",
    "pkg/a.py", "pkg/b.py", "pkg/sub/a.py", "pkg/sub/deep/a.py", "pkg/a/b.py", "build/a.py", "build/lib/b.py",
    "pkg/build/a.py", "x/y/z.py", "x/z.py", "x/yy/z/a.py", "foo.py/a.py", "back\\slash.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", root], check=True)
    for name in NAMES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return root


def by_git(root: Path) -> set[str]:
    command = ["git", "-c", "core.excludesFile=", "ls-files", "-z", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name for name in listed if name.endswith(".py")}


def compare(root: Path, ignores: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> set[str]:
    for where, text in ignores.items():
        (root / where / ".gitignore").write_bytes(text.encode())
    monkeypatch.chdir(root)
    try:
        expected = by_git(root)
        assert set(files(["."], (), ())) == expected, ignores
        for directory in ("pkg", "x"):
            inside = {name for name in expected if name.startswith(f"{directory}/")}
            if inside:  # else the directory itself may be left out, and was named all the same
                assert set(files([directory], (), ())) == inside, ignores
    finally:
        for where in ignores:
            (root / where / ".gitignore").unlink()
    return expected


RULES = [
    "", "# a.py", "\n\n", "a.py", "/a.py", "*.py", "*.py\n!a.py", "!a.py\n*.py", "pkg/", "pkg", "pkg/*\n!pkg/a.py",
    "pkg/\n!pkg/a.py", "a", "a/", "/a", "build/", "/build", "build/lib", "**/build", "**/a.py", "pkg/**", "pkg/**/a.py",
    "x/**/z.py", "**/sub/**", "**", "x/**z.py", "?.py", "??.py", "[ab].py", "[!ab].py", "[^ab].py", "[a-c].py",
    "[[]a].py", r"\[a\].py", r"\!x.py", r"\#x.py", "!x.py", "#x.py", "sp .py", r"sp\ .py", "a.py   ", r"a.py\ ",
    "*/a.py", "*/*/a.py", "/*/a.py", "pkg/*/a.py", "a.py/", "foo.py/", "foo.py", "[", "[a", "a[", "*[", "[]]b.py",
    "[z-a].py",
    "[[:digit:]].py", "[[:nonsense:]].py", "[![:alpha:]]*.py", "a.py\r\nb.py\r\n", "\ufeffa.py", "naïve.py", "na*.py",
    "back\\\\slash.py", "a.py\\", "/", "//", "!", "*", "*\n!pkg/", "*\n!*/\n!a.py", "x/y/", "/x/*/z.py", "a-b.py",
    "[a\\-c]-b.py", "***.py", "p*g/**/*.py", "**/", "/**", "pkg/sub/**\n!pkg/sub/deep/", "[+--].py", "a**.py",
]  # fmt: skip


@pytest.mark.parametrize("rules", RULES)
def test_a_gitignore_says_what_it_says_to_git(repository: Path, rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(repository, {".": rules}, monkeypatch)


NESTED = [
    ({".": "a.py", "pkg": "!a.py"}, "pkg/a.py"),
    ({".": "!a.py", "pkg": "a.py"}, "a.py"),
    ({".": "pkg/sub/a.py", "pkg": "b.py"}, "pkg/sub/deep/a.py"),
    ({".": "/a.py", "pkg": "/b.py", "pkg/sub": "*"}, "pkg/a.py"),
    ({".": "*.py", "pkg": "!*.py", "pkg/sub": "deep"}, "pkg/sub/a.py"),
]


@pytest.mark.parametrize(("ignores", "kept"), NESTED)
def test_the_nearest_gitignore_decides(
    repository: Path, ignores: dict[str, str], kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept in compare(repository, ignores, monkeypatch)


def test_rules_made_at_random(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    pieces = ["a", "b", "pkg", "sub", "x", "/", "/", "*", "**", "?", ".py", "[ab]", "[!a]", "!", "\n", "\n", "lib"]
    for _ in range(250):
        compare(repository, {".": "".join(chance.choices(pieces, k=chance.randint(2, 9)))}, monkeypatch)


def test_outside_a_repository_the_directory_alone_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "in" / "a.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert list(files(["in"], (), ())) == [os.path.join("in", "a.py")]


def test_files_that_are_named_are_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".gitignore").write_text("*\n")
    for name in ("a.py", "third_party/x/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    named = ["./a.py", "third_party/x/b.py"]
    assert list(files(named, (), ["third_party"])) == ["a.py", "third_party/x/b.py"]
    assert list(files(named, (), ["third_party"], force=True)) == ["a.py"]
    assert list(files(named, (), ["third_party/*"], force=True)) == ["a.py"]
    assert list(files(named, (), ["*/b.py"], force=True)) == ["a.py"]


def test_links_in_a_directory_are_left_out_and_a_named_one_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.py").write_text("")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file.py").symlink_to("../outside/a.py")
    (tree / "directory").symlink_to("../outside")
    (tree / "loop.py").symlink_to("loop.py")
    (tree / "real.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert list(files(["tree"], (), ())) == ["tree/real.py"]
    assert list(files(["tree/file.py"], (), ())) == ["tree/file.py"]


def test_very_deep_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's stack is no limit."""
    monkeypatch.chdir(tmp_path)
    deep = "/".join("d" * 250)
    os.makedirs(deep)
    Path(deep, "a.py").write_text("")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        found = list(files(["."], (), ()))
    finally:
        sys.setrecursionlimit(limit)
    assert found == [f"{deep}/a.py"]


def test_a_directory_that_cannot_be_listed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.py").write_text("")
    monkeypatch.chdir(tmp_path)
    whole = os.scandir

    def scandir(path: str) -> object:
        if path == "a":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(os, "scandir", scandir)
    failed: list[tuple[str, str]] = []
    assert list(files(["."], (), (), fail=lambda *item: failed.append(item))) == ["b/x.py"]
    assert failed == [("a", "Permission denied")]
