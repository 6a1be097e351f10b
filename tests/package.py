"""The package as a wheel carries it, for the commands that tests run in processes of their own: they parse no YAML."""

import os
import tempfile
from pathlib import Path

from initport.grammar import files

ROOT = Path(__file__).parent.parent


def build(folder: Path) -> Path:
    """A directory to import initport from: this tree's own files, and a Python module for each grammar."""
    package = folder / "initport"
    grammars = package / "grammars"
    grammars.mkdir(parents=True)
    for path in (ROOT / "initport").iterdir():
        if path.name not in ("__pycache__", "grammars"):
            (package / path.name).symlink_to(path, target_is_directory=path.is_dir())
    for path in sorted((ROOT / "grammars").iterdir()):
        if path.suffix == ".yaml":
            (grammars / f"{path.stem}.py").write_text(f"DATA = {files.read(path.stem)!r}\n", encoding="utf-8")
        else:
            (grammars / path.name).symlink_to(path)
    heads = {path.stem: files.read(path.stem).get("head") for path in sorted(ROOT.glob("grammars/*.yaml"))}
    (grammars / f"{files.INDEX}.py").write_text(f"DATA = {heads!r}\n", encoding="utf-8")
    return folder


def offer() -> "tempfile.TemporaryDirectory[str]":
    """Let processes that are started from here import that package."""
    folder = tempfile.TemporaryDirectory(prefix="initport-")
    os.environ["PYTHONPATH"] = os.pathsep.join((str(build(Path(folder.name))), str(ROOT)))
    return folder
