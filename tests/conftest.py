"""Options of the test run."""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ["INITPORT_NO_CACHE"] = "1"
os.environ.pop("COLUMNS", None)  # which xdist sets


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept", action="store_true", help="write what the tool now emits into the fixtures, to be read in the diff"
    )
