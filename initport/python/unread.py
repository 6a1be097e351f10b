"""Files that start weights with a framework that is not read (`grammars/unread.yaml`)."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from initport.grammar import registry
from initport.grammar.files import read
from initport.grammar.record import read_row
from initport.grammar.rows import Head
from initport.lexis import code

FILE = "unread"


class Framework(NamedTuple):
    """A framework of this ``title``: the ``module`` that is imported, a pattern of how it ``uses`` what starts weights,
    and ``what`` that is: of a framework that a grammar reads, something that the grammar does not."""

    title: str
    module: str
    uses: str
    what: str = ""


class Unread(NamedTuple):
    head: Head
    frameworks: Sequence[Framework]


def frameworks_in(content: str) -> list[tuple[str, int]]:
    """What is not read of such frameworks, each with the offset of the first use; not of one that a grammar reads."""
    found = []
    for framework in _rows().frameworks:
        if not framework.what and framework.module in registry.packages():
            continue
        if framework.module in content and re.search(rf"\b(?:import|from)\s+{framework.module}\b", content):
            uses = (use.start() for use in re.finditer(framework.uses, content))
            at = next(code(content, uses), None)
            if at is not None:
                found.append((f"{framework.title}'s {framework.what or 'initializers'}", at))
    return found


@cache
def _rows() -> Unread:
    """Raises GrammarError naming the file and key."""
    return read_row(Unread, read(FILE), f"{FILE}.yaml")
