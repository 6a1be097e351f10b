"""The functions of the library: text in, result out."""

import subprocess
import sys
from pathlib import Path

import pytest

import initport

NET = 'layer { name: "a" type: "InnerProduct" inner_product_param { num_output: 4 weight_filler { type: "msra" } } }'
OLD = "import tensorflow as tf\ni = tf.zeros_initializer()\n"


def test_what_there_is_can_be_listed() -> None:
    assert set(initport.__all__) <= set(dir(initport))
    assert {name for name in dir(initport) if not name.startswith("__")} <= set(initport.__all__)
    assert {"codemod", "convert", "explain", "read", "verify"} <= set(initport.__all__)


@pytest.mark.parametrize(("text", "changed"), [("x = 1\n", False), (OLD, True), (OLD.encode(), True)])
def test_codemod(text: str | bytes, changed: bool) -> None:
    found = initport.codemod(text)
    assert (found.changed, type(found.text), found.exit_code) == (changed, type(text), 0)
    assert (b"tf.keras.initializers.Zeros" in bytes(found.text if isinstance(found.text, bytes) else
                                                    found.text.encode())) is changed  # fmt: skip


def test_codemod_to_another_target() -> None:
    assert "nn.init.zeros_" in str(initport.codemod(OLD, target="torch").text)


def test_explain_takes_every_input() -> None:
    network, source = initport.explain(NET), initport.explain(OLD, path="model.py")
    assert network.rows[0]["target"] == 'nn.init.kaiming_normal_(w, nonlinearity="relu")'
    assert source.rows[0]["target"] == "tf.keras.initializers.Zeros()"
    assert initport.explain(OLD, source="python", target="torch").rows[0]["target"] == "nn.init.zeros_"
    assert initport.explain("layer {").exit_code == 2


def test_verify() -> None:
    assert [check.verdict.problem for check in initport.verify(NET, effect=0.05)] == [None, None]
    with pytest.raises(initport.InputError):
        initport.verify("layer {")


def test_a_wrong_target_is_reported_before_anything_is_read() -> None:
    def fail(path: str) -> bytes:
        raise AssertionError(path)

    for function in (initport.convert, initport.explain, initport.verify):
        with pytest.raises(ValueError, match="unknown target 'mxnet'; known: "):
            function('net: "other.prototxt"', target="mxnet", read_file=fail)
    with pytest.raises(ValueError, match="unknown target"):
        initport.codemod(OLD, target="mxnet")
    with pytest.raises(ValueError, match="the packages are"):
        initport.codemod(OLD, versions=["nothing=1"])


def test_the_functions_are_there_whatever_was_imported_before() -> None:
    program = (
        "import initport, initport.explain.row, initport.verify.measure\n"
        f"assert initport.explain({NET!r}).rows\nassert callable(initport.verify)\n"
        "from initport import explain, verify\nassert callable(explain) and callable(verify)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parent.parent)
