"""The versions of the packages that a source was written for."""

from collections.abc import Mapping
from typing import NamedTuple

from initport.grammar import registry
from initport.grammar.version import Version


class Versions(NamedTuple):
    """The versions of packages that a source was written for; one that is not given is the newest that was legacy."""

    chosen: Mapping[str, Version] = {}

    def key(self) -> tuple[tuple[str, Version], ...]:
        return tuple(sorted(self.chosen.items()))

    def of(self, package: str) -> tuple[Version | None, ...]:
        """The version of a package, and where nothing tells it those to look a name up in, the likeliest first; None
        alone where its versions mean the same."""
        return (self.chosen[package],) if package in self.chosen else registry.usual(package) or (None,)
