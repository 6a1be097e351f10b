"""The text reader agrees with protobuf's own on what both accept, and says exactly where and why it refuses."""

import struct
import time
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf import __version__, text_format

from initport.diagnostics import Code, InputError
from initport.formats.caffe.binary_messages import message_class
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.textformat import parse
from initport.formats.caffe.tree import Message
from initport.ir.location import Location

NET = message_type("NetParameter")


def filler(content: str) -> str:
    return f'layer {{ name: "a" inner_product_param {{ weight_filler {{ {content} }} }} }}'


SAME_AS_PROTOBUF = [
    "",
    "# only a comment",
    'name: "net"',
    "name: 'it\\'s'",
    'name: "a" "b"\n  # between\n  \'c\'',
    r'name: "tab\t octal\101 hex\x41 \303\251"',
    'name: "n"; input: "a", input: "b"',
    'layer: { name: "a" }',
    'layer < name: "a" param < lr_mult: 1 > >',
    "input_dim: [1, 2, 3]",
    "input_dim: []",
    "layer [{ name: 'a' }, { name: 'b' }]",
    "input_dim: 0x10 input_dim: 010 input_dim: -5 input_dim: 0",
    "force_backward: t debug_info: 0",
    "force_backward: True debug_info: False",
    "layers { type: CONVOLUTION } layers { type: 14 }",
    'name:"n"\r\n\tinput:"i"\r\n\f\vinput_dim:1',
    filler("std: 1."),
    filler("std: .5 mean: -1e-3 min: 0.01f max: 1e+2 value: 3"),
    filler("std: 1e-40 mean: 1e-999999999 value: -0"),
    filler("variance_norm: AVERAGE sparse: -1"),
    filler("variance_norm: 2"),
    'future: 1 other { a: "b" c { d: 1 } } list: [1, 2] name: "n"',
]
if int(__version__.partition(".")[0]) >= 6:  # what protobuf's own reader of text learnt late
    SAME_AS_PROTOBUF += [r'name: "\u00e9"', 'nested: [{ a: 1 }] name: "n"']


def same(ours: Message, theirs: Any) -> None:
    listed = {field.name: (field, value) for field, value in theirs.ListFields()}
    assert {name for name, values in ours.fields.items() if values} == set(listed)
    for name, (field, value) in listed.items():
        items = value if hasattr(value, "extend") else [value]
        assert len(items) == len(ours.fields[name])
        for item, (mine, *_) in zip(items, ours.fields[name], strict=True):
            if isinstance(mine, Message):
                same(mine, item)
            elif isinstance(mine, Decimal):
                assert struct.pack("f", float(mine)) == struct.pack("f", item)
            elif field.enum_type is not None:
                assert field.enum_type.values_by_name[str(mine)].number == item
            else:
                assert (mine, type(mine)) == (item, type(item))


def protobuf_parse(text: str) -> Any:
    message = message_class("NetParameter")()
    return text_format.Parse(text, message, allow_unknown_field=True)


@pytest.mark.parametrize("text", SAME_AS_PROTOBUF)
def test_protobuf_reads_the_same(text: str) -> None:
    ours = parse(text, "f", NET)
    theirs = protobuf_parse(text.replace("-0", "0"))
    same(ours, theirs)


def test_what_caffes_protobuf_takes_and_pythons_does_not() -> None:
    assert parse("[ext.name]: 1 input_dim: - 5", "f", NET).integers("input_dim") == (-5,)
    assert parse("\ufeffname: 'n'", "f", NET).string("name") == "n"
    state = parse('layer { include { phase: RUN } future: C:\\a b\\c.txt\n name: "a" }', "f", NET).messages("layer")[0]
    assert state.messages("include")[0].enum("phase") == "RUN"
    assert [entry.value for entry in state.unknown] == ["C:\\a b\\c.txt"]


def test_places_and_written_decimals() -> None:
    net = parse('# c\nlayer {\n\tname: "a"\n  param { lr_mult: 0.10 }\n}', "f", NET)
    layer = net.messages("layer")[0]
    assert layer.location == Location("f", 2, 1)
    assert layer.place("name") == Location("f", 3, 2)
    param = layer.messages("param")[0]
    assert (param.place("lr_mult"), str(param.number("lr_mult"))) == (Location("f", 4, 11), "0.10")
    assert param.number("decay_mult") == 1


def test_defaults_are_the_decimals_of_the_schema() -> None:
    layer = parse("layer { batch_norm_param {} }", "f", NET).messages("layer")[0]
    norm = layer.message("batch_norm_param")
    assert norm is not None
    assert norm.number("eps") == Decimal("0.00001")


def test_stray_fillers_are_understood_wherever_they_stand() -> None:
    text = """layer { weight_filler { std: 0.2 alpha: 1 }
        bn_param { scale_filler { type: 'constant' value: 1 } odd_filler { std: [1] } name_filler: "x" } }"""
    found = {entry.name: entry.value for entry in parse(text, "f", NET).stray_fillers()}
    assert list(found) == ["weight_filler", "scale_filler", "odd_filler", "name_filler"]
    weight, odd = found["weight_filler"], found["odd_filler"]
    assert isinstance(weight, Message)
    assert isinstance(odd, Message)
    assert (weight.number("std"), weight.unknown[0].name, odd.descriptor) == (Decimal("0.2"), "alpha", None)
    assert found["name_filler"] == '"x"'


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("layer {\n  num: 1\n", Code.TRUNCATED, "f:3:1", "`layer` opened in line 1"),
        ('name: "abc', Code.TRUNCATED, "f:1:11", "closing quote"),
        ("name:", Code.TRUNCATED, "f:1:6", "the value of `name`"),
        ('name: "abc\ninput: "x"', Code.SYNTAX, "f:1:7", "not closed in its line"),
        ("name 'x'", Code.SYNTAX, "f:1:6", "`:` after `name`"),
        ("}", Code.SYNTAX, "f:1:1", "expected a field name"),
        ("layer { >", Code.SYNTAX, "f:1:9", "`layer` opened in line 1"),
        ("name: 'a'\n<<<<<<< HEAD\n", Code.CONFLICT_MARKER, "f:2:1", "<<<<<<<"),
        ("name: 'a'\n=======\n", Code.CONFLICT_MARKER, "f:2:1", "======="),
        ("layer {\n>>>>>>> branch\n}", Code.CONFLICT_MARKER, "f:2:1", ">>>>>>>"),
        ("input_dim: {node_num}", Code.TEMPLATE, "f:1:12", "`{node_num}`"),
        ("input_dim: ${N}", Code.TEMPLATE, "f:1:12", "`${N}`"),
        ('input: "${bottom}"', Code.TEMPLATE, "f:1:8", "`${bottom}`"),
        ("future: {{ x }}", Code.TEMPLATE, "f:1:9", "`{{ x }}`"),
        ("{% for i in x %}", Code.TEMPLATE, "f:1:1", "`{% for i in x %}`"),
        ("input_dim: cls3x", Code.TEMPLATE, "f:1:12", "`cls3x`"),
        ("input_dim: %d", Code.TEMPLATE, "f:1:12", "`%d`"),
        ("input_dim: @N@", Code.TEMPLATE, "f:1:12", "`@N@`"),
        ("input_dim: <NUM>", Code.TEMPLATE, "f:1:12", "`<NUM>`"),
        ("name: 'a'\nname: 'b'", Code.WRONG_VALUE, "f:2:1", "in line 1"),
        ("state {}\nstate {}", Code.WRONG_VALUE, "f:2:1", "in line 1"),
        ("input_dim: 1.5", Code.WRONG_VALUE, "f:1:12", "an integer"),
        ("input_dim: '1'", Code.WRONG_VALUE, "f:1:12", "an integer"),
        ("input_dim: 2147483648", Code.WRONG_VALUE, "f:1:12", "2147483647"),
        ("input_dim: " + "9" * 5000, Code.WRONG_VALUE, "f:1:12", "2147483647"),
        ("force_backward: 2", Code.WRONG_VALUE, "f:1:17", "true or false"),
        ("name: net", Code.WRONG_VALUE, "f:1:7", "in quotes"),
        ("state: 1", Code.WRONG_VALUE, "f:1:8", "a message"),
        ("layers { type: 'CONVOLUTION' }", Code.WRONG_VALUE, "f:1:16", "without quotes"),
        (filler("variance_norm: FAN_AVG"), Code.WRONG_VALUE, "f:1:72", "FAN_IN, FAN_OUT, AVERAGE"),
        (filler("std: 1e39"), Code.WRONG_VALUE, "f:1:62", "float32"),
        (filler("std: 1e999999999999"), Code.WRONG_VALUE, "f:1:62", "float32"),
        (filler("std: nan"), Code.WRONG_VALUE, "f:1:62", "finite"),
        (filler("std: -inf"), Code.WRONG_VALUE, "f:1:62", "number"),
        ("a {" * 200, Code.TOO_LARGE, "f:1:301", "100"),
    ],
)
def test_refusals(text: str, code: Code, place: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        parse(text, "f", NET)
    found = raised.value.diagnostic
    assert (found.code, str(found.location)) == (code, place)
    assert words in found.detail


def test_the_time_is_linear() -> None:
    def seconds(layers: int) -> float:
        text = filler("type: 'gaussian' std: 0.01") * layers
        start = time.process_time()
        parse(text, "f", NET)
        return time.process_time() - start

    seconds(500)
    assert min(seconds(8000) for _ in range(2)) < 24 * max(min(seconds(1000) for _ in range(3)), 0.005)
