"""Reads Caffe networks: prototxt in the formats V0, V1 and V2, solver files, and caffemodel."""
