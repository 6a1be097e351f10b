"""What a process does first that works for another: it leaves Ctrl-C to that one, and never outlives it."""

import gc
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import wait


def start(leave: Callable[[], object] = lambda: None) -> None:
    """To be called in the new process, before any work; ``leave`` is called where that is ended from outside."""

    def end(*_: object) -> None:
        leave()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    gc.set_threshold(1_000_000)  # the process is its own and short-lived, and trees of modules are walked for nothing
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel, end), daemon=True).start()


def _end_with(sentinel: int, end: Callable[[], object]) -> None:
    wait([sentinel])
    end()
