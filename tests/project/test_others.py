"""An import that another file of the project uses stays, though the module itself needs it no more."""

from pathlib import Path

import pytest
from click.testing import CliRunner

import initport
from initport.cli import main
from initport.project.others import used_elsewhere
from initport.project.processes import Run, one, process

IMPORT = "from tensorflow.contrib.layers import xavier_initializer\n"
LAYERS = f"""import tensorflow as tf
{IMPORT}def w():
    return tf.get_variable("w", [3, 4], initializer=xavier_initializer())
"""
NAME = "xavier_initializer"


def project(root: Path, other: str, module: str = "layers.py", path: str = "net.py") -> Path:
    """The module, beside another file."""
    (root / ".git").mkdir()
    for name, text in ((module, LAYERS), (path, other)):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root / module


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("", id="an empty file"),
        pytest.param("from layers import w\nw()\n", id="another name"),
        pytest.param(f"{IMPORT}i = xavier_initializer()\n", id="an import of its own"),
        pytest.param(
            f"from layers import *\n{IMPORT}i = xavier_initializer()\n", id="a star, and an import of its own"
        ),
        pytest.param("from models import *\ni = xavier_initializer()\n", id="another module's star"),
        pytest.param("import layers\nlayers.w()\n", id="another attribute"),
    ],
)
def test_what_no_other_file_uses_goes(tmp_path: Path, other: str) -> None:
    after = one(str(project(tmp_path, other)), Run()).after
    assert after is not None
    assert IMPORT not in after.decode()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("from layers import xavier_initializer\n", id="by name"),
        pytest.param("from .layers import (\n    w,\n    xavier_initializer as x,\n)\n", id="by name, over lines"),
        pytest.param("from .layers import *\ni = xavier_initializer()\n", id="by a star"),
        pytest.param("import layers\ni = layers.xavier_initializer()\n", id="as an attribute"),
        pytest.param("from . import layers as L\ni = L.xavier_initializer()\n", id="as another name's attribute"),
    ],
)
def test_what_another_file_uses_stays(tmp_path: Path, other: str) -> None:
    after = one(str(project(tmp_path, other)), Run()).after
    assert after is not None
    assert IMPORT in after.decode()
    assert "tf.keras.initializers.glorot_uniform()" in after.decode()


def test_by_way_of_a_third_file(tmp_path: Path) -> None:
    module = project(tmp_path, "from layers import *\n")
    (tmp_path / "train.py").write_text("from net import *\ni = xavier_initializer()\n")
    assert used_elsewhere(str(module), (), False)(NAME)
    assert not used_elsewhere(str(module), (), False)("tf")


def test_what_a_package_imports_is_anybodys(tmp_path: Path) -> None:
    module = project(tmp_path, "from . import xavier_initializer\n", "pkg/__init__.py", "pkg/net.py")
    assert used_elsewhere(str(module), (), False)(NAME)


def test_a_run_knows_its_directories(tmp_path: Path) -> None:
    """Where nothing shows a project, the files that one run is given belong together."""
    for name, text in (("a/layers.py", LAYERS), ("b/net.py", "from a.layers import xavier_initializer\n")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    module = str(tmp_path / "a" / "layers.py")
    assert not used_elsewhere(module, (), True)(NAME)
    assert used_elsewhere(module, (str(tmp_path),), False)(NAME)
    assert used_elsewhere(module, (str(tmp_path),), True)(NAME)


@pytest.mark.parametrize(
    ("name", "stays"), [("xavier_initializer as xavier", True), ("xavier_initializer as _x", False)]
)
@pytest.mark.parametrize("known", ["a file", "a text"])
def test_of_a_single_file_what_is_public_stays(tmp_path: Path, name: str, stays: bool, known: str) -> None:
    """No project is visible around it: other files may use what it imports, unless the user knows better."""
    alias = name.rpartition(" ")[2]
    statement = f"from tensorflow.contrib.layers import {name}\n"
    source = LAYERS.replace(IMPORT, statement).replace("=xavier_initializer()", f"={alias}()").encode()
    module = tmp_path / "layers.py"
    if known == "a file":
        module.write_bytes(source)
    for run in (Run(), Run(remove_imports=True)):
        after = process(source, str(module), run).after
        assert after is not None
        assert (statement in after.decode()) is (stays and not run.remove_imports)


def test_the_option_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(LAYERS)
    arguments = [
        "codemod",
        str(tmp_path / "layers.py"),
        "--isolated",
        "--no-cache",
        "--diff",
        "--source-version=tf=1.15",
    ]
    kept, removed = (CliRunner().invoke(main, [*arguments, *more]).output for more in ((), ("--remove-imports",)))
    assert f"-{IMPORT}" not in kept
    assert f"-{IMPORT}" in removed
    assert str(initport.codemod(LAYERS).text).replace(IMPORT, "") == initport.codemod(LAYERS, remove_imports=True).text
