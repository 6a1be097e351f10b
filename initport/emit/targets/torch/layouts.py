"""How the weights that a site starts lie in PyTorch: beside each of their layouts in TensorFlow and Keras.

The layer tells, where it is seen. Elsewhere a weight may be any of several kinds, of which the source's shape, or what
the user assumes, leaves some.
"""

import ast
from collections.abc import Iterable

from initport.emit.decision import Weights
from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.ir.weights import Kind, Layout
from initport.python.place import RANKS, shape_of, weights
from initport.python.sites.inplace import lying
from initport.python.sites.site import Form, Place, Site

KINDS = frozenset({"dense", "conv"})
"""What may be assumed of the weights of layers that are not seen."""

_MATRIX = parse_layout("in, out")
_KERNEL = parse_layout("first, *rest, in, out")
_FORMS: dict[Layout, tuple[tuple[str, str, str], ...]] = {
    RANKS[0]: (
        ("conv", "*kernel, in, out", "out, in, *kernel"),
        ("dense", "in, out", "out, in"),
        ("", "*kernel, in, mult", "in * mult, 1, *kernel"),
        ("", "vocabulary, out", "vocabulary, out"),
    ),
    _MATRIX: (("dense", "in, out", "out, in"), ("", "vocabulary, out", "vocabulary, out")),
    _KERNEL: (
        ("conv", "first, *rest, in, out", "out, in, first, *rest"),
        ("", "first, *rest, in, mult", "in * mult, 1, first, *rest"),
    ),
    RANKS[1]: (("", "length", "length"),),
    RANKS[2]: (("", "", ""),),
}  # fmt: skip
"""What a weight with so many axes may be, by what must be assumed for it to be taken for granted: its axes in the
source and in PyTorch. A transposed convolution's are exchanged on both sides, and so are no case of their own."""

UNSEEN = ((parse_layout("out, in, *kernel"), RANKS[0]), (RANKS[1], RANKS[1]), (RANKS[2], RANKS[2]))
"""What a tensor may be of which nothing is seen: its axes in PyTorch, and those of such a weight in Keras."""


def seen(site: Site) -> Weights:
    """The layouts of the weights of layers that are seen, there and in PyTorch; none where a layer is not."""
    pairs: list[tuple[Layout, Layout | None]] = []
    for where in site.places or (site.place,):
        if where.layer is None or not weights(where):
            return ()
        try:
            sizes = _multiplier(where)
            for item in weights(where):
                there = lying(where.layer.row.kind, item)
                pairs.append((parse_layout(item.layout).bind(sizes), there and there.bind(sizes)))
        except ExpressionError:
            return ()
    return tuple(dict.fromkeys(pairs))


def _multiplier(where: Place) -> dict[str, int]:
    """The depth multiplier of a call that makes a depthwise convolution, where that tells it.

    It is 1 by default, which an arg_scope of slim's may change."""
    if (
        where.layer is None
        or where.call is None
        or where.layer.row.kind not in (Kind.DEPTHWISE_CONV, Kind.SEPARABLE_CONV)
    ):
        return {}
    default = None if {"contrib", "tf_slim"} & set(where.callee.split(".")) else ast.Constant(1)
    positional = dict(zip(where.layer.row.parameters, where.call.args, strict=False))
    named = {item.arg: item.value for item in where.call.keywords}
    given = named.get("depth_multiplier", positional.get("depth_multiplier", default))
    value = given.value if isinstance(given, ast.Constant) else None
    return {"mult": value} if isinstance(value, int) and value > 0 else {}


def guessed(site: Site, assumed: frozenset[str], offered: frozenset[str]) -> Weights:
    """The layouts that the weights can have where no layer is seen.

    Of the kinds that the user offers to assume all are taken once one is needed: an assumption must not hide another.
    """
    pairs: list[tuple[Layout, Layout]] = []
    for layout in ranks(site):
        if "matrix" in assumed and layout in RANKS[1:]:
            continue
        forms = _FORMS[layout]
        kinds = offered & KINDS if assumed & KINDS else frozenset()
        chosen = [form for form in forms if form[0] in kinds]
        if kinds and not chosen and layout in RANKS[1:] and len(ranks(site)) > 1:
            continue
        pairs += [(parse_layout(source), parse_layout(there)) for _, source, there in chosen or forms]
    return tuple(pairs)


def ranks(site: Site) -> tuple[Layout, ...]:
    """The numbers of axes that the weights can have, as layouts."""
    shapes = [site.shape] if site.form is Form.DRAW else [shape_of(where) for where in site.places or (site.place,)]
    return tuple(dict.fromkeys(layout for shape in shapes for layout in _ranks(shape)))


def _ranks(shape: ast.expr | None) -> Iterable[Layout]:
    if not isinstance(shape, ast.List | ast.Tuple) or any(isinstance(item, ast.Starred) for item in shape.elts):
        return RANKS
    return (RANKS[2], RANKS[1], _MATRIX, _KERNEL)[min(len(shape.elts), 3) : min(len(shape.elts), 3) + 1]
