"""A target has axes of its own: a source's are never taken for them, wherever those lie.

The source here is an invented framework whose kernels have the axes ``out, in, *kernel``; what is written for it is
evaluated on the target's real shape by our moments, and compared with the source's on the source's.
"""

import math
from contextlib import closing

import pytest

from initport.diagnostics import Code
from initport.emit import axis_pairs
from initport.emit.axis_pairs import visible_pairs
from initport.emit.settings import Settings
from initport.emit.targets import names as target_names
from initport.emit.targets import target
from initport.grammar.layout import parse_layout
from initport.grammar.load import read_grammar, vocabulary
from initport.grammar.meaning import Vocabulary
from initport.grammar.row_tables import Current, First
from initport.grammar.versions import Versions
from initport.ir.moments import moments
from initport.ir.weights import Kind
from initport.python import module_sites as reader
from initport.python.axes import layer_axes
from initport.python.text import Text
from initport.python.vocabulary import Layer, Layers, Named, Names, names
from initport.rewrite.apply import Rewritten, rewrite

TARGETS = [name for name in target_names() if target(name).rewrites]

GRAMMAR = """
framework: invented
title: Invented
fans:
  - {rank: 2+, fan_in: count / size0, fan_out: count / size1}
axes:
  ranks: ["out, in, *kernel", "length", ""]
  kinds:
    conv: "out, in, *kernel"
    conv_transpose: "in, out, *kernel"
    dense: "out, in"
    depthwise_conv: "mult, in, *kernel"
    embedding: "vocabulary, out"
initializers:
  invented.LeCunUniform:
    parameters: {}
    means: {VarianceScaling: {scale: 1, fan: fan_in, distribution: uniform}}
    authority: invented
    examples: []
layers:
  invented.Linear:
    kind: dense
    parameters: [in_size, out_size, nobias, initialW]
    weights:
      - {role: kernel, argument: initialW, layout: "out, in"}
    authority: invented
  invented.Convolution2D:
    kind: conv
    parameters: [in_channels, out_channels, ksize, stride, pad, nobias, initialW]
    weights:
      - {role: kernel, argument: initialW, layout: "out, in, *kernel"}
    authority: invented
  invented.Deconvolution2D:
    kind: conv_transpose
    parameters: [in_channels, out_channels, ksize, stride, pad, nobias, initialW]
    weights:
      - {role: kernel, argument: initialW, layout: "in, out, *kernel"}
    authority: invented
  invented.DepthwiseConvolution2D:
    kind: depthwise_conv
    parameters: [in_channels, channel_multiplier, ksize, stride, pad, nobias, initialW]
    weights:
      - {role: kernel, argument: initialW, layout: "mult, in, *kernel"}
    authority: invented
  invented.EmbedID:
    kind: embedding
    parameters: [in_size, out_size, initialW]
    weights:
      - {role: kernel, argument: initialW, layout: "vocabulary, out"}
    authority: invented
kinds: {}
"""


def _invented() -> Vocabulary:
    grammar = read_grammar(GRAMMAR, "invented.yaml")
    rows = First(Current(grammar.initializers, {}, None))
    return Vocabulary("invented", rows, Current(grammar.layers, {}, None), tuple(grammar.fans), grammar)


INVENTED = _invented()


class Known(Names):
    """The names of all frameworks, and of the invented one."""

    @property
    def layers(self) -> Layers:
        own = {path: tuple(Layer(row, None, "invented") for row in rows) for path, rows in INVENTED.variants.items()}
        return {**super().layers, **own}


def known() -> Names:
    every = names(Versions({}))
    own = {path: Named(INVENTED, path, path) for path in INVENTED.initializers}
    return Known({**every.functions, **own}, every.getters, every.speech, every.draws, every.fills)


def settings(name: str, *assumed: str) -> Settings:
    return Settings(known(), target(name).sites.names_written(), target=name, assume=frozenset(assumed))


def rewritten(line: str, name: str, *assumed: str) -> Rewritten:
    return rewrite(f"{IMPORTS}{line}\n", settings(name, *assumed))


IMPORTS = "import chainer\nimport invented\n"
"""The second is known here only, and no first look asks for it."""

CALL = "invented.LeCunUniform()"
IN, OUT, HEIGHT, WIDTH, MULT, VOCABULARY = 7, 11, 3, 5, 2, 19

VISIBLE = {
    Kind.DENSE: f"invented.Linear({IN}, {OUT}, initialW={CALL})",
    Kind.CONV: f"invented.Convolution2D({IN}, {OUT}, 3, initialW={CALL})",
    Kind.CONV_TRANSPOSE: f"invented.Deconvolution2D({IN}, {OUT}, 3, initialW={CALL})",
    Kind.DEPTHWISE_CONV: f"invented.DepthwiseConvolution2D({IN}, {MULT}, 3, initialW={CALL})",
    Kind.EMBEDDING: f"invented.EmbedID({VOCABULARY}, {OUT}, initialW={CALL})",
}

FLAX = {
    Kind.DENSE: (IN, OUT),
    Kind.CONV: (HEIGHT, WIDTH, IN, OUT),
    Kind.CONV_TRANSPOSE: (HEIGHT, WIDTH, IN, OUT),
    Kind.DEPTHWISE_CONV: (HEIGHT, WIDTH, 1, IN * MULT),
    Kind.EMBEDDING: (VOCABULARY, OUT),
}
SHAPES = {
    "invented": {
        Kind.DENSE: (OUT, IN),
        Kind.CONV: (OUT, IN, HEIGHT, WIDTH),
        Kind.CONV_TRANSPOSE: (IN, OUT, HEIGHT, WIDTH),
        Kind.DEPTHWISE_CONV: (MULT, IN, HEIGHT, WIDTH),
        Kind.EMBEDDING: (VOCABULARY, OUT),
    },
    "keras": {
        Kind.DENSE: (IN, OUT),
        Kind.CONV: (HEIGHT, WIDTH, IN, OUT),
        Kind.CONV_TRANSPOSE: (HEIGHT, WIDTH, OUT, IN),
        Kind.DEPTHWISE_CONV: (HEIGHT, WIDTH, IN, MULT),
        Kind.EMBEDDING: (VOCABULARY, OUT),
    },
    "torch": {
        Kind.DENSE: (OUT, IN),
        Kind.CONV: (OUT, IN, HEIGHT, WIDTH),
        Kind.CONV_TRANSPOSE: (IN, OUT, HEIGHT, WIDTH),
        Kind.DEPTHWISE_CONV: (IN * MULT, 1, HEIGHT, WIDTH),
        Kind.EMBEDDING: (VOCABULARY, OUT),
    },
    "flax-linen": FLAX,
    "flax-nnx": FLAX,
    "haiku": FLAX | {Kind.CONV_TRANSPOSE: (HEIGHT, WIDTH, OUT, IN)},
    "equinox": {
        Kind.DENSE: (OUT, IN),
        Kind.CONV: (OUT, IN, HEIGHT, WIDTH),
        Kind.CONV_TRANSPOSE: (OUT, IN, HEIGHT, WIDTH),
        Kind.DEPTHWISE_CONV: (IN * MULT, 1, HEIGHT, WIDTH),
        Kind.EMBEDDING: (VOCABULARY, OUT),
    },
}
"""The shapes that the layers of each framework give their kernels."""


def variance(text: str, name: str, shape: tuple[int, ...]) -> float:
    """Of what the one initializer in a text of the target draws on a weight of this shape."""
    read = Text(text)
    with closing(reader.read_tree(reader.parse(text), read, settings(name).written)) as sites:
        (site,) = sites.found
        found = moments(site.meaning(parse_layout(", ".join(map(str, shape)))), {})
    assert found is not None
    return found.variance


JAX = ("flax-linen", "flax-nnx", "haiku", "equinox")
INEXPRESSIBLE = {
    (Kind.EMBEDDING, "keras"),
    *((Kind.DEPTHWISE_CONV, name) for name in ("torch", *JAX)),
}
"""A depthwise kernel in PyTorch, as in JAX's libraries, does not tell its inputs from its multiplier; Keras has no fan
that is the size of the first axis of a matrix whose last is not."""

APART = {("conv", name) for name in JAX if name != "haiku"}
"""Where a convolution and a transposed one have their inputs on the same axis, which the source has on different ones:
no call starts both."""


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("kind", VISIBLE)
def test_a_visible_layer_is_asked_for_the_target_s_axes(kind: Kind, name: str) -> None:
    result = rewritten(VISIBLE[kind], name)
    first, *rest = SHAPES["invented"][kind]
    if not result.converted:
        (left,) = result.left
        assert (kind, name) in INEXPRESSIBLE, left
        return
    assert variance(result.text, name, SHAPES[name][kind]) == pytest.approx(1 / math.prod(rest), rel=1e-12), first


def test_ten_times_the_variance_is_not_written() -> None:
    """A kernel of 10 outputs and 100 inputs: the fan that divides is 100 there, and so it must be in Keras."""
    result = rewritten(f"invented.Linear(100, 10, initialW={CALL})", "keras")
    assert "fan_out" not in result.text
    assert variance(result.text, "keras", (100, 10)) == pytest.approx(1 / 100, rel=1e-12)


@pytest.mark.parametrize(
    ("imported", "layer", "multiplier"),
    [
        ("import tensorflow as tf", "tf.layers.separable_conv2d(x, 3, 3, depthwise_initializer={})", 1),
        (
            "import tensorflow as tf",
            "tf.layers.separable_conv2d(x, 3, 3, depth_multiplier=3, depthwise_initializer={})",
            3,
        ),
        ("import tensorflow as tf, tflearn", "tflearn.layers.conv.depthwise_conv_2d(x, 2, 3, weights_init={})", 2),
        ("import tensorflow as tf, tflearn", "tflearn.layers.conv.depthwise_conv_2d(x, m, 3, weights_init={})", None),
        ("import tensorflow as tf", "tf.layers.separable_conv2d(x, 3, 3, depthwise_initializer={}, **more)", None),
    ],
)
def test_the_depth_multiplier_is_the_call_s(imported: str, layer: str, multiplier: int | None) -> None:
    """TensorFlow's fan_in of a depthwise kernel is ``in * kernel``, which PyTorch's shape gives with the multiplier."""
    made = layer.format("tf.variance_scaling_initializer(mode='fan_in', distribution='uniform')")
    result = rewrite(f"{imported}\n{made}\n", settings("torch"))
    if multiplier is None:
        assert not result.converted
        return
    assert variance(result.text, "torch", (IN * multiplier, 1, HEIGHT, WIDTH)) == pytest.approx(
        1 / (IN * HEIGHT * WIDTH), rel=1e-12
    )


@pytest.mark.parametrize("name", TARGETS)
def test_an_invisible_layer_is_asked_for(name: str) -> None:
    result = rewritten(f"w = {CALL}", name)
    (left,) = result.left
    assert not result.converted
    assert left.assume == "conv"


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize(("assumed", "kind"), [("dense", Kind.DENSE), ("conv", Kind.CONV)])
def test_what_is_assumed_has_the_target_s_axes(assumed: str, kind: Kind, name: str) -> None:
    result = rewritten(f"w = {CALL}", name, assumed, "matrix")
    if (assumed, name) in APART:
        assert not result.converted
        return
    assert len(result.converted) == 1, result.left
    rest = SHAPES["invented"][kind][1:]
    assert variance(result.text, name, SHAPES[name][kind]) == pytest.approx(1 / math.prod(rest), rel=1e-12)


WRONG = [
    (f"invented.Linear(100, 10, initialW={CALL})", "keras"),
    (f"invented.DepthwiseConvolution2D(3, 8, 3, initialW={CALL})", "torch"),
    (f"def f():\n  w = {CALL}\n  return invented.Linear(100, 10, initialW=w)", "keras"),
]


@pytest.mark.parametrize(("line", "name"), WRONG)
def test_a_proof_on_the_source_s_axes_does_not_hold_where_it_stands(
    line: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the weights are in the target is found again from the rewritten text, and not from the proof."""
    source, known = f"{IMPORTS}{line}\n", settings(name)
    monkeypatch.setattr(
        axis_pairs, "visible_pairs", lambda site, _: tuple((own, own) for own, _ in visible_pairs(site, _))
    )
    result = rewrite(source, known)
    assert result.text == source
    assert [item.code for item in result.left] == [Code.UNCHECKED]


def test_a_grammar_that_declares_no_axes_lets_nothing_rest_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(INVENTED, "grammar", INVENTED.grammar._replace(axes=None))
    for name in TARGETS:
        result = rewritten(f"w = {CALL}", name, "dense", "conv", "matrix")
        assert not result.converted
        assert len(result.left) == 1


def test_today_s_keras_layers_have_the_axes_that_keras_s_grammar_gives_them() -> None:
    """Of the source's layers that are today's Keras's own, the declared axes are those that Keras's grammar has."""
    known, rows = vocabulary("keras"), vocabulary("keras_calls")
    compared = 0
    for variants in rows.variants.values():
        for row in variants:
            for weight in row.weights:
                own = layer_axes(known, Layer(row, None, "elsewhere"), weight)
                held = layer_axes(known, Layer(row, None, "keras_calls"), weight)
                if own is not None and held is not None and row.kind in SHAPES["keras"]:
                    compared += 1
                    assert own == held or own.rank is None, (row, weight)
    assert compared > 50


SEPARABLE = "slim.separable_conv2d(x, 8, 3, {}weights_initializer=tf.variance_scaling_initializer(mode='fan_in'))"
TWO = "with slim.arg_scope([slim.separable_conv2d], depth_multiplier=2):\n"
STRIDE = "with slim.arg_scope([slim.separable_conv2d, slim.conv2d], stride=2):\n"


@pytest.mark.parametrize(
    ("code", "multiplier"),
    [
        (SEPARABLE.format("depth_multiplier=3, "), "3"),
        (SEPARABLE.format("4, "), "4"),
        (SEPARABLE.format(""), "mult"),
        (f"{TWO}  {SEPARABLE.format('')}", "mult"),
        (f"{TWO}  {STRIDE}    {SEPARABLE.format('')}", "mult"),
        (f"{STRIDE}  {TWO}    {SEPARABLE.format('')}", "mult"),
        (f"{TWO}  {SEPARABLE.format('depth_multiplier=3, ')}", "3"),
        (f"def f(x, scope):\n  with slim.arg_scope(scope):\n    return {SEPARABLE.format('')}", "mult"),
        ("slim.arg_scope([slim.separable_conv2d], weights_initializer=tf.variance_scaling_initializer(mode='fan_in'), "
         "depth_multiplier=2)", "mult"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("slim", ["import tensorflow.contrib.slim as slim", "import tf_slim as slim"])
def test_a_scope_may_set_the_depth_multiplier(slim: str, code: str, multiplier: str) -> None:
    """A call of slim's that does not state it leaves it open, as `arg_scope` may give it, here or in a caller; what
    the initializer needs it for is not written then."""
    text = Text(f"import tensorflow as tf\n{slim}\n{code}\n")
    with closing(reader.read_tree(reader.parse(text.content), text, settings("torch").names)) as sites:
        (site,) = sites.found
        layouts = [source for source, _ in visible_pairs(site, vocabulary("torch"))]
    assert parse_layout(f"*kernel, in, {multiplier}") in layouts
    assert not rewrite(text.content, settings("torch")).converted


OWN_AXES = {
    Kind.EINSUM: "the axes are those of the equation, which the call states",
    Kind.PARAMETER: "a tensor of the module's own shape",
    Kind.NORMALIZATION: "of one number for each place that is normalized, in any number of axes",
    Kind.RENORMALIZATION: "the same",
    Kind.SCALE: "of one number for each place that is scaled",
    Kind.RMS_NORM: "a vector",
    Kind.SCALED_ATTENTION: "a number and a vector",
    Kind.SPECTRAL_NORM: "a vector",
}
"""Kinds whose weights have no axes that a framework could lay out otherwise, and why."""


@pytest.mark.parametrize("name", target_names())
def test_the_axes_of_a_source_are_a_target_s_only_in_modules_of_the_user_s_own(name: str) -> None:
    for kind, row in target(name).vocabulary.grammar.kinds.items():
        taken = [role for role, weight in row.weights.items() if weight.layout == "source"]
        assert not taken or kind in OWN_AXES or ("expected" in (row.assumes or "") and not row.classes), (kind, taken)
