"""Python 2 text as a tree: constructs that Python 3 has not are blanked out, and the rest keeps its positions.

Of the error-tolerant parsers, tree-sitter's Python grammar was chosen: it reads `print`, `exec`, `except A, b` and `<>`
as such, gives exact byte spans, recovers from the rest, and parses in C. lib2to3 reads all of Python 2 but left the
standard library in 3.13; parso recovers but has dropped Python 2's grammar, so that a print statement is two
expressions to it; both are pure Python and over twenty times slower.

A blanked construct cannot hold a site. Everything else is handled by the one reader, with the same checks.
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from initport.python import module_sites as reader
from initport.python.syntax import TooDeepError
from initport.python.text import Text

if TYPE_CHECKING:
    from tree_sitter import Node

_ATTEMPTS = 200
"""Statements of a file that are blanked for reasons other than those known here, at most."""

_PARAMETERS = ("parameters", "lambda_parameters", "default_parameter")

DEEPEST = 100
"""Indentations that CPython takes, one in another."""

_INDENT = re.compile(r"^[ \t]*(?=[^\s#])", re.MULTILINE)

_OLD_NUMBER = re.compile(r"0\d+|.*[lL]$")


def parse(content: str) -> ast.Module:
    """The tree of a module in Python 2 or 3. Raises SyntaxError where too little of it can be read."""
    return reader.parse(mask(content).decode("utf-8", errors="surrogatepass"))


@lru_cache(maxsize=4)
def mask(content: str) -> bytes:
    """The text as Python 3, byte for byte at the same place. Raises SyntaxError as `parse`."""
    if indentation(content) > DEEPEST:
        raise TooDeepError(f"it is indented more than {DEEPEST} times")
    data = content.encode("utf-8", errors="surrogatepass")
    masked, attempts = _mask_parts(data)
    if not _is_python3(masked):
        _blank_all(masked, _tolerant(data), 0, len(masked), attempts)
    return bytes(masked)


def _tolerant(data: bytes) -> "Node":
    import tree_sitter_python
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_python.language())).parse(data).root_node


def _mask_parts(data: bytes) -> tuple[bytearray, int]:
    """The text with each part as Python 3 by itself, so that what cannot be read costs no more than the part around it,
    and how many more statements may be blanked. Python's tree of a part is made without the tolerant parser's in memory
    as long as that is not needed."""
    masked, parts = _expand(data)
    root, attempts = None, _ATTEMPTS
    for index, (start, end) in enumerate(parts):
        if not _is_python3(masked[start:end]):
            root = root or _tolerant(data)
            attempts -= _blank_all(masked, root.children[index], start, end, attempts)
    return masked, attempts


def _is_python3(data: bytearray) -> bool:
    """Raises TooDeepError."""
    try:
        reader.parse(data.decode("utf-8", errors="surrogatepass"))
    except TooDeepError:
        raise
    except SyntaxError:
        return False
    return True


def _blank_all(data: bytearray, node: "Node", start: int, end: int, attempts: int) -> int:
    """Blank what is not Python 3 in a part of the text, and count the statements. Raises SyntaxError where there are
    more than the ``attempts``, or what cannot be blanked."""
    first = 0 if start == 0 else node.start_point[0]
    for count in range(attempts + 1):
        try:
            reader.parse(data[start:end].decode("utf-8", errors="surrogatepass"))
            return count
        except TooDeepError:
            raise
        except SyntaxError as error:
            if count == attempts:
                raise SyntaxError("too much of the file is not Python") from error
            if error.lineno is None or not _blank_line(data, node, first + error.lineno):
                if start or end < len(data):
                    return count  # perhaps it can be read together with what is around it
                raise
    raise AssertionError


def indentation(content: str) -> int:
    """How deep the lines of a text are indented: at least as deep as its statements are."""
    deepest = 0
    columns: list[int] = []
    for line in _INDENT.finditer(content):
        column = len(line[0].expandtabs())
        while columns and columns[-1] >= column:
            columns.pop()
        columns.append(column)
        deepest = max(deepest, len(columns))
    return deepest


def hidden_words(content: str, words: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """What was blanked and names something of the vocabulary: line, column and the word."""
    try:
        masked = mask(content)
    except SyntaxError:  # a notebook, whose magics only its own parser knows
        return
    telling = {word for word in words if "initializer" in word}
    wide = not content.isascii()
    text = Text(content)
    for word in sorted(telling):
        for at in text.places(word):
            start = len(content[:at].encode("utf-8", errors="surrogatepass")) if wide else at
            if masked[start : start + len(word)] != word.encode():
                yield *text.place(at), word


def _expand(text: bytes) -> tuple[bytearray, list[tuple[int, int]]]:
    """The text without the constructs that Python 3 has not, and where each of its parts lies."""
    root, data = _tolerant(text), bytearray(text)
    for node in _walk(root):
        match node.type:
            case "print_statement" | "exec_statement":
                _blank(data, node.start_byte, node.end_byte, b"pass")
            case "except_clause":
                _except(data, node)
            case "raise_statement" if node.named_children and node.named_children[0].type == "expression_list":
                _blank(data, node.start_byte, node.end_byte, b"raise")
            case "<>":
                data[node.start_byte : node.end_byte] = b"!="
            case "tuple_pattern" if node.parent is not None and node.parent.type in _PARAMETERS:
                _blank(data, node.start_byte, node.end_byte, b"_")
            case "integer" if _OLD_NUMBER.fullmatch((node.text or b"").decode()) and len(node.text or b"") > 1:
                _blank(data, node.start_byte, node.end_byte, b"0")
    return data, [(part.start_byte, part.end_byte) for part in root.children]


def _walk(root: "Node") -> "Iterator[Node]":
    """A node and all within, from the outside in; none of them is kept, as `Node.children` keeps its nodes."""
    cursor = root.walk()
    while True:
        if cursor.node is not None:
            yield cursor.node
        if not cursor.goto_first_child():
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return


def _except(data: bytearray, node: "Node") -> None:
    """``except A, b:`` becomes ``except A   :``."""
    colon = next((child for child in node.children if child.type == ":"), None)
    comma = next((child for child in node.children if child.type == ","), None)
    if colon is not None and comma is not None:
        _blank(data, comma.start_byte, colon.start_byte, b"")


def _has_room(old: bytes, word: bytes) -> bool:
    return len(word) <= len(old) and not any(end in old[: len(word)] for end in b"\r\n")


def _blank(data: bytearray, start: int, end: int, word: bytes) -> None:
    """Put a word and spaces in place of some bytes; line ends stay, each continued by a backslash if there is room."""
    old = bytes(data[start:end])
    new = bytearray(byte if byte in b"\r\n" else 0x20 for byte in old)
    if not _has_room(old, word):
        return
    new[: len(word)] = word
    for index, byte in enumerate(old):
        if index and byte in b"\r\n" and old[index - 1] not in b"\r\n":
            new[index - 1] = 0x5C
    data[start:end] = new


def _blank_line(data: bytearray, root: "Node", line: int) -> bool:
    """Blank the smallest simple statement on a line; False where there is none that could be."""
    best: Node | None = None
    word = b"pass"
    stack = [root]
    while stack:
        node = stack.pop()
        if not node.start_point[0] <= line - 1 <= node.end_point[0]:
            continue
        stack.extend(node.children)
        simple = node.type.endswith("_statement") and not any(child.type == "block" for child in node.children)
        if simple or node.type == "ERROR":
            old = bytes(data[node.start_byte : node.end_byte])
            if not old.startswith(word) and _has_room(old, word):
                size = node.end_byte - node.start_byte
                if best is None or size < best.end_byte - best.start_byte:
                    best = node
    if best is None:
        return False
    _blank(data, best.start_byte, best.end_byte, word)
    return True
