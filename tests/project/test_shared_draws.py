"""Functions that draw values for other files: sites where these start variables with them."""

from pathlib import Path

import pytest

from initport.project.pins import parse_versions
from initport.project.processes import Run, one

RUN = Run(versions=parse_versions(("tf=1.15",)))
DRAWN = "tf.truncated_normal(shape, stddev=0.1)"
WRITTEN = "tf.keras.initializers.TruncatedNormal(stddev=0.1)(shape)"
LIBRARY = f"import tensorflow as tf\n\ndef weight(shape):\n    initial = {DRAWN}\n    return initial\n"
TF = "import tensorflow as tf\n"


def project(root: Path, **texts: str) -> Path:
    (root / ".git").mkdir()
    for name, text in {"library": LIBRARY, **texts}.items():
        (root / f"{name}.py").write_text(text)
    return root / "library.py"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("", id="nobody"),
        pytest.param(f"{TF}from library import weight\nx = x + weight([3])\n", id="noise"),
        pytest.param(f"{TF}from library import weight\nx = f(weight([3]))\n", id="something unknown"),
        pytest.param(f"{TF}from other import weight\nv = tf.Variable(weight([3]))\n", id="another module's"),
        pytest.param(f"{TF}import library\ndef weight(s): return s\nv = tf.Variable(weight([3]))\n", id="its own"),
    ],
)
def test_noop(tmp_path: Path, other: str) -> None:
    found = one(str(project(tmp_path, other=other)), RUN)
    assert found.after is None
    assert not found.findings


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(f"{TF}from library import weight\nv = tf.Variable(weight([3, 4]))\n", id="a call"),
        pytest.param(f"{TF}from .library import weight as w\nv = tf.Variable(2 * w([3, 4]))\n", id="by another name"),
        pytest.param(f"{TF}from library import *\nv = tf.Variable(weight([3, 4]))\n", id="a star"),
        pytest.param(f"{TF}import library as l\nv = tf.Variable(l.weight([3, 4]))\n", id="an attribute"),
        pytest.param(f"{TF}from library import weight\ntf.get_variable('v', [3], initializer=weight)\n", id="given"),
    ],
)
def test_other_files_start_variables(tmp_path: Path, other: str) -> None:
    found = one(str(project(tmp_path, other=other)), RUN)
    assert found.after is not None
    assert found.after.decode() == LIBRARY.replace(DRAWN, WRITTEN)


def test_files_that_disagree(tmp_path: Path) -> None:
    net = f"{TF}from library import weight\nv = tf.Variable(weight([3, 4]))\n"
    noise = f"{TF}from library import weight\nx = x + weight([3])\n"
    found = one(str(project(tmp_path, net=net, noise=noise)), RUN)
    assert found.after is None
    (finding,) = found.findings
    assert "`weight` returns its values, and net.py starts variables with them" in finding.diagnostic.detail


def test_a_call_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    library = f"{TF}def weight(*shape):\n    return tf.random_normal(*shape)\n"
    net = f"{TF}from library import weight\nv = tf.Variable(weight([3, 4]))\n"
    (finding,) = one(str(project(tmp_path, library=library, net=net)), RUN).findings
    assert "write them out" in finding.diagnostic.detail


def test_what_other_files_decide_is_not_remembered(tmp_path: Path) -> None:
    assert not one(str(project(tmp_path)), RUN).lasting


def test_names_of_a_star_import_of_the_project(tmp_path: Path) -> None:
    call = 'w = tf.get_variable("w", [3, 4], initializer={})\n'
    model = "from common import *\n" + call.format("tf.truncated_normal_initializer(stddev=0.02)")
    project(tmp_path, common="import tensorflow as tf\nimport numpy as np\n", model=model)
    found = one(str(tmp_path / "model.py"), RUN)
    written = call.format("tf.keras.initializers.TruncatedNormal(stddev=0.02)")
    assert found.after == f"from common import *\n{written}".encode()
