"""The vocabularies of frameworks before PyTorch against figures measured on them, call by call as source code has it.

Each row of `legacy/NAME.tsv` is a call in that framework's own words, the role of a weight that it makes and what was
measured on it; or the error with which the framework refused. The call is read as a file of source code is, and what
is said about the weight is one of three things: a law whose moments are the measured ones, a refusal of what the
framework itself refuses, or that no law here says it (`INEXPRESSIBLE`).
"""

import ast
import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from initport.formats import other_languages
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError
from initport.grammar.version import parse_version
from initport.grammar.versions import Versions
from initport.ir.initializers import Blocks, Initializer, Orthogonal, Unsupported, canonical
from initport.ir.moments import moments
from initport.ir.weights import Layout
from initport.python.implicit import default_layers
from initport.python.module_sites import read_tree
from initport.python.place import weights
from initport.python.sites import Site
from initport.python.text import Text
from initport.python.vocabulary import names
from tests.oracles import test_legacy_networks
from tests.oracles.measured import CHANCE, HERE, Case, cases, scores, sizes_of, within_support

INEXPRESSIBLE = {
    "chainer": ["UpsamplingDeconvFilter"],
    "caffe2_brew": ["UniqueUniformFill"],
    "lasagne": ["Sparse"],
    "neurolab": ["newff", "midpoint"],
    "fann": ["fann_randomize_weights", "fann_init_weights"],
    "paddle": [
        "Dirac",
        "padding_idx=0",
        "Bilinear())",
        "3.3.1 paddle.nn.Conv2D(12, 40, 5, weight_attr=paddle.nn.initializer.TruncatedNormal(1., 2.))",
    ],
    "torch_layers": ["sparse_"],
    "mxnet": ["rand_type='uniform'"],
}
"""What each framework draws that no law here says, by a word of the call."""

UNMEASURED = {"lasagne.layers.RecurrentLayer(x, 100) 0.1", "bilinear_tensor_product", "brew.layer_norm"}
"""Calls that have a law, of which the measuring program failed: nothing of its framework is refused there."""

REASONS = {
    "fan_option='fan_out'": "HeNormal does not take `fan_option` here",
    "groups=4": "takes no such `groups`",
    "kdim=": "takes no such `kdim`",
    "newff": "drawn as one vector of fixed length",
    "fann_randomize_weights": "between the arguments of the call, its variance (max - min) ** 2 / 12",
    "fann_init_weights": "weights are drawn from U(0, s) and biases from U(-s, s)",
    "padding_idx=0": "its row `padding_idx` is set to zero, and the others start as uniform, variance 2 /",
    "midpoint": "the middle of the ranges of the inputs",
    "UniqueUniformFill": "integers are drawn",
    "'MSRAFill'": "it takes the tensor's second size, and there is none",
    "LeCunNormal": "a weight of 1 axes has no fan_in",
    "Bilinear())": "what this kernel holds depends on the version of Python",
    "TruncatedNormal(.02, 0": "TruncatedNormal takes at most 1 arguments",
    "initializers.Orthogonal()": "the first size must not be above the product of the others",
    "BlackOut": "all elements are NaN",
    "UpsamplingDeconvFilter": "an interpolation filter between equal channels",
    "Sparse(": "in each column the same number of elements",
    "HeUniform": "a weight of 1 axes has no fan_in",
    "XavierUniform": "a weight of 1 axes has no fan_avg",
    "bias_initializer='xavier'": "Xavier needs a weight of two axes or more",
    "mxnet.init.Orthogonal": "orthonormal but not Haar-distributed",
    "Dirac": "a one in the middle of some kernels",
    "TruncatedNormal": "cut unevenly about its mean",
    "nonlinearity='selu'": "nonlinearity is selu, which is not one of",
    "filter_rank=": "there is no rule here for these ranks",
    "sparse_": "the number of zeros in each column is fixed",
}
"""Why a law is refused, by a word of the call."""

NO_REASON = {"chainer.links.BlackOut(64, counts, 5) 1.24.0"}
"""Calls of which a grammar has nothing."""

FRAMEWORKS = sorted(path.stem for path in (HERE / "legacy").glob("*.tsv"))
ALL = [(framework, case) for framework in FRAMEWORKS for case in cases(f"legacy/{framework}")]
NAMES = [f"{framework}-{case.version}-{case.api}-{case.layout}" for framework, case in ALL]


COUNTS = HERE.parent.parent / "docs" / "measured.json"
TITLES = {"keras_calls": "Keras on Theano", "torch_layers": "PyTorch"}
"""Of grammars that state layers alone."""

TENSOR = "tensor"
"""The role of a weight of which nothing but its shape is known."""

Law = tuple[Initializer, dict[str, int]]
"""What starts a weight, and the sizes that it has by role."""


def laws(framework: str, case: Case) -> Iterator[Law]:
    """What the source code says of weights of that role: the initializers that it is given, or its defaults."""
    return (item for item in everything(framework, case) if not isinstance(item, str))


def everything(framework: str, case: Case) -> Iterator[Law | str]:
    """The laws, and the reasons why an initializer has none on a weight."""
    head = vocabulary(framework).grammar.head
    if head.language:
        for role, layout, initializer in other_languages.starts(framework, case.api):
            sizes = sizes_of(layout, case.shape)
            if role == case.layout and sizes is not None:
                yield initializer, sizes
        return
    package = head.package
    content = f"import {package}\n{case.api}\n"
    known = names(Versions({package: parse_version(case.version)}), content.encode())
    tree, text = ast.parse(content), Text(content)
    sites = read_tree(tree, text, known)
    with closing(sites):
        yield from (item.reason for item in sites.left)
        for site in sites.found:
            roles = {str(weight.role) for weight in weights(site.place)}
            if case.layout in (roles or {TENSOR}):
                yield from _on_layouts(site, case)
        for layer, _ in default_layers(tree, text, known, {site.node: site for site in sites.found}, ""):
            for item in layer.weights:
                groups = item.dims.get("groups", 1)
                plain = item.layout if case.shape else None
                stated = {**item.dims, **case.given}
                sizes = dict(case.given) if plain is None else sizes_of(plain, case.shape, groups, stated)
                if item.role == case.layout and sizes is not None:
                    yield item.initializer, {**sizes, **item.dims}
                elif item.role == case.layout and isinstance(item.initializer, Blocks) and item.layout is not None:
                    yield from _of_a_part(item.initializer, item.layout, case)


def _of_a_part(whole: Blocks, layout: Layout, case: Case) -> Iterator[Law]:
    """Where one gate of several was measured."""
    inside = layout.part(-1, len(whole.parts))
    sizes = None if inside is None else sizes_of(inside, case.shape)
    yield from () if sizes is None else ((part, sizes) for part in whole.parts)


def _on_layouts(site: Site, case: Case) -> Iterator[Law | str]:
    """On the weights that an initializer may start, and may have this shape."""
    of_role = [weight.layout for weight in weights(site.place) if str(weight.role) == case.layout]
    own = [parse_layout(text) for text in of_role if text != "source"]
    for layout in [item for item in site.layouts if item in own] or site.layouts:
        sizes = sizes_of(layout, case.shape) if case.shape else {}
        if sizes is None:
            continue
        violated = site.named.vocabulary.violation(site.call, layout, sizes)
        try:
            yield violated if violated is not None else (site.meaning(layout), sizes)
        except MeaningError as error:
            yield str(error)


AGREES, REFUSED, NO_LAW, NO_FIGURES = "agrees", "refused", "no law", "no figures"


def outcome(framework: str, case: Case) -> str:
    """What is to be said of a case: the law of which the figures are, why the framework refuses it, or that no law here
    says it; or the law of a call of which the measuring program failed."""
    if case.error:
        unmeasured = any(call in f"{case.api} {case.version}" for call in UNMEASURED)
        return NO_FIGURES if unmeasured else REFUSED
    inexpressible = any(word in f"{case.version} {case.api}" for word in INEXPRESSIBLE.get(framework, ()))
    return NO_LAW if inexpressible else AGREES


def counts() -> dict[str, dict[str, int]]:
    """How many cases of each framework there are, by outcome."""
    found: dict[str, Counter[str]] = {}
    for framework, case in ALL:
        found.setdefault(vocabulary(framework).grammar.title or TITLES[framework], Counter())[
            outcome(framework, case)
        ] += 1
    for framework, case in test_legacy_networks.all_cases():
        kind = NO_LAW if test_legacy_networks.is_refused(case) else AGREES
        found.setdefault(vocabulary(framework).grammar.title, Counter())[kind] += 1
    return {
        title: dict(sorted(number.items())) for title, number in sorted(found.items(), key=lambda item: item[0].lower())
    }


def test_counts(request: pytest.FixtureRequest) -> None:
    """The numbers that the site's page shows; ``--accept`` writes them anew."""
    text = json.dumps(counts(), indent=1) + "\n"
    if request.config.getoption("--accept"):
        COUNTS.write_text(text, encoding="utf-8")
    assert COUNTS.read_text(encoding="utf-8") == text


def agrees(case: Case, initializer: Initializer, sizes: dict[str, int]) -> bool:
    true = moments(initializer, sizes)
    assert true is not None
    if isinstance(initializer, Blocks):
        initializer = canonical(initializer)  # that of a part, where all are alike
    if isinstance(initializer, Blocks):
        mean = true.mean if math.isnan(case.mean) else case.mean
        return math.isclose(mean, true.mean) and math.isclose(case.variance, true.variance)
    if not isinstance(initializer, Orthogonal) and not within_support(case, true):
        return False
    return max(map(abs, scores(case, initializer, true))) < CHANCE


@pytest.mark.parametrize(("framework", "case"), ALL, ids=NAMES)
def test_what_is_said_is_what_was_measured(framework: str, case: Case) -> None:
    said = list(everything(framework, case))
    found = [item for item in said if not isinstance(item, str) and not isinstance(item[0], Unsupported)]
    expected_outcome = outcome(framework, case)
    if expected_outcome == NO_FIGURES:
        assert found
        return
    if expected_outcome == AGREES:
        assert found
        assert all(agrees(case, *item) for item in found)
        return
    assert not found
    reasons = [item for item in said if isinstance(item, str)]
    reasons += [item[0].reason for item in said if not isinstance(item, str) and isinstance(item[0], Unsupported)]
    if case.error == "AttributeError":  # that version has no such name
        assert not reasons
    elif not any(word in f"{case.api} {case.version}" for word in NO_REASON):
        expected = next(reason for word, reason in REASONS.items() if word in case.api)
        assert any(expected in reason for reason in reasons)
