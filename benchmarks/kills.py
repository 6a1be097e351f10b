"""What a `kill -9` leaves at any moment of a run that writes: `python -m benchmarks.kills [TRIALS]`.

Each trial is a run of the command over a fresh tree, killed at a moment chosen at random, with all its workers. Every
file must be the old one or the new one, what is left besides must be of a name that no run reads, and the next run must
finish the work and remove it. To have a thousand trials in minutes, a run is parted from a process that has imported
initport already: what is killed is the command's own code from its first line on.
"""

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from initport.cli import main as initport

FILES = tuple(f"f{index:02}.py" for index in range(8))
BEFORE = "import tensorflow as tf\n" + "".join(f"i{index} = tf.zeros_initializer()\n" for index in range(2))
MODES = {
    ("--write",): 0.4,
    ("--add-ignore",): 0.4,
    ("--write", "--jobs", "2"): 0.1,
    ("--add-ignore", "--jobs", "2"): 0.1,
}
"""The arguments of the runs, and their parts of the trials."""


class Seen(NamedTuple):
    """How many trials there were, and in how many the run was killed: before its first file was written, while it
    wrote, and too late; how often a file was torn, something was left, what was left was read, or stayed."""

    trials: int = 0
    before: int = 0
    during: int = 0
    late: int = 0
    torn: int = 0
    left: int = 0
    picked_up: int = 0
    stayed: int = 0

    def plus(self, **more: int) -> "Seen":
        return self._replace(**{name: getattr(self, name) + count for name, count in more.items()})


def started(tree: Path, arguments: Sequence[str]) -> int:
    """The process of a run over a tree, the first of a group of its own."""
    child = os.fork()
    if child:
        return child
    try:
        os.setpgid(0, 0)
        os.chdir(tree)
        out = os.open(os.devnull, os.O_WRONLY)
        os.dup2(out, 1)
        os.dup2(out, 2)
        initport(["codemod", "-q", "--isolated", "--no-cache", *arguments, "."], standalone_mode=False)
    except SystemExit:
        pass
    finally:
        os._exit(0)


def fresh(tree: Path) -> None:
    tree.mkdir(exist_ok=True)
    for name in FILES:
        (tree / name).write_text(BEFORE)


def trial(tree: Path, arguments: Sequence[str], whole: float, after: str, chance: random.Random) -> Seen:
    fresh(tree)
    run = started(tree, arguments)
    time.sleep(whole * chance.uniform(0.0, 1.1))
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(run, signal.SIGKILL)
    os.waitpid(run, 0)
    texts = [(tree / name).read_text() for name in FILES]
    left = set(os.listdir(tree)) - set(FILES)
    done = sum(text == after for text in texts)
    seen = Seen(1).plus(before=done == 0, during=0 < done < len(FILES), late=done == len(FILES))
    seen = seen.plus(torn=any(text not in (BEFORE, after) for text in texts), left=bool(left))
    seen = seen.plus(picked_up=any(not name.endswith(".initport") for name in left))
    if left:
        os.waitpid(started(tree, arguments), 0)
        finished = all((tree / name).read_text() == after for name in FILES)
        seen = seen.plus(stayed=set(os.listdir(tree)) != set(FILES) and done < len(FILES), torn=not finished)
        for name in set(os.listdir(tree)) - set(FILES):
            (tree / name).unlink()
    return seen


def _warm() -> None:
    """Import and read what a run needs, so that the trials do not."""
    with tempfile.TemporaryDirectory() as folder:
        fresh(Path(folder))
        for arguments in ((), ("--diff",), ("--diff", "--add-ignore")):
            CliRunner().invoke(initport, ["codemod", "--isolated", "--no-cache", *arguments, folder])
    from initport.project import replace, worker_start  # noqa: F401


def trials(count: int, arguments: Sequence[str], seed: int = 1) -> Seen:
    """So many runs with these arguments, killed."""
    _warm()
    with tempfile.TemporaryDirectory() as folder:
        tree, seen = Path(folder) / "tree", Seen()
        whole = 0.0
        for _ in range(2):  # the first may have to read files that the second does not
            fresh(tree)
            start = time.monotonic()
            os.waitpid(started(tree, arguments), 0)
            whole = time.monotonic() - start
        after = (tree / FILES[0]).read_text()
        assert after != BEFORE
        chance = random.Random(seed)
        for _ in range(count):
            seen = Seen(*map(sum, zip(seen, trial(tree, arguments, whole, after, chance), strict=True)))
        return seen


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    for arguments, part in MODES.items():
        print(f"{' '.join(arguments):24}{trials(round(count * part), arguments)._asdict()}", flush=True)


if __name__ == "__main__":
    main()
