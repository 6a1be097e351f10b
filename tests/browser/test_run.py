"""What the page's Python answers, run here; ``test_page`` runs it in a browser."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import initport
from docs.browser import run
from initport.ir.law import Normal, truncated_variance

ROOT = Path(__file__).parents[2]
LENET = (ROOT / "fixtures/convert/lenet/input.prototxt").read_text()
DENSE = '{"class_name": "Sequential", "keras_version": "2.1.6", "config": [{"class_name": "Dense", "config": {%s}}]}'
TF = """import tensorflow as tf
w = tf.get_variable("w", [9, 4], initializer=tf.truncated_normal_initializer(stddev=0.1))
"""


def answer(text: str, kind: str, target: str = "torch", version: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.answer(text, kind, target, version))
    return found


def test_a_network() -> None:
    found = answer(LENET, "caffe")
    assert found["summary"] == "8 weights, 0 refused."
    assert 'nn.init.kaiming_uniform_(w, nonlinearity="linear")' in found["code"]
    assert len(found["rows"]) == 8
    assert [plot["caption"].partition(":")[2] for plot in found["plots"]] == [
        " uniform, standard deviation 0.2", " uniform, standard deviation 0.04472",
        " uniform, standard deviation 0.03536",
    ]  # fmt: skip
    assert found["findings"] == []


def test_a_model_of_keras_in_a_version() -> None:
    text = DENSE.replace('"keras_version": "2.1.6", ', "") % '"name": "d", "units": 3, "batch_input_shape": [null, 5]'
    assert "GlorotUniform" in answer(text, "keras", "keras", "2.1.6")["code"]


def test_source_code() -> None:
    found = answer(TF, "python", "keras", "1.15")
    assert "tf.keras.initializers.TruncatedNormal(stddev=0.1)" in found["code"]
    assert found["plots"][0]["caption"].endswith("truncated normal, standard deviation 0.08796")


@pytest.mark.parametrize(
    ("text", "kind", "version", "says"),
    [
        ("", "caffe", "", "IP109"),
        ("layer {", "caffe", "", "IP105"),
        ("{", "keras", "", "IP102"),
        ("import tensorflow as tf\ni = tf.zeros_initializer(\n", "python", "1.15", "IP225"),
    ],
)
def test_what_is_wrong_is_a_finding(text: str, kind: str, version: str, says: str) -> None:
    found = answer(text, kind, "keras", version)
    assert found["summary"] == ("1 weight, 1 refused." if kind == "python" else "Not converted.")
    assert [line[:5] for line in found["findings"]] == [says]
    assert found["code"] in ("", text)


def test_a_version_of_an_unknown_package() -> None:
    assert "the packages are" in answer(TF, "python", "keras", "nothing=1")["summary"]


def test_a_library_that_browsers_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'libcst'", name="libcst")

    monkeypatch.setattr(initport, "codemod", fail)
    found = answer(TF, "python", "keras", "1.15")
    assert (found["code"], len(found["rows"])) == ("", 1)
    assert "libcst, which has no build for browsers" in found["findings"][-1]


@pytest.mark.parametrize("bound", [0.5, 1.0, 2.0, 3.7])
def test_the_cut_follows_from_reach_and_variance(bound: float) -> None:
    assert run.cut(0.3 * bound, 0.09 * truncated_variance(bound)) == pytest.approx(bound, rel=1e-9)


def test_the_laws_of_rows() -> None:
    (row,) = initport.explain(TF, source="python", path="m.py", versions=["tf=1.15"]).rows
    found = run.law_of(row)
    assert found is not None
    ((_, part),) = found.parts
    assert isinstance(part, Normal)
    assert (part.mean, part.stddev, part.bound) == pytest.approx((0, 0.1, 2))
    row["variance"] = 0.0
    assert run.law_of(row) is None


def test_what_browsers_lack_is_not_asked_for() -> None:
    """In a process without the libraries that Pyodide's own distribution does not load by itself. In a wheel, grammars
    are modules; here they are YAML."""
    dense = DENSE % '"name": "d", "units": 3, "batch_input_shape": [null, 5]'
    program = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('google', 'libcst', 'tree_sitter', 'tree_sitter_python', 'numpy'):\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "from docs.browser import run\n"
        f"for text, kind in (({LENET!r}, 'caffe'), ({dense!r}, 'keras'), ({TF!r}, 'python')):\n"
        "    for target in ('torch', 'keras'):\n"
        "        print(run.json.loads(run.answer(text, kind, target))['summary'])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in ran.stdout.splitlines()] == ["8", "8", "2", "2", "1", "1"]
