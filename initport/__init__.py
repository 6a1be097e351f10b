"""initport: port weight initialization between deep-learning frameworks without changing its distribution.

The library's functions are ``convert`` (text to a Result) and ``read`` (text to a Reading); see initport.conversion.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from initport.conversion import Reading, Result, convert, read
    from initport.diagnostics import Diagnostic, InputError
    from initport.formats.options import Options

__version__ = "0.1.0"

__all__ = ["Diagnostic", "InputError", "Options", "Reading", "Result", "__version__", "convert", "read"]

_HOMES = {
    **dict.fromkeys(("Reading", "Result", "convert", "read"), "initport.conversion"),
    **dict.fromkeys(("Diagnostic", "InputError"), "initport.diagnostics"),
    "Options": "initport.formats.options",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: a command that needs none of it starts without it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'initport' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
