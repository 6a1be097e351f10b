"""grammars/caffe.proto is read as protoc reads it, and a broken grammar names its line."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from initport.formats.caffe.binary_messages import file_descriptor
from initport.formats.caffe.schema import message_type
from initport.formats.proto_text import SchemaError, read_proto
from initport.grammar.files import grammar_file


def test_the_schema_is_what_protoc_makes_of_it(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools")
    path, out = Path(grammar_file("caffe.proto")), tmp_path / "caffe.ds"
    # In a process of its own: its native library crashed once in one that had loaded the frameworks.
    protoc = [sys.executable, "-m", "grpc_tools.protoc"]
    subprocess.run([*protoc, f"-I{path.parent}", f"--descriptor_set_out={out}", path.name], check=True)
    (expected,) = FileDescriptorSet.FromString(out.read_bytes()).file
    for message in expected.message_type:
        for field in message.field:
            field.ClearField("json_name")  # derived from the name
    assert file_descriptor(read_proto(str(path))) == expected


def test_a_field_has_caffes_number_and_default() -> None:
    field = message_type("FillerParameter").fields_by_name["sparse"]
    assert (field.number, field.default_value) == (7, -1)


def test_a_missing_grammar_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.proto"):
        grammar_file("none.proto")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('syntax = "proto2";\nmessage M {\n  optional float x 1;\n}', r":3: cannot read 'optional float x 1;'"),
        ('syntax = "proto4";', r":1: .* does not belong here"),
        ("message M {\n  optional Nothing x = 1;\n}", r":2: no type is called 'Nothing'"),
        ("optional float x = 1;", r":1: .* does not belong here"),
        ("message M {", r":1: the file ends inside"),
        ("message M {\n  optional bool x = 1;\n  optional bool x = 2;\n}", r":3: 'x' occurs here twice"),
    ],
)
def test_a_broken_grammar_names_file_and_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "broken.proto"
    path.write_text(text)
    with pytest.raises(SchemaError, match=r"broken\.proto" + problem):
        read_proto(str(path))
