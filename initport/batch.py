"""Source code in Arrow: what `initport codemod` makes of each row of a table, for engines that hold corpora in tables.

A pure function: no file is read but the rows, nothing is remembered between calls, and the same rows give the same
result. It needs pyarrow (extra ``scan``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import pyarrow as pa

from initport import __version__
from initport.diagnostics import Code
from initport.findings.finding import Finding
from initport.project.options import MAX_FILE_SIZE
from initport.project.pins import Requirements, evidence_of
from initport.project.processes import Run, process_alone
from initport.rewrite.inventory import Entry

FINDING = pa.struct(
    [
        ("code", pa.string()),
        ("rule", pa.string()),
        ("level", pa.string()),
        ("message", pa.string()),
        ("line", pa.int32()),
        ("column", pa.int32()),
        ("source", pa.string()),
        ("replacement", pa.string()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("version", pa.string()),
    ]
)
"""A finding, with the names that `--output-format json` has."""

INITIALIZER = pa.struct(
    [
        ("line", pa.int32()),
        ("column", pa.int32()),
        ("source", pa.string()),
        ("framework", pa.string()),
        ("function", pa.string()),
        ("layer", pa.string()),
        ("weight", pa.string()),
        ("law", pa.string()),
        ("kind", pa.string()),
        ("state", pa.string()),
    ]
)
"""An initializer of source code, whatever there is to say of it: `initport.rewrite.inventory.Entry`."""


def _all(item: pa.DataType) -> pa.DataType:
    """Lists of such structs, in which none is null."""
    return pa.list_(pa.field("item", item, nullable=False))


_FIELDS = [
    pa.field("findings", _all(FINDING), nullable=False),
    pa.field("initializers", _all(INITIALIZER), nullable=False),
    pa.field("content", pa.binary()),
    pa.field("converted", pa.int32(), nullable=False),
    pa.field("reported", pa.int32(), nullable=False),
    pa.field("modern", pa.int32(), nullable=False),
    pa.field("silenced", pa.int32(), nullable=False),
    pa.field("error", pa.string()),
]


def schema(*, keep: Sequence[str] = (), **settings: Any) -> pa.Schema:
    """Of what `rewrite` gives with these settings: its metadata holds them and the version of initport.

    Behind ``path`` stand the columns that are kept, as text. ``content`` is null where a file does not change;
    ``converted`` counts the findings with a replacement, ``reported`` the others, ``modern`` what needs no change and
    ``silenced`` what ignore comments leave out; ``error`` is null, or why a row could not be worked on.

    Raises ValueError where a column that is kept has the name of one of these.
    """
    noted = {"initport.version": __version__, "initport.settings": json.dumps(settings, sort_keys=True)}
    names = ["path", *keep, *(field.name for field in _FIELDS)]
    if (twice := next((name for name in names if names.count(name) > 1), None)) is not None:
        raise ValueError(f"a column {twice!r} cannot be kept: the result has one of that name")
    return pa.schema([pa.field(name, pa.string()) for name in ("path", *keep)] + _FIELDS, metadata=noted)


class Row(NamedTuple):
    """The path of a file, its content, and what its project requires; ``kept`` are columns to take over, and ``error``
    is why there is no content."""

    path: str | None
    content: bytes | str | None
    required: Requirements = MappingProxyType({})
    kept: Mapping[str, str | None] = MappingProxyType({})
    error: str | None = None


class Rewriter:
    """Rows through the codemod, one by one. ``settings`` are those of `rewrite`; raises ValueError for wrong ones."""

    def __init__(self, max_file_size: int = MAX_FILE_SIZE.default, **settings: Any) -> None:
        unknown = settings.keys() - {"to", "source_version", "assume", "keras_module"}
        if unknown:
            raise ValueError(f"there is no setting {sorted(unknown)[0]!r}")
        self._run = replace(Run.of({**settings, "max_file_size": max_file_size}), inventory=True)

    def whole(self, row: Row) -> dict[str, Any]:
        """The same of a row that may be none, with the columns that are kept."""
        done = failure(row.path, row.error) if row.error else self.row(row.path, row.content, row.required)
        return {**done, **row.kept}

    def row(self, path: str | None, content: bytes | str | None, required: Requirements) -> dict[str, Any]:
        """What becomes of a file, as a row of `schema`; ``required`` is what its project requires. Never raises for
        what is in it."""
        name = "<row>.py" if path is None else path
        try:
            if content is None:
                raise ValueError("the row has no content")
            data = content.encode(errors="surrogatepass") if isinstance(content, str) else content
            outcome = process_alone(data, name, self._run, required)
        except Exception as error:  # whatever a row holds, it costs no other row
            return failure(path, f"{type(error).__name__}: {error}")
        changes = len(outcome.changes)
        found = [_finding(item) for item in outcome.findings]
        return {
            "path": _path(path),
            "findings": found,
            "initializers": [_initializer(item) for item in outcome.entries],
            "content": outcome.after,
            "converted": changes,
            "reported": len(found) - changes,
            "modern": outcome.modern,
            "silenced": outcome.silenced,
            "error": next((_sound(item.message) for item in outcome.findings if _is_unread(item.code)), None),
        }


def failure(path: str | None, reason: str) -> dict[str, Any]:
    """The row of a file that could not be worked on."""
    counts = dict.fromkeys(("converted", "reported", "modern", "silenced"), 0)
    nothing: dict[str, Any] = {"path": _path(path), "findings": [], "initializers": [], "content": None}
    return {**nothing, **counts, "error": _sound(reason)}


def rewrite(
    batch: pa.Table | pa.RecordBatch,
    *,
    column: str = "content",
    path_column: str = "path",
    keep: Sequence[str] = (),
    **settings: Any,
) -> pa.Table:
    """A row for each row of ``batch``, in its order, with `schema`.

    ``column`` holds the text of a file as string or binary, ``path_column`` its path (which says whether it is a
    notebook; a table may lack ``path``), and a column ``versions``, where there is one, lists what its project requires
    as requirements files do (``tensorflow==1.15``, ``keras>=2,<2.4``), as a list of strings or one string of lines.
    ``keep`` are other columns to take over, as text. ``settings`` are options of `initport codemod` by their names in
    Python: ``to``, ``source_version``, ``assume``, ``keras_module``, ``max_file_size``. Raises ValueError for wrong
    ones and for a column of a wrong type, and KeyError for a missing column; never for what a row holds.
    """
    rewriter = Rewriter(**settings)
    rows = [rewriter.whole(row) for row in rows_of(batch, column, path_column, keep)]
    return pa.Table.from_pylist(rows, schema(keep=keep, **settings))


def rewrite_all(batches: Iterable[pa.RecordBatch], **options: Any) -> Iterator[pa.RecordBatch]:
    """The same, with the same options, for a stream of batches, as Spark's ``mapInArrow`` hands them over."""
    for batch in batches:
        yield from rewrite(batch, **options).to_batches()


def rows_of(batch: pa.Table | pa.RecordBatch, column: str, path_column: str, keep: Sequence[str] = ()) -> Iterator[Row]:
    """The rows of a batch; one at a time is made of Python's objects. Raises KeyError where there is no such column,
    ValueError where it holds something else."""
    check(batch.schema, column, path_column, keep)
    names = batch.schema.names
    columns = [batch.column(name) if name in names else None for name in (column, path_column, "versions")]
    others = {name: batch.column(name) for name in keep}
    for index in range(batch.num_rows):
        content, path, versions = (None if values is None else values[index].as_py() for values in columns)
        kept = {name: text_of(values[index].as_py()) for name, values in others.items()}
        yield Row(path, content, require(versions, "the column `versions`"), kept)


def check(found: pa.Schema, column: str, path_column: str, keep: Sequence[str] = ()) -> None:
    """Raises KeyError where a table with such a schema lacks a column (but ``path``, which it may), ValueError where it
    has another type than it needs."""
    for name in (column, *[path_column] * (path_column != "path"), *keep):
        if name not in found.names:
            raise KeyError(f"there is no column {name!r}; the columns are {', '.join(found.names)}")
    wanted = ((column, _is_text, "text"), (path_column, _is_text, "text"), ("versions", _is_lines, "a list of strings"))
    for name, fits, what in wanted:
        if name in found.names and not fits(found.field(name).type):
            raise ValueError(f"the column {name!r} holds {found.field(name).type}; it must hold {what}")


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(is_kind(kind) for is_kind in (*_STRINGS, *_BINARIES, pa.types.is_null))


def _is_lines(kind: pa.DataType) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    kind = kind.value_type if any(is_kind(kind) for is_kind in lists) else kind
    return any(is_kind(kind) for is_kind in (*_STRINGS, pa.types.is_null))


_STRINGS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_BINARIES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)


def require(versions: Sequence[str | None] | str | None, source: str) -> Requirements:
    """What such lines require; ``source`` says in words what they are."""
    lines = [versions] if isinstance(versions, str) else versions
    return evidence_of("\n".join(filter(None, lines)), source) if lines else {}


def text_of(value: Any) -> str | None:
    """A value of a column that is kept."""
    if value is None or isinstance(value, str):
        return None if value is None else _sound(value)
    return _sound(json.dumps(value, default=str, ensure_ascii=False))


def _finding(item: Finding) -> Mapping[str, Any]:
    location, change = item.location, item.change
    return {
        "code": item.code.code,
        "rule": item.code.rule,
        "level": item.level,
        "message": _sound(item.message),
        "line": location.line,
        "column": location.column,
        "source": _sound(item.subject) or None,
        "replacement": _sound(change.text) if change else None,
        "before": _sound(item.before) if item.before else None,
        "after": _sound(change.after) if change else None,
        "version": _sound(item.premise) or None,
    }


def _initializer(item: Entry) -> Mapping[str, Any]:
    texts = {name: None if (value := getattr(item, name)) is None else _sound(value) for name in _TEXTS}
    return {"line": item.line, "column": item.column, **texts}


_TEXTS = [field.name for field in INITIALIZER if pa.types.is_string(field.type)]


def _is_unread(code: Code) -> bool:
    """Whether nothing could be read of the file."""
    return code is Code.UNPARSABLE or code.code.startswith("IP1")


def _path(path: str | None) -> str | None:
    """A path with escapes for bytes that are no UTF-8, which a system may have in names."""
    return None if path is None else path.encode(errors="backslashreplace").decode()


def _sound(text: str) -> str:
    """Without lone surrogates, which UTF-8 cannot encode."""
    return text.encode(errors="replace").decode()
