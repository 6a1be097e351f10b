"""Config formats: each reads a network description into the shared model."""
