"""Libraries of other languages than Python: what their networks start with, of which the source is not read."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from initport.grammar import registry
from initport.grammar.call import default_call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.ir.describe import exact_law
from initport.ir.initializers import Initializer, Unsupported
from initport.ir.weights import Layout, Role
from initport.regex import Pattern


class Start(NamedTuple):
    """What a weight of the layers that a call makes starts with."""

    role: Role
    layout: Layout
    initializer: Initializer


@cache
def names() -> tuple[str, ...]:
    """The grammars of such libraries."""
    return tuple(name for name, head in registry.heads().items() if head.language)


def starts(name: str, call: str) -> Iterator[Start]:
    """Raises KeyError for a call that the grammar has not."""
    known = vocabulary(name)
    for weight in known.layers[call].weights:
        stated, layout = default_call(weight.default), parse_layout(weight.layout)
        assert stated is not None
        yield Start(weight.role, layout, known.meaning(stated, layout))


def describe(text: bytes) -> str | None:
    """What the library is that a text uses, and what those of its calls start weights with that occur; None where it
    uses none of them."""
    name = next((name for name in names() if _pattern(name).search(text)), None)
    if name is None:
        return None
    head, known = registry.heads()[name], vocabulary(name)
    found = [call for call in known.layers if re.search(rb"\b" + re.escape(call).encode() + rb"\b", text)]
    parts = [f"`{call}` ({_words(tuple(starts(name, call)))})" for call in found]
    there = f", where weights start by {' and '.join(parts)}" if parts else ""
    return f"{head.language} that uses {known.grammar.title}, which is not read{there}"


def _words(found: tuple[Start, ...]) -> str:
    """The weights that are alike together."""
    laws: dict[str, list[str]] = {}
    for role, _, initializer in found:
        law = initializer.reason if isinstance(initializer, Unsupported) else exact_law(initializer)
        laws.setdefault(law, []).append(role)
    return "; ".join(f"{' and '.join(dict.fromkeys(roles))}: {law}" for law, roles in laws.items())


@cache
def _pattern(name: str) -> Pattern[bytes]:
    return Pattern(registry.heads()[name].uses.encode())
