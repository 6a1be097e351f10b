"""Compilation takes most of the time of these tests, so little of it is done."""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
