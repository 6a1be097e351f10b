"""A grammar as a wheel carries it says what its file says."""

from pathlib import Path
from typing import Any

import pytest

from hatch_build import as_module
from initport.grammar.bundle import Packaged
from initport.grammar.text import Text
from tests.grammar.test_rows import GRAMMARS
from tests.grammar.test_text import TABLES


@pytest.mark.parametrize("path", GRAMMARS, ids=lambda path: path.stem)
def test_the_module_says_what_the_file_says(path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(as_module(written), names)
    text, packaged = Text(written, path.name, TABLES), Packaged(names["DATA"], path.name, TABLES)
    assert packaged.head == text.head
    for section in TABLES:
        assert packaged.rows(section) == text.rows(section)
        for row in text.rows(section):
            assert packaged.row(section, row) == text.row(section, row)
            assert row in packaged.mentioning(section, row)
            assert set(packaged.mentioning(section, row)) <= set(text.mentioning(section, row))
