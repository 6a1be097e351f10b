"""A grammar as a wheel carries it says what its file says, and a file says each thing once."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from hatch_build import as_index, as_module, modules_of, schema_as_module
from initport.formats import proto
from initport.formats.descriptors import file_descriptor
from initport.formats.proto_text import read_proto
from initport.grammar import files
from initport.grammar.errors import GrammarError
from initport.grammar.files import read_yaml
from initport.grammar.load import vocabulary
from initport.grammar.row_tables import Current, Table
from initport.grammar.version import parse_version
from tests.grammar.test_rows import GRAMMARS

VERSIONS = [None, *map(parse_version, ("1.2.2", "1.15.5", "2.3.1"))]
MORE = [parse_version(text) for text in ("1.0.0", "1.4", "2.0.0", "2.1.6", "2.21", "3.15.1")]


@pytest.mark.parametrize("path", GRAMMARS, ids=lambda path: path.stem)
def test_the_module_says_what_the_file_says(path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(as_module(written), names)
    assert names["DATA"] == read_yaml(written, path.name) == yaml.safe_load(written)


@pytest.mark.parametrize("path", sorted(GRAMMARS[0].parent.glob("*.proto")), ids=lambda path: path.stem)
def test_the_module_of_a_schema_says_what_the_file_says(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = path.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(schema_as_module(written, path.name), names)
    monkeypatch.setattr(proto, "data_in_wheel", {path.name: names["DATA"]}.get)
    assert file_descriptor(proto.read_schema(path.name)) == file_descriptor(read_proto(str(path)))


def test_a_build_has_a_module_for_each_file() -> None:
    made = set(modules_of(GRAMMARS[0].parent))
    assert made == {files.module_of(path.name) for path in GRAMMARS[0].parent.iterdir()} | {files.INDEX}


def test_the_index_has_the_heads_of_all_grammars() -> None:
    names: dict[str, Any] = {}
    exec(as_index({path.stem: path.read_text(encoding="utf-8") for path in GRAMMARS}), names)
    found = dict(files.heads())
    assert names["DATA"] == {path.stem: found[path.stem] for path in GRAMMARS}


@pytest.mark.parametrize("versions", [VERSIONS, pytest.param(MORE, marks=pytest.mark.slow, id="more")])
@pytest.mark.parametrize("section", ["initializers", "layers"])
@pytest.mark.parametrize("path", GRAMMARS, ids=lambda path: path.stem)
def test_a_name_alone_means_what_it_means_among_all(
    path: Path, section: str, versions: list[tuple[int, ...] | None]
) -> None:
    grammar = vocabulary(path.stem).grammar
    table: Table[str, Any] = grammar.initializers if section == "initializers" else grammar.layers
    for version in versions:
        every = dict(Current(table, grammar.modules, version))
        alone = Current(table, grammar.modules, version)
        assert {name: alone[name] for name in every} == every
        assert not any(f"{name}_" in alone for name in every if f"{name}_" not in every)
        assert dict(alone) == every


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1\nb: 2\n", {"a": 1, "b": 2}),
        ("a: &x {c: 1}\nb: {<<: *x, c: 2}\nd: {<<: *x}\n", {"a": {"c": 1}, "b": {"c": 2}, "d": {"c": 1}}),
    ],
)
def test_what_is_stated_once_is_read(text: str, data: object) -> None:
    assert read_yaml(text, "x.yaml") == data


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "layers:\n  A: {}\n  B: {}\n  A: {}\n", "a: [{b: 1, b: 2}]\n"])
def test_a_key_that_stands_twice_is_an_error(text: str) -> None:
    with pytest.raises(GrammarError, match="occurs twice"):
        read_yaml(text, "x.yaml")
