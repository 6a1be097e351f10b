"""Files of other tools are named, and what to do is stated: no error of a schema that they were never meant for."""

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in names:
            packed.writestr(name, b"\x80\x02}q\x00.")
    return stream.getvalue()


HEADER = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"

CASES = (
    ("state.pt", archive("archive/data.pkl", "archive/version"), "a PyTorch checkpoint", "values and no initializers"),
    ("old.pth", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "before PyTorch 1.6", "source code"),
    ("w.safetensors", struct.pack("<Q", len(HEADER)) + HEADER + bytes(4), "a safetensors file", "source code"),
    ("w.pkl", b"\x80\x04}q\x00.", "a Python pickle", "source code"),
    ("setup.cfg", b"[metadata]\nname = a\n", "not a cfg of Darknet", ""),
    ("net.weights", bytes(4) + b"\2\0\0\0\5\0\0\0" + bytes(8) + b"\1\2\3\4", "Darknet's weights", "values and no"),
    ("net.t7", b"\4\0\0\0\1\0\0\0\3\0\0\0", "a Torch7 file", "values and no"),
    ("net.bin", b"\4\0\1\2", "neither text nor a caffemodel", ""),
    ("net.lua", b'require "nn"\nmodel = nn.Sequential()\n', "a Torch7 program in Lua", "yourself"),
    ("net.js", b"const brain = require('brain.js');\nnew brain.NeuralNetwork();\n", "JavaScript that uses brain.js",
     "`NeuralNetwork` (kernel and bias: uniform, variance 0.4 ** 2 / 12)"),
    ("net.cpp", b"#include <dlib/dnn.h>\nusing net = fc<10, input<matrix<float>>>;\n", "C++ that uses dlib",
     "`fc` (kernel: uniform, variance 2 / (in + out); bias: constant 0)"),
    ("net.c", b'#include "fann.h"\nann = fann_create_standard(3, 2, 3, 1);\n', "C that uses FANN", "yourself"),
    ("Net.java", b"import weka.classifiers.functions.MultilayerPerceptron;\n", "Java that uses Weka", "0.1 ** 2 / 12"),
    ("model.h5", LFS, "a Git LFS pointer", "git lfs pull"),
    ("model.json", LFS, "a Git LFS pointer", "git lfs pull"),
    ("net.py", LFS, "a Git LFS pointer", "git lfs pull"),
    ("net.ipynb", LFS, "a Git LFS pointer", "git lfs pull"),
    ("net.prototxt", LFS, "a Git LFS pointer", "git lfs pull"),
    ("-", b"import tensorflow as tf\nw = tf.zeros_initializer()\n", "Python source", "--from python"),
    ("model.json", b'"hello"', "a string and no config", "`model.to_json()`"),
)  # fmt: skip


@pytest.mark.parametrize("command", ["convert", "explain"])
@pytest.mark.parametrize(("name", "data", "what", "advice"), CASES, ids=[f"{case[0]}-{case[2]}" for case in CASES])
def test_it_is_named(command: str, name: str, data: bytes, what: str, advice: str, tmp_path: Path) -> None:
    (path := tmp_path / (name if name != "-" else "stdin")).write_bytes(data)
    ran = CliRunner().invoke(main, [command, "-" if name == "-" else str(path)], input=data)
    assert ran.exit_code == 2
    assert what in ran.stderr
    assert advice in ran.stderr
    assert "Traceback" not in ran.output


def test_a_pointer_in_place_of_source_code_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(LFS)
    ran = CliRunner().invoke(main, ["codemod", str(tmp_path)])
    assert ran.exit_code == 2
    assert "git lfs pull" in ran.output
    (tmp_path / "net.py").unlink()
    (tmp_path / "values.json").write_bytes(LFS)  # may be anything
    assert CliRunner().invoke(main, ["codemod", str(tmp_path)]).exit_code == 0


LUA = b"""\
local function build()
  local net = nn.Sequential()
  for _, m in ipairs(net:findModules('nn.SpatialConvolution')) do
    m.weight:normal(0, math.sqrt(2 / 576))
  end
  return net
end
"""


@pytest.mark.parametrize("name", ["net.lua", "net"])
@pytest.mark.parametrize("command", ["codemod", "convert", "explain"])
def test_torch7_is_named_by_every_command(command: str, name: str, tmp_path: Path) -> None:
    (path := tmp_path / name).write_bytes(LUA)
    ran = CliRunner().invoke(main, [command, str(path)])
    assert ran.exit_code == 2
    assert "a Torch7 program in Lua; Lua is not read: initialize the network yourself" in ran.output


def test_python_source_of_any_ending_is_no_other_tool(tmp_path: Path) -> None:
    (path := tmp_path / "train").write_bytes(b"import tensorflow as tf\nw = tf.zeros_initializer()\n")
    ran = CliRunner().invoke(main, ["codemod", str(path)])
    assert ran.exit_code == 1
    assert "IP501" in ran.output
