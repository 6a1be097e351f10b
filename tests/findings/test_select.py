"""Which codes count."""

import re
from pathlib import Path

import pytest

from initport.diagnostics import Code
from initport.findings.select import Selection, selection

CHOSEN: dict[str, tuple[Selection, set[str]]] = {
    "nothing said": (selection(), {code.code for code in Code}),
    "all": (selection(["ALL"]), {code.code for code in Code}),
    "one": (selection(["IP201"]), {"IP201"}),
    "several": (selection(["IP201,IP202", "IP501"]), {"IP201", "IP202", "IP501"}),
    "family but one": (selection(["IP5"], ignore=["IP501"]), set()),
    "one of an ignored family": (selection(["IP201"], ignore=["IP2"]), {"IP201"}),
    "ignoring wins": (selection(["IP201"], ignore=["IP201"]), set()),
    "more": (selection(["IP5"], ["IP201"]), {"IP501", "IP201"}),
    "more of an ignored family": (selection(["IP5"], ["IP201"], ["IP2"]), {"IP501", "IP201"}),
    "all ignored": (selection(ignore=["ALL"]), set()),
    "all but one": (selection(["IP501"], ignore=["ALL"]), {"IP501"}),
}


@pytest.mark.parametrize(("chosen", "codes"), list(CHOSEN.values()), ids=list(CHOSEN))
def test_codes(chosen: Selection, codes: set[str]) -> None:
    assert {code.code for code in chosen.codes("a.py")} == codes


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("IP999", "'IP999' is not a code, nor the start of one"),
        ("ip201", "'ip201' is not a code, nor the start of one; did you mean IP201?"),
        ("E501", "'E501' is not a code, nor the start of one; did you mean IP501?"),
        ("I", "'I' is not a code, nor the start of one"),
        ("all", "'all' is not a code, nor the start of one; did you mean ALL?"),
    ],
)
def test_what_selects_nothing_is_an_error(wrong: str, said: str) -> None:
    for arguments in ({"select": [wrong]}, {"ignore": [wrong]}, {"per_file": {"*": [wrong]}}):
        with pytest.raises(ValueError, match="^" + re.escape(said)):
            selection(**arguments)


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("tests/*", "tests/a.py", True),
        ("tests/*", "tests/b/a.py", True),
        ("tests/*", "pkg/tests/a.py", False),
        ("tests", "tests/b/a.py", True),
        ("tests/", "tests/a.py", True),
        ("tests", "tests.py", False),
        ("*_old.py", "pkg/a_old.py", True),
        ("a.py", "pkg/a.py", True),
        ("pkg/a.py", "pkg/a.py", True),
        ("pkg/a.py", "./pkg/../pkg/a.py", True),
        ("A.py", "a.py", False),
    ],
)
def test_files_that_ignore(
    glob: str, path: str, matches: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for root, named in ((None, path), (str(tmp_path), str(tmp_path / path))):
        chosen = selection(per_file={glob: ["IP5"]}, root=root)
        assert (Code.LEGACY not in chosen.codes(named)) is matches
        assert Code.UNDECIDED in chosen.codes(named)


def test_globs_are_relative_to_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pkg").mkdir()
    monkeypatch.chdir(tmp_path / "pkg")
    assert Code.LEGACY not in selection(per_file={"pkg/*": ["IP5"]}, root=str(tmp_path)).codes("a.py")
