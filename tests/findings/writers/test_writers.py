"""What each format makes of the same findings, in files beside this one; ``--accept`` writes them anew."""

import json
from pathlib import Path

import jsonschema
import pytest

from initport.diagnostics import Code
from initport.findings import DOCUMENTS, FORMATS, LINES
from initport.findings.finding import Finding
from initport.findings.fingerprints import fingerprints
from initport.findings.writers import Context, render
from initport.findings.writers.json import KEYS
from tests.findings.examples import ALL, ASSUMED, FILE, LEGACY, REFUSED, ROOT

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
"""The schema of the OASIS standard, as the npm package @microsoft/jest-sarif ships it."""

CONTEXT = Context(ROOT)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "sarif"])
def test_text(name: str, request: pytest.FixtureRequest) -> None:
    text = render(ALL, name, CONTEXT)
    if name in DOCUMENTS:
        text = json.dumps(json.loads(text), indent=2) + "\n"
    _compare(text, f"{name}.txt", request)


def test_sarif_results(request: pytest.FixtureRequest) -> None:
    (run,) = json.loads(render(ALL, "sarif", CONTEXT))["runs"]
    results = [{key: value for key, value in item.items() if key != "ruleIndex"} for item in run["results"]]
    _compare(json.dumps(results, indent=2) + "\n", "sarif.txt", request)


def _compare(text: str, name: str, request: pytest.FixtureRequest) -> None:
    expected = HERE / name
    if request.config.getoption("--accept"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("findings", [(), ALL], ids=["none", "all"])
def test_sarif_holds_to_its_schema(findings: tuple[Finding, ...]) -> None:
    document = json.loads(render(findings, "sarif", CONTEXT))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [code.code for code in Code]
    results = document["runs"][0]["results"]
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in results)


def test_the_schema_is_not_blind() -> None:
    document = json.loads(render(ALL, "sarif", CONTEXT))
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate(document)


@pytest.mark.parametrize("name", LINES)
def test_lines_add_up(name: str) -> None:
    assert "".join(render([item], name, CONTEXT) for item in ALL) == render(ALL, name, CONTEXT)
    assert render([], name, CONTEXT) == ""


@pytest.mark.parametrize("name", ["concise", "github"])
def test_a_finding_is_a_line(name: str) -> None:
    assert len(render(ALL, name, CONTEXT).splitlines()) == len(ALL)


@pytest.mark.parametrize("name", FORMATS)
def test_every_text_can_be_encoded(name: str) -> None:
    assert render(ALL, name, CONTEXT).encode()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_json_without_findings_too(name: str) -> None:
    assert json.loads(render([], name, CONTEXT)) is not None


def test_json_has_every_key() -> None:
    document = json.loads(render(ALL, "json", CONTEXT))
    assert list(document) == ["version", "findings"]
    assert all(list(item) == list(KEYS) for item in document["findings"])


def test_colours_change_nothing_else() -> None:
    marked = Context(ROOT, lambda text, role: f"<{role}>{text}</>")
    text = render([LEGACY], "full", marked)
    assert text.startswith("<path>pkg/a.py:2:13</>: <warning>IP501</> a legacy")
    assert "| " + " " * 15 + "<mark>^^^^^^^^</>\n" in text
    assert "<label>before:</> uniform" in text


@pytest.mark.parametrize("name", ["json", "gitlab", "sarif"])
def test_fingerprints_do_not_move(name: str) -> None:
    """Neither does another line change them, nor what else is found; like findings are told apart."""
    found = [LEGACY, ASSUMED, LEGACY, REFUSED, FILE]
    marks = fingerprints(found, ROOT)
    assert len(set(marks)) == len(marks)
    assert fingerprints([REFUSED, LEGACY], ROOT) == [marks[3], marks[0]]
    text = render(found, name, CONTEXT)
    assert all(text.count(mark) == 1 for mark in marks)
