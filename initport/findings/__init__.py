"""What there is to tell of a run: findings, which of them count, and how they are written down."""

WORD = b"initport:"
"""Part of every ignore comment."""
