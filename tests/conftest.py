"""Options of the test run."""

import os

import pytest

from tests import package

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ["INITPORT_NO_CACHE"] = "1"
os.environ.pop("COLUMNS", None)  # which xdist sets


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept", action="store_true", help="write what the tool now emits into the fixtures, to be read in the diff"
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):  # what runs tests
        config.add_cleanup(package.offer().cleanup)
