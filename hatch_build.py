"""What a build of the wheel does besides copying: each grammar becomes a Python module too, which needs no YAML parser,
and so does the index of their heads.

A source tree and an editable install read the YAML itself. That both say the same is tested in
tests/grammar/test_packaged.py.
"""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def as_module(text: str) -> str:
    """Python source whose ``DATA`` are the plain data of a YAML text."""
    return f"DATA = {_data(text)!r}\n"


def as_index(texts: Mapping[str, str]) -> str:
    """Python source whose ``DATA`` are the heads of grammars, by the name of each."""
    return f"DATA = { ({name: _data(text).get('head') for name, text in texts.items()})!r}\n"


def _data(text: str) -> Any:
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class GrammarHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.folder = tempfile.mkdtemp()
        paths = sorted(Path(self.root, "grammars").glob("*.yaml")) if version != "editable" else ()
        texts = {path.stem: path.read_text(encoding="utf-8") for path in paths}
        modules = {name: as_module(text) for name, text in texts.items()}
        for name, source in {**modules, **({"index": as_index(texts)} if texts else {})}.items():
            module = Path(self.folder, f"{name}.py")
            module.write_text(source, encoding="utf-8")
            build_data["force_include"][str(module)] = f"initport/grammars/{module.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self.folder)
