"""Every rule has a page, whose example provokes it; ``--accept`` writes what the example says now.

For a new code, write its page in `initport/findings/pages/` like the others, with an empty console block.
"""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main
from initport.diagnostics import Code
from initport.findings import rule_pages
from initport.findings.rule_pages import page

PAGES = Path(rule_pages.__file__).with_name("pages")

_FILE = re.compile(r"^```\w+ (?P<name>\S+)(?: (?P<encoding>\S+))?\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n\$ initport (?P<command>[^\n]*)\n(?P<said>.*?)^```\n", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.code)
def test_the_example_provokes_it(
    code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    text = page(code)
    assert text.startswith(f"# {code.code}: {code.title}\n\n")
    (console,) = _CONSOLE.finditer(text)
    monkeypatch.chdir(tmp_path)
    for file in _FILE.finditer(text):
        Path(file["name"]).write_text(file["text"], encoding=file["encoding"] or "utf-8")
    command, _, output = console["command"].partition(" > ")
    ran = CliRunner().invoke(main, command.split())
    said = ran.stderr if output else ran.stdout + ran.stderr
    assert code.code in said
    assert ran.exit_code >= code.exit_code
    if request.config.getoption("--accept"):
        new = text[: console.start("said")] + said.rstrip("\n") + "\n" + text[console.end("said") :]
        (PAGES / f"{code.code}.md").write_text(new, encoding="utf-8")
    (console,) = _CONSOLE.finditer(page(code))
    assert console["said"] == said.rstrip("\n") + "\n"


def test_there_is_a_page_for_every_code_and_no_other() -> None:
    assert sorted(path.stem for path in PAGES.iterdir()) == [code.code for code in Code]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", *arguments])


def test_all_are_listed() -> None:
    lines = run().stdout.splitlines()
    assert lines[0].split() == list(rule_pages.COLUMNS)
    assert [line.split()[0] for line in lines[1:]] == [code.code for code in Code]


def test_a_family_is_listed() -> None:
    assert [line.split()[0] for line in run("IP1", "IP5").stdout.splitlines()[1:]] == [
        code.code for code in Code if code.code[2] in "15"
    ]


def test_codes_are_explained() -> None:
    assert run("IP501").stdout == page(Code.LEGACY)
    assert run("IP501", "IP201").stdout == page(Code.REJECTED_INITIALIZER) + "\n" + page(Code.LEGACY)


def test_markdown() -> None:
    lines = run("--output-format", "markdown").stdout.splitlines()
    assert lines[0] == "| code | meaning | exit |"
    assert len(lines) == len(Code) + 2


def test_json() -> None:
    found = json.loads(run("--output-format", "json", "IP3").stdout)["rules"]
    assert [item["code"] for item in found] == [code.code for code in Code if code.code[2] == "3"]
    assert found[0] == {
        "code": "IP301",
        "name": "assumed-layer",
        "title": Code.ASSUMED_LAYER.title,
        "level": "note",
        "exit_code": 0,
        "explanation": page(Code.ASSUMED_LAYER),
    }


@pytest.mark.parametrize("wrong", ["IP999", "ip201", "no-such-word"])
def test_an_unknown_code_is_bad_usage(wrong: str) -> None:
    found = run(wrong)
    assert found.exit_code == 2
    assert f"'{wrong}' is not a code" in found.stderr


def test_words_are_looked_for_in_titles_and_pages() -> None:
    found = [line.split()[0] for line in run("seed").stdout.splitlines()[1:]]
    assert "IP407" in found
    assert set(found) < {code.code for code in Code}
    assert all("seed" in page(code).lower() for code in Code if code.code in found)
