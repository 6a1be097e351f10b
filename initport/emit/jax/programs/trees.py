"""Trees of dicts as parameters. Emitted, never imported."""

from typing import Any

import jax


def _tree(model: Any) -> Any:
    return model


# The emitted text starts below this line.
def _path(keys: Any) -> str:
    """The names of dicts and the indices of lists that lead to a leaf."""
    found = (getattr(key, "key", getattr(key, "idx", None)) for key in keys)
    return "/".join(str(name) for name in found if name is not None)


def _with_values(model: Any, values: dict[str, Any]) -> Any:
    """The parameters of a model, with these values."""
    structure = jax.tree.structure(_tree(model))
    return jax.tree.unflatten(structure, values.values())
