"""Add to a built site what its page "Try it in the browser" loads: ``python -m docs.browser SITE``.

Pyodide comes from the npm registry as ``npm pack`` fetches it, in one version whose hash is stated here; the wheel is
built from this tree. Needs npm and pip.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

VERSION = "314.0.7"
SHA512 = "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")


def pyodide(folder: Path) -> None:
    """The files that run Python, in the folder. Raises ValueError for another archive than the one stated."""
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(["npm", "pack", "--silent", f"pyodide@{VERSION}"], cwd=work, check=True, capture_output=True)
        archive = Path(work, f"pyodide-{VERSION}.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != SHA512:
            raise ValueError(f"{archive.name} has the hash {found}, not {SHA512}")
        with tarfile.open(archive) as packed:
            for name in FILES:
                member = packed.extractfile(f"package/{name}")
                assert member is not None
                (folder / name).write_bytes(member.read())


def wheel(folder: Path) -> None:
    """This tree's wheel, in the folder under a name without its version."""
    with tempfile.TemporaryDirectory() as work:
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", work, str(ROOT)]
        subprocess.run(command, check=True)
        (built,) = Path(work).glob("*.whl")
        shutil.move(built, folder / "initport.whl")


def add(site: Path) -> None:
    folder = site / "browser"
    folder.mkdir(exist_ok=True)
    pyodide(folder)
    wheel(folder)
    for source in (*HERE.glob("*.js"), HERE / "style.css", HERE / "run.py"):
        shutil.copy2(source, folder)


if __name__ == "__main__":
    add(Path(sys.argv[1]))
