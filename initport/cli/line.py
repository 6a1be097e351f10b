"""What a command line gives, whoever has read it, and what is wrong with it."""

from collections.abc import Sequence

from initport.project.options import Input, Option, without_use
from initport.records import NamedTuple


class MisuseError(Exception):
    """The command line asks for what there is not; the message says what."""


class Line(NamedTuple):
    """The options that a command ``declared``, and the names of those that are ``given``."""

    declared: Sequence[Option]
    given: Sequence[str]

    def check_use(self, kind: Input) -> None:
        """Raises MisuseError for an option that was given and that such an input has no use for."""
        idle = without_use(self.declared, self.given, kind)
        if idle is not None:
            only = " and ".join(idle.inputs)
            raise MisuseError(f"`--{idle.key}` has no use for {kind}: it is for {only} only")
