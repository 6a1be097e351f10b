"""The versions of the packages that a source was written for."""

from collections.abc import Mapping
from typing import NamedTuple

from initport.grammar.version import Version


class Versions(NamedTuple):
    """The versions of packages that a source was written for; one that is not given is the newest that was legacy."""

    chosen: Mapping[str, Version] = {}

    def key(self) -> tuple[tuple[str, Version], ...]:
        return tuple(sorted(self.chosen.items()))

    def of(self, package: str) -> tuple[Version, ...]:
        """The version of a package, and where nothing tells it those to look a name up in, the likeliest first."""
        return (self.chosen[package],) if package in self.chosen else LEGACY[package]


LEGACY: Mapping[str, tuple[Version, ...]] = {
    "tensorflow": ((1, 15, 5),),
    "keras": ((2, 3, 1), (1, 2, 2)),
    "tflearn": ((0, 5, 0),),
    "sonnet": ((1, 36), (2, 0, 2)),
    "tensorlayer": ((1, 11, 1), (2, 2, 5)),
}
"""What a package's version is taken for where nothing tells, and for names and arguments that this version has not."""
