"""The README's output and tables against the code; ``--accept`` writes them anew."""

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from docs.tables import TABLES, markdown
from initport.cli import main
from initport.diagnostics import Code

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def output(command: str) -> str:
    command, _, lines = command.partition(" | sed ")
    ran = CliRunner().invoke(main, command.split())
    assert ran.exit_code == (1 if command.startswith("codemod") else 0), ran.output  # 1: there is something to write
    if not lines:
        return ran.stdout
    first, last = map(int, lines.removesuffix("p").split(","))
    return "".join(ran.stdout.splitlines(keepends=True)[first - 1 : last])


def rewritten(text: str) -> str:
    """The README with every generated part as the code now has it."""
    for name in TABLES:
        marker = f"<!-- table: {name} -->\n\n"
        before, _, after = text.partition(marker)
        assert after, marker
        rest = after.partition("\n\n")[2]
        text = f"{before}{marker}{markdown(name)}\n{rest}"
    return re.sub(
        r"(<!-- output: (.*?) -->\n```\w+\n).*?(```\n)",
        lambda found: found[1] + output(found[2]) + found[3],
        text,
        flags=re.DOTALL,
    )


def test_generated_parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = README.read_text(encoding="utf-8")
    expected = rewritten(text)
    if request.config.getoption("--accept"):
        README.write_text(expected, encoding="utf-8")
    assert README.read_text(encoding="utf-8") == expected


def test_codes_are_distinct_and_in_order() -> None:
    found = [code.code for code in Code]
    assert found == sorted(set(found))


def test_every_code_is_in_a_test() -> None:
    """A code that no test or fixture provokes is one that nobody has seen work."""
    texts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "fixtures").rglob("diagnostics.txt"))
    texts += "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py") if path.name != "test_readme.py"
    )
    missing = [code.code for code in Code if code.code not in texts and f"Code.{code.name}" not in texts]
    assert not missing


def test_what_it_says_for_other_tools_can_be_read_by_them() -> None:
    text = README.read_text(encoding="utf-8")
    snippets = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    hook, github, gitlab = snippets
    known = {item["id"] for item in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {item["id"] for item in hook["repos"][0]["hooks"]} <= known
    (upload,) = [step for step in github["jobs"]["initport"]["steps"] if "upload-sarif" in step.get("uses", "")]
    assert f"> {upload['with']['sarif_file']}" in github["jobs"]["initport"]["steps"][3]["run"]
    assert gitlab["initport"]["artifacts"]["reports"]["codequality"] in gitlab["initport"]["script"][1]
    for line in (github["jobs"]["initport"]["steps"][3]["run"], gitlab["initport"]["script"][1]):
        ran = CliRunner().invoke(main, line.partition(" > ")[0].replace("codemod .", "codemod fixtures").split()[1:])
        assert json.loads(ran.stdout), line


def test_the_configuration_it_shows_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(block)
    assert CliRunner().invoke(main, ["config", str(tmp_path)]).exit_code == 0
