"""The ways in which findings are written down; each is a module with one function, ``render``."""

from collections.abc import Callable, Sequence
from importlib import import_module

from initport.findings.finding import Finding
from initport.records import NamedTuple


def plain(text: str, role: str) -> str:
    """Without colour."""
    return text


class Context(NamedTuple):
    """``root`` is the directory that paths are relative to where a format wants them so. ``paint`` gives a part of a
    line its colour, by its role: ``path``, ``error``, ``warning``, ``note``, ``mark`` or ``label``. ``width`` is
    that of the terminal, None where there is none."""

    root: str
    paint: Callable[[str, str], str] = plain
    width: int | None = None


def render(findings: Sequence[Finding], name: str, context: Context) -> str:
    """The findings, in their order, in one of `FORMATS`."""
    module = import_module(f"{__name__}.{name}")
    text: str = module.render(findings, context)
    return text
