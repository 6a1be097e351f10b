"""From what a program gives a layer or a variable to the distribution that its weight starts with."""

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from initport.diagnostics import Code
from initport.grammar import registry
from initport.grammar.call import Argument, Call
from initport.grammar.layout import ROLES
from initport.grammar.meaning import REQUIRED, MeaningError, UnknownCallError, Vocabulary
from initport.grammar.rows import SourceWeight
from initport.grammar.version import version_text
from initport.grammar.versions import Versions
from initport.ir.initializers import (
    Blocks,
    Constant,
    Initializer,
    Preset,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Unsupported,
    canonical,
    elementwise,
    equal,
)
from initport.ir.scalar import InexactError, Scalar
from initport.ir.weights import Kind, Layout
from initport.lexis import one_line
from initport.program.modules import METHODS
from initport.program.values import (
    APPLIED,
    RESHAPED,
    Called,
    Computed,
    Entries,
    Function,
    Items,
    Known,
    Made,
    Path,
    Unknown,
    Value,
    fits,
)
from initport.python.arguments import ASIDE, SIZE
from initport.python.axes import layer_axes
from initport.python.defaults import WHOLE, all_layers, bias_of, default, default_frameworks, stored_dtype
from initport.python.place import known_later, refusal
from initport.python.vocabulary import Named, Names
from initport.python.vocabulary import names as names_of


class RefusedError(Exception):
    """Why nothing can be said of a start."""

    def __init__(self, reason: str, code: Code = Code.UNDECIDED) -> None:
        super().__init__(reason)
        self.code = code


class Start(NamedTuple):
    """How a weight starts, in the source's words, and what says so."""

    initializer: Initializer
    source: str
    implicit: bool
    value: Value | None = None
    repeats: bool = False
    """Whether the object gives the same values at every call."""
    draws: Value | None = None
    """What was drawn once, where another weight may start with it too."""
    seed: object = None
    """The seed of its draws: others of the same law and shape repeat them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A weight of a layer: its axes, and their number where only that is known."""

    made: Made
    weight: SourceWeight
    layout: Layout | None
    rank: int | None
    shape: tuple[int | None, ...] | None = None

    @property
    def given(self) -> Value | None:
        """What the call gives for it; None where it gives nothing."""
        value = self.made.given.get(self.weight.argument or "")
        for key in (self.weight.key or "").split(".") if self.weight.key else ():
            if isinstance(value, Entries) and key in value.entries:
                value = value.entries[key]
            elif isinstance(value, Entries) and not value.open:
                return None
            elif value is not None and not _is_none(value):
                return Unknown("the dict that would start it is known only when the program runs")
        return None if value is None or _is_none(value) or _is_true(value) else value


def _is_true(value: Value) -> bool:
    """An initializer that is True is none: the layer's own default."""
    return isinstance(value, Known) and value.value is True


def _is_none(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None


class Starts:
    """What weights start with in the versions that a source was written for."""

    def __init__(self, names: Names, versions: Versions) -> None:
        self.names, self.versions = names, versions

    def start(self, asked: Asked) -> Start:
        """Raises RefusedError, also where it depends on a version that is not known."""
        stated = (name for name, value in asked.made.given.items() if not _is_none(value))
        refused = refusal(asked.made.layer.row, stated)
        if refused is not None:
            raise RefusedError(*refused)
        undecided = self._open_setting(asked)
        if undecided:
            raise RefusedError(known_later(undecided))
        found = self._in(self.names, asked)
        frameworks = self._frameworks(asked, found)
        unmeasured = self.versions.doubt_of(frameworks)
        if unmeasured is not None:
            raise RefusedError(unmeasured, Code.NEEDS_VERSION)
        heads = registry.heads()
        packages = {heads[name].package for name in frameworks if name in heads}
        for package in sorted(packages & registry.releases().keys()):
            self._check(package, asked, found)
        return found

    def _open_setting(self, asked: Asked) -> str:
        """A setting that only the running program has, where the weight is another one in a row that it may choose."""
        row, given = asked.made.layer.row, asked.made.given
        unknown = [name for name in row.where if not isinstance(given.get(name, Known(None)), Known)]
        others = [item.row for item in self.names.layers.get(asked.made.path, ()) if item.row.where != row.where]
        same = (asked.weight.role, asked.weight.layout)
        elsewhere = any(all((item.role, item.layout) != same for item in other.weights) for other in others)
        return unknown[0] if unknown and elsewhere else ""

    def _frameworks(self, asked: Asked, found: Start) -> list[str]:
        """The grammars that say what was found."""
        layer = asked.made.layer
        frameworks = [layer.framework]
        if isinstance(found.value, Called | Path) and (named := _find(self.names, found.value.path)) is not None:
            frameworks.append(named.vocabulary.framework)
        if found.implicit:
            frameworks += default_frameworks(asked.weight, layer, self.names)
        if layer.speaker is not None:
            frameworks.append(layer.speaker.framework)
        return frameworks

    def _check(self, package: str, asked: Asked, found: Start) -> None:
        versions = self.versions
        if versions.exact(package):
            return
        for version in versions.candidates(package):
            chosen = versions._replace(chosen={**versions.chosen, package: version})
            names = names_of(chosen, roots=self.names.speech.roots)
            try:
                other = self._in(names, _again(asked, names))
                differs = "it starts differently" if not equal(other.initializer, found.initializer) else ""
            except _OtherWeightsError:
                differs = f"{asked.made.label} has other weights"
            except (RefusedError, LookupError):
                continue  # that version knows no such name
            if differs:
                short = registry.releases()[package].short or package
                raise RefusedError(
                    f"{differs} in {registry.title(package)} {version_text(version)}, and the version "
                    f"that this was written for is not known ({versions.describe(package)}); pass `--source-version "
                    f"{short}=VERSION`, or require a version in the project",
                    Code.NEEDS_VERSION,
                )

    def _in(self, names: Names, asked: Asked) -> Start:
        """Raises RefusedError."""
        given, made, weight = asked.given, asked.made, asked.weight
        if given is None and (weight.scoped or weight.by_network):
            given = made.initializer
        if given is not None and not _is_none(given):
            words = _words(given)
            found = _Meaning(names, asked).of(given)
            if weight.blocks:  # each part is drawn alone
                parts = (found if block is None else self._block(names, asked, block) for block in weight.blocks)
                found = Blocks(tuple(parts))
            _check_whole(made, found, asked, names)
            return Start(found, words, False, given, _repeats(names, given), _draws_of(names, given), _seed(given))
        if made.starred:
            raise RefusedError("what `*` or `**` gives the layer is known only when the program runs")
        stated = weight.whole if weight.whole and _is_whole(made.given.get("dtype")) else weight.default
        if not stated:
            raise RefusedError("nothing that is visible here starts it")
        if any(_is_set(made, block) for block in weight.blocks):
            parts = (self._block(names, asked, block or weight.default) for block in weight.blocks)
            whole: Initializer = Blocks(tuple(parts))
        else:
            whole = self._default(names, asked, stated)
        return Start(whole, f"default: {str(stated['type']).rpartition('.')[2]}", True)

    @staticmethod
    def _default(names: Names, asked: Asked, stated: Mapping[str, Any]) -> Initializer:
        """Raises RefusedError."""
        made, weight = asked.made, asked.weight
        found = default(weight._replace(default=stated), made.layer, names, asked.layout, asked.rank, _numbers(made))
        if found is None:
            raise RefusedError("its default depends on axes that are not known")
        _check_whole(made, found, asked, names)
        return found

    @classmethod
    def _block(cls, names: Names, asked: Asked, block: Mapping[str, Any]) -> Initializer:
        """What a part of a weight starts with that has an argument, or a default, of its own. Raises RefusedError."""
        argument = block.get("argument")
        given = asked.made.given.get(argument) if argument is not None else None
        if given is not None and not _is_none(given):
            return _Meaning(names, asked).of(given)
        stated = {key: value for key, value in block.items() if key != "argument"}
        count = len(asked.weight.blocks)
        inside = None if asked.layout is None else asked.layout.part(-1, count)
        part = replace(asked, weight=asked.weight._replace(blocks=()), layout=inside)
        return cls._default(names, part, stated)

    def fill(self, asked: Asked, call: Called) -> Start:
        """What a parameter starts with that is filled after its layer was made. Raises RefusedError."""
        start = call.args[0] if call.path == APPLIED else call
        meaning = _Meaning(self.names, asked)
        found = meaning.of(start) if call.path == APPLIED else meaning.after_fill(call)
        return Start(found, _words(start), False, start)


def _is_set(made: Made, block: Mapping[str, Any] | None) -> bool:
    value = None if block is None else made.given.get(block.get("argument", ""))
    return value is not None and not _is_none(value)


def _numbers(made: Made) -> dict[str, Scalar]:
    """The settings of a layer that are numbers and no sizes: those that it is given, else its own."""
    own = {
        name: Scalar.of(Fraction(str(value)))
        for name, value in made.layer.row.defaults.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    given = {name: value for name, value in made.given.items() if not _is_none(value)}
    known = {name: value.value for name, value in given.items()
             if isinstance(value, Known) and isinstance(value.value, Scalar)}  # fmt: skip
    kept = {name: value for name, value in own.items() if name not in given}
    return {name: value for name, value in {**kept, **known}.items() if name not in ROLES}


class _OtherWeightsError(Exception):
    """What a version makes of a call is another kind of layer, which has no such weight."""


def _again(asked: Asked, names: Names) -> Asked:
    """The weight as another version has it. Raises LookupError where that has none, and _OtherWeightsError."""
    made = asked.made
    layers = all_layers(names, made.path)[made.path]
    held = [layer for layer in layers if fits(layer.row, made.given)]
    for layer in held:
        for weight in layer.row.weights:
            same = (weight.role, weight.key) == (asked.weight.role, asked.weight.key)
            same = same and (asked.given is None or weight.argument == asked.weight.argument)
            if same and weight.layout == asked.weight.layout:
                return replace(asked, made=replace(made, layer=layer), weight=weight)
    settings = made.layer.row.where.keys()
    known = [layer for layer in held if settings & made.given.keys() <= layer.row.where.keys()]
    if settings and known and all(layer.row.kind is not made.layer.row.kind for layer in known):
        raise _OtherWeightsError
    raise LookupError


def _words(value: Value) -> str:
    node = value.node
    if isinstance(node, ast.expr):
        return one_line(ast.unparse(node))
    if isinstance(value, Known):
        return repr(value.value)
    return "what it is given"


def _is_whole(dtype: Value | None) -> bool:
    name = _dtype_name(dtype)
    return isinstance(name, str) and WHOLE.fullmatch(name) is not None


def _check_whole(made: Made, found: Initializer, asked: Asked, names: Names) -> None:
    """Raises RefusedError where a weight is drawn in parts, its numbers are whole, or its dtype biases them."""
    if made.replaced:
        raise RefusedError(made.replaced)
    if isinstance(canonical(found), Constant):
        return
    if made.partitioned:
        raise RefusedError("the variable is made in parts by a partitioner, each of which is drawn alone")
    given = asked.given
    dtypes = [made.given.get("dtype"), given.given.get("dtype") if isinstance(given, Called) else None]
    if any(_is_whole(dtype) for dtype in dtypes):
        raise RefusedError(
            "integers are drawn, and no initializer of PyTorch or Keras draws integers", Code.INEXPRESSIBLE
        )
    dtype, own = made.given.get(stored_dtype(made.layer)), _own_dtype(names, given)
    if not isinstance(own, Unknown) and (
        (given is not None and _draws_of(names, given) is not None) or _is_applied(given)
    ):
        dtype = own
    frameworks = [*default_frameworks(asked.weight, made.layer, names), *_grammars_of(names, given)]
    biased = bias_of(frameworks, _dtype_name(dtype))
    if biased:
        raise RefusedError(biased, Code.INEXPRESSIBLE)


def _grammars_of(names: Names, value: Value | None) -> Iterator[str]:
    """The grammars of the functions that an expression calls."""
    match value:
        case Computed(left=left, right=right):
            yield from (*_grammars_of(names, left), *_grammars_of(names, right))
        case Called(path=path, args=[first, *_]) if path in (APPLIED, RESHAPED):
            yield from _grammars_of(names, first)
        case Called(path=path) | Path(path=path) if (named := _find(names, path)) is not None:
            yield named.vocabulary.framework


def _is_applied(value: Value | None) -> bool:
    """Whether an initializer is called, and not given to the layer."""
    return isinstance(value, Called) and value.path == APPLIED


def _own_dtype(names: Names, value: Value | None) -> Value | None:
    """The dtype that a draw is given, by itself or by the call of an initializer."""
    match value:
        case Computed(left=left, right=right):
            return _own_dtype(names, left) or _own_dtype(names, right)
        case Called(path=path, args=[Called() as first, *rest], given=given) if path == APPLIED:
            named = _find(names, first.path)
            called = named.vocabulary.grammar.called if named is not None else ()
            return {**dict(zip(called, rest, strict=False)), **given}.get("dtype", _own_dtype(names, first))
        case Called(path=path, args=args, given=given) if (named := _find(names, path)) is not None:
            return {**dict(zip(named.function.parameters, args, strict=False)), **given}.get("dtype")
    return None


def _dtype_name(dtype: Value | None) -> str | None:
    return dtype.path.rpartition(".")[2] if isinstance(dtype, Path) else getattr(dtype, "value", None)


def _draws_of(names: Names, value: Value) -> Value | None:
    """The values that were drawn once, or the variable that they are of."""
    match value:
        case Called(path=path) if path in names.draws:
            return value
        case Called(path=path, args=args) if path == RESHAPED:
            return _draws_of(names, args[0])
        case Made():
            return value
        case Computed(left=left, right=right):
            return _draws_of(names, left) or _draws_of(names, right)
    return None


def _seed(value: Value) -> object:
    match value:
        case Called(path=path, args=args) if path in (APPLIED, RESHAPED):
            return _seed(args[0])
        case Called(given=given):
            seed = given.get("seed")
            return seed.value if isinstance(seed, Known) else None
        case Computed(left=left, right=right):
            return _seed(left) or _seed(right)
    return None


def _repeats(names: Names, value: Value) -> bool:
    named = _find(names, value.path) if isinstance(value, Called) else None
    modules = named.vocabulary.grammar.repeats if named is not None else ()
    return named is not None and any(named.path.startswith(f"{module.name}.") for module in modules)


def _find(names: Names, path: str) -> Named | None:
    """What a path is: an initializer, or a function that gives values."""
    found = names.functions.get(path) or names.draws.get(path) or names.fills.get(path)
    if found is not None:
        return found
    known = _constant_functions(names).get(path)
    return None if known is None else Named(known, path, path)


@cache
def _constant_functions(names: Names) -> Mapping[str, Vocabulary]:
    """The functions of vocabularies that give values which are not drawn, such as zeros."""
    found: dict[str, Vocabulary] = {}
    for _, known, _ in names.speech.vocabularies():
        found.update((path, known) for path, row in known.initializers.items() if row.code is None and "." in path)
    return found


class _Meaning:
    """What a value means on one weight. Its methods raise RefusedError."""

    def __init__(self, names: Names, asked: Asked) -> None:
        self.names, self.asked = names, asked

    def of(self, value: Value) -> Initializer:
        match value:
            case Known(value=str() as text):
                return self._string(text, {}, value)
            case Known(value=Scalar() as scalar):
                return Constant(scalar)
            case Entries(entries=entries) if "class_name" in entries:
                return self._config(entries, value)
            case Items(items=[Known(value=str()) as name, Entries() as config]) if self._takes_pairs:
                return self._config({"class_name": name, "config": config}, value)
            case Items():
                return self._preset(value)
            case Made() if value.layer.row.kind is Kind.PARAMETER:
                first = value.layer.row.weights[0]
                return (
                    Starts(self.names, Versions())
                    ._in(self.names, replace(self.asked, made=value, weight=first))
                    .initializer
                )
            case Path(path=path):
                return self._function_itself(path)
            case Called(path=path) if path == APPLIED:
                return self.of(value.args[0])
            case Called(path=path) if path == RESHAPED:
                found = self.of(value.args[0])
                if not elementwise(found):
                    raise RefusedError("its values are put into another shape, whose axes are not those of its law")
                return found
            case Called():
                return self._call_of(value)
            case Computed():
                return self._arithmetic(value)
            case Function():
                raise RefusedError(f"the function `{value.name}` of the program computes its values; port it yourself")
            case Unknown(reason=reason):
                raise RefusedError(f"what starts it is not known: {reason}")
        raise RefusedError("what starts it is known only when the program runs")

    @property
    def _takes_pairs(self) -> bool:
        """Whether the layer is given an initializer as a pair of its name and its arguments."""
        speaker = self.asked.made.layer.speaker
        return speaker is not None and speaker.grammar.strings == "pair"

    def _preset(self, value: Items) -> Initializer:
        """Values one by one, the last of which fills the rest (init_ops.py, Constant)."""
        flat = list(_flat(value))
        numbers = [item.value for item in flat if isinstance(item, Known) and isinstance(item.value, Scalar)]
        if not flat or len(numbers) < len(flat):
            raise RefusedError("the values that it starts with are known only when the program runs")
        if len(set(numbers)) == 1:
            return Constant(numbers[0])
        count = math.prod(size for size in self.asked.shape or () if size is not None)
        if self.asked.shape is None or None in self.asked.shape or count < len(numbers):
            raise RefusedError("it starts with a list of values, and its shape is not known; initialize them yourself")
        return Preset((*numbers, *numbers[-1:] * (count - len(numbers))))

    def _layout(self, known: Vocabulary) -> Layout | None:
        """The weight's axes as the initializers of a vocabulary get it."""
        if self.asked.weight.layout == "source" or self.asked.weight.joint:
            return self.asked.layout
        return layer_axes(known, self.asked.made.layer, self.asked.weight) or self.asked.layout

    def _meaning_of(self, known: Vocabulary, call: Call) -> Initializer:
        try:
            found = known.meaning(known.with_arguments(call, self.asked.weight.passes.items()), self._layout(known))
        except MeaningError as error:
            code = Code.REJECTED_INITIALIZER if type(error).__name__ == "RejectedError" else Code.UNKNOWN_SHAPE
            raise RefusedError(str(error), code) from error
        if isinstance(found, Unsupported):
            raise RefusedError(found.reason, Code.UNSUPPORTED_INITIALIZER)
        return found

    def _string(self, text: str, given: Mapping[str, Value], value: Value) -> Initializer:
        speaker = self.asked.made.layer.speaker
        if speaker is None or (self._takes_pairs and isinstance(value, Known)):
            raise RefusedError("this layer takes no strings", Code.REJECTED_INITIALIZER)
        try:
            name = speaker.initializer_of(text)
        except UnknownCallError as error:
            raise RefusedError(str(error), Code.UNKNOWN_INITIALIZER) from error
        return self._meaning_of(speaker, self._call(Named(speaker, name), (), given))

    def _config(self, entries: Mapping[str, Value], value: Value) -> Initializer:
        name, config = entries["class_name"], entries.get("config", Entries())
        if not isinstance(name, Known) or not isinstance(name.value, str) or not isinstance(config, Entries):
            raise RefusedError("the class of its configuration is known only when the program runs")
        if config.open:
            raise RefusedError("its `config` is known only when the program runs")
        return self._string(name.value, config.entries, value)

    def _function_itself(self, path: str) -> Initializer:
        named = self.names.functions.get(path)
        if named is not None and named.before:
            return self._meaning_of(named.vocabulary, Call(named.name))
        if named is None:
            raise RefusedError(f"`{path}` is not an initializer that is known")
        is_class = named.vocabulary.framework == "tensorflow" and ".keras." not in path
        if is_class and not path.startswith("tensorflow.contrib."):
            return self._meaning_of(named.vocabulary, Call(named.name))
        raise RefusedError("the function itself is given, not an initializer; call it: add `()`")

    def _call_of(self, value: Called) -> Initializer:
        named = _find(self.names, value.path)
        if named is None:
            raise RefusedError(f"what `{value.path}` returns is known only when the program runs")
        if self._is_constant(named):
            bound = {**dict(zip(named.function.parameters, value.args, strict=False)), **value.given}
            stated = bound.get("value")
            if isinstance(stated, Items):
                return self._preset(stated)
        if value.path in self.names.fills and not value.path.startswith(METHODS):
            return self.after_fill(value)
        return self._meaning_of(named.vocabulary, self._call(named, value.args, value.given))

    def after_fill(self, call: Called) -> Initializer:
        """What a function leaves in the tensor that it fills."""
        named = _find(self.names, call.path)
        if named is None:
            raise RefusedError(
                f"what `{call.path.rpartition('.')[2]}` leaves in it is not known; initialize it yourself"
            )
        args = list(call.args) if call.path.startswith(METHODS) else list(call.args[1:])
        return self._meaning_of(named.vocabulary, self._call(named, [Known(None), *args], call.given))

    def _is_constant(self, named: Named) -> bool:
        return "Constant" in named.function.means

    def _call(self, named: Named, args: Sequence[Value], given: Mapping[str, Value]) -> Call:
        function = named.function
        short = named.name.rpartition(".")[2]
        if "d0" in function.parameters:  # randn and rand: every argument is a size
            return Call(named.name)
        parameters = function.named
        if parameters[:1] == ["shape"] and len(args) > 1 and all(isinstance(arg, Known) and arg.whole for arg in args):
            args = [Items(list(args))]  # sizes one by one
        if len(args) > len(parameters):
            raise RefusedError(f"{short} takes at most {len(parameters)} arguments", Code.REJECTED_INITIALIZER)
        bound = dict(zip(parameters, args, strict=False))
        for name, value in given.items():
            if name in bound or (name not in parameters and name not in ASIDE):
                raise RefusedError(f"{short} does not take `{name}` here", Code.REJECTED_INITIALIZER)
            bound[name] = value
        for name, pair in function.pairs.items():
            value = bound.get(name, Known(None))
            if isinstance(value, Items) and len(value.items) == len(pair):
                del bound[name]
                bound.update(zip(pair, value.items, strict=True))
        for name, stated in function.parameters.items():
            if stated == REQUIRED and name not in bound and name not in (*ASIDE, "tensor", "w"):
                raise RefusedError(f"{short} needs `{name}`", Code.REJECTED_INITIALIZER)
        aside = {*ASIDE, SIZE, *named.before, "dims", "tensor", "w", "generator"}
        kept = ((name, value) for name, value in bound.items() if name not in aside)
        return Call(named.name, (), tuple((name, _argument(name, value)) for name, value in kept))

    def _arithmetic(self, value: Computed) -> Initializer:
        """Arithmetic on values that are drawn."""
        factor, shift, drawn = _linear(value)
        if drawn is None:
            raise RefusedError("its values are computed, and from what is known only when the program runs")
        try:
            return _move(canonical(self.of(drawn)), factor, shift)
        except (InexactError, ZeroDivisionError) as error:
            raise RefusedError("the arithmetic on its values has no exact form") from error


def _flat(value: Value) -> Iterator[Value]:
    for item in value.items if isinstance(value, Items) else [value]:
        if isinstance(item, Items):
            yield from _flat(item)
        else:
            yield item


def _argument(name: str, value: Value) -> Argument:
    match value:
        case Known(value=plain):
            return plain
        case Items(items=items):
            axes = [item.integer if isinstance(item, Known) else None for item in items]
            if None not in axes:
                return tuple(axis for axis in axes if axis is not None)
        case Unknown(reason=reason):
            raise RefusedError(f"of `{name}`, {reason}")
    raise RefusedError(f"`{name}` is known only when the program runs")


def _linear(value: Value) -> tuple[Scalar, Scalar, Value | None]:
    """The factor and the summand of an expression of one drawn value; None for that where it is no such."""
    one, zero = Scalar.of(1), Scalar.of(0)
    if not isinstance(value, Computed):
        return one, zero, value if isinstance(value, Called | Made) else None
    left, right = value.left, value.right
    number = right.value if isinstance(right, Known) and isinstance(right.value, Scalar) else None
    first = left.value if isinstance(left, Known) and isinstance(left.value, Scalar) else None
    name = value.operator.__name__
    try:
        if number is not None:
            factor, shift, drawn = _linear(left)
            changed = {"Mult": (factor * number, shift * number), "Add": (factor, shift + number),
                       "Sub": (factor, shift - number)}.get(name)  # fmt: skip
            if name == "Div":
                changed = factor / number, shift / number
        elif first is not None:
            factor, shift, drawn = _linear(right)
            changed = {"Mult": (factor * first, shift * first), "Add": (factor, shift + first),
                       "Sub": (-factor, first - shift)}.get(name)  # fmt: skip
        else:
            return one, zero, None
    except (InexactError, ZeroDivisionError):
        return one, zero, None
    return (one, zero, None) if changed is None else (*changed, drawn)


def _move(drawn: Initializer, factor: Scalar, shift: Scalar) -> Initializer:
    size = -factor if factor.sign < 0 else factor
    match drawn:
        case Constant(value):
            return Constant(value * factor + shift)
        case RandomUniform(low, high):
            ends = (low * factor + shift, high * factor + shift)
            return RandomUniform(*(ends if factor.sign >= 0 else reversed(ends)))
        case RandomNormal(mean, stddev):
            return RandomNormal(mean * factor + shift, stddev * size)
        case TruncatedNormal(mean, stddev, bound):
            return TruncatedNormal(mean * factor + shift, stddev * size, bound)
    if factor == Scalar.of(1) and shift == Scalar.of(0):
        return drawn
    raise RefusedError("the arithmetic on its values has no exact form")
