"""Small corpora, made where they are needed."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

LEGACY = "import tensorflow as tf\nw{} = tf.contrib.layers.xavier_initializer()\n"
BOTH = "import tensorflow as tf\ninit = tf.random_normal_initializer()\n"

FILES = {
    "one/requirements.txt": "tensorflow==1.15.5\n",
    "one/a.py": LEGACY.format(1),
    "one/deep/b.py": BOTH,
    "two/c.py": "x = 1\n",
    "two/d.py": BOTH,
    "two/notes.txt": LEGACY.format(9),
}
"""Of two projects, of which the first says what it requires."""


def directory(top: Path, files: Mapping[str, str] = FILES) -> Path:
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return top


def zipped(path: Path, files: Mapping[str, str] = FILES) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def tarred(path: Path, files: Mapping[str, str] = FILES) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, text in reversed(list(files.items())):  # what is required stands behind what requires it
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def table(path: Path, texts: list[str], group: int = 1000) -> Path:
    rows = pa.table({"path": [f"{n}.py" for n in range(len(texts))], "content": texts})
    pq.write_table(rows, path, row_group_size=group)
    return path


def lines(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(json.dumps({"path": f"{n}.py", "content": text}) + "\n" for n, text in enumerate(texts)))
    return path


def result(out: Path) -> list[dict[str, object]]:
    """The rows of a scan, in order."""
    parts = sorted(out.glob("part-*.parquet"))
    return [row for part in parts for row in pq.read_table(part).to_pylist()]
