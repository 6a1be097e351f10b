"""Whatever the file is, its layers come out in V2's terms, chosen as Caffe chooses them."""

from decimal import Decimal

import pytest
from google.protobuf import text_format

from initport.diagnostics import Code, InputError
from initport.formats.caffe.binary_messages import message_class
from initport.formats.caffe.net import Net, load

V2 = """name: "n"
layer {
  name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  param { name: "w" lr_mult: 0.5 share_mode: PERMISSIVE }
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } }
}
"""
V1 = """name: "n"
layers {
  name: "ip" type: INNER_PRODUCT bottom: "data" top: "ip"
  param: "w" blob_share_mode: PERMISSIVE blobs_lr: 0.5
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } }
}
"""
V0 = """name: "n"
layers {
  layer { name: "ip" type: "innerproduct" num_output: 3 weight_filler { type: "xavier" } blobs_lr: 0.5 }
  bottom: "data" top: "ip"
}
"""


def net(text: str, **options: object) -> Net:
    return load(text.encode(), "f", **options)  # type: ignore[arg-type]


def names(text: str, **options: object) -> list[str]:
    return [layer.name for layer in net(text, **options).layers]


@pytest.mark.parametrize(("text", "version"), [(V2, "V2"), (V1, "V1"), (V0, "V0")])
def test_every_format_gives_the_same_layer(text: str, version: str) -> None:
    found = net(text)
    assert (found.name, found.format, found.diagnostics) == ("n", version, ())
    (layer,) = found.layers
    assert (layer.name, layer.type, layer.bottoms, layer.tops) == ("ip", "InnerProduct", ("data",), ("ip",))
    assert layer.location.line == 2
    inner = layer.message.message("inner_product_param")
    assert inner is not None
    filler = inner.message("weight_filler")
    assert filler is not None
    assert (inner.integer("num_output"), filler.string("type")) == (3, "xavier")
    (param,) = layer.params
    assert param.lr_mult == Decimal("0.5")
    assert (param.name, param.share_mode) == (("", "STRICT") if version == "V0" else ("w", "PERMISSIVE"))


def test_a_binary_net_is_the_same_net_without_lines() -> None:
    message = message_class("NetParameter")()
    found = load(text_format.Parse(V2, message).SerializeToString(), "f")
    assert [(layer.name, layer.location.line) for layer in found.layers] == [("ip", None)]


def layer(rules: str) -> str:
    return f'layer {{ name: "a" type: "T" {rules} }}'


@pytest.mark.parametrize(
    ("rules", "options", "kept"),
    [
        ("", {}, True),
        ("phase: TEST", {}, True),
        ("include { phase: TRAIN }", {}, True),
        ("include { phase: TEST }", {}, False),
        ("include { phase: TEST }", {"phase": "TEST"}, True),
        ("include { phase: TEST } include { phase: TRAIN }", {}, True),
        ("include { phase: RUN }", {}, False),
        ("exclude { phase: TRAIN }", {}, False),
        ("exclude { phase: RUN }", {}, True),
        ("include { min_level: 1 }", {}, False),
        ("include { min_level: 1 max_level: 2 }", {"level": 2}, True),
        ("include { max_level: 1 }", {"level": 2}, False),
        ('include { stage: "a" stage: "b" }', {"stages": frozenset("a")}, False),
        ('include { stage: "a" stage: "b" }', {"stages": frozenset("abc")}, True),
        ('include { not_stage: "a" }', {"stages": frozenset("a")}, False),
        ('exclude { stage: "a" }', {"stages": frozenset("a")}, False),
    ],
)
def test_rules(rules: str, options: dict[str, object], kept: bool) -> None:
    assert names(layer(rules), **options) == ["a"] * kept


def test_the_files_own_state_counts() -> None:
    assert names('state { stage: "s" level: 3 } ' + layer('include { stage: "s" min_level: 3 }')) == ["a"]


def test_inputs() -> None:
    dims = 'input: "a" input: "b" input_dim: [1, 2, 3, 4] '
    assert net(dims + V2).inputs == (("a", (1, 2, 3, 4)), ("b", None))
    assert net('input: "a" input_shape { dim: 1 dim: 2 } ' + V2).inputs == (("a", (1, 2)),)


def test_v0_padding_is_merged() -> None:
    text = """input: "d" input_dim: [1, 3, 8, 8]
      layers { layer { name: "p" type: "padding" pad: 2 } bottom: "d" top: "p" }
      layers { layer { name: "c" type: "conv" kernelsize: 5 num_output: 4 } bottom: "p" top: "c" }"""
    (conv,) = net(text).layers
    param = conv.message.message("convolution_param")
    assert param is not None
    assert (conv.bottoms, param.integers("pad"), param.integers("kernel_size")) == (("d",), (2,), (5,))


def test_v0_drops_what_the_type_has_no_use_for() -> None:
    found = net('layers { layer { name: "p" type: "pool" weight_filler {} group: 2 } }').diagnostics
    assert sorted(entry.code.name for entry in found) == ["IGNORED_FIELD", "IGNORED_FILLER"]


def test_v1_crop_size_moves_to_transform_param() -> None:
    (data,) = net("layers { type: DATA data_param { batch_size: 2 crop_size: 7 } }").layers
    transform = data.message.message("transform_param")
    assert transform is not None
    assert (data.type, transform.integer("crop_size")) == ("Data", 7)


@pytest.mark.parametrize(
    ("v1", "v2"),
    [("IM2COL", "Im2col"), ("SOFTMAX_LOSS", "SoftmaxWithLoss"), ("HDF5_DATA", "HDF5Data"), ("FORK", "FORK")],
)
def test_v1_types(v1: str, v2: str) -> None:
    assert net(f"layers {{ type: {v1} }}").layers[0].type == v2


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        (V2 + V1.removeprefix('name: "n"\n'), Code.REJECTED_NET, 7, "both `layer` (V2) and `layers` (V1)"),
        (V0 + V1.removeprefix('name: "n"\n'), Code.REJECTED_NET, 6, "inner `layer`"),
        ("layers { name: 'a' }", Code.REJECTED_NET, 1, "no type"),
        ("layer { name: 'a' }", Code.REJECTED_NET, 1, "no type"),
        (layer("include {} exclude {}"), Code.REJECTED_NET, 1, "include and exclude"),
        ("", Code.NO_NETWORK, 1, "empty"),
        ("base_lr: 0.1", Code.NO_NETWORK, 1, "solver that names no net"),
        ("item { name: 'x' }", Code.NO_NETWORK, 1, "label map"),
        ("name: 'x'", Code.NO_NETWORK, 1, "only `name`"),
        ("net: 'x.prototxt'", Code.REFERENCE_NOT_FOUND, 1, "x.prototxt"),
        ("<!DOCTYPE html>", Code.UNREADABLE, None, "web page"),
    ],
)
def test_refusals(text: str, code: Code, line: int | None, words: str) -> None:
    with pytest.raises(InputError) as raised:
        net(text)
    found = raised.value.diagnostic
    assert (found.code, found.location.line) == (code, line)
    assert words in found.detail


def test_unknown_fields_are_told_once_a_name() -> None:
    found = net(layer("odd: 1 other { odd: 2 } relu_param { new: 1 } weight_filler { alpha: 1 }") + layer("odd: 1"))
    assert [(entry.code, entry.detail.split(" is ")[0]) for entry in found.diagnostics] == [
        (Code.UNKNOWN_FIELD, "`odd` (2 times)"),
        (Code.UNKNOWN_FIELD, "`other`"),
    ]
    assert [entry.name for entry in found.layers[0].message.stray_fillers()] == ["weight_filler"]


def test_latin_1_is_assumed_aloud() -> None:
    (found,) = load(V2.encode() + "# caf\xe9".encode("latin-1"), "f").diagnostics
    assert (found.code, str(found.location)) == (Code.ASSUMED_ENCODING, "f:7:6")


@pytest.mark.parametrize("path", ["dir/sub/net.prototxt", "net.prototxt", "dir/net.prototxt"])
def test_a_solver_leads_to_its_net(path: str) -> None:
    files = {path: V2.encode()}
    found = load(b'base_lr: 0.1\nnet: "net.prototxt"\ntest_net: "t"', "dir/sub/solver", read_file=files.get, root=".")
    assert [str(layer.location) for layer in found.layers] == [f"{path}:2:1"]


@pytest.mark.parametrize(
    ("solver", "name", "root", "asked"),
    [
        ("dir/solver", "net", None, ["dir/net"]),
        ("solver", "net", None, ["net"]),
        ("solver", "sub/net", None, ["sub/net"]),
        ("dir/solver", "dir/net", None, ["dir/dir/net", "dir/net"]),
        ("dir/sub/solver", "sub/net", "dir", ["dir/sub/sub/net", "dir/sub/net"]),
        ("dir/solver", "../net", None, []),
        ("dir/solver", "../dir/net", None, ["dir/net"]),
        ("dir/solver", "../../../net", ".", []),
        ("dir/solver", "/etc/passwd", None, []),
        ("dir/solver", "/dev/zero", ".", []),
        ("dir/solver", "..", None, []),
        ("solver", ".", None, []),
        ("/a/b/solver", "net", None, ["/a/b/net"]),
        ("/a/b/solver", "/a/b/c/net", None, ["/a/b/c/net"]),
        ("/a/b/solver", "/a/bc/net", None, []),
        ("/a/b/solver", "x/net", "/a", ["/a/b/x/net", "/a/x/net"]),
    ],
)
def test_a_solver_names_files_below_a_directory_only(
    solver: str, name: str, root: str | None, asked: list[str]
) -> None:
    seen: list[str] = []
    with pytest.raises(InputError) as raised:
        load(f'net: "{name}"'.encode(), solver, read_file=lambda path: seen.append(path), root=root)
    assert seen == asked
    assert raised.value.diagnostic.code is Code.REFERENCE_NOT_FOUND
    assert "not a file below" in raised.value.diagnostic.detail


@pytest.mark.parametrize(
    "data", [b"secret: 1", b"secret", b"\x00secret", b"{secret", b"secret { a: b }", b"layer { secret"]
)
def test_nothing_is_repeated_of_a_file_that_is_no_network(data: bytes) -> None:
    with pytest.raises(InputError) as raised:
        load(b'net: "n"', "solver", read_file={"n": data}.get)
    found = raised.value.diagnostic
    assert (found.code, found.location.path) == (Code.NO_NETWORK, "solver")
    assert "secret" not in found.detail


def test_a_solver_may_hold_its_net_and_a_state() -> None:
    rule = layer('include { stage: "s" }')
    assert names(f'train_net_param {{ {rule} }} train_state {{ stage: "s" }}') == ["a"]


def test_a_solver_that_names_itself_is_no_network() -> None:
    data = b'net: "solver"'
    with pytest.raises(InputError) as raised:
        load(data, "solver", read_file={"solver": data}.get)
    assert raised.value.diagnostic.code is Code.NO_NETWORK
