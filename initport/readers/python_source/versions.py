"""The versions of the packages that a source was written for."""

from collections.abc import Mapping
from typing import NamedTuple

from initport.grammar.versions import Version


class Versions(NamedTuple):
    """The versions of packages that a source was written for; one that is not given is the newest that was legacy."""

    chosen: Mapping[str, Version] = {}

    def key(self) -> tuple[tuple[str, Version], ...]:
        return tuple(sorted(self.chosen.items()))


LEGACY: Mapping[str, Version] = {"tensorflow": (1, 15, 5), "keras": (2, 3, 1)}
"""What a package's version is taken for where nothing tells."""
