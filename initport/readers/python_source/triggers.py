"""Words without which a file holds none of some sites: for a look at the bytes, before all else."""

import re

VARIABLES = (b"ariable(", b"theano.shared(")
"""One is part of every call that makes a variable of a value."""

DRAWS = (b"truncated_normal", b"random_normal", b"random_uniform", b"random.normal", b"random.uniform")


def may_draw(data: bytes) -> bool:
    return any(word in data for word in VARIABLES) and any(word in data for word in DRAWS)


BUILDS = ("_filler", "caffe")
"""Both are in every program that builds a Caffe network and states its fillers."""


def may_build(data: bytes) -> bool:
    return all(word.encode() in data for word in BUILDS)


_INIT = re.compile(rb"\binit\b")


def may_fill(data: bytes) -> bool:
    """Whether a file can reach a function of ``torch.nn.init``."""
    return b"torch" in data and _INIT.search(data) is not None


SPOKEN = re.compile(
    rb"""["'](?:\w*(?:_|glorot|he|lecun|random|truncated|variance))?"""
    rb"""(?:uniform|normal|xavier|scaling|orthogonal|zeros?|ones?|constant|identity)(?:initializer)?["']""",
    re.IGNORECASE,
)
"""Every string that a layer looks up (a test sees to it)."""


def may_speak(data: bytes) -> bool:
    return SPOKEN.search(data) is not None
