"""`initport verify` for other tools: what it prints can be read, and the exit status follows from it."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from click.testing import CliRunner

from initport.cli import main
from tests.fixtures import CASES, source

LENET = str(source(next(case for case in CASES if case.name == "lenet")))


def verified(*arguments: str) -> str:
    found = CliRunner().invoke(main, ["verify", LENET, "--effect", "0.1", "-q", *arguments])
    assert found.exit_code == 0, found.output
    return found.stdout


def test_json() -> None:
    found = json.loads(verified("--output-format", "json", "--only", "conv*"))
    assert [row["weight"] for row in found["weights"]] == ["conv1 kernel", "conv1 bias", "conv2 kernel", "conv2 bias"]
    kernel = found["weights"][0]
    assert (kernel["verdict"], kernel["law"]) == ("same", "uniform, variance 1 / fan_in")
    assert kernel["measured"]["draws"] > 900
    assert kernel["interval"][0] < 1 < kernel["interval"][1]
    assert 0 < kernel["distance"] < 0.1


def test_junit() -> None:
    (suite,) = ElementTree.fromstring(verified("--output-format", "junit"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("8", "0", "0")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), [("markdown", "| same | conv1 kernel |"), ("github", "8 of 8 weights")])
def test_other_formats(name: str, words: str) -> None:
    assert words in verified("--output-format", name)
