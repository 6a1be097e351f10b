"""A grammar file cut into rows says what it says as a whole."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from initport.grammar.load import vocabulary
from initport.grammar.tables import Current, Table
from initport.grammar.text import Text
from initport.grammar.version import parse_version
from tests.grammar.test_rows import GRAMMARS

TABLES = ("initializers", "layers", "kinds")
VERSIONS = [None, *map(parse_version, ("1.0.0", "1.2.2", "1.4", "1.15.5", "2.0.0", "2.1.6", "2.3.1", "2.21", "3.15.1"))]


@pytest.mark.parametrize("path", GRAMMARS, ids=lambda path: path.stem)
def test_the_parts_are_those_of_the_whole(path: Path) -> None:
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = Text(path.read_text(encoding="utf-8"), path.name, TABLES)
    for section in TABLES:
        assert text.rows(section) == list(whole.get(section, {}))
        for row, data in whole.get(section, {}).items():
            alone = Text(path.read_text(encoding="utf-8"), path.name, TABLES)
            assert alone.row(section, row) == data
    assert text.head == whole | {section: {} for section in TABLES if section in whole}
    text.read_all()
    assert {section: {row: text.row(section, row) for row in whole[section]} for section in TABLES if section in whole}


@pytest.mark.parametrize("section", ["initializers", "layers"])
@pytest.mark.parametrize("path", GRAMMARS, ids=lambda path: path.stem)
def test_a_name_alone_means_what_it_means_among_all(path: Path, section: str) -> None:
    grammar = vocabulary(path.stem).grammar
    table: Table[str, Any] = grammar.initializers if section == "initializers" else grammar.layers
    for version in VERSIONS:
        every = dict(Current(table, grammar.modules, version))
        alone = Current(table, grammar.modules, version)
        assert {name: alone[name] for name in every} == every
        assert not any(f"{name}_" in alone for name in every if f"{name}_" not in every)
        assert dict(alone) == every


def test_what_a_row_refers_to_is_found_in_other_rows() -> None:
    text = Text(
        "a: &one [x]\nlayers:\n  A: {is: &two [y, *one]}\n  # note\n\n  B:\n    is: *two\n  C: {}\nb: 1\n", "x", TABLES
    )
    assert text.rows("layers") == ["A", "B", "C"]
    assert text.row("layers", "B") == {"is": ["y", ["x"]]}
    assert text.mentioning("layers", "two") == ["A", "B"]
    assert text.mentioning("layers", "x") == []
    assert text.head == {"a": ["x"], "layers": {}, "b": 1}
