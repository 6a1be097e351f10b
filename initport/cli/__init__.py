"""The command line: arguments, printing, exit codes. What anything means is decided elsewhere.

Exit status: 0 all converted, 1 some weight was refused, 2 bad usage or unusable input. Data goes to stdout, findings
beside it and summaries to stderr.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from initport.cli.commands import COMMANDS, main

__all__ = ["COMMANDS", "main"]


def __getattr__(name: str) -> object:
    """The commands, which click reads, are imported when they are asked for: see `plain`."""
    if name not in __all__:
        raise AttributeError(f"module 'initport.cli' has no attribute {name!r}")
    from initport.cli import commands

    return getattr(commands, name)
