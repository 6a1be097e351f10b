"""The tree of which parts are parsed later is the tree that the parser makes, in every position."""

import ast
from pathlib import Path

import pytest

from initport.python.syntax import parse
from initport.python.text import Span, Text
from initport.rewrite import skeleton as module
from initport.rewrite.edits import Edit
from initport.rewrite.outline import Outline
from initport.rewrite.skeleton import Part, part_of, skeleton

ROOT = Path(__file__).parents[2]

TEXTS = [
    "",
    "x = 1\n",
    "def f(): return 1\n",
    "def f():\n    return 1\n",
    "def f(a,\n      b=(1,\n         2)):\n    '''é'''\n    return a  # é\nx = 1\n",
    "@a\n@b(1)\ndef f():\n    @c\n    def g():\n        yield 1\n    return g\n",
    "class A:\n    def f(self):\n        x = '''\ny'''\n        return x\n\n    class B(A):\n     \tx = 1\n",
    "if x:\n  def f():\n    pass\n  # a\nelse:\n  async def g():\n    await x\n",
    "try:\n    pass\nexcept E:\n    def f():\n        return\nfinally:\n    class A:\n        x = 1\n",
    "match x:\n    case 1:\n        def f():\n            return 1\n",
    "def f():\n    return 1;\nx = 2\n",
    "def f(): pass; x = 1\n",
    "def f():\r\n    return 1\r\nx = [1,\r\n 2]\r\n",
    "def f():\n\treturn [\n1]\n",
    "def f():\n    return 1 \\\n + 2\n",
    "x = [1, 2]; y = [3]\né = [é, 1]; z = é\n",
    "x = {1: [2], **y}\n[1, 2]\nx: list = [1,\n2,\n3]; y = (1, 2)\nz = 1, (2)\nx += ()\n",
    "def f():\n    global x\n    x = (yield)\n",
]


@pytest.mark.parametrize("content", TEXTS)
def test_every_part_is_what_the_parser_makes_of_it(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SHORT", -1)
    monkeypatch.setattr(module, "_LONG", -1)
    text, tree = Text(content), parse(content)
    parts = Outline.of(tree, text, ()).parts
    assert ast.dump(skeleton(text, parts), include_attributes=True) == ast.dump(tree, include_attributes=True)


def test_nothing_is_parsed_that_nothing_asks_for() -> None:
    body = "    x = 1\n" * 100
    content = f"def f():\n{body}def g():\n{body}y = [{'1, ' * 5000}]\n"
    text = Text(content)
    parts = Outline.of(parse(content), text, ()).parts
    seen: list[int] = []

    def counted(content: str) -> ast.Module:
        seen.append(len(content.strip()))
        return parse(content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "parse", counted)
        first, second, third = skeleton(text, parts).body
        assert len(parts) == 3
        assert len(seen) == 1
        assert isinstance(second, ast.FunctionDef)
        assert second.body[99].lineno == 202
        assert len(seen) == 2
        assert isinstance(first, ast.FunctionDef)
        assert isinstance(third, ast.Assign)
        assert third.value.elts[4999].col_offset == 5 + 3 * 4999  # type: ignore[attr-defined]
        assert len(seen) == 3


@pytest.mark.parametrize("path", sorted((ROOT / "initport" / "python").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_our_own_modules_behind_an_edit(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    text, tree = Text(content), parse(content)
    at = text.offset(tree.body[1].lineno, 0)
    edits = [Edit(Span(at, at), "import before\n")]
    parts = Outline.of(tree, text, edits).parts
    result = f"{content[:at]}import before\n{content[at:]}"
    made = skeleton(Text(result), parts)
    assert ast.dump(made, include_attributes=True) == ast.dump(parse(result), include_attributes=True)


@pytest.mark.parametrize("result", ["x = '''\ndef f():\n    pass\n'''\n", "x = 1\ndef f():\n    x = 1\n", "x\n"])
def test_a_part_that_is_not_where_it_was_is_an_error(result: str) -> None:
    content = "def f():\n    x = 1\n"
    part = Part(0, content.index("x"), content.index("x") + 5, False)
    assert part_of(parse(content).body[0], Text(content)) is None  # too short to be worth while
    with pytest.raises(SyntaxError):
        skeleton(Text(result.ljust(part.end)), [part])
