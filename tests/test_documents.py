"""The documents for contributors: what they name is there, and their recipes hold."""

import re
from pathlib import Path

import pytest

from tests.test_architecture import ALLOWED

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_is_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = [
        path
        for path in re.findall(r"`((?:tests|initport|grammars|fixtures|emit)/[\w./-]*)`", text)
        if "NAME" not in path and "ROOM" not in path
    ]
    assert paths
    for path in paths:
        home = ROOT / "initport" if path.startswith("emit/") else ROOT
        assert (home / path).exists(), path


def test_the_table_of_rooms_is_that_of_the_test() -> None:
    rooms = re.findall(r"^\| `(\w+)` \|", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rooms) == sorted(room for room in ALLOWED if not room.startswith("__"))


def test_a_promise_names_a_test() -> None:
    rows = [line for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert all("`tests/" in line for line in rows[1:])
