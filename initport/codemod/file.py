"""One file's bytes through the codemod: bytes in, an outcome out. Nothing here touches the world."""

import ast
from collections.abc import Callable
from dataclasses import replace

from initport.codemod.module import CheckError, Parse, Rewritten, rewrite
from initport.codemod.outcome import Change, Outcome, failed
from initport.codemod.settings import Settings
from initport.codemod.source import EncodingError, decode
from initport.diagnostics import Code, Diagnostic
from initport.ir.location import Location
from initport.readers.python_source import reader
from initport.readers.python_source.sites import Left

HIDDEN = "it stands in a statement that cannot be read as Python 3; convert the statement first"


def process(data: bytes, path: str, settings: Callable[[], Settings]) -> Outcome:
    """Never raises for what is in the file: what cannot be read or edited is left as it was, with a diagnostic."""
    chosen = settings()
    if not reader.triggered(data, chosen.names):
        return Outcome(path)
    try:
        if path.endswith(".ipynb"):
            return _outcome(data, path, *_notebook(data, chosen))
        source = decode(data)
        rewritten = rewrite_any(source.text, chosen)
        return _outcome(data, path, source.encode(rewritten.text), rewritten)
    except (EncodingError, UnicodeError) as error:
        return failed(path, str(error))
    except SyntaxError as error:
        return failed(path, error.msg or str(error), Code.UNPARSABLE, error.lineno)
    except CheckError as error:
        return failed(path, str(error), Code.UNCHECKED)


def rewrite_any(text: str, settings: Settings, prepare: Callable[[Parse], Parse] = lambda parse: parse) -> Rewritten:
    """Python 3, or else Python 2; ``prepare`` makes a parser see the text as such. Raises SyntaxError, CheckError."""
    try:
        return rewrite(text, settings, prepare(reader.parse))
    except SyntaxError:
        from initport.codemod.legacy import parse

        rewritten = rewrite(text, replace(settings, python2=True), prepare(parse))
        hidden = tuple(Left(line, 1, word, HIDDEN) for line, word in unseen(text, settings))
        return replace(rewritten, refused=(*rewritten.refused, *hidden))


def unseen(text: str, settings: Settings) -> list[tuple[int, str]]:
    """The lines of what cannot be read in Python 2 and names something of the vocabulary, with the word."""
    from initport.codemod.legacy import unseen as blanked

    return list(blanked(text, settings.names.words))


def parse_any(text: str) -> tuple[ast.Module, bool]:
    """The tree of Python 3, or else Python 2 (True). Raises SyntaxError."""
    try:
        return reader.parse(text), False
    except SyntaxError:
        from initport.codemod.legacy import parse

        return parse(text), True


def _notebook(data: bytes, settings: Settings) -> tuple[bytes, Rewritten]:
    from initport.codemod.notebook import rewrite_notebook

    return rewrite_notebook(data, lambda text, prepare: rewrite_any(text, settings, prepare))


def _outcome(data: bytes, path: str, after: bytes, rewritten: Rewritten) -> Outcome:
    found = tuple(
        Diagnostic(
            Code.REFUSED_SITE,
            Location(path, item.line, item.column),
            f"{_flat(item.source)}: {item.reason}",
            item.assume,
        )
        for item in rewritten.refused
    )
    changes = tuple(
        Change(item.site.line, item.site.column, _flat(item.site.source), _flat(item.text), item.decision.assumed)
        for item in rewritten.converted
    )
    changed = after != data
    return Outcome(path, data if changed else None, after if changed else None, changes, len(rewritten.kept), found)


def _flat(source: str) -> str:
    return " ".join(source.split())
