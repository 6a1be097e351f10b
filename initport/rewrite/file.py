"""One file's bytes through the codemod: bytes in, an outcome out. Nothing here touches the world."""

import ast
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from initport.diagnostics import Code, Diagnostic, InputError
from initport.emit.settings import Settings
from initport.emit.target import Target
from initport.emit.targets import target
from initport.findings import WORD
from initport.findings.comments import insertions
from initport.findings.finding import Finding
from initport.grammar.load import vocabulary
from initport.ir.location import Location
from initport.lexis import Lines
from initport.python import module_sites as reader
from initport.python.follow import references
from initport.python.reachable import may_reach
from initport.python.sites import Left, Sites
from initport.python.syntax import Syntax, TooDeepError
from initport.python.text import Span, Text
from initport.python.triggers import may_hold, may_hold_any
from initport.rewrite import premise
from initport.rewrite.apply import Beside, CheckError, Parse, Rewritten, rewrite
from initport.rewrite.edits import Edit, splice
from initport.rewrite.encoding import EncodingError, check_readable, decode
from initport.rewrite.module_findings import findings
from initport.rewrite.outcome import Outcome, failure, may_differ, source_bytes

if TYPE_CHECKING:
    from initport.rewrite.differing_defaults import Differing
    from initport.rewrite.inventory import Entry

HIDDEN = "it is in a statement that is not valid Python 3; convert the statement first"


TOO_DEEP = "its expressions or statements are nested too deeply to be read; divide the deepest"


def process(data: bytes, path: str, settings: Callable[[], Settings]) -> Outcome:
    """Never raises for what is in the file: what cannot be read or edited is left as it was, with a diagnostic."""
    chosen = settings()
    defaults = _Defaults(data, path, chosen) if Code.DEFAULTS in chosen.codes else None
    beside = None if defaults is None or not defaults.may_differ else defaults.look
    outcome = _through(data, path, chosen, partial(rewrite_any, beside=beside))
    more = [
        *(_unread(data, path) if Code.UNREAD_FRAMEWORK in chosen.codes else ()),
        *(() if defaults is None else defaults.findings()),
        *(_seeds(data, path, target(chosen.target)) if Code.SEED in chosen.codes and outcome.after else ()),
    ]
    return replace(outcome, findings=(*outcome.findings, *more)) if more else outcome


class _Defaults:
    """What of a file starts differently by default in the target. Where the file is read for its sites, this is looked
    for in the same tree."""

    def __init__(self, data: bytes, path: str, settings: Settings) -> None:
        self.may_differ = not path.endswith(".ipynb") and may_differ(data, settings.target)
        self._data, self._path, self._settings = data, path, settings
        self._found: list[Differing] | None = None

    def look(self, sites: Sites, settings: Settings) -> None:
        """Take in the sites of the file, read with these settings."""
        from initport.rewrite.differing_defaults import differing_defaults

        if self._found is None:
            self._found = []
            with suppress(RecursionError, MemoryError):
                self._found = list(
                    differing_defaults(sites.syntax.tree, sites.syntax.text, settings, sites, self._path)
                )

    def findings(self) -> Iterator[Finding]:
        """One for each kind of weight."""
        if self.may_differ and self._found is None:
            from initport.python.implicit import may_make_layers

            with suppress(EncodingError, SyntaxError, RecursionError, MemoryError):
                text = Text(decode(self._data).text)
                if not may_make_layers(text, premise.settings_for(text, self._settings).names):
                    return
                sites, settings = premise.read(parse_any(text.content)[0], text, self._settings)
                with closing(sites):
                    self.look(sites, settings)
        for item in self._found or ():
            title = vocabulary(self._settings.target).grammar.title
            advice = f"`initport explain --to {self._settings.target}` prints the lines that keep it in {title}"
            yield Finding(Diagnostic(Code.DEFAULTS, item.location, f"{item.words}; {advice}"))


def _seeds(data: bytes, path: str, written: Target) -> Iterator[Finding]:
    """A seed that does not reach what is drawn through the target."""
    words = {path.rpartition(".")[2] for path in _SEEDING}
    if not written.seeding or path.endswith(".ipynb") or not any(word.encode() in data for word in words):
        return
    try:
        text = Text(decode(data).text)
        if not may_reach(text, frozenset(_SEEDING)):
            return
        tree, _ = parse_any(text.content)
    except (EncodingError, SyntaxError, RecursionError, MemoryError):
        return
    with closing(Syntax.of(tree, text)) as syntax:
        for reference in references(syntax, words, _SEEDING):
            if reference.call is not None:
                line, column = reference.call.lineno, reference.call.col_offset + 1
                detail = (
                    f"`{ast.unparse(reference.call)}` does not seed what is drawn through {written.title}, so that "
                    f"runs no longer repeat; add `{written.seeding}`"
                )
                yield Finding(Diagnostic(Code.SEED, Location(path, line, column), detail))


_SEEDING = dict.fromkeys(
    (
        "tensorflow.set_random_seed",
        "tensorflow.random.set_random_seed",
        "tensorflow.random.set_seed",
        "tensorflow.compat.v1.set_random_seed",
        "tensorflow.compat.v1.random.set_random_seed",
        "tensorflow.compat.v2.random.set_seed",
    )
)
"""What seeds the generators of TensorFlow."""


def _unread(data: bytes, path: str) -> Iterator[Finding]:
    """One finding for each framework that is not read."""
    if may_hold(source_bytes(data, path), "unread"):
        from initport.python.unread import frameworks_in

        lines = Lines(data.decode(errors="replace"))
        for what, at in frameworks_in(lines.content):
            line = None if path.endswith(".ipynb") else lines.line(at)
            detail = f"{what} are not read, and nothing is converted; port them yourself"
            yield Finding(Diagnostic(Code.UNREAD_FRAMEWORK, Location(path, line), detail))


def silence(data: bytes, path: str, settings: Settings) -> Outcome:
    """The same, but what is written are comments that silence the findings."""
    return _through(data, path, settings, silence_any)


def _through(data: bytes, path: str, settings: Settings, through: "Through") -> Outcome:
    place: Place
    look = source_bytes(data, path)
    more = WORD in look or may_hold(look, "networks")
    is_notebook = path.endswith(".ipynb")
    if not more and not (reader.has_trigger(look, settings.names) if is_notebook else may_hold_any(look)):
        return Outcome(path)
    try:
        if is_notebook:
            from initport.rewrite.notebook import rewrite_notebook

            after, rewritten, place = rewrite_notebook(data, lambda text, prepare: through(text, settings, prepare))
        else:
            source = decode(data)
            text = Text(source.text)
            if not more and not _may_hold(look, text, settings):
                return Outcome(path)
            rewritten = through(text, settings, lambda parse: parse)
            after, place = data, rewritten.before.place
            if rewritten.edits:
                after = source.encode(rewritten.text)
                check_readable(source, data, after, rewritten.text)
    except (EncodingError, UnicodeError) as error:
        return failure(path, str(error), settings.codes)
    except SyntaxError as error:
        if not reader.has_trigger(look, settings.names):
            return Outcome(path)
        return failure(path, error.msg or str(error), settings.codes, Code.UNPARSABLE, error.lineno)
    except CheckError as error:
        return failure(path, str(error), settings.codes, Code.UNCHECKED)
    except (RecursionError, MemoryError):
        return failure(path, TOO_DEEP, settings.codes, Code.UNPARSABLE)
    found = findings(rewritten, lambda offset: Location(path, *place(offset)))
    changed = after != data
    counts = (rewritten.modern, rewritten.silenced)
    every = tuple(_at(item, *place(item.start)) for item in rewritten.entries)
    return Outcome(path, data if changed else None, after if changed else None, found, *counts, entries=every)


def _at(item: "Entry", line: int, column: int, *_: str | None) -> "Entry":
    return item._replace(line=line, column=column)


def _may_hold(data: bytes, text: Text, settings: Settings) -> bool:
    """Whether a text may hold a site: what shows that it does not, the quickest first."""
    own = premise.settings_for(text, settings).names
    return (
        reader.reaches_site(text, own, settings.has_project)
        and reader.reaches_any(data, text, settings.names)
        and reader.may_hold(text, settings.names)
    )


Place = Callable[[int], tuple[int, int] | tuple[int, int, str | None]]
"""The line and the column in a file, and the key where there is one, of an offset in the text that was read."""

Prepare = Callable[[Parse], Parse]
"""Makes a parser see a text as the file means it."""

Through = Callable[[str | Text, Settings, Prepare], Rewritten]
"""Raises SyntaxError, CheckError."""


def rewrite_any(source: str | Text, settings: Settings, prepare: Prepare, beside: Beside | None = None) -> Rewritten:
    """Python 3, or else Python 2. Raises SyntaxError, CheckError."""
    text = Text.of_source(source)
    try:
        return rewrite(text, settings, prepare(reader.parse), beside=beside)
    except TooDeepError:
        raise
    except SyntaxError:
        from initport.rewrite.python2 import parse

        hidden = hidden_sites(text.content, settings)
        return rewrite(text, replace(settings, python2=True), prepare(parse), hidden, beside)


def silence_any(source: str | Text, settings: Settings, prepare: Prepare) -> Rewritten:
    """The text with a comment behind each finding, after which nothing else must be reported of it, and no code have
    changed. Raises SyntaxError, CheckError."""
    text = Text.of_source(source).content
    found = rewrite_any(source, settings, prepare)
    loud = [item for item in found.left if item.code is not Code.UNUSED_IGNORE]
    rest = tuple(item for item in found.left if item not in loud)
    wanted = [(item.line, item.code) for item in loud]
    wanted += [(item.line, item.code) for item in found.converted]
    edits = tuple(Edit(Span(start, end), comment) for start, end, comment in insertions(text, wanted))
    result = splice(text, edits)
    again = rewrite_any(result, settings, prepare)
    is_loud = again.converted or any(item.code is not Code.UNUSED_IGNORE for item in again.left)
    if is_loud or ast.dump(parse_any(text, prepare)[0]) != ast.dump(parse_any(result, prepare)[0]):
        raise CheckError("no comment can silence all that is found here")
    return Rewritten(found.before, result, edits, found.modern, rest, silenced=again.silenced)


def hidden_sites(text: str, settings: Settings) -> tuple[Left, ...]:
    """What cannot be read in Python 2 and names something of the vocabulary."""
    from initport.rewrite.python2 import hidden_words as blanked

    found = blanked(text, settings.names.words)
    return tuple(Left(line, column, word, HIDDEN, code=Code.HIDDEN) for line, column, word in found)


def input_error(error: SyntaxError | EncodingError, path: str) -> InputError:
    """What it is to a caller that source code cannot be read."""
    detail = f"the file cannot be read: {getattr(error, 'msg', None) or error}"
    return InputError(Diagnostic(Code.UNREADABLE, Location(path, getattr(error, "lineno", None)), detail))


def parse_any(text: str, prepare: Prepare = lambda parse: parse) -> tuple[ast.Module, bool]:
    """The tree of Python 3, or else Python 2 (True). Raises SyntaxError."""
    try:
        return prepare(reader.parse)(text), False
    except TooDeepError:
        raise
    except SyntaxError:
        from initport.rewrite.python2 import parse

        return prepare(parse)(text), True
