"""What a build of the wheel does besides copying: each grammar becomes a Python module too, which needs no YAML parser.

A source tree and an editable install read the YAML itself. That both say the same is tested in
tests/grammar/test_packaged.py.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def as_module(text: str) -> str:
    """Python source whose ``DATA`` are the plain data of a YAML text."""
    return f"DATA = {yaml.safe_load(text)!r}\n"


class GrammarHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.folder = tempfile.mkdtemp()
        for path in sorted(Path(self.root, "grammars").glob("*.yaml")) if version != "editable" else ():
            module = Path(self.folder, f"{path.stem}.py")
            module.write_text(as_module(path.read_text(encoding="utf-8")), encoding="utf-8")
            build_data["force_include"][str(module)] = f"initport/grammars/{module.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self.folder)
