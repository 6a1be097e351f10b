"""Initializers in Python source, each an exact span of the text with its meaning and its place."""
