"""Who may import whom, and what functions are called, read off the source with ``ast``."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "initport"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "programs" not in path.parts]

_BASE = {"ir", "grammar", "diagnostics", "lexis", "regex", "records"}

ALLOWED = {
    "records": set(),
    "ir": {"ir", "records"},
    "diagnostics": {"ir.location", "records"},
    "tables": set(),
    "lexis": {"regex"},
    "regex": set(),
    "folders": set(),
    "source_initializer": {"ir", "diagnostics", "records"},
    "grammar": {"grammar", "ir", "records", "regex"},
    "formats": {"formats", "folders", "source_initializer", *_BASE},
    "python": {"python", "source_initializer", *_BASE},
    "emit": {"emit", "folders", "python", *_BASE, ""},
    "program": {"program", "rewrite", "emit.settings", "python", "formats", *_BASE},
    "rewrite": {"rewrite", "emit", "python", "findings", *_BASE},
    "explain": {
        "explain",
        "program",
        "project",
        "conversion",
        "formats",
        "rewrite",
        "emit",
        "python",
        "tables",
        *_BASE,
    },
    "source_code": {"emit.targets", "project", "findings"},
    "findings": {"findings", "records", "diagnostics", "lexis", "regex", "ir.location", ""},
    "verify": {"verify", "conversion", "formats", "emit", *_BASE},
    "match": {"match", *_BASE},
    "compare": {"compare", "match", "verify", "emit", "findings.escape", "tables", *_BASE},
    "report": {"report", "compare", "verify", "conversion", "formats", "emit", "findings.escape", *_BASE, ""},
    "testing": {"compare", "verify", "conversion", "formats", *_BASE},
    "conversion": {"program", "formats", "emit", *_BASE},
    "project": {"project", "rewrite", "conversion", "formats", "findings", "emit", "python", *_BASE, ""},
    "cli": {
        "cli",
        "emit.targets",
        "explain",
        "project",
        "rewrite",
        "scan",
        "verify",
        "compare",
        "report",
        "conversion",
        "formats",
        "findings",
        "tables",
        *_BASE,
        "",
    },
    "__main__": {"cli"},
    "libcst": {"project", "emit"},
    "batch": {"project", "rewrite.inventory", "findings", "diagnostics", ""},
    "scan": {"scan", "batch", "project", "rewrite.inventory", "grammar.versions", ""},
    "__init__": {"conversion", "diagnostics", "explain", "formats", "source_code", "verify"},
}
"""Room -> what it may import of the package ("" is the package itself, for its version)."""

THIRD_PARTY = {
    "click": {"cli"},
    "rich": {"cli"},
    "libcst": {"rewrite.replacement", "rewrite.imports", "libcst"},
    "tree_sitter": {"rewrite.python2"},
    "tree_sitter_python": {"rewrite.python2"},
    "yaml": {"grammar.files", "formats.keras.yaml_text"},
    "h5py": {"formats.keras.containers"},
    "google": {
        "formats.caffe.binary",
        "formats.caffe.binary_messages",
        "formats.caffe2",
        "formats.descriptors",
        "formats.graph",
        "formats.onnx",
        "formats.protobuf_text",
        "formats.paddle",
    },
    "matplotlib": {"report.charts", "scan.plots"},
    "pyarrow": {"batch", "scan"},
    "ray": {"scan.engines"},
}
"""Library -> the modules that may import it; every other library is forbidden."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
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


def test_no_format_imports_another() -> None:
    for path in MODULES:
        room = name_of(path).split(".")
        if room[0] == "formats" and len(room) > 1:
            for imported in imports(path):
                if imported.startswith("initport.formats."):
                    inside = imported.split(".")[2]
                    assert inside == room[1] or (PACKAGE / "formats" / f"{inside}.py").exists(), (path, imported)


def test_rooms_have_no_circles() -> None:
    """Of the modules' imports at the top of a file, those that hold whenever the module is loaded."""
    known = {name_of(path) for path in MODULES}

    def home(imported: str) -> str | None:
        name = imported.removeprefix("initport").lstrip(".")
        return next((part for part in (name, name.rpartition(".")[0]) if part in known), None)

    graph: dict[str, set[str]] = {}
    for path in MODULES:
        for node in tree(path).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("initport"):
                for alias in node.names:
                    found = home(f"{node.module}.{alias.name}") or home(node.module or "")
                    if found is not None and found != name_of(path):
                        graph.setdefault(name_of(path), set()).add(found)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {error.args[1]}")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_say_what_they_are(path: Path) -> None:
    assert ast.get_docstring(tree(path))


PARALLEL = (
    "formats/*/reader.py",
    "formats/*/sniff.py",
    "emit/targets/*/module.py",
    "emit/targets/*/site.py",
    "emit/targets/*/form.py",
    "emit/**/programs/stubs.py",
    "emit/**/programs/models.py",
    "emit/**/programs/init_weights.py",
)
"""Modules that are the same part of several folders: what a format, or a target, is made of."""


def test_no_two_modules_share_a_name() -> None:
    parts = {pattern: set(PACKAGE.glob(pattern)) for pattern in PARALLEL}
    assert [pattern for pattern, paths in parts.items() if len(paths) < 2] == []
    parallel = set().union(*parts.values())
    homes: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.stem not in ("__init__", "__main__"):
            home = "several folders" if path in parallel else name_of(path)
            homes.setdefault(path.stem, set()).add(home)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


_PARTICIPLES = re.compile(
    "begun|bound|broken|built|chosen|done|drawn|drawing|felt|filling|fitting|found|given|gone|held|holding|kept|leading"
    "|left|lost|lying|made|meant|met|missing|said|seen|sent|shown|speaking|spoken|standing|stood|taken|taught|telling"
    "|thought|told|unseen|worn|written"
)
"""Those of irregular verbs, and in -ing, that say nothing of what a function does or gives. (`read`, `put`, `set` and
`split` are imperatives too.)"""

_NOUNS = frozenset(["bed", "embed", "feed", "need", "seed", "speed"])


def is_participle(name: str) -> bool:
    word = name.strip("_")
    return _PARTICIPLES.fullmatch(word) is not None or (word.endswith("ed") and "_" not in word and word not in _NOUNS)


def functions(path: Path) -> Iterator[str]:
    """The functions and methods of a module, but properties, which describe what they belong to."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        is_special = node.name.startswith("__") and node.name.endswith("__")
        if not is_special and not any("property" in ast.unparse(item) for item in node.decorator_list):
            yield node.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("read", False),
        ("check_used", False),
        ("_has_trigger", False),
        ("seed", False),
        ("saved_model", False),
        ("said", True),
        ("_given", True),
        ("_built", True),
        ("converted", True),
    ],
)
def test_is_participle(name: str, expected: bool) -> None:
    assert is_participle(name) is expected


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_function_is_named_by_a_participle(path: Path) -> None:
    assert [name for name in functions(path) if is_participle(name)] == []
    assert not is_participle(path.stem)
