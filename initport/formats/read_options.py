"""What of an input is read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from initport.records import NamedTuple

if TYPE_CHECKING:
    from initport.grammar.versions import Versions


class Options(NamedTuple):
    """The ``phase``, ``level`` and ``stages`` choose the layers of a Caffe network; ``inputs`` gives shapes of blobs by
    name, with None for a size that is not known. ``version`` is the source framework's, where the input does not
    state it or states it wrongly. Of a saved graph, ``laws`` name what its numbers may follow, and ``strip_scope`` is a
    scope that is left out of the names. ``root`` is the directory below which files lie that the input names, by
    default its own. Of a program, ``versions`` are those of packages that it was written for, None where nothing says
    them, and ``network`` names the class, function or variable that is the network, where it has several."""

    phase: str = "TRAIN"
    level: int = 0
    stages: frozenset[str] = frozenset()
    inputs: Mapping[str, tuple[int | None, ...]] = {}
    version: str | None = None
    laws: tuple[str, ...] = ()
    strip_scope: str | None = None
    root: str | None = None
    versions: "Versions | None" = None
    network: str | None = None
