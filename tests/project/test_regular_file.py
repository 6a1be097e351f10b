"""Files as bytes: regular ones alone, whole or as far as they are wanted."""

import os
from pathlib import Path

import pytest

from initport.project.regular_file import read


@pytest.mark.parametrize("length", [0, 1, 5, 1 << 17])
def test_a_file_is_read(length: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(os.urandom(length))
    for size in (0, 1, 4, 5, 6, 1 << 17, 1 << 18):
        assert read(str(path), size) == path.read_bytes()[:size]
    assert read(str(path)) == path.read_bytes()


def test_parts_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may give less than is asked for."""
    path, whole = tmp_path / "a", os.read
    path.write_bytes(bytes(range(100)))
    monkeypatch.setattr(os, "read", lambda handle, size: whole(handle, min(size, 7)))
    assert read(str(path)) == bytes(range(100))
    assert read(str(path), 50) == bytes(range(50))


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="there is no file that says nothing of its size")
def test_a_file_that_says_nothing_of_its_size() -> None:
    assert read("/proc/self/cmdline") == Path("/proc/self/cmdline").read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, reason in (
        (tmp_path / "pipe", "not a regular file"),
        (tmp_path, "not a regular file"),
        (tmp_path / "none", "No such"),
    ):
        with pytest.raises(OSError, match=reason):
            read(str(path))
