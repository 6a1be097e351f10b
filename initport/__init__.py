"""initport: port weight initialization between deep-learning frameworks without changing its distribution.

The library's functions: ``convert`` a network to code, ``read`` it, ``explain`` every weight of any input, ``verify`` a
conversion in the real framework, and ``codemod`` Python source. Each takes text, and reads and writes no file.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from initport.conversion import Reading, Result, convert, read
    from initport.diagnostics import Diagnostic, InputError
    from initport.explain.any_input import explain
    from initport.formats.read_options import Options
    from initport.source_code import Rewriting, codemod
    from initport.verify.measure import verify

__version__ = "0.2.0"

__all__ = [
    "Diagnostic",
    "InputError",
    "Options",
    "Reading",
    "Result",
    "Rewriting",
    "__version__",
    "codemod",
    "convert",
    "explain",
    "read",
    "verify",
]

_HOMES = {
    **dict.fromkeys(("Reading", "Result", "convert", "read"), "initport.conversion"),
    **dict.fromkeys(("Diagnostic", "InputError"), "initport.diagnostics"),
    **dict.fromkeys(("Rewriting", "codemod"), "initport.source_code"),
    "Options": "initport.formats.read_options",
    "explain": "initport.explain.any_input",
    "verify": "initport.verify.measure",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: a command that needs none of it starts without it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'initport' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
