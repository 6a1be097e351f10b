"""Initializers in Python source: from text to sites, each an exact span of the text with its meaning and its place.

Nothing that is read is ever executed or imported.
"""
