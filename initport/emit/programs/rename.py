"""How emitted modules read `rename`. Emitted, never imported."""

from initport.emit.programs.names import Rename


# The emitted text starts below this line.
def _rename(layer: str, rename: Rename | None, _: object) -> str | None:
    return rename(layer) if callable(rename) else (rename or {}).get(layer, layer)
