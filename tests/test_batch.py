"""The codemod on Arrow tables."""

import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: extra `scan`")

from initport import __version__, batch, codemod  # noqa: E402 - behind the skip

ROOT = Path(__file__).parent.parent
LEGACY = "import tensorflow as tf\nw = tf.contrib.layers.xavier_initializer()\n"
BOTH = "import tensorflow as tf\ninit = tf.random_normal_initializer()\n"


def table(**columns: Sequence[object]) -> Any:
    return pa.table(columns)


@pytest.mark.parametrize("text", ["", "x = 1\n", "import torch\n", "print 'two'\n"])
def test_what_holds_no_initializer_stays(text: str) -> None:
    (row,) = batch.rewrite(table(path=["a.py"], content=[text])).to_pylist()
    assert row["path"] == "a.py"
    assert row["findings"] == []
    assert row["content"] is None
    assert row["error"] is None


def test_a_row_says_what_the_codemod_says() -> None:
    (row,) = batch.rewrite(table(path=["a.py"], content=[LEGACY])).to_pylist()
    alone = codemod(LEGACY, path="a.py")
    assert row["content"].decode() == alone.text
    assert row["converted"] == 1
    assert [item["code"] for item in row["findings"]] == [item.code.code for item in alone.findings]
    assert row["findings"][0]["before"] == "uniform, variance 1 / fan_avg"


def test_each_row_has_the_versions_of_its_project() -> None:
    """The same name is 1 in TensorFlow 1 and 0.05 in TensorFlow 2, and nothing here says which."""
    versions = [["tensorflow==1.15.5"], ["tensorflow>=2.4"], None]
    rows = batch.rewrite(table(path=["a.py"] * 3, content=[BOTH] * 3, versions=versions)).to_pylist()
    assert "stddev=1" in rows[0]["content"].decode()
    assert [item["code"] for item in rows[2]["findings"]] == ["IP316"]
    assert rows[2]["content"] is None
    assert rows[1]["content"] is None or "stddev=1" not in rows[1]["content"].decode()


@pytest.mark.parametrize(
    "versions", [["tensorflow==1.15.5\nkeras==2.3.1"], [["keras==2.3.1", None, "tensorflow==1.15.5"]]]
)
def test_versions_are_a_list_or_lines(versions: list[object]) -> None:
    (row,) = batch.rewrite(table(path=["a.py"], content=[BOTH], versions=versions)).to_pylist()
    assert "stddev=1" in row["content"].decode()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"content": [1]}, "'content' holds int64; it must hold text"),
        ({"content": ["x"], "path": [1]}, "'path' holds int64; it must hold text"),
        ({"content": ["x"], "versions": [1.5]}, "'versions' holds double; it must hold a list of strings"),
    ],
)
def test_a_column_of_another_type_is_an_error_before_any_row(columns: dict[str, list[object]], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        batch.rewrite(table(**columns))


def test_all_types_of_text_are_read() -> None:
    kinds = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]
    for kind in (*kinds, pa.dictionary(pa.int8(), pa.string())):
        text = LEGACY.encode() if "binary" in str(kind) else LEGACY
        content = pa.array([text], pa.string()).dictionary_encode() if "dict" in str(kind) else pa.array([text], kind)
        (row,) = batch.rewrite(pa.table({"content": content})).to_pylist()
        assert row["converted"] == 1, kind


def test_columns_are_kept_as_text() -> None:
    found = batch.rewrite(table(content=[LEGACY] * 2, repo=["o/n", None], tags=[["a"], []]), keep=["repo", "tags"])
    assert found.schema.equals(batch.schema(keep=["repo", "tags"]))
    assert found.column_names[:3] == ["path", "repo", "tags"]
    assert found.column("repo").to_pylist() == ["o/n", None]
    assert found.column("tags").to_pylist() == ['["a"]', "[]"]
    with pytest.raises(KeyError, match="no column 'who'"):
        batch.rewrite(table(content=["x"]), keep=["who"])


def test_a_modern_initializer_is_listed_and_is_no_finding() -> None:
    text = "from keras import initializers\ni = initializers.GlorotUniform()\n"
    (row,) = batch.rewrite(table(path=["a.py"], content=[text]), to="keras").to_pylist()
    assert (row["modern"], row["findings"]) == (1, [])
    assert row["initializers"] == [
        {"line": 2, "column": 5, "source": "initializers.GlorotUniform()", "framework": "Keras",
         "function": "keras.initializers.GlorotUniform", "layer": None, "weight": None,
         "law": "uniform, variance 1 / fan_avg", "kind": "uniform, variance 1 / fan_avg (Glorot)", "state": "modern"}
    ]  # fmt: skip


def test_the_schema_notes_settings_and_version() -> None:
    settings: dict[str, Any] = {"to": "torch", "assume": ["dense"]}
    noted = batch.rewrite(table(path=["a.py"], content=[LEGACY]), **settings).schema.metadata
    assert noted[b"initport.version"].decode() == __version__
    assert json.loads(noted[b"initport.settings"]) == settings


def test_a_row_that_cannot_be_read_costs_no_other() -> None:
    def burst(*_: object) -> None:
        raise MemoryError("a stub in place of what goes wrong")

    rewriter = batch.Rewriter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "process_alone", burst)
        broken = rewriter.row("a.py", LEGACY, {})
    assert broken["error"] == "MemoryError: a stub in place of what goes wrong"
    rows = batch.rewrite(table(path=["a.py", None, "b.py"], content=[None, LEGACY, "x = 1"])).to_pylist()
    assert rows[0]["error"] == "ValueError: the row has no content"
    assert rows[1]["converted"] == 1
    assert rows[2]["error"] is None


def test_a_file_over_the_limit_is_a_finding() -> None:
    (row,) = batch.rewrite(table(path=["a.py"], content=[LEGACY]), max_file_size=20).to_pylist()
    assert "more than 20 bytes" in row["findings"][0]["message"]
    assert row["content"] is None


def test_wrong_use_is_an_error_before_any_row() -> None:
    with pytest.raises(KeyError, match="no column 'content'"):
        batch.rewrite(table(text=["x"]))
    with pytest.raises(ValueError, match="no setting 'too'"):
        batch.rewrite(table(content=["x"]), too="torch")


def test_no_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("tensorflow==1.15.5\n")
    path = str(tmp_path / "a.py")
    (row,) = batch.rewrite(table(path=[path], content=[BOTH])).to_pylist()
    assert [item["code"] for item in row["findings"]] == ["IP316"]


def test_streams_of_batches_as_spark_hands_them_over() -> None:
    whole = table(path=["a.py", "b.py"], content=[LEGACY, "x = 1\n"])
    batches = list(batch.rewrite_all(whole.to_batches(max_chunksize=1)))
    assert pa.Table.from_batches(batches) == batch.rewrite(whole)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # PySpark 4 warns of pandas 3
def test_the_lines_for_spark_give_what_a_table_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the documentation, run by Spark in local mode with two workers, and three rows a batch."""
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install pyspark pandas")
    if shutil.which("java") is None:
        pytest.skip("there is no Java, which Spark runs on: apt-get install default-jre-headless")
    from pyspark.sql import SparkSession

    (block,) = re.findall(r"```text\n(.*?)```", (ROOT / "docs" / "scan.md").read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    texts = [LEGACY if number % 2 else "x = 1\n" for number in range(20)]
    texts[7] = "x = (\n"
    paths = [f"{number}.py" for number in range(len(texts))]
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "3").getOrCreate()
    try:
        names = {"files": session.createDataFrame(list(zip(paths, texts, strict=True)), ["path", "content"])}
        exec(block, names)
        done: Any = names["done"]
        found = sorted((row.asDict(recursive=True) for row in done.collect()), key=lambda row: int(row["path"][:-3]))
    finally:
        session.stop()
    expected = batch.rewrite(table(path=paths, content=texts), to="keras").to_pylist()
    assert [{**row, "content": row["content"] and bytes(row["content"])} for row in found] == expected
    assert sum(row["converted"] for row in expected) == 9
