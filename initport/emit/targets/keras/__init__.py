"""Keras as a target."""
