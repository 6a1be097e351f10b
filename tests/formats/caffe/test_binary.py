"""A caffemodel gives the same tree as its text, without weights and without lines."""

import gzip
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf import text_format

from initport.diagnostics import Code, InputError
from initport.formats.caffe.binary import looks_binary, parse
from initport.formats.caffe.binary_messages import message_class
from initport.ir.location import Location

TEXT = """name: "n" layer { name: "a" type: "InnerProduct" param { lr_mult: 0.1 }
  inner_product_param { num_output: 3 weight_filler { type: "xavier" std: 0.01 variance_norm: AVERAGE } }
  blobs { data: [1, 2, 3] shape { dim: 3 } } }"""


def encoded(text: str = TEXT) -> bytes:
    message: Any = message_class("NetParameter")()
    data: bytes = text_format.Parse(text, message).SerializeToString()
    return data


def test_a_model() -> None:
    net = parse(encoded(), "f")
    layer = net.messages("layer")[0]
    assert (net.string("name"), layer.string("type"), layer.has("blobs")) == ("n", "InnerProduct", False)
    inner = layer.message("inner_product_param")
    assert inner is not None
    filler = inner.message("weight_filler")
    assert filler is not None
    assert (filler.number("std"), filler.enum("variance_norm")) == (Decimal("0.01"), "AVERAGE")
    assert filler.place("std") == Location("f")


def test_a_v0_model_loses_its_inner_blobs() -> None:
    net = parse(encoded('layers { layer { name: "a" type: "conv" blobs { data: 1 } } }'), "f")
    inner = net.messages("layers")[0].message("layer")
    assert inner is not None
    assert list(inner.fields) == ["name", "type"]


@pytest.mark.parametrize(
    ("data", "binary"),
    [(b"", False), (b"name: 'a'\r\n\t\f", False), ("é".encode("latin-1"), False), (encoded(), True), (b"a\0b", True)],
)
def test_looks_binary(data: bytes, binary: bool) -> None:
    assert looks_binary(data) is binary


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (b"PK\x03\x04\0", "zip"),
        (b"\x89HDF\r\n\x1a\n\0", "HDF5"),
        (encoded()[:-5], "cut short"),
        (b"\xff" * 40, "neither text nor"),
    ],
)
def test_other_files_are_named(data: bytes, words: str) -> None:
    with pytest.raises(InputError) as raised:
        parse(data, "f")
    assert raised.value.diagnostic.code is Code.UNREADABLE
    assert words in raised.value.diagnostic.detail


def test_infinity_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        parse(encoded("layer { scale_param { filler { std: inf } } }"), "f")
    assert raised.value.diagnostic.code is Code.WRONG_VALUE


def test_a_name_that_is_not_utf_8_is_read_as_latin_1() -> None:
    data = encoded("name: 'caf_' layer { type: 'T' }").replace(b"caf_", b"caf\xe9")
    assert parse(data, "f").string("name") == "caf\xe9"
