"""Words without which a file holds no value that is drawn for a variable: for a look at the bytes, before all else."""

VARIABLE = b"ariable("
"""Part of every call that makes a variable of a value."""

DRAWS = (b"truncated_normal", b"random_normal", b"random_uniform", b"random.normal", b"random.uniform")


def may_draw(data: bytes) -> bool:
    return VARIABLE in data and any(word in data for word in DRAWS)
