"""What a build of the wheel does besides copying: each grammar becomes a Python module too, which needs no parser, and
so does the index of their heads.

A source tree and an editable install read the YAML and the schemas themselves. That both say the same is tested in
tests/grammar/test_packaged.py.
"""

import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def as_module(text: str) -> str:
    """Python source whose ``DATA`` are the plain data of a YAML text."""
    return f"DATA = {_data(text)!r}\n"


def schema_as_module(text: str, name: str) -> str:
    """Python source whose ``DATA`` are the plain data of a schema in protobuf's language."""
    sys.path.insert(0, str(Path(__file__).parent))
    from initport.formats.proto_text import parse  # of the source tree, which needs nothing else

    return f"DATA = {parse(text, name)!r}\n"


def as_index(texts: Mapping[str, str]) -> str:
    """Python source whose ``DATA`` are the heads of grammars, by the name of each."""
    return f"DATA = { ({name: _data(text).get('head') for name, text in texts.items()})!r}\n"


def _data(text: str) -> Any:
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def modules_of(folder: Path) -> dict[str, str]:
    """The sources of all modules, by their names."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
    schemas = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.proto"))}
    return {
        **{name: as_module(text) for name, text in texts.items()},
        **{f"{name}_proto": schema_as_module(text, f"{name}.proto") for name, text in schemas.items()},
        "index": as_index(texts),
    }


class GrammarHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.folder = tempfile.mkdtemp()
        modules = {} if version == "editable" else modules_of(Path(self.root, "grammars"))
        for name, source in modules.items():
            module = Path(self.folder, f"{name}.py")
            module.write_text(source, encoding="utf-8")
            build_data["force_include"][str(module)] = f"initport/grammars/{module.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self.folder)
