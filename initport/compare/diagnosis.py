"""What a weight of the port starts as, where that is not what the source says.

Each candidate is a mistake that people make, as a law: a default of the port's framework, a fan for another, a cut
that is missing. The first candidates that the sample agrees with are the diagnosis; that a sample is large enough to
distinguish them is what its size was computed for.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from initport.emit.plan import Entry
from initport.emit.targets import target
from initport.grammar.call import Call, default_call
from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.rows import SourceLayer
from initport.ir.initializers import (
    TRUNCATED_VARIANCE,
    ZERO,
    Blocks,
    Constant,
    Distribution,
    Initializer,
    Orthogonal,
    Preset,
    RandomNormal,
    RandomUniform,
    Sparse,
    TruncatedNormal,
    VarianceScaling,
    bind,
    canonical,
)
from initport.ir.law import law, truncated_variance
from initport.ir.moments import moments
from initport.ir.scalar import InexactError, Scalar
from initport.ir.weights import Kind, Role
from initport.verify.sampling import Sample, judge

LEVEL = 1e-7
"""A candidate is out where one of its tests has a probability below this."""

UNTRANSPOSED = "counted on the source's axes, before they are transposed"
"""Words for fans of a shape that is not the port's own."""

UNKNOWN = "fan"
"""A fan that the source's framework counts in a way of its own."""

_CUT = truncated_variance(2)


class Candidate(NamedTuple):
    """A mistake in words, or several at once, and the law that they make of the weight."""

    words: str
    initializer: Initializer
    mistakes: int = 1


class Subject(NamedTuple):
    """A weight that differs: as the source, in the words of ``spoken``, has it, with its sizes, and where it is in the
    port."""

    entry: Entry
    initializer: Initializer
    sizes: Mapping[str, int]
    spoken: str
    framework: str
    layer: str
    shape: tuple[int, ...]
    parameter: str
    part: tuple[int, int] | None = None


def candidates(subject: Subject) -> Iterator[Candidate]:
    """In the order in which they are to be believed."""
    yield from _defaults(subject)
    yield from _constants(subject)
    yield from _orthogonal(subject)
    yield from _spread(subject)


def candidates_for(subject: Subject, sample: Sample, center: float) -> list[str]:
    """The candidates that the sample agrees with, by their words, and where there are none, calls of the framework;
    ``center`` is what its sums are about."""
    return _candidates(subject, lambda initializer: _agrees(initializer, subject.sizes, sample, center))


def candidates_like(subject: Subject, other: Initializer, sizes: Mapping[str, int]) -> list[str]:
    """The same where the port's law is known: those with that law."""
    known = _numbers(other, sizes)
    if known is None:
        return []
    return _candidates(subject, lambda initializer: _close(_numbers(initializer, subject.sizes), known))


def _candidates(subject: Subject, fits: Callable[[Initializer], bool]) -> list[str]:
    """The words of those that fit and make the fewest mistakes at once."""
    for proposed in (candidates(subject), _calls(subject)):
        if found := [item for item in proposed if fits(item.initializer)]:
            least = min(item.mistakes for item in found)
            return list(dict.fromkeys(item.words for item in found if item.mistakes == least))
    return []


def _numbers(initializer: Initializer, sizes: Mapping[str, int]) -> tuple[float, ...] | None:
    """Moments and kurtosis, which distinguish the laws that are compared."""
    try:
        truth, known = moments(initializer, sizes), law(initializer, sizes)
    except (ArithmeticError, ValueError):
        return None
    return None if truth is None or known is None else (*truth, known.kurtosis if truth.variance else 1.0)


def _close(first: tuple[float, ...] | None, second: tuple[float, ...]) -> bool:
    return first is not None and all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(first, second, strict=True))


def _agrees(initializer: Initializer, sizes: Mapping[str, int], sample: Sample, center: float) -> bool:
    try:
        truth, known = moments(initializer, sizes), law(initializer, sizes)
    except (ArithmeticError, ValueError):
        return False
    if truth is None or known is None or not math.isfinite(sample.first):
        return False
    if truth.variance and not sample.variance:
        return False
    shift = truth.mean - center
    first = sample.first - sample.n * shift
    second = sample.second - 2 * shift * sample.first + sample.n * shift * shift
    slack = 1e-5 * max((abs(bound) for bound in (truth.low, truth.high) if math.isfinite(bound)), default=0.0)
    outside = int(sample.low < truth.low - slack) + int(sample.high > truth.high + slack)
    moved = Sample(
        sample.n, first, second, sample.fourth, sample.low, sample.high, sample.zeros, outside, sample.counts
    )
    return judge(moved, truth, 0.0, known, LEVEL).problem is None


def _defaults(subject: Subject) -> Iterator[Candidate]:
    """What the port's own layer starts with where nobody sets it."""
    sizes = dict(subject.sizes)
    if subject.entry.layer.kind is Kind.DEPTHWISE_CONV and _depthwise_is_grouped(subject.framework) and "in" in sizes:
        sizes["groups"] = sizes["in"]
    words = f"{target(subject.framework).title}'s own default: this weight was never set"
    named = subject.layer.rpartition(".")[2] or _layer_of(subject.framework, subject.entry.layer.kind)
    for initializer in _defaults_of(subject.framework, named or "", subject.entry.weight.role):
        try:
            yield Candidate(words, bind(initializer, sizes))
        except InexactError:
            yield Candidate(words, initializer)


def _depthwise_is_grouped(framework: str) -> bool:
    """Whether a depthwise convolution is one of as many groups as inputs there, and no layer of its own."""
    kinds = target(framework).vocabulary.grammar.kinds
    return kinds[Kind.DEPTHWISE_CONV].classes == kinds[Kind.CONV].classes


def default_of(framework: str, kind: Kind, role: Role, sizes: Mapping[str, int]) -> Initializer | None:
    """What the framework's own layer of that kind starts with where nobody sets it; None where it has no such layer."""
    if kind is Kind.DEPTHWISE_CONV and _depthwise_is_grouped(framework):
        kind, sizes = Kind.CONV, {**sizes, "groups": sizes.get("in", 1)}
    layer = _layer_of(framework, kind)
    if layer is None:
        return None
    found = _defaults_of(framework, layer, role)
    try:
        return bind(found[0], sizes) if found else None
    except InexactError:
        return found[0]


def _layer_of(framework: str, kind: Kind) -> str | None:
    """The name of the framework's own layer of that kind."""
    names = (name for name, rows in _own_layers(framework).items() if rows[0].kind is kind)
    return next((name.rpartition(".")[2] for name in names), None)


@cache
def _own_layers(framework: str) -> Mapping[str, tuple[SourceLayer, ...]]:
    """The rows of the framework's own layers, of its own module where the grammar has those of several."""
    rows = vocabulary(target(framework).layers).variants
    module = f"{target(framework).grammar.replace('_', '.')}."
    own = {name: rows[name] for name in rows if name.startswith(module)}
    return own or rows


@cache
def _defaults_of(framework: str, layer: str, role: Role) -> tuple[Initializer, ...]:
    rows = _own_layers(framework)
    speaker = vocabulary(target(framework).strings)
    found = []
    for row in next((rows[name] for name in rows if name.rpartition(".")[2] == layer), ()):
        for weight in row.weights:
            call = default_call(weight.default) if weight.default else None
            if weight.role is not role or call is None or weight.layout == "source":
                continue
            try:
                named = call.name if call.name in speaker.initializers else speaker.initializer_of(call.name)
                axes = parse_layout(weight.layout)
                parts = len(weight.blocks) or 1
                one = speaker.meaning(Call(named, (), call.named), axes.part(-1, parts) if weight.blocks else axes)
                found.append(canonical(Blocks((one,) * parts)) if weight.blocks else one)
            except (MeaningError, ExpressionError):
                continue
    return tuple(dict.fromkeys(found))


def _constants(subject: Subject) -> Iterator[Candidate]:
    entry, source = subject.entry, canonical(subject.initializer)
    fixed = isinstance(source, Constant)
    if subject.parameter in entry.place.zero:
        steps = Preset((ZERO, Scalar.of(1), ZERO, ZERO))
        yield Candidate("forget bias twice: both biases of the layer hold it, and they add up", steps)
    if fixed:
        for times, words in ((2, "twice"), (Fraction(1, 2), "half")):
            value = source.value * times if isinstance(source, Constant) else ZERO
            if value != ZERO:
                yield Candidate(f"{words} the constant", Constant(value))
    if source != Constant(ZERO):
        yield Candidate("zero: this weight was never set, or set to zero", Constant(ZERO))
    yield Candidate("a constant 1", Constant(Scalar.of(1)))


def _orthogonal(subject: Subject) -> Iterator[Candidate]:
    source = canonical(subject.initializer)
    if isinstance(source, Orthogonal):
        longest = max(source.rows.evaluate(subject.sizes) or 0, source.columns.evaluate(subject.sizes) or 0)
        gain = source.gain.evaluate(subject.sizes)
        if longest and gain:
            yield Candidate("a normal where the source has an orthogonal matrix", _normal(gain * gain / longest))


def _spread(subject: Subject) -> Iterator[Candidate]:
    """Laws about zero that differ from the source's in shape, fan or factor."""
    source = canonical(subject.initializer)
    if isinstance(source, Sparse):
        yield Candidate("the sparsity is missing", source.inner)
        return
    own = moments(subject.initializer, subject.sizes)
    if own is None or not own.variance or abs(own.mean) > 1e-9 * math.sqrt(own.variance):
        return
    shape = _shape(source)
    if shape is None:
        return
    variance = own.variance
    same, others = [shape], [other for other in _FAMILIES if other != shape]
    for other in others:
        yield Candidate(_otherwise(shape, other), _FAMILIES[other](variance))
    yield from _of_cuts(source, variance, subject)
    yield from _of_fans(subject, variance, same + others, shape)
    for factor, words in _factors(source, subject):
        yield Candidate(words, _FAMILIES[shape](variance * factor))
    for other in others:
        for factor, words in _factors(source, subject):
            yield Candidate(f"{words}, and {_otherwise(shape, other)}", _FAMILIES[other](variance * factor), 2)
    parent = _parent_variance(source, subject.sizes) or variance
    for name, family in _FAMILIES.items():
        words = "the variance where its root belongs"
        label = words if name == shape else f"{words}, and {_otherwise(shape, name)}"
        yield Candidate(label, family(parent * parent), 1 + (name != shape))


def _number(value: float) -> Scalar:
    return Scalar.of(Fraction(value))


def _uniform(variance: float) -> Initializer:
    bound = _number(math.sqrt(3 * variance))
    return RandomUniform(-bound, bound)


def _normal(variance: float) -> Initializer:
    return RandomNormal(ZERO, _number(math.sqrt(variance)))


def _truncated_normal(variance: float) -> Initializer:
    return TruncatedNormal(ZERO, _number(math.sqrt(variance / _CUT)))


_FAMILIES = {"uniform": _uniform, "normal": _normal, "truncated normal": _truncated_normal}


def _shape(source: Initializer) -> str | None:
    match source:
        case RandomUniform():
            return "uniform"
        case RandomNormal():
            return "normal"
        case TruncatedNormal():
            return "truncated normal"
    return None


def _otherwise(source: str, port: str) -> str:
    if (source, port) == ("truncated normal", "normal"):
        return "not truncated where the source is truncated at two deviations"
    if (source, port) == ("normal", "truncated normal"):
        return "truncated where the source is not"
    return f"{port} where the source is {source}"


def _parent_variance(source: Initializer, sizes: Mapping[str, int]) -> float | None:
    """The square of the deviation that people write down: of a truncated normal the parent's."""
    match source:
        case TruncatedNormal(_, stddev, _) | RandomNormal(_, stddev):
            value = stddev.evaluate(sizes)
            return None if value is None else value * value
    return None


def _of_cuts(source: Initializer, variance: float, subject: Subject) -> Iterator[Candidate]:
    match source:
        case TruncatedNormal():
            parent = _parent_variance(source, subject.sizes)
            if parent is not None:
                yield Candidate("not truncated where the source is truncated at two deviations", _normal(parent))
            if _corrects(subject) is not False:
                yield Candidate(
                    "0.8796 is missing: the deviation after truncation, taken for the parent's",
                    _truncated_normal(variance * _CUT),
                )
            yield Candidate("0.8796 twice: divided by it where the source does not", _truncated_normal(variance / _CUT))
        case RandomNormal():
            yield Candidate("truncated where the source is not", _truncated_normal(variance * _CUT))


def _corrects(subject: Subject) -> bool | None:
    """Whether the source makes up for what a cut takes of the variance; None where it says a deviation itself."""
    scaling = subject.entry.weight.initializer
    if not isinstance(scaling, VarianceScaling):
        return None
    return all(symbol != TRUNCATED_VARIANCE for symbol, _ in scaling.scale.powers)


def _of_fans(subject: Subject, variance: float, shapes: Sequence[str], own: str) -> Iterator[Candidate]:
    """Another fan, and the scale that goes with it."""
    scaling = subject.entry.weight.initializer
    if isinstance(scaling, VarianceScaling):
        fan = scaling.fan.evaluate(subject.sizes)
        scale = scaling.scale.evaluate(subject.sizes)
    else:
        fan = scale = None
    if fan is None or scale is None:
        return
    mode = _mode(scaling, subject)
    named: set[tuple[bool, bool, float]] = set()
    for name, other in (*_fans(subject), *_fans_on_source_axes(subject, mode)):
        known = ("depthwise" in name, UNTRANSPOSED in name, round(other, 6))
        if math.isclose(other, fan) or known in named:
            continue
        named.add(known)
        for factor, gain in _GAINS:
            label = _fan_words(mode, name, subject, float(scale), float(scale) * factor, gain)
            for shape in shapes:
                words = label if shape == own else f"{label}, {_otherwise(own, shape)}"
                mistakes = 1 + (", and " in label) + (shape != own)
                yield Candidate(words, _FAMILIES[shape](scale * factor / other), mistakes)


_GAINS = ((1.0, ""), (2.0, "a gain of 2 too many"), (0.5, "the gain of 2 is missing"))


def _mode(scaling: Initializer, subject: Subject) -> str:
    """What the source's fan is called in the source's own words or, where it has none, by its value."""
    if isinstance(scaling, VarianceScaling):
        fan, layout = scaling.fan.evaluate(subject.sizes), subject.entry.weight.layout
        own = vocabulary(subject.spoken).names(layout) if layout is not None else {}
        spoken = ((name, own[name].evaluate(subject.sizes)) for name in ("fan_in", "fan_out", "fan_avg") if name in own)
        for name, value in (*((name, value) for name, value in spoken if value is not None), *_fans(subject)):
            if fan is not None and math.isclose(value, fan):
                return name
    return UNKNOWN


def _fan_words(mode: str, other: str, subject: Subject, scale: float, there: float, gain: str) -> str:
    names = {("fan_in", 1.0): "LeCun", ("fan_avg", 1.0): "Glorot", ("fan_in", 2.0): "He"}
    source, port = names.get((mode, scale)), names.get((other, there))
    if UNTRANSPOSED in other:
        words = other
    elif mode == UNKNOWN:
        words = f"{other} counted on the port's own axes"
    elif "groups" in other or "depthwise" in other or "transposed" in other:
        words = f"{other} for {mode}"
    elif other == mode:
        words = f"{mode} counted on the port's own axes"
    elif source and port:
        caffe = " (Caffe's xavier)" if subject.entry.weight.source.startswith("xavier") else ""
        return f"{port} where the source has {source}{caffe}"
    else:
        words = f"{other} for {mode}"
    return f"{words}, and {gain}" if gain else words


def _fans(subject: Subject) -> Iterator[tuple[str, float]]:
    """Fans that somebody may take for this weight's, by name."""
    weight = subject.entry.weight
    kind = subject.entry.layer.kind
    swapped = kind is Kind.CONV_TRANSPOSE
    source: Mapping[str, Scalar] = {}
    if weight.layout is not None:
        sizes = subject.sizes
        source = vocabulary(subject.spoken).names(weight.layout)
        groups = sizes.get("groups", 1)
        if groups > 1:
            for name in ("fan_in", "fan_out"):
                value = source[name].evaluate(sizes) if name in source else None
                if value is not None:
                    yield name, value
                    yield f"groups forgotten in {name}", value * groups
    literal = parse_layout(", ".join(map(str, subject.shape))) if subject.shape else None
    there = target(subject.framework).vocabulary.names(literal)
    for name in ("fan_in", "fan_out", "fan_avg"):
        label = f"the transposed kernel's {name}" if swapped and name != "fan_avg" else name
        value = source[name].evaluate(subject.sizes) if name in source else None
        if value is not None:
            yield label, value
        value = there[name].evaluate({}) if name in there else None
        if value is not None:
            yield (f"depthwise {name}" if kind is Kind.DEPTHWISE_CONV else label), value
    kernel, inside, outside = (subject.sizes.get(name) for name in ("kernel", "in", "out"))
    if kind is Kind.DEPTHWISE_CONV and kernel and inside:
        for name, value in (("fan_in", float(kernel * inside)), ("fan_in", float(kernel))):
            yield f"depthwise {name}", value
        yield "depthwise fan_out", float(kernel * subject.sizes.get("mult", 1))
    if inside and outside:
        yield "fan_in without the kernel's size", float(inside)
        yield "fan_out without the kernel's size", float(outside)


def _fans_on_source_axes(subject: Subject, mode: str) -> Iterator[tuple[str, float]]:
    """The same fan as the port's framework counts it on the source's own shape, where its axes are others."""
    shape = subject.entry.weight.shape
    if shape is None or None in shape or shape == subject.shape or len(shape) < 2:
        return
    table = target(subject.framework).vocabulary.names(parse_layout(", ".join(map(str, shape))))
    value = table[mode].evaluate({}) if mode in table else None
    if value is not None:
        yield f"{mode} {UNTRANSPOSED}", value


def _factors(source: Initializer, subject: Subject) -> Iterator[tuple[float, str]]:
    """Factors of the variance, and what forgets or adds them."""
    if _corrects(subject) is not True:
        yield 1 / 1.3, "the 1.3 is missing"
    yield 1.3, "a 1.3 too many"
    if isinstance(source, RandomUniform):
        yield 1 / 3, "a deviation where a bound belongs"
    else:
        yield 3.0, "a bound where a deviation belongs"
    yield 0.5, "the gain of 2 is missing"
    yield 2.0, "a gain of 2 too many"
    yield (
        (1 / 3, "a third of the variance")
        if not isinstance(source, RandomUniform)
        else (3.0, "three times the variance")
    )


def _calls(subject: Subject) -> Iterator[Candidate]:
    """Every initializer of the port's framework, as it is without arguments, on the weight's own shape; of several
    with one law the first."""
    speaker = target(subject.framework).vocabulary
    literal = parse_layout(", ".join(map(str, subject.shape))) if subject.shape else parse_layout("")
    known: set[Initializer] = set()
    for call, spoken in _calls_of(subject.framework):
        try:
            meaning = speaker.meaning(call, literal)
            law_of_it = canonical(meaning)
        except (MeaningError, ExpressionError, InexactError):
            continue
        if law_of_it in known:
            continue
        known.add(law_of_it)
        yield Candidate(f"as {spoken} draws it", meaning)


@cache
def _calls_of(framework: str) -> tuple[tuple[Call, str], ...]:
    speaker: Vocabulary = target(framework).vocabulary
    found: list[tuple[Call, str]] = []
    for name, function in speaker.initializers.items():
        if function.code:
            continue
        short = name.rpartition(".")[2]
        found.append((Call(name, (), ()), short))
        if "mode" in function.parameters and "nonlinearity" in function.parameters:
            for mode in ("fan_in", "fan_out"):
                for gain in ("linear", "relu"):
                    given = (("mode", mode), ("nonlinearity", gain))
                    found.append((Call(name, (), given), f'{short}(mode="{mode}", nonlinearity="{gain}")'))
        if "distribution" in function.parameters:
            for mode in ("fan_in", "fan_out", "fan_avg"):
                for shape in Distribution:
                    shown = "untruncated_normal" if shape is Distribution.NORMAL else shape.value
                    given = (("mode", mode), ("distribution", shown))
                    found.append((Call(name, (), given), f'{short}(mode="{mode}", distribution="{shown}")'))
    return tuple(found)
