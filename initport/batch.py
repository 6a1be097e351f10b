"""Source code in Arrow: what `initport codemod` makes of each row of a table, for engines that hold corpora in tables.

A pure function: no file is read but the rows, nothing is remembered between calls, and the same rows give the same
result. It needs pyarrow (extra ``scan``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from initport import __version__
from initport.diagnostics import Code
from initport.findings.finding import Finding
from initport.project.options import MAX_FILE_SIZE
from initport.project.pins import Requirements, evidence_of
from initport.project.processes import Run, process_alone

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

_FIELDS = [
    pa.field("path", pa.string()),
    pa.field("findings", pa.list_(FINDING)),
    pa.field("content", pa.binary()),
    pa.field("converted", pa.int32()),
    pa.field("reported", pa.int32()),
    pa.field("modern", pa.int32()),
    pa.field("silenced", pa.int32()),
    pa.field("error", pa.string()),
]


def schema(**settings: Any) -> pa.Schema:
    """Of what `rewrite` gives with these settings: its metadata holds them and the version of initport.

    ``content`` is null where a file does not change; ``converted`` counts the findings with a replacement, ``reported``
    the others, ``modern`` what needs no change and ``silenced`` what ignore comments leave out; ``error`` is null, or
    why a row could not be worked on.
    """
    noted = {"initport.version": __version__, "initport.settings": json.dumps(settings, sort_keys=True)}
    return pa.schema(_FIELDS, metadata=noted)


class Rewriter:
    """Rows through the codemod, one by one. ``settings`` are those of `rewrite`; raises ValueError for wrong ones."""

    def __init__(self, max_file_size: int = MAX_FILE_SIZE.default, **settings: Any) -> None:
        unknown = settings.keys() - {"to", "source_version", "assume", "keras_module"}
        if unknown:
            raise ValueError(f"there is no setting {sorted(unknown)[0]!r}")
        self._run = Run.of({**settings, "max_file_size": max_file_size})

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
    return {"path": _path(path), "findings": [], "content": None, **counts, "error": _sound(reason)}


def rewrite(
    batch: pa.Table | pa.RecordBatch, *, column: str = "content", path_column: str = "path", **settings: Any
) -> pa.Table:
    """A row for each row of ``batch``, in its order, with `schema`.

    ``column`` holds the text of a file as string or binary, ``path_column`` its path (which says whether it is a
    notebook; a table may lack it), and a column ``versions``, where there is one, lists what its project requires as
    requirements files do (``tensorflow==1.15``, ``keras>=2,<2.4``). ``settings`` are options of `initport codemod` by
    their names in Python: ``to``, ``source_version``, ``assume``, ``keras_module``, ``max_file_size``. Raises
    ValueError for wrong ones, and KeyError for a missing column; never for what a row holds.
    """
    rewriter = Rewriter(**settings)
    rows = [rewriter.row(*row) for row in rows_of(batch, column, path_column)]
    return pa.Table.from_pylist(rows, schema(**settings))


def rewrite_all(
    batches: Iterable[pa.RecordBatch], *, column: str = "content", path_column: str = "path", **settings: Any
) -> Iterator[pa.RecordBatch]:
    """The same for a stream of batches, as Spark's ``mapInArrow`` hands them over."""
    for batch in batches:
        yield from rewrite(batch, column=column, path_column=path_column, **settings).to_batches()


Row = tuple[str | None, bytes | str | None, Requirements]
"""The path of a file, its content, and what its project requires."""


def rows_of(batch: pa.Table | pa.RecordBatch, column: str, path_column: str) -> Iterator[Row]:
    """The rows of a batch; one at a time is made of Python's objects. Raises KeyError where there is no such column."""
    names = batch.schema.names
    if column not in names:
        raise KeyError(f"there is no column {column!r}; the columns are {', '.join(names)}")
    contents = batch.column(column)
    paths = batch.column(path_column) if path_column in names else None
    versions = batch.column("versions") if "versions" in names else None
    for index in range(batch.num_rows):
        path = None if paths is None else paths[index].as_py()
        yield path, contents[index].as_py(), _require(None if versions is None else versions[index].as_py())


def _require(lines: Sequence[str] | None) -> Requirements:
    return evidence_of("\n".join(filter(None, lines)), "the column `versions`") if lines else {}


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


def _is_unread(code: Code) -> bool:
    """Whether nothing could be read of the file."""
    return code is Code.UNPARSABLE or code.code.startswith("IP1")


def _path(path: str | None) -> str | None:
    """A path with escapes for bytes that are no UTF-8, which a system may have in names."""
    return None if path is None else path.encode(errors="backslashreplace").decode()


def _sound(text: str) -> str:
    """Without lone surrogates, which UTF-8 cannot encode."""
    return text.encode(errors="replace").decode()
