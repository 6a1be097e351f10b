"""A directory given in place of a file: which of its files describes the network.

Authority: tensorflow/python/saved_model/constants.py and training/checkpoint_management.py for the names.
"""

import re
from collections.abc import Iterable

_FIXED = ("keras_metadata.pb", "assets/saved_model.json", "saved_model.pb", "saved_model.pbtxt")
_STEP = re.compile(r"(.*?)-?(\d+)?\.meta")


def network_file(names: Iterable[str]) -> str | None:
    """Of the names in a directory, with ``/`` before those in its folder ``assets``, the file to read: that of a
    SavedModel, else the last checkpoint's graph, else the graph of a run; None where there is none."""
    names = sorted(names)
    known = next((name for name in _FIXED if name in names), None)
    if known is not None:
        return known
    graphs = [name for name in names if name.endswith(".meta")]
    if graphs:
        return max(graphs, key=lambda name: (int(_step(name)), name))
    events = [name for name in names if ".tfevents." in name or name == "graph.pbtxt"]
    return "graph.pbtxt" if "graph.pbtxt" in events else events[-1] if events else None


def _step(name: str) -> str:
    found = _STEP.fullmatch(name)
    return (found[2] or "0")[:18] if found is not None else "0"
