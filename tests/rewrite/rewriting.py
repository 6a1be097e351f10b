"""What the codemod's tests share."""

from initport.project.run import Run
from initport.python.versions import Versions
from initport.rewrite.file import process, silence
from initport.rewrite.outcome import Outcome


def outcome(data: bytes, path: str = "model.py", run: Run | None = None) -> Outcome:
    chosen = run or Run()
    settings = chosen.settings(Versions(chosen.versions), path)
    return silence(data, path, settings) if chosen.baseline else process(data, path, lambda: settings)


def rewritten(source: str, run: Run | None = None) -> str:
    """The text after the codemod, which must change nothing when it runs again."""
    after = bytes_after(source.encode(), run=run)
    assert bytes_after(after, run=run) == after
    return after.decode()


def bytes_after(data: bytes, path: str = "model.py", run: Run | None = None) -> bytes:
    found = outcome(data, path, run)
    return data if found.after is None else found.after


def refusals(source: str, run: Run | None = None) -> list[str]:
    """Why sites were refused; the source must be left as it was."""
    found = outcome(source.encode(), run=run)
    assert found.after is None
    return [item.detail for item in found.diagnostics]
