"""The codemod with every first look passed: what they skip, it must find nothing in.

`python -m tests.fuzz.first_looks DIRECTORY...` compares the two over all source files and notebooks of directories.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from unittest import mock

from initport.diagnostics import Code
from initport.project import processes
from initport.project.processes import Run
from initport.python import module_sites, triggers, vocabulary
from initport.rewrite import caffe_programs, differing_defaults, file, outcome  # noqa: F401 - they hold first looks
from initport.rewrite.outcome import Outcome

LOOKS = (triggers.may_hold, triggers.may_hold_any, outcome.may_hold_sites, module_sites.has_trigger,
         module_sites.may_hold, module_sites.reaches_site, vocabulary._may_import, processes._may_default)  # fmt: skip
"""What ends the reading of a file, or leaves a vocabulary out of it, after a look at the text."""


@cache
def _homes() -> list[tuple[ModuleType, str]]:
    """Where a first look is called by a name of the module's own."""
    ours = [module for name, module in sorted(sys.modules.items()) if name.startswith("initport.")]
    return [
        (module, name)
        for module in ours
        for name, value in vars(module).items()
        if any(value is look for look in LOOKS)
    ]


@contextmanager
def passed() -> Iterator[None]:
    """While every first look lets every text through."""
    with ExitStack() as stack:
        for module, name in _homes():
            stack.enter_context(mock.patch.object(module, name, return_value=True))
        for holder, name, value in (
            (vocabulary.Names, "words_of", lambda names, _: names.words | names.drawing),
            (vocabulary.Names, "may_fill", lambda names, _: bool(names.fills)),
            (file, "may_differ", lambda _, target: differing_defaults._own_grammar(target) is not None),
        ):
            stack.enter_context(mock.patch.object(holder, name, value))
        yield


def _found(outcome: Outcome) -> list[str]:
    """All findings, but that a file without a word of any vocabulary is not Python, and what became of the file."""
    said = (item for item in outcome.findings if item.code not in (Code.UNPARSABLE, Code.HIDDEN))
    return [*(f"{item.code.code} {item.diagnostic.location} {item.diagnostic.detail}" for item in said),
            str(outcome.after)]  # fmt: skip


def skipped(data: bytes, path: str, run: Run) -> list[str]:
    """What only the reading finds that no first look ends, and what only the other one finds."""
    plain = _found(processes.process(data, path, run))
    with passed():
        whole = _found(processes.process(data, path, run))
    return [item for item in whole if item not in plain] + [item for item in plain if item not in whole]


def main(directories: list[str]) -> int:
    files = differing = 0
    for directory in directories:
        for path in sorted(Path(directory).rglob("*")):
            if path.suffix not in (".py", ".ipynb") or not path.is_file():
                continue
            files += 1
            for target in ("keras", "torch"):
                found = skipped(path.read_bytes(), str(path), Run(target=target, max_file_size=10**9))
                differing += bool(found)
                for item in found:
                    print(f"{path}, for {target}: {item[:300]}", flush=True)
    print(f"{files:,} files, each for two targets: the first looks hide something {differing} times")
    return differing


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]) > 0)
