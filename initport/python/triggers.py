"""Words without which a file holds none of some sites: for a look at the bytes, before all else."""

import re

VARIABLES = ("ariable(", "theano.shared(")
"""One is part of every call that makes a variable of a value."""

DRAWS = ("truncated_normal", "random_normal", "random_uniform", "random.normal", "random.uniform", "RandomState",
         "default_rng", "random.Generator")  # fmt: skip


def may_draw(data: bytes) -> bool:
    return all(any(word.encode() in data for word in words) for words in (VARIABLES, DRAWS))


BUILDS = ("_filler", "caffe")
"""Both are in every program that builds a Caffe network and states its fillers."""


def may_build(data: bytes) -> bool:
    return all(word.encode() in data for word in BUILDS)


_INIT = re.compile(rb"init\b(?<!\winit)")


def may_fill(data: bytes) -> bool:
    """Whether a file can reach a function of ``torch.nn.init``."""
    return b"torch" in data and _INIT.search(data) is not None


LAYERS = (b"keras", b"layers", b"tflearn")
"""One is part of every text with a layer that looks initializers up by name (a test sees to it)."""

SPOKEN = re.compile(
    rb"""["'](?=\w++["'])(?:\w*(?:_|glorot|he|lecun|random|truncated|variance))?"""
    rb"""(?:uniform|normal|xavier|scaling|orthogonal|zeros?|ones?|constant|identity)(?:initializer)?["']""",
    re.IGNORECASE,
)
"""Every string that a layer looks up (a test sees to it)."""


def may_speak(data: bytes) -> bool:
    """Whether a file may give a string to a layer that looks initializers up by name."""
    return any(word in data for word in LAYERS) and SPOKEN.search(data) is not None
