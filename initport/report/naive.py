"""What a port that maps names to names would write for PyTorch, so that a report can show how far off it would be.

Nothing is converted with this table. What each call means is asked of PyTorch's own grammar.
"""

from collections.abc import Mapping

from initport.compare.diagnosis import default_of
from initport.emit.plan import Entry
from initport.grammar.call import read_call
from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError
from initport.ir.initializers import Initializer
from initport.ir.scalar import InexactError

NAMES: Mapping[str, str] = {
    "xavier": "nn.init.xavier_uniform_(w)",
    "glorot_uniform": "nn.init.xavier_uniform_(w)",
    "glorotuniform": "nn.init.xavier_uniform_(w)",
    "glorot_normal": "nn.init.xavier_normal_(w)",
    "glorotnormal": "nn.init.xavier_normal_(w)",
    "msra": 'nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu")',
    "he_normal": 'nn.init.kaiming_normal_(w, nonlinearity="relu")',
    "henormal": 'nn.init.kaiming_normal_(w, nonlinearity="relu")',
    "he_uniform": 'nn.init.kaiming_uniform_(w, nonlinearity="relu")',
    "heuniform": 'nn.init.kaiming_uniform_(w, nonlinearity="relu")',
    "lecun_normal": 'nn.init.kaiming_normal_(w, nonlinearity="linear")',
    "lecun_uniform": 'nn.init.kaiming_uniform_(w, nonlinearity="linear")',
    "variancescaling": 'nn.init.kaiming_normal_(w, nonlinearity="relu")',
    "orthogonal": "nn.init.orthogonal_(w)",
}
"""Names of initializers, in lower case, and the call of `torch.nn.init` of the same or the nearest name."""

NEVER_SET = "(PyTorch's default)"


def naive(entry: Entry, shape: tuple[int, ...], sizes: Mapping[str, int]) -> tuple[str, Initializer] | None:
    """The call, and what it means on a weight of that shape; None where the name says nothing that could be mapped."""
    if entry.weight.implicit:
        default = default_of("torch", entry.layer.kind, entry.weight.role, sizes)
        return None if default is None else (NEVER_SET, default)
    text = NAMES.get(entry.weight.source.partition("(")[0].partition(" ")[0].strip().lower())
    if text is None:
        return None
    try:
        call = read_call(text, {}, frozenset({"w"}))
        return text, vocabulary("torch").meaning(call, parse_layout(", ".join(map(str, shape))))
    except (MeaningError, ExpressionError, InexactError):
        return None
