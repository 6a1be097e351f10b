"""What the site's pages show of the tool itself: its output, its tables, its help.

A page holds marks: ``<!-- output: explain FILE -->`` gives way to what the command prints, or to some lines of it with
``| sed FIRST,LASTp`` behind; ``<!-- file: PATH -->`` to a Python file of the repository, ``<!-- include: PATH -->`` to
a page of it, ``<!-- table: NAME -->`` to a table of `docs.tables`, ``<!-- help -->`` to the help of every command,
``<!-- codes -->`` to the pages of all codes, ``<!-- curves -->`` to the curves of `docs.losses`.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # mkdocs runs this file by its path

from click.testing import CliRunner  # noqa: E402

from docs.tables import markdown  # noqa: E402
from initport.cli import main  # noqa: E402

_OUTPUT = re.compile(r"<!-- output: (.*?) -->")
_FILE = re.compile(r"<!-- file: (.*?) -->")
_INCLUDE = re.compile(r"<!-- include: (.*?) -->")
_TABLE = re.compile(r"<!-- table: (.*?) -->")


def output(command: str) -> str:
    """What a command prints, run in the repository. Raises RuntimeError where it cannot be used (exit status 2)."""
    command, _, lines = command.partition(" | sed ")
    ran = CliRunner().invoke(main, command.split(), env={"COLUMNS": "100"})
    if ran.exit_code > 1 or (ran.exception and not isinstance(ran.exception, SystemExit)):
        raise RuntimeError(f"initport {command}: {ran.output}") from ran.exception
    if not lines:
        return ran.stdout
    first, last = map(int, lines.removesuffix("p").split(","))
    return "".join(ran.stdout.splitlines(keepends=True)[first - 1 : last])


def language(command: str) -> str:
    """What the output of a command is written in."""
    if "--diff" in command:
        return "diff"
    return "python" if command.startswith("convert ") else "text"


def help_pages() -> str:
    """The help of the program and of every command."""
    from initport.cli import COMMANDS

    parts = []
    for name in ("", *COMMANDS):
        text = output(f"{name} --help".strip())
        parts.append(f"## `{f'initport {name}'.strip()}`\n\n```text\n{text}```\n")
    return "\n".join(parts)


def code_pages() -> str:
    """The page of every code, one below the other."""
    from initport.diagnostics import Code
    from initport.findings import rule_pages

    return "\n".join(re.sub(r"^#", "##", rule_pages.page(code), flags=re.MULTILINE) for code in Code)


def curves() -> str:
    """The losses of small networks, as a figure."""
    from docs import losses

    return f"<figure>{''.join(losses.curves(losses.kept()).splitlines())}</figure>"


def rendered(text: str) -> str:
    """A page with its marks replaced."""

    def written(found: re.Match[str]) -> str:
        return f"```console\n$ initport {found[1]}\n```\n```{language(found[1])}\n{output(found[1])}```"

    text = _OUTPUT.sub(written, text)
    text = _FILE.sub(lambda found: f"```python\n{(ROOT / found[1]).read_text(encoding='utf-8')}```", text)
    text = _INCLUDE.sub(lambda found: (ROOT / found[1]).read_text(encoding="utf-8"), text)
    text = _TABLE.sub(lambda found: markdown(found[1]), text)
    parts: Mapping[str, object] = {"<!-- help -->": help_pages, "<!-- codes -->": code_pages,
                                  "<!-- curves -->": curves}  # fmt: skip
    for mark, made in parts.items():
        if mark in text:
            text = text.replace(mark, made())  # type: ignore[operator]
    return text


def on_page_markdown(markdown: str, **_: object) -> str:
    """Called by mkdocs for every page."""
    return rendered(markdown)
