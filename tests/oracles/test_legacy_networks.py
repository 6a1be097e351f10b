"""Networks that TensorFlow.js and Darknet read, against figures measured on them.

Each row of `legacy_networks.tsv` is a layer as a file of that format has it, with the size of what it takes: the JSON
of a layer of TensorFlow.js, or the height, the width, the channels and the section of a cfg of Darknet.
"""

import csv
import json
from collections.abc import Iterator

import pytest

from initport.conversion import read
from initport.formats.read_options import Options
from initport.ir.initializers import Orthogonal, Unsupported
from initport.ir.model import Weight
from initport.ir.moments import moments
from tests.oracles.measured import CHANCE, HERE, Case, cases, scores, within_support

TABLE = "legacy_networks"


def all_cases() -> Iterator[tuple[str, Case]]:
    with (HERE / f"{TABLE}.tsv").open(encoding="utf-8", newline="") as file:
        names = [row["framework"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    yield from zip(names, cases(TABLE), strict=True)


def is_refused(case: Case) -> bool:
    """Whether no law here says what a layer draws: that of Darknet with weights of its own at each place."""
    return "local]" in case.api


def model(case: Case) -> str:
    """The file of a network of TensorFlow.js with this layer."""
    layer = json.loads(case.api)
    topology = {
        "class_name": "Sequential",
        "config": {"name": "net", "layers": [{**layer, "config": {"name": "layer", **layer["config"]}}]},
        "keras_version": f"tfjs-layers {case.version}",
        "backend": "tensor_flow.js",
    }
    written_by = f"TensorFlow.js tfjs-layers v{case.version}"
    whole = {"format": "layers-model", "generatedBy": written_by, "modelTopology": topology, "weightsManifest": []}
    return json.dumps(whole)


def cfg(case: Case) -> str:
    """The cfg of a network of Darknet with this section."""
    height, width, channels, section, *settings = case.api.split(" ")
    start = f"[net]\nheight={height}\nwidth={width}\nchannels={channels}\n"
    return start + "\n".join([f"[{section}", *settings]) + "\n"


def weight(framework: str, case: Case) -> Weight:
    if framework == "tfjs":
        found = read(model(case), path="model.json")
    else:
        found = read(cfg(case), path="net.cfg", options=Options(version=case.version))
    (layer,) = found.model.layers
    (one,) = [one for one in layer.weights if one.role == case.layout]
    return one


@pytest.mark.parametrize(("framework", "case"), list(all_cases()))
def test_what_is_said_is_what_was_measured(framework: str, case: Case) -> None:
    """Darknet's local layer, all of whose locations but the first start at 0, is refused."""
    found = weight(framework, case)
    if is_refused(case):
        assert isinstance(found.initializer, Unsupported)
        assert "only the weights of the first location are drawn" in found.initializer.reason
        return
    assert found.shape == case.shape
    true = moments(found.initializer, found.dims)
    assert true is not None
    if not isinstance(found.initializer, Orthogonal):
        assert within_support(case, true)
    assert max(map(abs, scores(case, found.initializer, true))) < CHANCE
