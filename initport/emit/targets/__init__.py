"""The targets that there are: the folders of this package that declare one."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from initport.emit.target import Target, name_of
from initport.folders import packages_in

DEFAULTS: Mapping[str, str] = {"source": "keras", "network": "torch", "report": "torch"}
"""The target of each kind of input where none is chosen, and the one that reports are about."""


@cache
def _folders() -> Mapping[str, str]:
    """The folder of every target by its name, those that are the default of some input first."""
    found = {name_of(folder): folder for folder in packages_in(__path__)}
    return dict(sorted(found.items(), key=lambda item: (item[0] not in DEFAULTS.values(), item[0])))


def names() -> tuple[str, ...]:
    """The names of the targets; none of them is imported."""
    return tuple(_folders())


def target(name: str) -> Target:
    """Raises ValueError for an unknown name."""
    if name not in _folders():
        raise ValueError(f"unknown target {name!r}; known: {', '.join(names())}")
    found: Target = import_module(f"{__name__}.{_folders()[name]}").TARGET
    return found


@cache
def targets() -> Mapping[str, Target]:
    """Every target by its name."""
    return MappingProxyType({name: target(name) for name in names()})


def default(kind: str) -> str:
    """The name of the target of a kind of input (``source``, ``network``) where none is chosen."""
    return DEFAULTS[kind]


@cache
def aliases() -> Mapping[str, str]:
    """Other names of targets, and the names."""
    return {alias: item.name for item in targets().values() for alias in item.aliases}
