"""Programs that build Caffe networks: explained, never rewritten."""

import ast
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.diagnostics import Code
from initport.explain.model_rows import row
from initport.grammar.load import vocabulary
from initport.python.text import Text
from initport.rewrite.caffe_programs import entries
from tests.rewrite.rewriting import outcome

SOURCE = """from caffe import layers as L, params as P
def net(x, k):
    c = L.Convolution(x, num_output=3, weight_filler=dict(type='msra', variance_norm=1), bias_term=False)
    return L.InnerProduct(c, num_output=3, weight_filler=dict(type=k))
"""


def test_codemod_says_so_once() -> None:
    found = outcome(SOURCE.encode())
    assert found.after is None
    (finding,) = found.diagnostics
    assert (finding.code, finding.location.line, finding.exit_code) == (Code.NETSPEC, 3, 0)
    assert "2 fillers of 2 layers" in finding.detail


@pytest.mark.parametrize(
    "source", [SOURCE.replace("caffe", "mycaffe"), SOURCE.replace("_filler", "_filter"), "# caffe weight_filler\n"]
)
def test_noop(source: str) -> None:
    assert outcome(source.encode()).diagnostics == ()


def test_explain_tables_the_fillers(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(SOURCE)
    result = CliRunner().invoke(main, ["explain", str(path), "--to", "keras", "--output-format", "json"])
    assert result.exit_code == 1
    first, second, third = json.loads(result.stdout)["weights"]
    law = (first["line"], first["source"], first["variance_formula"])
    assert law == (3, "msra variance_norm: FAN_OUT", "2 / fan_out")
    assert (second["line"], second["exact"]) == (4, False)
    assert (third["source"], third["implicit"], third["variance_formula"]) == ("constant", True, "0")


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("keras", 'keras.initializers.VarianceScaling(2, "fan_out", "untruncated_normal")'),
        ("torch", 'nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu")'),
    ],
)
def test_the_line_of_the_target(target: str, line: str) -> None:
    caffe = vocabulary("caffe")
    kernel, unknown, bias = (row(entry, caffe) for entry in entries(ast.parse(SOURCE), Text(SOURCE), target))
    assert (kernel["target"], kernel["exact"]) == (line, True)
    assert (unknown["exact"], bias["exact"]) == (False, True)
