"""The command ``initport``, which ``python -m initport`` is too."""

import gc
import os
import sys


def _open_streams() -> None:
    """Put something in the place of standard streams that are closed, so that no file that is opened takes their
    numbers: an empty input, and for output what cannot be written."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            access = os.O_WRONLY if name == "stderr" else os.O_RDONLY  # writing to stdout is to fail
            handle = os.open(os.devnull, access)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def main() -> None:
    _open_streams()
    gc.disable()  # what is imported stays: to look for garbage in it takes a twentieth of the start
    from initport.cli import plain

    try:
        status = plain.run(sys.argv[1:])
        if status is None:
            status = plain.flush(_run_command())
        if "multiprocessing.resource_tracker" not in sys.modules:  # which has to be told what is given back
            os._exit(status)  # what was read and made is not taken apart one by one; all output is flushed
        sys.exit(status)
    finally:
        gc.freeze()  # what the process ends with is not looked through three times for garbage


def _run_command() -> int:
    """The exit status of a command that click reads."""
    from initport.cli import commands

    gc.freeze()
    gc.enable()
    try:
        commands.main(prog_name="initport")
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            raise
        return end.code or 0
    return 0


if __name__ == "__main__":
    main()
