"""`compare` on ports of LeNet: what is the same, what differs, and by which mistake."""

import json
import re
import struct
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.compare.comparison import Comparison, Outcome, compare
from initport.compare.formats import FORMATS, as_text, cells
from initport.compare.port import FactoryPort, TensorsPort
from initport.conversion import read
from initport.formats.read_options import Options
from initport.grammar.versions import Versions
from initport.verify.worker import FrameworkError, Limits
from tests.compare import ports
from tests.fixtures import CASES, source

LENET = source(next(case for case in CASES if case.name == "lenet"))
ROOT = str(Path(__file__).parent.parent.parent)
SLOW = pytest.mark.slow
KERNELS = {"conv1 kernel", "conv2 kernel", "ip1 kernel", "ip2 kernel"}


@cache
def compared(name: str, effect: float = 0.03) -> Comparison:
    model = read(LENET.read_bytes(), path=str(LENET)).model
    with FactoryPort(f"tests.compare.ports:{name}", path=[ROOT]) as port:
        return compare(model, port, source_name="lenet", port_name=name, effect=effect)


def differing(found: Comparison) -> set[str]:
    return {row.source for row in found.rows if row.outcome is Outcome.DIFFERS}


@pytest.mark.parametrize("name", ["exact", pytest.param("in_order", marks=SLOW)])
def test_a_right_port_is_the_same(name: str) -> None:
    found = compared(name)
    assert [row.outcome for row in found.rows] == [Outcome.SAME] * 8
    assert (found.exit_code, found.extra, found.dependent) == (0, (), ())


@SLOW
def test_what_paired_them_is_shown() -> None:
    assert {row.how for row in compared("exact").rows} == {"name"}
    assert {row.how for row in compared("in_order").rows} == {"place in the graph and shape"}


@pytest.mark.parametrize(
    ("name", "weights", "diagnosis"),
    [
        ("never_set", {*KERNELS, "conv1 bias", "conv2 bias", "ip1 bias", "ip2 bias"}, "PyTorch's own default"),
        ("glorot", KERNELS, "Glorot where the source has LeCun (Caffe's xavier)"),
        pytest.param("other_fan", KERNELS, "fan_out for fan_in", marks=SLOW),
        pytest.param("normal", KERNELS, "normal where the source is uniform", marks=SLOW),
        pytest.param("he", KERNELS, "a gain of 2 too many", marks=SLOW),
        pytest.param("deviation_for_bound", KERNELS, "a deviation where a bound belongs", marks=SLOW),
    ],
)
def test_a_mistake_is_found_and_named(name: str, weights: set[str], diagnosis: str) -> None:
    found = compared(name)
    assert differing(found) == weights
    for row in found.rows:
        if row.outcome is Outcome.DIFFERS:
            assert row.diagnosis is not None
            assert diagnosis in row.diagnosis, row.source
            assert row.mend is not None
    assert found.exit_code == 1


def test_the_line_that_mends_it_is_the_converted_one() -> None:
    rows = {row.source: row.mend for row in compared("glorot").rows}
    assert rows["ip1 kernel"] == 'w = model.ip1.weight; nn.init.kaiming_uniform_(w, nonlinearity="linear")'


@SLOW
def test_an_error_of_one_percent_is_seen_where_it_is_asked_for() -> None:
    assert differing(compared("a_little_wide", 0.01)) == KERNELS


@SLOW
def test_a_constant_that_is_another_differs() -> None:
    assert differing(compared("wrong_bias")) == {"conv1 bias", "ip1 bias", "ip2 bias"}


def test_a_constant_is_no_fixed_seed() -> None:
    found = compared("ones")
    assert differing(found) == KERNELS
    assert not any("seed" in note for note in found.notes)


def test_a_ratio_of_variances_does_not_depend_on_the_mean() -> None:
    found = compared("moved")
    rows = [row for row in found.rows if row.source in KERNELS]
    assert all("the mean is" in (row.reason or "") for row in rows)
    assert [row.verdict.ratio for row in rows if row.verdict] == pytest.approx([1.0] * 4, rel=0.1)


def test_builds_that_repeat_themselves_cannot_be_pooled() -> None:
    found = compared("fixed_seed")
    assert "the port fixes a seed" in " ".join(found.notes)
    small = next(row for row in found.rows if row.source == "conv1 kernel")
    assert small.outcome is Outcome.UNKNOWN
    assert found.exit_code == 1


@SLOW
def test_weights_that_hold_the_same_draws_are_seen() -> None:
    found = compared("one_seed_for_all")
    assert len(found.dependent) == 1
    assert "conv1.weight" in found.dependent[0]
    assert found.exit_code == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("breaks", "no weights today"),
        pytest.param("no_model", "not a model of Equinox, .*Haiku, Keras 3 or PyTorch", marks=SLOW),
        pytest.param("absent", "has no attribute 'absent'", marks=SLOW),
    ],
)
def test_a_port_that_cannot_be_built_is_reported(name: str, words: str) -> None:
    with pytest.raises(FrameworkError, match=words):
        FactoryPort(f"tests.compare.ports:{name}", path=[ROOT])


def test_a_port_that_takes_too_long_is_ended() -> None:
    with pytest.raises(FrameworkError, match="longer than 5 seconds"):
        FactoryPort("tests.compare.ports:sleeps", path=[ROOT], limits=Limits(seconds=5))


def state() -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in ports.glorot().state_dict().items()}


def safetensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    header, data = {}, b""
    for name, value in tensors.items():
        body = np.ascontiguousarray(value, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": value.shape, "data_offsets": [len(data), len(data) + len(body)]}
        data += body
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_state_dict_is_one_build(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"state.{ending}"
    if ending == "npz":
        np.savez_compressed(path, **state())  # type: ignore[arg-type]
    else:
        safetensors(path, state())
    model = read(LENET.read_bytes(), path=str(LENET)).model
    found = compare(model, TensorsPort(str(path)), source_name="lenet", port_name=path.name)
    assert differing(found) == KERNELS
    assert {row.diagnosis for row in found.rows if row.outcome is Outcome.DIFFERS} == {
        "Glorot where the source has LeCun (Caffe's xavier)"
    }


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["compare", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_another_source_is_compared_by_formula(tmp_path: Path) -> None:
    assert run(str(LENET), str(LENET))[0] == 0
    other = tmp_path / "other.prototxt"
    other.write_text(LENET.read_text().replace('type: "xavier"', 'type: "msra"'))
    code, out, _ = run(str(LENET), str(other), "--output-format", "json")
    rows = json.loads(out)["weights"]
    assert code == 1
    assert {row["weight"] for row in rows if row["verdict"] == "differs"} == KERNELS
    assert [row["variance_ratio"] for row in rows if row["verdict"] == "differs"] == pytest.approx([2.0] * 4)


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_what_a_formula_does_not_measure_has_no_column(output: str, tmp_path: Path) -> None:
    other = tmp_path / "other.prototxt"
    other.write_text(LENET.read_text().replace('type: "xavier"', 'type: "msra"'))
    same, apart = (run(str(LENET), str(port), "--output-format", output)[1].splitlines()[0] for port in (LENET, other))
    assert [same, apart] == [line for line in (same, apart) if line.startswith(("verdict", "| verdict"))]
    assert not any(name in line for name in ("measured", "KS distance", "draws") for line in (same, apart))
    assert ("ratio" in same, "ratio" in apart) == (False, True)


@pytest.mark.parametrize(
    "command",
    [
        ("compare", str(LENET), "tests.compare.ports:exact"),
        pytest.param(("verify", str(LENET)), marks=SLOW),
        pytest.param(("verify", str(LENET), "--model", "tests.compare.ports:never_set"), marks=SLOW),
    ],
    ids=lambda command: " ".join(Path(word).name for word in command),
)
def test_a_seed_repeats_a_run_and_another_does_not(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    def printed(seed: str) -> str:
        given = [*command, "--effect", "0.1", "--output-format", "json", "--seed", seed]
        found = CliRunner().invoke(main, given)
        assert found.exit_code == 0, found.output
        return found.stdout

    first, again, other = (printed(seed) for seed in ("7", "7", "8"))
    assert first == again
    before, after = (
        [row["measured"]["variance"] for row in json.loads(text)["weights"] if row["expected"]["variance"]]
        for text in (first, other)
    )
    assert len(before) == 4
    assert all(one != two for one, two in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("patterns", "weights"),
    [
        (["--only", "conv*"], {"conv1 kernel", "conv1 bias", "conv2 kernel", "conv2 bias"}),
        (["--skip", "*bias"], KERNELS),
        (["--only", "conv*", "--skip", "*bias"], {"conv1 kernel", "conv2 kernel"}),
    ],
)
def test_patterns_choose_weights(patterns: list[str], weights: set[str]) -> None:
    _, out, _ = run(str(LENET), str(LENET), "--output-format", "json", *patterns)
    assert {row["weight"] for row in json.loads(out)["weights"]} == weights


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_holds_every_difference(name: str) -> None:
    found = compared("glorot")
    text = FORMATS[name](found)
    plain = text.replace("\\", "").replace("&apos;", "'").replace("&quot;", '"')
    for row in found.rows:
        if row.outcome is Outcome.DIFFERS:
            assert row.source in plain
            assert row.diagnosis is not None
            assert row.diagnosis in plain


def test_junit_counts_what_it_holds() -> None:
    root = ElementTree.fromstring(FORMATS["junit"](compared("glorot")))
    assert (root.get("tests"), root.get("failures"), len(root.findall(".//failure"))) == ("8", "4", 4)


def test_github_names_the_line_of_the_source() -> None:
    lines = FORMATS["github"](compared("glorot")).splitlines()
    assert re.match(r"::error file=lenet,line=\d+,title=initport compare::conv1 kernel: ", lines[0])


def test_bad_ports_are_bad_usage(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    assert run(str(LENET), str(tmp_path / "bad.npz"))[0] == 2
    assert run(str(LENET), str(tmp_path / "absent.npz"))[0] == 2
    assert run(str(LENET), str(tmp_path / "absent.prototxt"))[0] == 2


@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_gets_lines_that_fit_and_lose_no_word(width: int) -> None:
    found = compared("glorot")
    text = as_text(found, width)
    assert max(map(len, text.splitlines())) <= width
    said = {word.strip("()=,") for word in text.split()}
    for row in found.rows:
        assert {word.strip("(),") for cell in cells(row) for word in cell.split()} <= said | {"-"}
    assert as_text(found, 1000).split("\n")[0] == as_text(found).split("\n")[0]


ATTENDING = """
from flax import linen as nn
class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        he, glorot = nn.initializers.he_normal(), nn.initializers.glorot_normal()
        x = nn.MultiHeadDotProductAttention(num_heads=4, qkv_features=32, kernel_init=he, name="att")(x, x)
        x = nn.ConvLocal(8, (3,), kernel_init=nn.initializers.glorot_uniform(), name="loc")(x)
        return nn.DenseGeneral((4, 8), kernel_init=glorot, name="dg")(x)
"""


@pytest.mark.parametrize(
    ("name", "differ"),
    [
        ("attending", set()),
        ("attending_unset", {"att query_kernel [1 of 3]", "att key_kernel [2 of 3]", "att value_kernel [3 of 3]",
                             "att output_kernel", "loc kernel", "dg kernel", "dg bias"}),
    ],
)  # fmt: skip
def test_the_odder_layers_of_flax(name: str, differ: set[str]) -> None:
    """Attention packs three kernels in one parameter, a local convolution counts its positions, a general dense layer
    draws a matrix: each is the port's weight, in the sizes that the port shows."""
    versions = Versions({"jax": (0, 12), "flax": (0, 12)})
    model = read(ATTENDING, path="net.py", source="python", options=Options(versions=versions)).model
    with FactoryPort(f"tests.compare.ports:{name}", path=[ROOT]) as port:
        found = compare(model, port, source_name="net", port_name=name, effect=0.03)
    assert differing(found) == differ
    assert {row.outcome for row in found.rows} <= {Outcome.SAME, Outcome.DIFFERS}
    assert len(found.rows) == 12
