"""Which findings of a module are reported: those whose code counts and that no ignore comment silences."""

import ast
from collections.abc import Collection, Iterator

from initport.diagnostics import Code
from initport.findings.comments import Ignores, Layout, statement_lines
from initport.python.sites import Left


class Filter:
    """All findings must have been shown to `reports` before `unused` is asked. A comment silences what it names,
    whether that code counts or not: so it is in use for every selection of codes, or for none."""

    def __init__(self, content: str, tree: ast.Module, codes: Collection[Code]) -> None:
        self.ignores = Ignores(content, statement_lines(tree))
        self.codes = codes

    def reports(self, code: Code, line: int, source: str) -> bool:
        """``source`` is what the finding is about, which starts on the line."""
        if not self.ignores.comments:
            return code in self.codes
        last = line + Layout(source).line(len(source)) - 1
        return not self.ignores.silence(code, (line, last)) and code in self.codes

    def unused_comments(self) -> Iterator[Left]:
        """The ignore comments that silenced nothing."""
        if Code.UNUSED_IGNORE in self.codes:
            for comment, reason in self.ignores.unused_comments():
                yield Left(comment.line, comment.column, comment.text, reason, code=Code.UNUSED_IGNORE)
