"""Words without which a file holds no value that is drawn for a variable, and no function that fills a tensor: for a
look at the bytes, before all else."""

import re

VARIABLE = b"ariable("
"""Part of every call that makes a variable of a value."""

DRAWS = (b"truncated_normal", b"random_normal", b"random_uniform", b"random.normal", b"random.uniform")


def may_draw(data: bytes) -> bool:
    return VARIABLE in data and any(word in data for word in DRAWS)


_INIT = re.compile(rb"\binit\b")


def may_fill(data: bytes) -> bool:
    """Whether a file can reach a function of ``torch.nn.init``."""
    return b"torch" in data and _INIT.search(data) is not None
