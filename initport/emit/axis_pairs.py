"""The weights that a site may start: for each, its axes as the source's initializer gets it, and as the target's does.

A target is asked for its own axes, by the kind of layer and the role of the weight; the source's stand for the target's
nowhere but where the layer itself stays and calls the target's initializer (``hosts`` in the target's grammar), and
where a value is drawn of a shape that stands in the code. Of a layer that is not visible, the source's grammar declares
what the weight can be (``axes``), and what depends on more is refused or asked for.
"""

import ast
from collections.abc import Iterator, Mapping
from fractions import Fraction

from initport.emit.decision import RefusedError, Weights
from initport.grammar.layout import parse_layout, with_rank
from initport.grammar.meaning import Vocabulary
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Layout, Role
from initport.python.arguments import literal
from initport.python.axes import declared_layouts, layer_axes
from initport.python.place import weights
from initport.python.sites import Form, Place, Site

ASSUMED: Mapping[str, frozenset[Kind]] = {
    "dense": frozenset({Kind.DENSE}),
    "conv": frozenset({Kind.CONV, Kind.CONV_TRANSPOSE}),
}
"""What may be assumed of the weights of layers that are not visible, and what they are then."""


def pairs(
    site: Site, target: Vocabulary, assumed: frozenset[str] = frozenset(), offered: frozenset[str] | None = None
) -> Weights:
    """The weights that the site may start under what is ``assumed`` of them.

    Of the kinds that the user offers to assume all are taken once one is needed: an assumption must not hide another.
    """
    own = site.named.vocabulary
    layouts = _matrices(site.layouts) if "matrix" in assumed else site.layouts
    if own.framework == target.framework or site.form is Form.DRAW:
        return tuple((layout, layout) for layout in layouts)
    visible = visible_pairs(site, target)
    if visible:
        return visible
    if is_hosted(site, target):
        return tuple((layout, layout) for layout in layouts)
    kinds = (assumed if offered is None else offered) & ASSUMED.keys() if assumed & ASSUMED.keys() else frozenset()
    _check_assumed(site, kinds)
    return tuple(dict.fromkeys(pair for layout in layouts for pair in _possible(site, target, layout, kinds)))


def _check_assumed(site: Site, assumed: frozenset[str]) -> None:
    """Raises RefusedError where what is visible of the weights contradicts what is assumed of them."""
    kinds = frozenset[Kind]().union(*(ASSUMED[name] for name in assumed))
    for where in site.partly if assumed else ():
        if where.layer is None or where.layer.row.kind in kinds:
            continue
        if any(weight.role is Role.KERNEL for weight in weights(where)):
            words = " and ".join(f"`--assume {name}`" for name in sorted(assumed))
            line = "" if where.call is None else f" in line {where.call.lineno}"
            layer = f"`{where.callee if where.call is None else ast.unparse(where.call.func)}`{line}"
            raise RefusedError(
                f"{words} does not hold: it also starts a weight of {layer}, which is of another kind "
                f"({where.layer.row.kind.replace('_', ' ')}); give each kind of layer an initializer of its own"
            )


def _matrices(layouts: tuple[Layout, ...]) -> tuple[Layout, ...]:
    """Those of two axes or more, if any can be."""
    return tuple(layout for layout in layouts if layout.min_rank > 1) or layouts


def is_hosted(site: Site, target: Vocabulary) -> bool:
    """Whether a layer that is not visible calls the target's initializers as it calls the source's."""
    return site.named.vocabulary.framework in target.grammar.hosts


def visible_pairs(site: Site, target: Vocabulary) -> Weights:
    """The weights of layers that are visible; none where a layer is not."""
    found: list[tuple[Layout, Layout | None]] = []
    for where in site.places or (site.place,):
        if where.layer is None or not weights(where):
            return ()
        sizes = multiplier(where)
        for item in weights(where):
            source = layer_axes(site.named.vocabulary, where.layer, item)
            if source is None:
                return ()
            there = layer_axes(target, where.layer, item)
            found.append((source.bind(sizes), there and there.bind(sizes)))
    return tuple(dict.fromkeys(found))


_MULTIPLIERS = ("depth_multiplier", "channel_multiplier")
"""What layers call the number of outputs that each input of a depthwise kernel has."""


def multiplier(where: Place) -> dict[str, int]:
    """The depth multiplier, where the call or the layer's own default states it."""
    if where.layer is None or where.call is None:
        return {}
    if isinstance(where.shape, ast.List | ast.Tuple) and where.layer.row.kind in _DEPTHWISE:
        return _number("mult", literal(where.shape.elts[-1]))
    row, call = where.layer.row, where.call
    if any(isinstance(item, ast.Starred) for item in call.args) or any(item.arg is None for item in call.keywords):
        return {}
    given: dict[str | None, object] = {name: row.defaults[name] for name in _MULTIPLIERS if name in row.defaults}
    given.update((name, literal(node)) for name, node in zip(row.parameters, call.args, strict=False))
    given.update((item.arg, literal(item.value)) for item in call.keywords)
    return _number("mult", next((given[name] for name in _MULTIPLIERS if name in given), None))


_DEPTHWISE = (Kind.DEPTHWISE_CONV, Kind.SEPARABLE_CONV)


def _number(role: str, value: object) -> dict[str, int]:
    number = value.rational if isinstance(value, Scalar) else value
    return {role: int(number)} if isinstance(number, int | Fraction) and number > 0 and number == int(number) else {}


def _possible(
    site: Site, target: Vocabulary, layout: Layout, assumed: frozenset[str]
) -> Iterator[tuple[Layout, Layout | None]]:
    """What a weight of so many axes can be in the source, and that in the target."""
    forms = list(_forms(site.named.vocabulary, target, layout))
    kinds = frozenset[Kind]().union(*(ASSUMED[name] for name in assumed))
    chosen = [(source, there) for kind, source, there in forms if kind in kinds]
    if assumed and not chosen and layout.min_rank < 2 and len(site.layouts) > 1:
        return
    yield from chosen or ((source, there) for _, source, there in forms)


def _forms(own: Vocabulary, target: Vocabulary, layout: Layout) -> Iterator[tuple[Kind | None, Layout, Layout | None]]:
    number = layout.rank
    if layout.min_rank < 2:
        yield None, layout, next(iter(declared_layouts(target, number)), None)
        return
    for kind, text in (own.grammar.axes.kinds if own.grammar.axes is not None else {}).items():
        row = target.grammar.kinds[kind].weights[Role.KERNEL]
        source = parse_layout(text)
        there = None if row.layout is None else parse_layout(row.layout).bind({"groups": 1})
        if number is None:
            yield kind, source, there
        elif number == source.rank or (source.rank is None and number > source.min_rank):
            fitted = with_rank(source, number)
            if fitted is not None:
                yield kind, fitted, there and with_rank(there, number)


def differs(site: Site, target: Vocabulary, offered: frozenset[str]) -> RefusedError:
    """The refusal of a site whose weights no one call of the target starts alike."""
    if site.form is Form.DRAW or (is_hosted(site, target) and not visible_pairs(site, target)):
        return RefusedError(
            "the shape is not known here, and on one axis or none it means something else than on a matrix; pass "
            "`--assume matrix` if the weight has two axes or more",
            assume="matrix",
        )
    title = target.grammar.title or target.framework
    if visible_pairs(site, target):
        return RefusedError(
            f"it starts weights that {title} lays out in different ways, on which no one function means the same; give "
            "each its own initializer"
        )
    kinds = sorted(offered & ASSUMED.keys())
    ranks = {layout.rank for layout in site.layouts}
    kind = kinds[0] if kinds and len(ranks) > 1 else "dense" if ranks == {2} else "conv"
    return RefusedError(
        f"the fans in {title} depend on the layer, which is not visible here; pass `--assume dense` if such weights "
        "are those of dense or recurrent layers, `--assume conv` if of convolutions (not depthwise)",
        assume=kind,
    )
