"""Says what is wrong with a prototxt, exactly where, and what its author can do about it.

Imported only once reading has failed, so nothing here is fast. A text that is not a prototxt mostly fails for a
reason that has little to do with the token at hand: it is a template, holds a merge conflict, or was cut off.
"""

import re
from collections.abc import Sequence

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe.source import Source

_CONFLICT = re.compile(r"(?m)^(?:<{7}|\|{7}|={7}|>{7})(?![<|=>])")
_TOKEN = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[^\s,;#{}<>\[\]\"']+|\S")
_PLACEHOLDER_IN_STRING = re.compile(
    r"""\{\{.*?\}\} | \{%.*?%\}                       # Jinja
      | \$\{[^}\n]*\} | \$\(\w+\)                     # shell, string.Template, make
      | \{\w*(?:[.:!\[][^{}\s]*)?\}                   # str.format
      | %\(\w+\)[-+ 0\#]*\d*(?:\.\d+)?[a-z] | %[-+ 0\#]*\d*(?:\.\d+)?[sdifg]\b   # printf
      | @\w+@                                         # autoconf, CMake""",
    re.VERBOSE,
)
_PLACEHOLDER = re.compile(_PLACEHOLDER_IN_STRING.pattern + "\n" + r"| \$\w+ | <[A-Za-z_][\w-]*>", re.VERBOSE)

_NEAR = 200  # characters searched for a placeholder before and behind a problem, as a line can be a whole file


def placeholder_in(text: str) -> str | None:
    """The first template placeholder in a quoted string's text, if there is one."""
    found = _PLACEHOLDER_IN_STRING.search(text)
    return found.group() if found else None


class Complaints:
    """Turns the problems of one text into errors."""

    def __init__(self, source: Source) -> None:
        self.text, self.place = source.text, source.place

    def error(self, code: Code, offset: int, detail: str) -> InputError:
        return InputError(Diagnostic(code, self.place(offset), detail))

    def at_end(self, offset: int) -> bool:
        """Whether only blanks and comments follow."""
        return re.compile(r"(?:\s|#[^\n]*)*+\Z").match(self.text, offset) is not None

    def token(self, offset: int) -> str:
        """The token at ``offset``, quoted and shortened for a message."""
        token = _TOKEN.match(self.text, offset)
        word = token.group() if token else ""
        return f"`{word if len(word) <= 40 else word[:37] + '...'}`" if word else "the end of the file"

    def placeholder(self, offset: int) -> tuple[int, str] | None:
        """The template placeholder that stands at ``offset``, covers it, or is glued to what stands there."""
        near = max(0, offset - _NEAR), min(len(self.text), offset + _NEAR)
        start = max(near[0], self.text.rfind("\n", near[0], offset) + 1)
        end = self.text.find("\n", offset, near[1])
        for found in _PLACEHOLDER.finditer(self.text, start, near[1] if end < 0 else end):
            if found.end() >= offset and not re.search(r"[\s#]", self.text[offset : found.start()]):
                return found.start(), found.group()
        return None

    def template(self, offset: int, placeholder: str) -> InputError:
        detail = f"`{placeholder}` looks like a template's placeholder; fill in the template and convert the result"
        return self.error(Code.TEMPLATE, offset, detail)

    def broken_text(self, offset: int, expected: str, opened: Sequence[tuple[str, int]]) -> InputError:
        """The error for a text that cannot go on at ``offset``, inside the messages ``opened``."""
        if (marker := self._conflict(offset)) is not None:
            return marker
        if (found := self.placeholder(offset)) is not None:
            return self.template(*found)
        if self.at_end(offset):
            return self.truncation(expected, opened)
        return self.error(Code.SYNTAX, offset, f"expected {expected}, found {self.token(offset)}{self._inside(opened)}")

    def wrong(self, offset: int, name: str, expected: str) -> InputError:
        """The error for a known field whose value, at ``offset``, is none of its type."""
        if (marker := self._conflict(offset)) is not None:
            return marker
        if (found := self.placeholder(offset)) is not None:
            return self.template(*found)
        token = self.token(offset)
        numeric = "number" in expected or "integer" in expected
        if numeric and re.fullmatch(r"`[A-Za-z_]\w*`", token) and token.strip("`").lower() not in _WORDS:
            detail = f"`{name}` expects {expected}, not {token}; if that is a template's placeholder, fill it in"
            return self.error(Code.TEMPLATE, offset, detail)
        return self.error(Code.WRONG_VALUE, offset, f"`{name}` expects {expected}, not {token}")

    def unclosed_string(self, offset: int, opened: Sequence[tuple[str, int]]) -> InputError:
        """The error for a string whose closing quote is missing from its line."""
        if (found := self.placeholder(offset)) is not None:
            return self.template(*found)
        if "\n" in self.text[offset:].rstrip():
            return self.error(Code.SYNTAX, offset, "the string is not closed in its line; add the closing quote")
        return self.truncation(f"the closing quote of the string opened in line {self.place(offset).line}", opened)

    def repetition(self, offset: int, detail: str) -> InputError:
        """The error for a field that may stand once; where a merge conflict is the cause, that is said instead."""
        return self._conflict(offset) or self.error(Code.WRONG_VALUE, offset, detail)

    def truncation(self, expected: str, opened: Sequence[tuple[str, int]]) -> InputError:
        detail = f"the file ends where {expected} is missing{self._inside(opened)}; restore the missing end"
        return self.error(Code.TRUNCATED, len(self.text), detail)

    def _inside(self, opened: Sequence[tuple[str, int]]) -> str:
        return "".join(f", in `{name}` opened in line {self.place(at).line}" for name, at in reversed(opened[-3:]))

    def _conflict(self, offset: int) -> InputError | None:
        start = self.text.rfind("\n", 0, offset + 1) + 1
        if (found := _CONFLICT.match(self.text, start)) is None:
            return None
        detail = f"`{found.group()}` is a version-control conflict marker; resolve the conflict first"
        return self.error(Code.CONFLICT_MARKER, start, detail)


_WORDS = frozenset({"true", "false", "t", "f", "inf", "infinity", "nan", "none", "null"})
