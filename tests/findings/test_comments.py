"""Ignore comments as text; what they do to findings is among the codemod's tests."""

import ast
import io
import tokenize
from pathlib import Path

import pytest

from initport.diagnostics import Code
from initport.findings.comments import Ignores, Layout, insertions, read, statement_lines

ROOT = Path(__file__).parent.parent.parent

READ: dict[str, tuple[str, list[tuple[int, int, tuple[str, ...] | None]]]] = {
    "none": ("a = 1  # ignore\n", []),
    "in a string": ('a = \'# initport: ignore\'\nb = """\n# initport: ignore\n"""\n', []),
    "in a raw string": ("a = r'\\' # initport: ignore'\n", []),
    "behind an apostrophe in a comment": ("# don't\na = 1  # initport: ignore\n", [(2, 8, ())]),
    "behind an open quote": ("a = 'b\nc  # initport: ignore\n", [(2, 4, ())]),
    "codes": ("a  # initport: ignore[IP501,IP2]\n", [(1, 4, ("IP501", "IP2"))]),
    "spaces": ("a  #initport:ignore [ IP501 , ]  because\n", [(1, 4, ("IP501",))]),
    "reason": ("a  # initport: ignore because\n", [(1, 4, ())]),
    "behind another": ("a  # x # initport: ignore\n", [(1, 8, ())]),
    "two": ("a  # initport: x # initport: ignore\n", [(1, 4, None), (1, 18, ())]),
    "another word": ("a  # initport: ignored\n", [(1, 4, None)]),
    "prototxt": ('layer { name: "a#b" } # initport: ignore\n', [(1, 23, ())]),
    "carriage returns": ("a\rb  # initport: ignore\rc", [(2, 4, ())]),
}


@pytest.mark.parametrize(("content", "found"), list(READ.values()), ids=list(READ))
def test_read(content: str, found: list[tuple[int, int, tuple[str, ...] | None]]) -> None:
    assert [(item.line, item.column, item.codes) for item in read(content)] == found


STATEMENTS = {
    "simple": ("a\nb = f(\n1,\n)\nc\n", {1: (1, 1), 2: (2, 4), 3: (2, 4), 5: (5, 5)}),
    "function": ("@d\n@e(\n)\ndef f(\na=1,\n):\n  return (\n1)\n", {1: (1, 6), 3: (1, 6), 5: (1, 6), 8: (7, 8)}),
    "branches": ("if a:\n  b\nelif c:\n  d\nelse:\n  e\n", {1: (1, 1), 2: (2, 2), 4: (4, 4), 6: (6, 6)}),
    "handlers": ("try:\n  a\nexcept B:\n  c\nfinally:\n  d\n", {2: (2, 2), 4: (4, 4), 6: (6, 6)}),
    "cases": ("match a:\n  case b:\n    c\n", {1: (1, 2), 3: (3, 3)}),
    "one line": ("if a: b\n", {1: (1, 1)}),
    "no statement": ("\n\na\n", {1: (1, 1), 9: (9, 9)}),
}


@pytest.mark.parametrize(("content", "lines"), list(STATEMENTS.values()), ids=list(STATEMENTS))
def test_statements(content: str, lines: dict[int, tuple[int, int]]) -> None:
    of = statement_lines(ast.parse(content))
    assert {line: of(line) for line in lines} == lines


def test_without_statements_a_line_stands_for_itself() -> None:
    ignores = Ignores('layer {\n  name: "a"  # initport: ignore[IP4]\n}\n')
    assert ignores.silence(Code.IGNORED_FIELD, (2, 2))
    assert not ignores.silence(Code.IGNORED_FIELD, (1, 1))
    assert not ignores.silence(Code.REJECTED_LAYER, (2, 2))
    assert not list(ignores.unused_comments())


def test_insertions_are_in_order_and_apart() -> None:
    content = "a\nb  # initport: ignore[IP2]\nc"
    found = list(insertions(content, [(3, Code.LEGACY), (1, Code.LEGACY), (2, Code.LEGACY), (3, Code.UNDECIDED)]))
    assert found == [
        (1, 1, "  # initport: ignore[IP501]"),
        (5, 28, "# initport: ignore[IP2, IP501]"),
        (30, 30, "  # initport: ignore[IP224, IP501]"),
    ]


def test_hostile_text_costs_no_more_than_its_length() -> None:
    """Quadratic matching would take hours on this."""
    content = "'\\" * 200_000 + "# initport: ignore\n" + '"""' * 99_999 + "\\\n" * 50_000
    assert len(list(read(content))) <= 1


SOURCES = sorted(path for room in ("initport", "tests") for path in (ROOT / room).rglob("*.py"))


def test_comments_are_those_of_the_tokenizer() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        layout = Layout(text)
        found = [(layout.line(start), text[start:end]) for start, end in layout.comments]
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        assert found == [(item.start[0], item.string) for item in tokens if item.type == tokenize.COMMENT], path


@pytest.mark.slow
def test_a_comment_behind_every_line_changes_no_code() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        lines = range(1, text.count("\n") + 1)
        parts: list[str] = []
        at = 0
        for start, end, comment in insertions(text, [(line, Code.LEGACY) for line in lines]):
            parts += (text[at:start], comment)
            at = end
        added = "".join((*parts, text[at:]))
        assert ast.dump(ast.parse(added)) == ast.dump(ast.parse(text)), path
        layout = Layout(text)
        behind = {item.lines[1] for item in read(added) if item.codes is not None}
        assert behind == {layout.last(line) for line in lines}, path
