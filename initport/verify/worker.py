"""A program of ``programs/`` in a process of its own, with limits on its time and memory."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

PROGRAMS = Path(__file__).parent / "programs"

Progress = Callable[[int, int], None]
"""Called with what is done, and of how much."""


class FrameworkError(Exception):
    """The framework, or the model, could not be run; the message is its own."""


_NO_LIBRARY = re.compile(r"^ModuleNotFoundError: No module named '(\w+)", re.MULTILINE)


def _describe(error: str) -> str:
    """An error of a program; where a framework is not installed, that and the extra which installs it."""
    from initport.emit.targets import targets

    missing = _NO_LIBRARY.search(error)
    extras = {library: item.extra for item in reversed([*targets().values()]) for library in (*item.libraries, "numpy")}
    if missing is None or missing[1] not in extras:
        return error
    return f"{missing[1]} is not installed in this environment: pip install 'initport[{extras[missing[1]]}]'"


class Limits(NamedTuple):
    """Seconds of wall-clock time for all requests together, and bytes of data of the process; None is no limit."""

    seconds: float | None = 1800.0
    memory: int | None = 8 * 2**30


class Worker:
    """The process; requests are answered one after the other. Use as a context manager.

    ``program`` is a file, of ``programs/`` where only its name is given. PyTorch draws with one thread, unless the
    environment says otherwise: on tensors as small as weights, threads that wait for each other take 25 times the
    time."""

    def __init__(self, program: str | Path, python: str = sys.executable, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.ends = None if self.limits.seconds is None else time.monotonic() + self.limits.seconds
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self.process = subprocess.Popen(
            [python, str(PROGRAMS / "serve.py"), str(PROGRAMS / program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            encoding="utf-8",
            env={"OMP_NUM_THREADS": "1", **os.environ},
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def left(self) -> float | None:
        """Seconds; None where there is no limit."""
        return None if self.ends is None else max(0.0, self.ends - time.monotonic())

    def ask(self, do: str, argument: Any, progress: Progress | None = None) -> Any:
        """The answer. Raises FrameworkError: with the program's words, or where a limit was reached."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(self.left, stop) if self.left is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(json.dumps({"do": do, "with": argument}) + "\n")
                self.process.stdin.flush()
            for line in self.process.stdout:
                message = json.loads(line)
                if "progress" in message:
                    if progress is not None:
                        progress(*message["progress"])
                elif "error" in message:
                    raise FrameworkError(_describe(message["error"]))
                else:
                    return message["answer"]
        finally:
            if timer is not None:
                timer.cancel()
        raise FrameworkError(self._describe_end(late.is_set()))

    def _describe_end(self, late: bool) -> str:
        if late:
            return f"it took longer than {self.limits.seconds:g} seconds"
        status = self.process.wait()
        if status < 0:
            return f"it was ended by signal {-status}, as happens where memory runs out"
        self.errors.seek(0)
        text = self.errors.read().decode("utf-8", "replace")[-20_000:].strip()
        return _describe(text) if text else f"it ended with status {status}"

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()

    def close(self) -> None:
        """End the process, whatever it does."""
        self._kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
