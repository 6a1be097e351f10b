"""The frameworks that source code is rewritten for, each a module of what the codemod asks of a target.

Adding one is a module here, and its name in `TARGETS`.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:  # a network's module is emitted without what reads source code
    from initport.emit.decision import Keep, Replace, Weights
    from initport.emit.settings import Settings
    from initport.python.sites.site import Site
    from initport.python.vocabulary import Names

TARGETS = ("keras", "torch")


class Target(Protocol):
    """What a module here offers."""

    def decide(self, site: "Site", settings: "Settings") -> "Replace | Keep":
        """What takes the site's place. Raises RefusedError, MeaningError."""

    def weights(self, site: "Site", assumed: frozenset[str]) -> "Weights":
        """The weights that a site may start, where this is assumed of them."""

    def written(self) -> "Names":
        """What rewritten source is read with."""


@cache
def target(name: str) -> Target:
    return cast(Target, import_module(f"initport.emit.targets.{name}.site"))
