"""Models whose parameters are leaves of their own. Emitted, never imported."""

from typing import Any

import equinox as eqx
import jax


# The emitted text starts below this line.
def _path(keys: Any) -> str:
    """The attributes, keys of dicts and indices of lists that lead to a leaf."""
    kinds = ("name", "key", "idx")
    found = (getattr(key, kind, None) for key in keys for kind in kinds)
    return "/".join(str(name) for name in found if name is not None)


def _with_values(model: Any, values: dict[str, Any]) -> Any:
    """The model with these values."""

    def where(tree: Any) -> list[Any]:
        leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
        return [leaf for keys, leaf in leaves if _path(keys) in values]

    return eqx.tree_at(where, model, list(values.values()))
