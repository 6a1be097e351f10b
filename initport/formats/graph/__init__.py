"""Reads saved graphs of TensorFlow: how every variable starts, out of the ops that compute its first value."""
