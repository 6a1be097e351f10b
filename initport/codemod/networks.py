"""Descriptions of networks and models among the files: they have no initializers to rewrite where they stand, so what
could not be converted is told, and nothing is written."""

import re
from typing import TYPE_CHECKING

from initport.codemod.outcome import Outcome

if TYPE_CHECKING:
    from initport.codemod.tree import Run

ENDINGS = (".prototxt", ".json", ".yaml", ".yml")

_MODEL = re.compile(rb"""class_name["']?\s*:\s*["']?(Sequential|Functional|Model)\b""")
"""What the record of a Keras model says, in JSON and YAML."""


def may_describe(data: bytes, path: str) -> bool:
    """Whether a file may describe a network, for a look at its bytes."""
    if path.endswith(".prototxt"):
        return b"layer" in data
    return b"class_name" in data and _MODEL.search(data) is not None


def check(data: bytes, path: str, run: "Run") -> Outcome:
    """What cannot be converted exactly. Other files that it refers to are not read: they are checked themselves."""
    from initport.conversion import convert
    from initport.diagnostics import Code
    from initport.findings.model import Finding
    from initport.readers.options import Options

    options = Options(version=".".join(map(str, run.versions.get("keras", ()))) or None)
    source = "caffe" if path.endswith(".prototxt") else "keras"
    found = convert(data, source=source, target=run.target, path=path, options=options).diagnostics
    if any(item.code in (Code.NO_NETWORK, Code.REFERENCE_NOT_FOUND) for item in found):
        return Outcome(path)
    counted = run.selection.codes(path)
    return Outcome(path, findings=tuple(Finding(item) for item in found if item.exit_code and item.code in counted))
