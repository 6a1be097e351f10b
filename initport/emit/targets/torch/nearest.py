"""What a port that maps names to names would write, so that a report can show how far off it would be.

Nothing is converted with this table: what each call means is asked of PyTorch's own grammar.
"""

from collections.abc import Mapping

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

DEFAULT = "nn.init.kaiming_uniform_(w, a=5**0.5)"
"""What layers start their weights with where nobody does."""
