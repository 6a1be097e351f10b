"""A corpus into Parquet: every kind of source, resuming, and what ends a process."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: extra `scan`")

import pyarrow.parquet as pq
from click.testing import CliRunner

from benchmarks import scan as benchmark
from initport.cli import main
from initport.project import worker_start
from initport.scan import parts, sources
from initport.scan.corpus import OutputError, Summary, scan
from tests.scan import corpora

SETTINGS = {"to": "keras"}


def scanned(source: Path, out: Path, **options: object) -> Summary:
    return scan([str(source)], str(out), settings=SETTINGS, **options)  # type: ignore[arg-type]


SLOW = pytest.mark.slow


@pytest.fixture(
    params=[
        "directory",
        "corpus.zip",
        pytest.param("corpus.tar", marks=SLOW),
        pytest.param("corpus.tar.gz", marks=SLOW),
    ]
)
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    match request.param:
        case "directory":
            return corpora.directory(tmp_path / "tree")
        case "corpus.zip":
            return corpora.zipped(tmp_path / "corpus.zip")
        case name:
            return corpora.tarred(tmp_path / name)


def test_files_are_read_with_what_their_own_project_requires(tree: Path, tmp_path: Path) -> None:
    summary = scanned(tree, tmp_path / "out")
    found = {Path(str(row["path"])).name: row for row in corpora.result(tmp_path / "out")}
    assert summary.counts.files == 4
    assert b"stddev=1" in found["b.py"]["content"]  # type: ignore[operator]
    assert [item["code"] for item in found["d.py"]["findings"]] == ["IP316"]  # type: ignore[attr-defined]
    assert found["a.py"]["converted"] == 1
    assert "c.py" not in found, "there is nothing to say of it, and it is counted"


REQUIRED = "tensorflow==1.15.5\n"
TAKEN_IN: list[tuple[dict[str, str], bool]] = [
    ({"a/requirements.txt": "-r base.txt", "a/b.py": corpora.BOTH}, False),
    (
        {"a/requirements.txt": "-r deps/base.in", "a/deps/base.in": REQUIRED, "a/b.py": corpora.BOTH, "a/setup.py": ""},
        True,
    ),
    ({"a/requirements.txt": "-r deps/base.in", "a/deps/base.in": REQUIRED, "a/b.py": corpora.BOTH}, True),
    (
        {
            "a/requirements.txt": "-r one.in",
            "a/one.in": "-c two.in\n-r one.in",
            "a/two.in": REQUIRED,
            "a/b.py": corpora.BOTH,
        },
        True,
    ),
    ({"requirements.txt": "-r ./deps.in", "deps.in": REQUIRED, "a/b.py": corpora.BOTH}, True),
    ({"a/setup.py": "", "a/c/requirements.txt": "-r ../all.in", "a/all.in": REQUIRED, "a/c/b.py": corpora.BOTH}, True),
    ({"a/setup.py": "", "a/requirements.txt": "-r ../c/all.in", "c/all.in": REQUIRED, "a/b.py": corpora.BOTH}, False),
]


@pytest.mark.parametrize("kind", ["directory", "zip", "tar"])
@pytest.mark.parametrize(("files", "known"), TAKEN_IN)
def test_requirements_that_others_take_in(files: dict[str, str], known: bool, kind: str, tmp_path: Path) -> None:
    """As far as they are of the same project: BOTH has no meaning where the version is not known."""
    make = {"directory": corpora.directory, "zip": corpora.zipped, "tar": corpora.tarred}[kind]
    source = make(tmp_path / {"directory": "tree", "zip": "c.zip", "tar": "c.tar"}[kind], files)
    scanned(source, tmp_path / "out")
    found = {Path(str(row["path"])).name: row for row in corpora.result(tmp_path / "out")}
    assert (found["b.py"]["converted"] == 1) is known


@pytest.mark.parametrize("kind", ["table", "lines"])
def test_tables_and_lines(kind: str, tmp_path: Path) -> None:
    texts = [corpora.LEGACY.format(n) if n % 3 == 0 else "x = 1\n" for n in range(30)]
    make = corpora.table if kind == "table" else corpora.lines
    source = make(tmp_path / {"table": "c.parquet", "lines": "c.jsonl"}[kind], texts)
    summary = scanned(source, tmp_path / "out")
    assert (summary.counts.files, summary.counts.converted, summary.counts.changed) == (30, 10, 10)
    assert [row["path"] for row in corpora.result(tmp_path / "out")] == [f"{n}.py" for n in range(0, 30, 3)]


def test_lines_are_parted_and_none_is_lost_or_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_BYTES", 200)
    source = corpora.lines(tmp_path / "c.jsonl", [corpora.LEGACY.format(n) for n in range(40)])
    planned = list(sources.plan([str(source)]))
    read = [row[0] for part in planned for row in sources.rows(part, sources.Columns(), 10**6)]
    assert len(planned) > 5
    assert read == [f"{n}.py" for n in range(40)]


def test_broken_lines_are_rows_with_an_error(tmp_path: Path) -> None:
    source = tmp_path / "c.jsonl"
    source.write_text('not json\n[1, 2]\n{"content": 5}\n{"path": "a.py", "content": "x = 1"}\n')
    summary = scanned(source, tmp_path / "out")
    assert summary.counts.files == 4
    assert summary.counts.errors == 3


def test_rows_without_a_path_are_called_by_their_place(tmp_path: Path) -> None:
    import pyarrow as pa

    source = tmp_path / "c.parquet"
    texts = [corpora.LEGACY.format(n) if n % 2 else "x = 1\n" for n in range(7)]
    pq.write_table(pa.table({"content": texts}), source, row_group_size=3)
    scanned(source, tmp_path / "table")
    assert [row["path"] for row in corpora.result(tmp_path / "table")] == [f"{source}#row={n}" for n in (1, 3, 5)]
    lines = tmp_path / "c.jsonl"
    lines.write_text('\n{"content": "x = 1"}\n\nno JSON\n')
    assert scanned(lines, tmp_path / "lines").counts.files == 2
    assert [row["path"] for row in corpora.result(tmp_path / "lines")] == [f"{lines}#byte=23"]


def test_a_line_longer_than_any_file_is_a_row_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_BYTES", 1000)
    source = corpora.lines(tmp_path / "c.jsonl", ["x = 1", "#" * 20_000, corpora.LEGACY.format(1)])
    read = [row for part in sources.plan([str(source)]) for row in sources.rows(part, sources.Columns(), 100)]
    assert [(path, content is None) for path, content, *_ in read] == [
        ("0.py", False), (f"{source}#byte=37", True), ("2.py", False)]  # fmt: skip


def test_what_cannot_be_read_is_a_row_with_an_error(tmp_path: Path) -> None:
    legacy = corpora.LEGACY.format(1).encode()
    top = tmp_path / "tree"
    top.mkdir()
    files = {
        "good.py": legacy,
        "deep.py": legacy + b"x = " + b"(" * 5000 + b")" * 5000,
        "sum.py": legacy + b"x = " + b"1 + " * 50_000 + b"1\n",
        "nul.py": legacy + b"\0",
        "codec.py": b"# coding: none\n" + legacy,
        "large.py": legacy + b"#" * 300_000,
        "line.py": b"x = '" + b"a" * 250_000 + b"'\n" + legacy,
        "latin.py": b"# \xff\n" + legacy,
    }
    for name, data in files.items():
        (top / name).write_bytes(data)
    if os.name == "posix":
        Path(os.fsdecode(os.fsencode(top) + b"/\xff.py")).write_bytes(legacy)
    summary = scan([str(top)], str(tmp_path / "out"), settings={**SETTINGS, "max_file_size": 299_999})
    found = {Path(str(row["path"])).name: row for row in corpora.result(tmp_path / "out")}
    broken = {name for name, row in found.items() if row["error"] is not None}
    assert broken == {"deep.py", "sum.py", "nul.py", "codec.py", "large.py"}
    assert {name for name, row in found.items() if row["converted"]} == found.keys() - broken
    assert summary.counts.errors == 5
    assert len(found) == len(files) + (os.name == "posix")


def test_a_scan_goes_on_where_it_was(tmp_path: Path) -> None:
    source = corpora.table(tmp_path / "c.parquet", [corpora.LEGACY.format(n) for n in range(40)], group=10)
    out = tmp_path / "out"
    first = scanned(source, out)
    whole = {path.name: path.read_bytes() for path in out.glob("part-*")}
    (out / "part-000002.parquet").unlink()
    untouched = os.stat(out / "part-000001.parquet").st_mtime_ns
    (out / ".part-000002.4711.unfinished").write_bytes(b"PAR1")
    again = scanned(source, out)
    assert (first.resumed, again.resumed, again.parts) == (0, 3, 4)
    assert again.counts == first.counts
    assert os.stat(out / "part-000001.parquet").st_mtime_ns == untouched
    assert {path.name: path.read_bytes() for path in out.glob("part-*")} == whole
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def test_processes_give_the_same_bytes(tmp_path: Path) -> None:
    source = corpora.table(tmp_path / "c.parquet", [corpora.LEGACY.format(n) for n in range(40)], group=10)
    one, two = scanned(source, tmp_path / "one"), scanned(source, tmp_path / "two", jobs=2)
    assert one.counts == two.counts
    for path in (tmp_path / "one").glob("part-*"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_another_scan_is_not_mixed_in(tmp_path: Path) -> None:
    source = corpora.table(tmp_path / "c.parquet", ["x = 1\n"])
    out = tmp_path / "out"
    scanned(source, out)
    with pytest.raises(OutputError, match="differs in its settings"):
        scan([str(source)], str(out), settings={"to": "torch"})
    assert scan([str(source)], str(out), settings={"to": "torch"}, restart=True).resumed == 0


def test_a_directory_with_other_files_is_left_alone(tmp_path: Path) -> None:
    source = corpora.table(tmp_path / "c.parquet", ["x = 1\n"])
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="is not empty"):
        scanned(source, mine, restart=True)
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]


ROOT = Path(__file__).parents[2]
DEADLY = """
import json, os, signal, sys
from initport.batch import Rewriter
from initport.project import worker_start
from initport.scan import parts, sources

row = Rewriter.row


def deadly(self, path, *rest):
    if path == "3.py":
        os.kill(os.getpid(), signal.SIGKILL)
    return row(self, path, *rest)


Rewriter.row = deadly
kind, source, items = json.loads(sys.argv[1])
out, columns, settings = json.loads(sys.argv[2])
parts.process(0, sources.Part(kind, source, tuple(items)), parts.Task(out, sources.Columns(*columns), settings))
"""


@pytest.mark.slow
def test_a_row_at_which_the_process_ends_twice_is_left_out(tmp_path: Path) -> None:
    """A stub ends the process where a file could; one death may be anything, and is tried again."""
    source = corpora.table(tmp_path / "c.parquet", [corpora.LEGACY.format(n) for n in range(5)])
    out = tmp_path / "out"
    out.mkdir()
    (part,) = sources.plan([str(source)])
    task = parts.Task(str(out), sources.Columns(), SETTINGS)
    attempt = [sys.executable, "-c", DEADLY, json.dumps(part), json.dumps(task)]
    ends = [subprocess.run(attempt, cwd=ROOT, check=False).returncode for _ in range(3)]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]
    counts = parts.counts_of(str(out), 0)
    assert counts is not None
    assert (counts.files, counts.converted, counts.errors) == (5, 4, 1)
    assert corpora.result(out)[3]["error"] == "the process that read it ended 2 times"
    assert sorted(path.name for path in out.iterdir() if path.suffix == ".at") == []


def test_a_source_that_breaks_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    good = corpora.table(tmp_path / "good.parquet", [corpora.LEGACY.format(1)])
    bad = corpora.table(tmp_path / "bad.parquet", [corpora.LEGACY.format(n) * 50 for n in range(50)])
    whole = bad.read_bytes()
    bad.write_bytes(whole[:10] + b"\0" * 200 + whole[210:])
    summary = scan([str(bad), str(good)], str(tmp_path / "out"), settings=SETTINGS)
    assert summary.exit_code == 2
    assert len(summary.failed) == 1
    assert "bad.parquet" in summary.failed[0]
    assert summary.counts.converted == 1


def test_rewritten_files_are_not_held_until_the_end() -> None:
    held = [len(group) for group in parts._groups(iter([{"content": b"x" * 2**20}] * 40))]
    assert max(held) <= 17, "16 MB"
    assert sum(held) == 40


@pytest.mark.slow
def test_memory_stays_flat_while_the_corpus_grows_tenfold(tmp_path: Path) -> None:
    peaks = []
    for rows in (1000, 10_000):
        source = tmp_path / f"{rows}.parquet"
        benchmark.corpus(source, rows, installed=0)
        peak = benchmark.local(source, tmp_path / f"out{rows}", jobs=1).peak
        assert peak is not None
        peaks.append(peak)
    assert peaks[1] < 1.15 * peaks[0], peaks


def test_command(tmp_path: Path) -> None:
    source = corpora.directory(tmp_path / "tree")
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["scan", str(source), "-o", str(out), "--jobs", "1", "--report"])
    assert result.exit_code == 0, result.output
    assert "4 files" in result.output
    assert "3 initializers found; 2 can be converted in 2 files" in result.output
    assert (out / "laws.svg").read_text().startswith("<?xml")
    assert "IP501: a legacy initializer has an exactly equal one" in (out / "codes.svg").read_text()
    assert pq.read_schema(out / "part-000000.parquet").metadata[b"initport.settings"]


def test_the_closing_lines_say_what_went_wrong(tmp_path: Path) -> None:
    source = corpora.lines(tmp_path / "c.jsonl", ["x = 1\n"] * 3)
    result = CliRunner().invoke(main, ["scan", str(source), "-o", str(tmp_path / "out"), "-j", "1", "--column", "text"])
    assert "scanned in 1 part;" in result.stderr
    assert "3  error ValueError: the row has no content" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["."], "`-o DIRECTORY` is needed"),
        (["nowhere", "-o", "x"], "nowhere does not exist"),
        ([".", "-o", "x", "--address", "h:1"], "--address is for"),
    ],
)
def test_wrong_use(arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["scan", *arguments])
    assert result.exit_code == 2
    assert said in result.output
    assert not list(tmp_path.iterdir())


MIXED = {
    "one/requirements.txt": "tensorflow==1.15.5\n",
    "one/a.py": corpora.LEGACY.format(1),
    "two/b.py": 'from keras.layers import Dense\nDense(3, kernel_initializer="glorot_uniform")\n',
    "two/c.py": "import torch.nn as nn\nnn.init.xavier_uniform_(w)\nnn.init.zeros_(b)\n",
    "two/d.py": "import tensorflow as tf\nv = tf.Variable(tf.random_normal([n, m], stddev=2 / n))\n",
}


def test_laws_are_counted_of_all_initializers(tmp_path: Path) -> None:
    """Legacy, modern and refused ones; by hand or not."""
    summary = scanned(corpora.directory(tmp_path / "tree", MIXED), tmp_path / "out")
    counts = summary.counts
    assert counts.initializers == 5
    assert counts.laws == {
        "uniform, variance 1 / fan_avg (Glorot)": 3,
        "constant 0": 1,
        "normal, variance 2 / fan_in (He), missed (IP604)": 1,
    }
    assert counts.frameworks == {"TensorFlow": 2, "Keras": 1, "PyTorch": 2}
    assert counts.functions["torch.nn.init.xavier_uniform_"] == 1
    assert (counts.converted, counts.modern, counts.codes["IP604"]) == (2, 1, 1)
    states = [item["state"] for row in corpora.result(tmp_path / "out") for item in row["initializers"]]  # type: ignore[attr-defined]
    assert sorted(states) == ["converted", "converted", "modern", "reported", "reported"]


def test_the_closing_lines_and_plots_count_laws_frameworks_and_mistakes(tmp_path: Path) -> None:
    source, out = corpora.directory(tmp_path / "tree", MIXED), tmp_path / "out"
    result = CliRunner().invoke(main, ["scan", str(source), "-o", str(out), "-j", "1", "--report"])
    assert "5 initializers found; 2 can be converted in 2 files, 1 already modern" in result.stderr
    assert "       3  distribution uniform, variance 1 / fan_avg (Glorot)\n" in result.stderr
    assert "       2  framework PyTorch\n" in result.stderr
    assert "       1  mistake IP604, a variance is used where its square root belongs\n" in result.stderr
    assert {path.name for path in out.glob("*.svg")} == {
        "laws.svg", "functions.svg", "frameworks.svg", "mistakes.svg", "codes.svg"}  # fmt: skip
    assert "IP604" in (out / "mistakes.svg").read_text()


def test_tables_of_counts_stay_small_and_lose_nothing() -> None:
    few = parts.Counts(laws={"a": 2, "b": 1})
    assert (few + few).laws == {"a": 4, "b": 2}
    many = parts.Counts(laws={f"constant {n}": 1 + (n < 5) for n in range(8000)})
    other = parts.Counts(laws={f"constant {n}": 1 + (n < 5) for n in range(4000, 12_000)})
    total = (many + other).laws
    assert len(total) == parts._KEPT
    assert sum(total.values()) == sum(many.laws.values()) + sum(other.laws.values())
    assert total["constant 4000"] == 2
    assert total[parts.OTHERS] == 12_005 + 4000 - sum(count for law, count in total.items() if law != parts.OTHERS)


def test_columns_are_taken_over_and_rows_name_their_source(tmp_path: Path) -> None:
    import pyarrow as pa

    source = tmp_path / "c.parquet"
    columns = {"text": [corpora.LEGACY.format(1)], "file": ["a.py"], "repo": ["o/n"], "stars": [7], "at": [None]}
    pq.write_table(pa.table(columns), source)
    lines = tmp_path / "c.jsonl"
    lines.write_text(json.dumps({"text": corpora.LEGACY.format(2), "file": "b.py", "repo": "p/q", "stars": 8}) + "\n")
    out = tmp_path / "out"
    arguments = ["--column", "text", "--path-column", "file", "--keep-column", "repo", "--keep-column", "stars"]
    command = ["scan", str(source), str(lines), "-o", str(out), "-j", "1", "--keep-column", "at", *arguments]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    taken = [tuple(row[name] for name in ("source", "path", "repo", "stars", "at")) for row in corpora.result(out)]
    assert taken == [(str(source), "a.py", "o/n", "7", None), (str(lines), "b.py", "p/q", "8", None)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--column", "text"], "c.parquet: there is no column 'text'; the columns are path, content"),
        (["--path-column", "file"], "c.parquet: there is no column 'file'"),
        (["--keep-column", "repo"], "c.parquet: there is no column 'repo'"),
        (["--keep-column", "error"], "a column 'error' cannot be kept"),
        (["--keep-column", "source"], "a column 'source' cannot be kept"),
    ],
)
def test_a_column_that_is_not_there_is_an_error_before_the_scan(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    source = corpora.table(tmp_path / "c.parquet", ["x = 1\n"] * 3, group=1)
    result = CliRunner().invoke(main, ["scan", str(source), "-o", str(tmp_path / "out"), "-j", "1", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("error:") == 1


def test_rows_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    source = tmp_path / "c.jsonl"
    source.write_text('no JSON\n[1]\n{"content": 5}\n{"content": "x", "versions": 3}\n{"path": "a.py"}\n')
    scanned(source, tmp_path / "out")
    errors = [str(row["error"]) for row in corpora.result(tmp_path / "out")]
    assert errors[0].startswith("the line is not JSON: ")
    assert errors[1:] == [
        "the line is no object of JSON",
        "the field `content` is no string",
        "the field `versions` is no list of strings",
        "ValueError: the row has no content",
    ]


def test_processes_that_never_start_end_the_scan(tmp_path: Path) -> None:
    """As those of a program do that calls a scan without the guard of its main module."""
    source = corpora.table(tmp_path / "c.parquet", ["x = 1\n"])
    program = tmp_path / "program.py"
    call = f"scan([{str(source)!r}], {str(tmp_path / 'out')!r}, settings={{}})"
    program.write_text(f"from initport.scan.corpus import scan\nprint({call})\n")
    run = [sys.executable, str(program)]
    ended = subprocess.run(run, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert "end as soon as they start" in ended.stdout
    assert '`if __name__ == "__main__":`' in ended.stdout


@pytest.mark.skipif(os.name != "posix", reason="a process is parted as POSIX does")
@pytest.mark.parametrize(("end", "blamed"), [(signal.SIGTERM, []), (signal.SIGKILL, ["17"])])
def test_a_row_is_not_blamed_for_a_process_that_another_ends(
    end: signal.Signals, blamed: list[str], tmp_path: Path
) -> None:
    """A pool ends all its processes where one ends by itself, and those of a killed scan end with it."""
    journal = tmp_path / "journal.at"
    if (child := os.fork()) == 0:
        with parts._Journal(str(journal)) as own:
            worker_start.start(parts.take_back)
            own.at(17)
            os.kill(os.getpid(), end)
            time.sleep(5)
    os.waitpid(child, 0)
    assert journal.read_text().split() == blamed


def test_a_part_at_which_processes_end_between_rows_is_given_up(tmp_path: Path) -> None:
    """No row is blamed for what happens before or behind it."""
    source = corpora.table(tmp_path / "c.parquet", ["x = 1\n"])
    out = tmp_path / "out"
    out.mkdir()
    (part,) = sources.plan([str(source)])
    task = parts.Task(str(out), sources.Columns(), SETTINGS)
    Path(parts.journal_of(str(out), 0)).write_text("    between\n" * 2)
    with pytest.raises(sources.SourceError, match="ended 2 times"):
        parts.process(0, part, task)
    assert parts.process(0, part, task).files == 1, "another run tries it again"


@pytest.mark.skipif(os.name != "posix", reason="a terminal is opened as POSIX does")
@pytest.mark.parametrize(("options", "shown"), [([], True), (["-q"], False)])
def test_progress_is_seen_on_a_terminal(options: list[str], shown: bool, tmp_path: Path) -> None:
    import pty

    source = corpora.table(tmp_path / "c.parquet", ["x = 1\n"] * 4, group=1)
    command = [sys.executable, "-m", "initport", "scan", str(source), "-o", str(tmp_path / "out"), "-j", "1", *options]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    with subprocess.Popen(command, stderr=theirs, stdout=theirs, stdin=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # the terminal is closed
            while more := os.read(ours, 1 << 16):
                seen += more
    os.close(ours)
    assert process.returncode == 0
    assert (b"0/4" in seen, b"4/4" in seen) == (shown, shown)
    assert bool(seen) is shown


def test_progress_is_silent_where_there_is_no_terminal(tmp_path: Path) -> None:
    source = corpora.table(tmp_path / "c.parquet", ["x = 1\n"] * 4, group=1)
    command = [sys.executable, "-m", "initport", "scan", str(source), "-o", str(tmp_path / "out"), "-j", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout == ""
    assert "0/4" not in ended.stderr
    assert ended.stderr.startswith("4 files")


def test_the_queries_of_the_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install duckdb")
    scanned(corpora.zipped(tmp_path / "c.zip", {**MIXED, "two/e.py": corpora.LEGACY + "\0"}), tmp_path / "found")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "scan.md").read_text(encoding="utf-8"), re.DOTALL)
    with duckdb.connect() as base:
        _, laws, errors = [base.execute(query).fetchall() for query in block.split(";\n") if query]
    assert ("PyTorch", "uniform, variance 1 / fan_avg (Glorot)", 1, 1) in laws
    assert sum(times for *_, times, _ in laws) == 5
    assert [path for path, _ in errors] == ["two/e.py"]


def test_a_directory_of_tables_and_archives(tmp_path: Path) -> None:
    """As data sets are laid out, and packages that were downloaded."""
    top = tmp_path / "data"
    (top / "year=2020").mkdir(parents=True)
    corpora.table(top / "year=2020" / "0.parquet", [corpora.LEGACY.format(1)])
    corpora.lines(top / "more.jsonl", [corpora.LEGACY.format(2)])
    corpora.tarred(top / "package.tar.gz")
    (top / "README.md").write_text("data")
    (top / ".part-1.parquet").write_bytes(b"not yet one")
    summary = scanned(top, tmp_path / "out")
    assert (summary.parts, summary.counts.files) == (3, 6)
    assert {Path(str(row["source"])).name for row in corpora.result(tmp_path / "out")} == {
        "0.parquet", "more.jsonl", "package.tar.gz"}  # fmt: skip
    (top / "setup.py").write_text(corpora.LEGACY.format(3))
    assert scanned(top, tmp_path / "other").counts.files == 1, "source code, with data beside it"


def test_a_directory_with_nothing_to_scan_is_reported_and_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    source = corpora.directory(tmp_path / "tree")
    command = ["scan", str(tmp_path / "none"), str(source), "-o", str(tmp_path / "out"), "-j", "1"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0
    assert f"{tmp_path / 'none'}: nothing in it is Python source, a table or an archive\n" in result.stderr
    assert "4 files" in result.stderr


@pytest.mark.parametrize("noted", [None, b"no JSON", b'{"spellings": {}}', b"[]"])
def test_a_part_without_counts_is_not_done(noted: bytes | None, tmp_path: Path) -> None:
    import pyarrow as pa

    metadata = None if noted is None else {b"initport.counts": noted}
    pq.write_table(pa.table({"path": ["a.py"]}).replace_schema_metadata(metadata), parts.path_of(str(tmp_path), 0))
    assert parts.counts_of(str(tmp_path), 0) is None
