"""How the codemod reads and what it writes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from initport.diagnostics import Code
from initport.emit.targets import default
from initport.grammar.versions import Versions
from initport.python.vocabulary import Names


def nowhere(_: str) -> bool:
    """Of a module that stands alone."""
    return False


def no_users(_: str) -> Iterator[tuple[str, str]]:
    """Of a module that stands alone."""
    return iter(())


def stands_alone() -> bool:
    """Of a module that stands alone."""
    return False


@dataclass(frozen=True, slots=True)
class Settings:
    """``names`` are what the source may say, ``written`` what the result is read with; ``target`` is the framework to
    write for, ``module`` what it is imported by (`--keras-module`); ``python2`` is whether the result must be Python 2
    as well; ``assume`` is what the user vouches for (`--assume`); while a site is decided it is what had to be assumed
    so far, and ``offered`` all that may be; ``versions`` are those that the source is read in; ``is_used_elsewhere`` is
    whether other files use a name of the module, and ``users`` are these, each with its text: none where there is no
    ``has_project``; ``codes`` are the findings that count: what is not among them is neither reported nor changed;
    ``inventory`` is whether all initializers are listed, those without a finding too.
    """

    names: Names
    written: Names
    module: str = "auto"
    python2: bool = False
    assume: frozenset[str] = frozenset()
    target: str = field(default_factory=lambda: default("source"))
    codes: frozenset[Code] = frozenset(Code)
    offered: frozenset[str] = frozenset()
    versions: Versions = field(default_factory=Versions)
    is_used_elsewhere: Callable[[str], bool] = nowhere
    users: Callable[[str], Iterator[tuple[str, str]]] = no_users
    has_project: Callable[[], bool] = stands_alone
    inventory: bool = False
