"""Excerpts and levels."""

import pytest

from initport.diagnostics import Code
from initport.findings.finding import WIDTH, excerpt, level

LINE = "a" * 500 + "[site]" + "b" * 500


@pytest.mark.parametrize(
    ("content", "start", "said", "before"),
    [
        ("x = site\ny", 4, "site", "x = "),
        ("x = site", 4, "site", "x = "),
        ("x = site\r\n", 4, "site", "x = "),
        (f"{LINE}\n", 500, "[site]", "a" * 77),
        (LINE, 500, "[site]", "a" * 77),
        ("a" * WIDTH, WIDTH - 1, "a", "a" * (WIDTH - 1)),
        (f"b{'a' * 500}", 0, "b", ""),
    ],
)
def test_an_excerpt_is_no_longer_than_need_be(content: str, start: int, said: str, before: str) -> None:
    found = excerpt(content, 0, start, start + len(said), (1, 1))
    assert found.text[found.start : found.end] == said
    assert found.text[: found.start] == before
    assert len(found.text) <= WIDTH
    assert "\n" not in found.text
    assert "\r" not in found.text


def test_what_is_longer_than_an_excerpt_is_cut() -> None:
    found = excerpt(LINE, 0, 0, len(LINE), (1, 1))
    assert (found.text, found.start, found.end) == (LINE[:WIDTH], 0, WIDTH)


def test_what_goes_on_is_marked_on_its_first_line() -> None:
    found = excerpt("f(a(\n1))", 0, 2, 7, (2, 3))
    assert (found.text, found.text[found.start : found.end]) == ("f(a(", "a(")


def test_levels() -> None:
    levels = {code.code[:3]: level(code) for code in Code if code.exit_code or code.code[2] == "4"}
    assert levels == {"IP1": "error", "IP2": "error", "IP3": "warning", "IP4": "note", "IP5": "warning"}
