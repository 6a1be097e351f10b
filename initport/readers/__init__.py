"""From an input's text to the shared model, one package a format."""
