"""Every format declares itself, and one that is dropped in is read by everything."""

from pathlib import Path

import pytest

import initport.formats
from initport.conversion import convert
from initport.diagnostics import Code, InputError
from initport.formats import index
from initport.formats.format import Certainty
from initport.formats.other_tools import OTHERS, other_tool
from initport.formats.read_options import Options

FORMATS = index.formats()


@pytest.mark.parametrize("name", index.names())
def test_a_format_declares_itself(name: str) -> None:
    found = FORMATS[name]
    assert found.name == name
    assert found.options <= set(Options._fields)
    assert set(found.in_projects) <= set(found.endings)
    assert found.sniff(b"", f"x{found.endings[0]}") is not Certainty.SURE


def test_options_that_do_not_apply() -> None:
    assert index.inapplicable(FORMATS["keras"], []) == []
    assert index.inapplicable(FORMATS["keras"], ["inputs", "phase"]) == ["phase"]
    with pytest.raises(ValueError, match="colour"):
        index.inapplicable(FORMATS["keras"], ["colour"])


DROPPED_IN = '''
"""An invented format."""

from initport.formats.format import Certainty, Format


def _sniff(data, path):
    return Certainty.SURE if data.startswith(b"MYNET") else Certainty.NONE


FORMAT = Format(__name__, "a MyNet network", (".mynet",), _sniff, frozenset(), (".mynet",))
'''

READER = '''
"""Reads it."""

from initport.ir.location import Location
from initport.ir.model import Model


def read(data, path, options, read_file):
    return Model(data.decode().split()[1], "caffe", Location(path), ()), ()
'''


def test_a_folder_that_is_dropped_in_is_a_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mynet").mkdir()
    (tmp_path / "mynet" / "__init__.py").write_text(DROPPED_IN)
    (tmp_path / "mynet" / "reader.py").write_text(READER)
    monkeypatch.setattr(initport.formats, "__path__", [*initport.formats.__path__, str(tmp_path)])
    caches = (index.names, index.formats, index.project_endings)
    for each in caches:
        each.cache_clear()
    try:
        assert "mynet" in index.names()
        for path in ("net.mynet", "<stdin>", "wrong.prototxt"):
            text = convert(b"MYNET lenet", path=path).text
            assert text is not None
            assert f"# From lenet ({path})\n" in text
        assert ".mynet" in index.project_endings()
        assert index.of_project("a.mynet", b"MYNET a") is index.formats()["mynet"]
        assert index.of_project("a.mynet", b"other") is None
    finally:
        for each in caches:
            each.cache_clear()


LAYER, MODEL = b'layer { name: "a" type: "ReLU" }', b'{"class_name": "Sequential", "config": []}'


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("a.prototxt", b"", "caffe"),
        ("a.prototxt", LAYER, "caffe"),
        ("a.txt", b"layers # a comment {\n : {\n type: CONVOLUTION }", "caffe"),
        ("a.json", LAYER, "caffe"),
        ("a.prototxt", MODEL, "keras"),
        ("a.pb", b"\x0a\x20\x1a\x04root\x22\x13_tf_keras_sequential", "keras"),
        ("a.txt", MODEL.replace(b'"', b'\\"'), "keras"),
        ("<stdin>", b"name: 'n'", "caffe"),
        ("a.json", b'{"layers": [{"a": 1}]}', "keras"),
        ("a.h5", b"\x89HDF\r\n\x1a\n", "keras"),
        ("a.pb", b"\x08\x07\x12\x07pytorch\x1a\x051.9.0:", "onnx"),
        ("a.json", b'{\n "nodes": [{"op": "null", "name": "data"}], "arg_nodes": [0], "heads": [[0, 0, 0]]}', "mxnet"),
        ("a.txt", b"# a comment\n\n[net]\nbatch=1\n[connected]\noutput=3\n", "darknet"),
        ("a.txt", b'name: "n"\nop {\n  output: "w"\n  type: "XavierFill"\n}\n', "caffe2"),
    ],
)
def test_the_content_comes_before_the_name(path: str, data: bytes, expected: str) -> None:
    assert index.detect(path, data).name == expected


def test_what_nothing_knows_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        index.detect("a.conf", b"<a>")
    assert raised.value.diagnostic.code is Code.UNREADABLE
    assert "--from" in raised.value.diagnostic.detail


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (LAYER, None),
        (MODEL, None),
        (b"", None),
        (b"class_name: Sequential\nconfig: []\n", None),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer, not the file itself"),
        (b"PK\x03\x04\x00 archive/data.pkl", "a PyTorch checkpoint or TorchScript archive"),
        (b"PK\x03\x04\x00 net/constants.pkl", "a PyTorch checkpoint or TorchScript archive"),
        (b"PK\x03\x04\x00 config.json", None),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02", "a PyTorch checkpoint of before PyTorch 1.6"),
        (b"\x80\x04\x95", "a Python pickle"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (b"\x02\0\0\0\0\0\0\0{}", None),
        (b"\x10\0\0\0\0\0\0\0" + b'{"a":{"dtype":1}', "a safetensors file"),
        (b"\x1c\0\0\0TFL3", "a TensorFlow Lite model"),
        (b"[net]\nbatch=1\n[convolutional]\nfilters=3\n", None),
        (b"require 'nn'\nlocal m = nn.Sequential()\n", "a Torch7 program in Lua"),
        (b"import torch\n\nclass Net(torch.nn.Module):\n    pass\n", "Python source"),
        (b"# import of: layer\n" + LAYER, None),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"<!DOCTYPE html>", "a web page, not the file itself"),
    ],
)
def test_files_of_other_tools_get_their_name(data: bytes, title: str | None) -> None:
    found = other_tool(data)
    assert (found.title if found else None) == title


def test_another_tools_file_is_refused_with_what_to_do() -> None:
    (found,) = convert(b"version https://git-lfs.github.com/spec/v1\n", path="model.h5").diagnostics
    assert found.code is Code.UNREADABLE
    assert found.detail == "this seems to be a Git LFS pointer, not the file itself; run `git lfs pull`"
    assert all(item.title and item.advice for item in OTHERS)
