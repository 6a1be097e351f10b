"""The README's output against the code; ``--accept`` writes it anew."""

import re
import textwrap
from pathlib import Path

import pytest

from docs.hooks import language, output
from docs.tables import sources
from initport.diagnostics import Code

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def rewritten(text: str) -> str:
    """The README with every output as the tool now prints it, and with all that is read."""
    listed = textwrap.fill(sources(), 120, break_long_words=False, break_on_hyphens=False)
    text = re.sub(r"(<!-- sources -->\n).*?\n\n", lambda found: f"{found[1]}{listed}\n\n", text, flags=re.DOTALL)
    return re.sub(
        r"(<!-- output: (.*?) -->\n)```\w+\n.*?```\n",
        lambda found: f"{found[1]}```{language(found[2])}\n{output(found[2])}```\n",
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


def test_it_fits_a_screen_and_its_links_are_there() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80
    for path in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / path).is_file(), path


def test_its_two_commands_are_one_line_each() -> None:
    """CI runs them as they stand."""
    convert, tests = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert [block.count("\n") for block in (convert, tests)] == [1, 1]
    assert "initport convert " in convert
    assert "-m pytest" in tests
