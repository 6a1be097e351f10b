"""Who may import whom, read off the source with ``ast``."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "initport"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "programs" not in path.parts]

ALLOWED = {
    "ir": {"ir"},
    "diagnostics": {"ir.location"},
    "grammar": {"grammar", "ir"},
    "readers": {"readers", "grammar", "ir", "diagnostics"},
    "emitters": {"emitters", "grammar", "ir", "diagnostics", ""},
    "verify": {"verify", "emitters", "grammar", "ir"},
    "conversion": {"readers.options", "emitters", "grammar", "ir", "diagnostics"},
    "explain": {"tables", "emitters", "grammar", "ir", "diagnostics"},
    "codemod": {
        "",
        "codemod",
        "findings",
        "conversion",
        "readers.options",
        "readers.python_source",
        "emitters",
        "grammar",
        "ir",
        "diagnostics",
    },
    "findings": {"findings", "diagnostics", "ir.location", ""},
    "cli": {
        "cli",
        "findings",
        "codemod",
        "conversion",
        "explain",
        "verify",
        "tables",
        "readers.options",
        "ir.location",
        "diagnostics",
        "",
    },
    "tables": set(),
    "__main__": {"cli"},
    "__init__": {"conversion", "diagnostics", "readers.options"},
}
"""Room -> what it may import of the package ("" is the package itself, for its version)."""

THIRD_PARTY = {
    "click": {"cli"},
    "rich": {"cli"},
    "tree_sitter": {"codemod.legacy"},
    "tree_sitter_python": {"codemod.legacy"},
    "yaml": {"grammar.text", "readers.keras_config.yaml_text"},
    "h5py": {"readers.keras_config.containers"},
    "google": {"readers.prototxt.binary", "readers.prototxt.descriptors"},
}
"""Library -> the modules that may import it; every other library is forbidden."""


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = node.module or ""
            is_package = (ROOT / Path(*module.split("."))).is_dir()
            yield from (f"{module}.{alias.name}" if is_package else module for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_follow_the_architecture(path: Path) -> None:
    name = name_of(path)
    allowed = ALLOWED[name.split(".")[0]]
    for imported in imports(path):
        top, _, rest = imported.partition(".")
        if top == "initport":
            inside = "" if rest.startswith("__") else rest
            assert any(inside == room or (room and inside.startswith(f"{room}.")) for room in allowed), imported
        elif top not in sys.stdlib_module_names:
            homes = THIRD_PARTY.get(top, set())
            assert any(name == home or name.startswith(f"{home}.") for home in homes), imported


def test_no_reader_imports_another() -> None:
    for path in MODULES:
        room = name_of(path).split(".")
        if room[0] == "readers" and len(room) > 1:
            for imported in imports(path):
                if imported.startswith("initport.readers."):
                    assert imported.split(".")[2] in (room[1], "options", "filled"), (path, imported)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_are_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))
