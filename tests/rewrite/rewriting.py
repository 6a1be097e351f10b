"""What the codemod's tests share."""

import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

from initport.emit.code import CUT_NOTE
from initport.grammar.version import Range, Version
from initport.grammar.versions import Evidence, Versions
from initport.project.processes import Run
from initport.rewrite.file import process, silence
from initport.rewrite.outcome import Outcome


def written_for(versions: Mapping[str, Version]) -> Versions:
    """Most programs of the tests were written for TensorFlow 1.15.5, as if a project required it."""
    required = {"tensorflow": Evidence(Range((("==1.15.5",),)), "requirements.txt")}
    return Versions(versions, {package: known for package, known in required.items() if package not in versions})


def outcome(data: bytes, path: str = "model.py", run: Run | None = None) -> Outcome:
    chosen = run or Run()
    settings = chosen.settings(written_for(chosen.versions), path)
    return silence(data, path, settings) if chosen.baseline else process(data, path, lambda: settings)


def rewritten(source: str, run: Run | None = None) -> str:
    """The text after the codemod, which must change nothing when it runs again; without the comments that explain a
    number, which `test_notes` is about."""
    after = bytes_after(source.encode(), run=run)
    assert bytes_after(after, run=run) == after
    return re.sub(rf"(?<=\S)  # {re.escape(CUT_NOTE)}", "", after.decode())


def bytes_after(data: bytes, path: str = "model.py", run: Run | None = None) -> bytes:
    found = outcome(data, path, run)
    return data if found.after is None else found.after


def refusals(source: str, run: Run | None = None) -> list[str]:
    """Why sites were refused; the source must be left as it was."""
    found = outcome(source.encode(), run=run)
    assert found.after is None
    return [item.detail for item in found.diagnostics]


@cache
def in_order(imports: str) -> str:
    """Import statements as isort's default profile orders them, by ruff's own reading of it."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "I", "--fix", "--quiet", "-"]
    return subprocess.run(command, input=imports, text=True, capture_output=True, check=True).stdout
