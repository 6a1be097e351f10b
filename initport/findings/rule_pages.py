"""The rules: what each code is about, and a page that explains it with an example (`pages/`, run by a test)."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from initport.diagnostics import Code
from initport.findings.finding import level
from initport.findings.select import is_selector, selectors, selects

COLUMNS = ("code", "meaning", "exit")

_PAGES = Path(__file__).with_name("pages")


def select_rules(values: Sequence[str]) -> list[Code]:
    """The codes that selectors name, and those whose title or page holds all of the other words; all where there are
    neither. Raises ValueError for what chooses no code."""
    named = selectors([value for value in values if is_code(value)])
    words = [value.lower() for value in values if not is_code(value)]
    found = [code for code in Code if any(selects(one, code) for one in named)]
    if words:
        found += [code for code in Code if code not in found and all(word in _text(code) for word in words)]
    if values and not found:
        raise ValueError(f"{' '.join(words)!r} is not a code, and no page mentions it; `initport rules` lists all")
    return found if values else list(Code)


def is_code(value: str) -> bool:
    """Whether a word is a selector of codes, or is meant as one (or several, with commas between)."""
    return is_selector(value) or (value.upper().startswith("IP") and value[2:3].isdigit())


def _text(code: Code) -> str:
    return f"{code.title}\n{page(code)}".lower()


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
