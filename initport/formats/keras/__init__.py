"""Saved Keras models: to_json and to_yaml texts, .keras and .h5 files, and the metadata of a SavedModel."""
