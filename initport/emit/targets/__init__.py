"""The targets that there are: the folders of this package that declare one."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from initport.emit.target import Target
from initport.folders import packages_in


@cache
def targets() -> Mapping[str, Target]:
    """Every target by its name, those that are the default of some input first."""
    found: list[Target] = [import_module(f"{__name__}.{folder}").TARGET for folder in packages_in(__path__)]
    found.sort(key=lambda item: (not item.default_for, item.name))
    return MappingProxyType({item.name: item for item in found})


def names() -> tuple[str, ...]:
    """The names of the targets."""
    return tuple(targets())


def target(name: str) -> Target:
    """Raises ValueError for an unknown name."""
    try:
        return targets()[name]
    except KeyError:
        raise ValueError(f"unknown target {name!r}; known: {', '.join(targets())}") from None


@cache
def default(kind: str) -> str:
    """The name of the target of a kind of input (``source``, ``network``) where none is chosen."""
    (found,) = (item.name for item in targets().values() if kind in item.default_for)
    return found


@cache
def aliases() -> Mapping[str, str]:
    """Other names of targets, and the names."""
    return {alias: item.name for item in targets().values() for alias in item.aliases}
