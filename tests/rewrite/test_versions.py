"""The version that a source was written for: what states it, and that an open one decides nothing that it changes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main
from initport.diagnostics import Code
from initport.grammar.version import stated_range
from initport.grammar.versions import Versions
from initport.project.pins import parse_versions
from initport.project.processes import Run
from initport.project.requirements import references, requirements
from initport.python.evidence import evidence
from initport.rewrite.file import process

TF = "import tensorflow as tf\n"
OPEN = "w = tf.random_normal_initializer()\n"
"""1 in TensorFlow 1, 0.05 in TensorFlow 2."""

ONE, TWO = "RandomNormal(stddev=1)", "RandomNormal(stddev=0.05)"


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("*", None),
        ("gpu_py37", None),
        ("!=2.5.*", None),
        ("==2.4.1", "==2.4.1"),
        (">=2.4", ">=2.4"),
        (">2", ">2"),
        (">=2.0,<2.11", ">=2.0,<2.11"),
        (">=2.4, != 2.5.0", ">=2.4,!=2.5.0"),
        ("==2.*", ">=2,<3"),
        ("1.x", ">=1,<2"),
        ("~=2.4", ">=2.4,<3"),
        ("~=2.4.1", ">=2.4.1,<2.5"),
        ("^2.4", ">=2.4,<3"),
        ("^0.5", ">=0.5,<0.6"),
        ("=2.4", ">=2.4,<2.5"),
        ("1.15.0=gpu_py37", "==1.15.0"),
        (">=1.15.0rc1", ">=1.15.0"),
    ],
)
def test_ranges(text: str, versions: str | None) -> None:
    assert stated_range(text) == versions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tensorflow\n", {}),
        ("# tensorflow==1.1\n", {}),
        ("tensorflow-probability==0.12\nmy-keras==1\n", {}),
        ('tensorflow = "*"\n', {}),
        ("tensorflow-gpu>=2.3.0\n", {"tensorflow": (">=2.3.0",)}),
        ("tensorflow[and-cuda] == 2.15 ; python_version > '3.8'\n", {"tensorflow": ("==2.15",)}),
        ("tensorflow==1.15\ntensorflow-gpu==1.14\n", {"tensorflow": ("==1.15", "==1.14")}),
        (
            "install_requires=['tensorflow>=1.4,<2', 'keras==2.2.4']",
            {"tensorflow": (">=1.4,<2",), "keras": ("==2.2.4",)},
        ),
        ('tensorflow = {version = ">=2.4,<2.6", optional = true}\n', {"tensorflow": (">=2.4,<2.6",)}),
        (" - keras=2.2.4=py_0\n", {"keras": (">=2.2.4,<2.2.5",)}),
        ("%tensorflow_version 2.x\n", {"tensorflow": (">=2,<3",)}),
        ("tensorflow_gpu==1.4\ntorch~=1.1.0\n", {"tensorflow": ("==1.4",), "torch": (">=1.1.0,<1.2",)}),
        ("git+https://github.com/tensorflow/tensorflow.git@master\n", {}),
        ("git+https://github.com/tensorflow/tensorflow@1a2b3c4\n", {}),
        ("git+https://github.com/tensorflow/models@v1.13.0\n", {}),
        ("git+https://github.com/tensorflow/tensorflow@v1.15.0#egg=tensorflow\n", {"tensorflow": ("==1.15.0",)}),
        ("-e git+ssh://git@github.com/keras-team/keras.git@2.2.4\n", {"keras": ("==2.2.4",)}),
        ("tensorflow @ git+https://github.com/tensorflow/tensorflow@r1.15\n", {"tensorflow": ("==1.15",)}),
        ("https://example.org/cpu/tensorflow_gpu-1.4.0-cp36-cp36m-linux_x86_64.whl\n", {"tensorflow": ("==1.4.0",)}),
        ("[testenv]\ndeps =\n  tf1: tensorflow==1.15\n  tf2: tensorflow==2.4\n", {"tensorflow": ("==1.15", "==2.4")}),
    ],
)
def test_what_projects_require(text: str, found: dict[str, tuple[str, ...]]) -> None:
    assert requirements(text) == found


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("torch\n# -r base.txt\npre-commit==2\n", []),
        ("-r https://example.org/base.txt -e .\n", ["https://example.org/base.txt"]),
        ("-r base.txt  # all\n-cconstraints/tf1.txt\n", ["base.txt", "constraints/tf1.txt"]),
        ("--requirement=base.txt\n--constraint c.txt\n", ["base.txt", "c.txt"]),
        ("[testenv]\ndeps =\n    -r{toxinidir}/dev.txt\n    tf1: -c tf1.txt\n", ["dev.txt", "tf1.txt"]),
        ("dependencies:\n  - pip:\n    - -r base.txt\n", ["base.txt"]),
    ],
)
def test_the_files_that_requirements_take_in(text: str, files: list[str]) -> None:
    assert references(text) == files


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (f"{TF}tf.matmul(a, b)\n", None),
        (f"{TF}# tf.placeholder\n's.tf.placeholder'\n", None),
        (f"{TF}x.tf.placeholder(1)\n", None),
        (f"{TF}tf.placeholders(1)\n", None),
        (f"{TF}tf = tf.compat.v1\ntf.placeholder(1)\n", None),
        ("try:\n    import tensorflow.compat.v1 as tf\nexcept E:\n    import tensorflow as tf\ntf.log(1)\n", ">=1.13"),
        (f"{TF}tf.placeholder(1)\n", "<2"),
        ("from tensorflow import placeholder as p\n", "<2"),
        ("from tensorflow.contrib import slim\n", "<2"),
        ("import tensorflow.contrib.slim as slim\n", "<2"),
        (f"{TF}@tf.function\ndef f(): pass\n", ">=1.14"),
        (f"{TF}tf.initializers.HeNormal()\n", ">=2"),
        (f"{TF}tf.initializers.HeNormal()\ntf.placeholder(1)\n", "<2, >=2"),
    ],
)
def test_what_names_show(source: str, shown: str | None) -> None:
    found = evidence(source).get("tensorflow")
    assert (None if found is None else str(found.range)) == shown


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "pkg").mkdir(parents=True)
    (root / "setup.cfg").write_text("")
    monkeypatch.chdir(root)
    return root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["codemod", "--no-cache", "--output-format", "json", *arguments])


LECUN = "w = tf.variance_scaling_initializer()\n"
"""Corrected for its truncation since TensorFlow 1.10."""


@pytest.mark.parametrize(
    ("files", "source", "written"),
    [
        ({}, OPEN, None),
        ({"requirements.txt": "tensorflow>=1.4\n"}, OPEN, None),
        ({"requirements.txt": "tensorflow==2.4.1\n"}, OPEN, TWO),
        ({"requirements.txt": "tensorflow==1.15.5\n"}, OPEN, ONE),
        ({"requirements.txt": "tensorflow>2\n"}, OPEN, TWO),
        ({"requirements.txt": "tensorflow>=1.8,<2\n"}, OPEN, ONE),
        ({"requirements.txt": "tensorflow==1.15; python_version<'3.8'\ntensorflow==2.4; python_version>='3.8'\n"},
         OPEN, None),
        ({"requirements.txt": "tensorflow==0.12\n"}, OPEN, None),
        ({"requirements.txt": "tensorflow==3.0\n"}, OPEN, None),
        ({"requirements.txt": "tensorflow==2.4.1\n"}, f"{OPEN}tf.placeholder(1)\n", None),
        ({}, f"{OPEN}tf.placeholder(1)\n", ONE),
        ({}, f"{OPEN}x = tf.random.set_seed\n", TWO),
        ({}, f"{OPEN}x = tf.random.set_seed\ntf.placeholder(1)\n", None),
        ({"requirements.txt": "-r base.in\n", "base.in": "tensorflow==2.4.1\n"}, OPEN, TWO),
        ({"requirements.txt": "-r base.in\n", "base.in": "-r base.in\n-c c\n", "c": "tensorflow<2"}, OPEN, ONE),
        ({"requirements.txt": "-r ../base.in\n", "../base.in": "tensorflow==2.4.1\n"}, OPEN, None),
        ({"requirements/base.txt": "tensorflow==2.4.1\n"}, OPEN, TWO),
        ({"requirements/tf1.txt": "tensorflow<2\n", "requirements/tf2.txt": "tensorflow>=2\n"}, OPEN, None),
        ({"tox.ini": "[testenv]\ndeps = tensorflow==2.4.1\n"}, OPEN, TWO),
        ({"tox.ini": "[testenv]\ndeps =\n  a: tensorflow==1.15\n  b: tensorflow==2.4.1\n"}, OPEN, None),
        ({"requirements.txt": "git+https://github.com/tensorflow/tensorflow@v2.4.1\n"}, OPEN, TWO),
        ({"requirements.txt": "tensorflow==1.99\n"}, OPEN, None),
        ({"requirements.txt": "tensorflow>=1.99\n"}, OPEN, TWO),
        ({"pkg/other.py": f"{TF}tf.placeholder(1)\n"}, OPEN, ONE),
        ({"pkg/other.py": f"{TF}tf.random.set_seed(1)\n"}, OPEN, TWO),
        ({"pkg/other.py": f"{TF}tf.placeholder(1)\n", "more.py": f"{TF}tf.random.set_seed(1)\n"}, OPEN, None),
        ({"pkg/other.py": f"{TF}tf.placeholder(1)\n"}, f"{OPEN}tf.random.set_seed(1)\n", TWO),
        ({}, "w = tf.random_normal_initializer(stddev=0.1)\n", "RandomNormal(stddev=0.1)"),
        ({}, "w = tf.random_uniform_initializer()\n", None),
        ({}, LECUN, None),
        ({"requirements.txt": "tensorflow>=1.10\n"}, LECUN, "lecun_normal()"),
        ({"requirements.txt": "tensorflow<1.10\n"}, LECUN, "0.7737413035499232"),
    ],
)  # fmt: skip
def test_what_is_written(project: Path, files: dict[str, str], source: str, written: str | None) -> None:
    for name, text in files.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)
    (project / "pkg" / "a.py").write_text(TF + source)
    (found, *_) = json.loads(run("pkg/a.py").stdout)["findings"]
    assert found["code"] == ("IP316" if written is None else "IP501")
    if written is None:
        assert run("pkg/a.py", "--write").exit_code == 1
        assert (project / "pkg" / "a.py").read_text() == TF + source
    else:
        assert written in found["replacement"]


def test_findings_and_summary_state_the_version(project: Path) -> None:
    (project / "requirements.txt").write_text("tensorflow>=2.0,<2.11\n")
    (project / "pkg" / "a.py").write_text(TF + OPEN)
    ran = run("pkg/a.py")
    (found,) = json.loads(ran.stdout)["findings"]
    assert found["version"] == "TensorFlow >=2.0,<2.11 (requirements.txt)"
    assert found["version"] in ran.stderr


def test_a_notebook_installs_its_own(project: Path) -> None:
    lines = ["!pip install tensorflow==2.4.1\n", TF, OPEN]
    cells: list[object] = [
        {"cell_type": "code", "source": lines, "metadata": {}, "outputs": [], "execution_count": None}
    ]
    (project / "n.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (found,) = json.loads(run("n.ipynb").stdout)["findings"]
    assert TWO in found["replacement"]


@pytest.mark.parametrize("version", ["tf=9.9", "tf=3.0", "tf=0.12", "keras=4", "torch=3"])
def test_a_version_that_is_not_known_is_an_error(project: Path, version: str) -> None:
    ran = run(".", "--source-version", version)
    assert ran.exit_code == 2
    assert "is not known; what it means was measured for >=" in ran.stderr


@pytest.mark.parametrize("version", ["tf=1.99", "tf=1.16", "keras=1.3", "keras=2.22", "torch=1.14", "paddle=1.9"])
def test_a_version_that_was_never_released_is_an_error(project: Path, version: str) -> None:
    ran = run(".", "--source-version", version)
    assert ran.exit_code == 2
    assert "was released, nor any of >=" in ran.stderr


CONTRIB = "w = tf.contrib.keras.initializers.RandomNormal()\n"
XAVIER = "w = tf.contrib.layers.xavier_initializer()\n"


@pytest.mark.parametrize(
    ("version", "source", "asked"),
    [
        ("tf=1.1", OPEN, True),
        ("tf=1.3", CONTRIB, True),
        ("tf=1.4", CONTRIB, False),
        ("tf=1.4", OPEN, False),
        ("tf=1.1", XAVIER, False),
    ],
)
@pytest.mark.parametrize("stated", [True, False], ids=["an option", "a pin"])
def test_a_version_is_asked_for_where_this_was_not_measured_in_it(
    project: Path, version: str, source: str, asked: bool, stated: bool
) -> None:
    """tf.contrib.keras of 1.1 draws with a deviation of 0.05, that of 1.4 with 1."""
    if not stated:
        (project / "requirements.txt").write_text(f"tensorflow=={version.removeprefix('tf=')}\n")
    (project / "pkg" / "a.py").write_text(TF + source)
    (found, *_) = json.loads(run("pkg/a.py", *(("--source-version", version) if stated else ())).stdout)["findings"]
    assert found["code"] == ("IP316" if asked else "IP501")


@pytest.mark.parametrize("version", [(1, 4), (1, 15, 5), (2, 21)])
def test_a_stated_version_is_not_asked_for(version: tuple[int, ...]) -> None:
    stated = Run(versions={"tensorflow": version})
    settings = stated.settings(Versions(stated.versions))
    found = process((TF + OPEN).encode(), "a.py", lambda: settings)
    assert [item.code for item in found.findings] == [Code.LEGACY]


@pytest.mark.parametrize("version", ["0.12.1", "1.1", "1.99", "3.0", "9.9"])
def test_a_pin_of_a_version_that_was_not_measured(project: Path, version: str) -> None:
    """What the file's own names show does not take its place, and it contradicts nothing by itself."""
    (project / "requirements.txt").write_text(f"tensorflow=={version}\n")
    (project / "model.py").write_text(
        f"{TF}w = tf.get_variable('w', [3], initializer=tf.random_normal_initializer())\n"
    )
    found = run("model.py", "--no-cache").output
    assert "draws was not measured" in found
    assert f"TensorFlow {version}" in found or f"=={version}" in found
    assert "contradict" not in found


UNMEASURED = {
    "tensorflow==9.0": "import tensorflow as tf\nx = tf.placeholder(tf.float32, [5, 7])\nx = tf.layers.dense(x, 10)\n",
    "keras==9.0": "import keras\nmodel = keras.Sequential([keras.Input((7,)), keras.layers.Dense(10, name='fc')])\n",
    "jax==9.0": "import equinox as eqx\nclass Net(eqx.Module):\n  def __init__(self, key):\n"
    "    self.fc = eqx.nn.Linear(7, 10, key=key)\n",
    "flax==0.5.0": "from flax import nnx\nclass Net(nnx.Module):\n  def __init__(self, rngs):\n"
    "    self.fc = nnx.Linear(7, 10, rngs=rngs)\n",
    "dm-haiku==0.0.5": "import haiku as hk\ndef net(x):\n  return hk.Linear(10)(x)\nnet = hk.transform(net)\n",
    "equinox==0.9": "import equinox as eqx\nclass Net(eqx.Module):\n  def __init__(self, key):\n"
    "    self.fc = eqx.nn.Linear(7, 10, key=key)\n",
    "torch==9.0": "import torch\nclass Net(torch.nn.Module):\n  def __init__(self):\n    super().__init__()\n"
    "    self.fc = torch.nn.Linear(7, 10)\n",
}  # fmt: skip
"""A pin, and a program whose layers start as that version has it."""


@pytest.mark.parametrize("pin", UNMEASURED)
def test_what_layers_start_with_in_a_version_that_was_not_measured(project: Path, pin: str) -> None:
    """Neither are the newest rows taken for it where rows are shown, nor where the program is converted."""
    (project / "requirements.txt").write_text(f"{pin}\n")
    (project / "model.py").write_text(UNMEASURED[pin])
    found = CliRunner().invoke(main, ["explain", "model.py"])
    assert found.output.count("draws was not measured") == 2, found.output
    found = CliRunner().invoke(main, ["convert", "model.py", "--module", "--to", "flax-linen"])
    assert found.stderr.count("draws was not measured") == 2, found.output


def test_versions_between_measured_ones_that_differ() -> None:
    for version in ("2.0", "2.9"):
        assert parse_versions((f"mindspore={version}",))
    with pytest.raises(ValueError, match=r"MindSpore 2\.5 is not known; .* for >=2,<2\.10, but not for >=2\.1,<2\.9"):
        parse_versions(("mindspore=2.5",))
