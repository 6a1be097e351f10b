"""The rules: what each code is about, and a page that explains it with an example (`pages/`, run by a test)."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from initport.diagnostics import Code
from initport.findings.model import level
from initport.findings.select import selectors, selects

COLUMNS = ("code", "meaning", "exit")

_PAGES = Path(__file__).with_name("pages")


def chosen(values: Sequence[str]) -> list[Code]:
    """The codes that selectors name; all where there are none. Raises ValueError for what selects no code."""
    wanted = selectors(values)
    return [code for code in Code if not wanted or any(selects(one, code) for one in wanted)]


def page(code: Code) -> str:
    """The explanation, as Markdown: a heading, paragraphs, the example's file and what initport says of it."""
    return (_PAGES / f"{code.code}.md").read_text(encoding="utf-8")


def lines(codes: Iterable[Code]) -> list[tuple[str, ...]]:
    """A table with its head."""
    return [COLUMNS, *((code.code, code.title, str(code.exit_code)) for code in codes)]


def as_json(codes: Iterable[Code]) -> str:
    rows = [
        {
            "code": code.code,
            "name": code.rule,
            "title": code.title,
            "level": level(code),
            "exit_code": code.exit_code,
            "explanation": page(code),
        }
        for code in codes
    ]
    return json.dumps({"rules": rows}, indent=2) + "\n"
