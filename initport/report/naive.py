"""What a port that maps names to names would have done, so that a report can show how far off it would be."""

from collections.abc import Mapping

from initport.compare.diagnosis import default_of
from initport.emit.plan import Entry
from initport.emit.target import Target
from initport.emit.targets import default
from initport.emit.targets import target as target_named
from initport.grammar.call import read_call
from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.grammar.meaning import MeaningError
from initport.ir.initializers import Initializer
from initport.ir.scalar import InexactError


def report_target() -> Target:
    """The target that reports are about."""
    return target_named(default("report"))


def naive(entry: Entry, shape: tuple[int, ...], sizes: Mapping[str, int]) -> tuple[str, Initializer] | None:
    """The call, empty for the default of the target's layer, and what it means on a weight of that shape; None where
    the name says nothing that could be mapped."""
    target = report_target()
    if entry.weight.implicit:
        default = default_of(target.name, entry.layer.kind, entry.weight.role, sizes)
        return None if default is None else ("", default)
    text = target.nearest.NAMES.get(entry.weight.source.partition("(")[0].partition(" ")[0].strip().lower())
    if text is None:
        return None
    try:
        call = read_call(text, {}, frozenset({"w"}))
        return text, target.vocabulary.meaning(call, parse_layout(", ".join(map(str, shape))))
    except (MeaningError, ExpressionError, InexactError):
        return None
