"""What there is to report of a run: findings, which of them count, and how they are written down."""

WORD = b"initport:"
"""Part of every ignore comment."""

LINES = ("full", "concise", "github")
"""Formats in which the text of some findings and that of more, one after the other, is the text of them all."""

DOCUMENTS = ("json", "gitlab", "sarif")
"""Formats in which all findings make one document."""

FORMATS = (*LINES, *DOCUMENTS)
