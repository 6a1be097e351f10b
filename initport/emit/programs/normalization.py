"""How emitted modules read `rename` where two of the source's layers are one there.

Emitted, never imported.
"""

from collections.abc import Mapping

from initport.emit.programs.names import Rename

NORMALIZATIONS: Mapping[str, str] = {}


# The emitted text starts below this line.
def _rename(
    layer: str, rename: Rename | None, there: Mapping[str, object]
) -> str | None:
    path = rename(layer) if callable(rename) else (rename or {}).get(layer, layer)
    if path is None or path in there or layer not in NORMALIZATIONS:
        return path
    other = _rename(NORMALIZATIONS[layer], rename, there)
    return other if other is not None and other in there else path
