"""What a format of network descriptions declares of itself: all that the rest of initport knows of it.

A format is a folder of `initport/formats` whose package holds one ``FORMAT``. Its name is the folder's. Nothing else
lists it: see `index`.
"""

from collections.abc import Callable
from enum import IntEnum
from importlib import import_module
from typing import TYPE_CHECKING

from initport.records import NamedTuple

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.formats.read_options import Options
    from initport.ir.model import Model

ReadFile = Callable[[str], bytes | None]
"""The content of a file that the input refers to, None where there is none."""


class Certainty(IntEnum):
    """How surely a file's content is of a format."""

    NONE = 0
    POSSIBLE = 1
    SURE = 2


class Format(NamedTuple):
    """One format.

    ``package`` is the dotted name of its folder, whose module ``reader`` reads it (`read`), and whose last part is the
    format's name. ``title`` names a file of it in messages ("a Caffe network"); ``endings`` are those of its files'
    names, in lower case; ``sniff`` judges a file by its bytes and its path, without reading it in full. ``options`` are
    the fields of `Options` that it regards: any other that is given for it does not apply. ``in_projects`` are the
    endings of the texts that `codemod` looks at when it meets them in a tree, where the content is surely of this
    format.
    """

    package: str
    title: str
    endings: tuple[str, ...]
    sniff: Callable[[bytes, str], Certainty]
    options: frozenset[str]
    in_projects: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What `--from` calls it."""
        return self.package.rpartition(".")[2]

    def read(
        self, data: bytes, path: str, options: "Options", read_file: ReadFile | None
    ) -> "tuple[Model, tuple[Diagnostic, ...]]":
        """From the bytes, the path (for messages and endings), the options and the files beside it to the model; raises
        InputError where the input as a whole is unusable."""
        found: tuple[Model, tuple[Diagnostic, ...]] = import_module(f"{self.package}.reader").read(
            data, path, options, read_file
        )
        return found

    def ends(self, path: str) -> bool:
        """Whether the name has one of the endings."""
        return path.lower().endswith(self.endings)
