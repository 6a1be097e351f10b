"""What a call means on a weight: the only place that turns a framework's names into distributions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from initport.grammar.call import Argument, Call
from initport.grammar.errors import GrammarError
from initport.grammar.expression import UnknownNameError, evaluate, holds
from initport.grammar.layout import SIZES, in_words
from initport.grammar.row_tables import First
from initport.grammar.rows import Fans, Function, Grammar, SourceLayer
from initport.ir import initializers as ir
from initport.ir.scalar import InexactError, Scalar, product
from initport.ir.weights import Layout


class MeaningError(Exception):
    """The call has no meaning here; the message says why."""


class UnknownCallError(MeaningError):
    """The grammar has no function of that name."""


class RejectedError(MeaningError):
    """The framework itself rejects the call."""


class UnknownLayoutError(MeaningError):
    """The meaning depends on sizes of the weight that its layout does not give."""


class UndecidedError(MeaningError):
    """The meaning depends on what an expression of the source is when it runs."""


class Vocabulary:
    """What the names of one version of a framework mean; asking twice for the same call and layout costs a look-up."""

    def __init__(
        self,
        framework: str,
        initializers: Mapping[str, Function],
        variants: Mapping[str, tuple[SourceLayer, ...]],
        fans: tuple[Fans, ...],
        grammar: Grammar,
        operations: Mapping[str, tuple[SourceLayer, ...]] | None = None,
    ) -> None:
        self.framework, self.initializers, self.variants = framework, initializers, variants
        self.fans, self.grammar, self.operations = fans, grammar, operations or {}

    @cached_property
    def layers(self) -> Mapping[str, SourceLayer]:
        """The first, mostly only, row of each layer type."""
        return First(self.variants)

    def function(self, name: str) -> Function:
        """Raises UnknownCallError."""
        function = self.initializers.get(name)
        if function is None:
            title = self.grammar.title or self.framework
            raise UnknownCallError(f"{name!r} is not an initializer of {title}; it knows {self._known}")
        return function

    def initializer(self, template: Mapping[str, Any]) -> ir.Initializer:
        """The initializer that a row of the grammar states without any name or size."""
        ((name, fields),) = template.items()
        result: ir.Initializer = _TYPES[name](**{key: evaluate(str(value), {}) for key, value in fields.items()})
        return result

    def with_arguments(self, call: Call, arguments: Iterable[tuple[str, Argument]]) -> Call:
        """The call with the arguments that a layer adds: such as the function takes and the call does not give."""
        function = self.function(call.name)
        given = dict(call.named)
        added = tuple(item for item in arguments if item[0] in function.parameters and given.get(item[0]) is None)
        kept = tuple(item for item in call.named if item[0] not in dict(added))
        return Call(call.name, call.positional, (*kept, *added)) if added else call

    @property
    def _known(self) -> str:
        return ", ".join(self.grammar.initializers) if len(self.grammar.initializers) <= 20 else "many others"

    def initializer_of(self, string: str) -> str:
        """The function that a string argument such as ``"he_normal"`` names. Raises UnknownCallError."""
        if not self.knows(string):
            title = self.grammar.title or self.framework
            raise UnknownCallError(f"{string!r} names no initializer of {title}")
        return self._strings.get(string) or self._strings[string.lower()]

    def knows(self, string: str) -> bool:
        """Whether a string names an initializer."""
        return string in self._strings or (self.grammar.strings == "lower" and string.lower() in self._strings)

    @cached_property
    def _strings(self) -> Mapping[str, str]:
        # A name without dots is a string itself.
        every = reversed(list(self.initializers.items()))  # a row's own name stands before its aliases, and is to win
        strings = {string: name for name, function in every for string in function.strings}
        return {name: name for name in self.initializers if "." not in name} | strings

    @property
    def strings(self) -> Collection[str]:
        """Every string that names an initializer, as it is written first of all."""
        return self._strings.keys()

    @lru_cache(maxsize=4096)  # noqa: B019 - vocabularies live as long as the process
    def meaning(self, call: Call, layout: Layout | None) -> ir.Initializer:
        """The distribution of a weight with that layout. Raises a MeaningError."""
        return _Meaning(self, call, layout).initializer()

    def violation(self, call: Call, layout: Layout | None, sizes: Mapping[str, int]) -> str | None:
        """Why the framework rejects the call on a weight of these sizes (by role, and ``rank``, ``height``, ``width``);
        None if it does not, or if that is not known."""
        return self._violation(call, layout, tuple(sizes.items()))

    @lru_cache(maxsize=4096)  # noqa: B019
    def _violation(self, call: Call, layout: Layout | None, sizes: tuple[tuple[str, int], ...]) -> str | None:
        return _Meaning(self, call, layout).violation(dict(sizes))

    @lru_cache(maxsize=512)  # noqa: B019
    def names(self, layout: Layout | None, arguments: tuple[tuple[str, Argument], ...] = ()) -> Mapping[str, Scalar]:
        """What formulas may refer to on a weight with that layout: its sizes, and its fans in a call with these
        arguments."""
        if layout is None:
            return CONSTANTS
        known = {**CONSTANTS, "count": layout.count, "min_rank": Scalar.of(layout.min_rank)}
        if layout.rank is not None:
            known["rank"] = Scalar.of(layout.rank)
        for name, index in (("size0", 0), ("size1", 1), ("last0", -1), ("last1", -2)):
            size = layout.size(index)
            if size is not None:
                known[name] = size
        given = dict(arguments)
        for name, axes in given.items():
            if isinstance(axes, tuple):
                sizes = [layout.size(axis) for axis in axes]
                if None in sizes and layout.rank is None:
                    raise UnknownLayoutError(
                        f"{name} is {list(axes)}, and how many axes the weight has is not known here"
                    )
                if None in sizes:
                    raise RejectedError(f"{name} is {list(axes)}, and the weight has no such axes")
                known[name] = product(*(size for size in sizes if size is not None))
        for rule in self.fans:
            applies = rule.applies(layout.rank, layout.min_rank, given)
            if applies is None:
                break
            if applies:
                return known | _fans(rule, known)
        return known


def _fans(rule: Fans, known: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The fans, without those that depend on a size that the layout does not give."""
    fans: dict[str, Scalar] = {}
    for name, formula in (("fan_in", rule.fan_in), ("fan_out", rule.fan_out)):
        with suppress(UnknownNameError):
            fans[name] = evaluate(str(formula), known)
    return {**fans, "fan_avg": (fans["fan_in"] + fans["fan_out"]) / 2} if len(fans) == 2 else fans


REQUIRED = "required"
CONSTANTS: Mapping[str, Scalar] = {ir.TRUNCATED_VARIANCE.name: Scalar.of(ir.TRUNCATED_VARIANCE)}
"""What formulas may refer to on any weight."""

_TYPES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        ir.Constant, ir.RandomUniform, ir.RandomNormal, ir.TruncatedNormal, ir.VarianceScaling, ir.Orthogonal,
        ir.DeltaOrthogonal,
        ir.Identity, ir.Bilinear, ir.PositiveUnitball, ir.Sparse,
    )
}  # fmt: skip


class _Meaning:
    """One call on one layout, with its arguments bound."""

    def __init__(self, vocabulary: Vocabulary, call: Call, layout: Layout | None) -> None:
        self.name = call.name
        self.function = vocabulary.function(call.name)
        self.where = f"{vocabulary.framework}.yaml.initializers.{call.name}.means"
        self.arguments = _bind(self.function, call)
        self.layout = layout
        axes = {name for rule in vocabulary.fans for name in rule.axes}
        arguments = {name: _axis(value) if name in axes else value for name, value in self.arguments.items()}
        scalars = {name: value for name, value in arguments.items() if isinstance(value, Scalar)}
        others = tuple((name, value) for name, value in arguments.items() if not isinstance(value, Scalar))
        self.names = {**vocabulary.names(layout, others), **scalars}

    def violation(self, sizes: Mapping[str, int]) -> str | None:
        names = {**self.names, **{name: Scalar.of(size) for name, size in sizes.items() if name not in self.names}}
        for requirement in self.function.requires:
            if holds(requirement.that, names, sizes) is False:
                return requirement.because
        return None

    def initializer(self) -> ir.Initializer:
        violated = self.violation({})
        if violated is not None:
            raise RejectedError(violated)
        try:
            result = self._build(self.function.means)
            ir.canonical(result)  # what has no exact form is found out here
            return result
        except UnknownNameError as error:
            raise self._unknown(str(error)) from error
        except (InexactError, ZeroDivisionError) as error:
            raise MeaningError(f"the meaning has no exact form: {error}") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise GrammarError(self.where, f"{type(error).__name__}: {error}") from error

    def _unknown(self, name: str) -> MeaningError | GrammarError:
        """Why a formula's name has no value."""
        if name in self.arguments:
            return RejectedError(f"{name} is {self.arguments[name]!r}, which is not a number")
        if name not in SIZES:
            return GrammarError(self.where, f"nothing is called {name!r}")
        if self.layout is None or self.layout.rank is None:
            return UnknownLayoutError(f"it depends on the weight's {SIZES[name]}, and its axes are not known")
        return RejectedError(f"a weight of {self.layout.rank} axes has no {SIZES[name]}")

    def _build(self, template: Any) -> ir.Initializer:
        template = self._select(template)
        ((name, fields),) = template.items()
        if name == "Unsupported":
            return ir.Unsupported(self.name, fields["reason"])
        if name == "Blocks":
            return ir.Blocks(tuple(self._build(part) for part in fields["parts"]))
        values: dict[str, Any] = {key: self._field(key, self._select(value)) for key, value in fields.items()}
        if name == "VarianceScaling":
            fan = str(self._select(fields["fan"]))
            values["mode"] = "fan" if fan in self.arguments else fan
        result: ir.Initializer = _TYPES[name](**values)
        return result

    def _field(self, key: str, value: Any) -> ir.Initializer | ir.Distribution | Scalar | bool:
        if key == "inner":
            return self._build(value)
        if key == "distribution":
            return ir.Distribution(value)
        if isinstance(value, bool):
            return value
        return evaluate(str(value), self.names)

    def _select(self, template: Any) -> Any:
        """Follow ``by`` (an argument's value) and ``if`` (a comparison) to what they choose."""
        while isinstance(template, dict):
            if "by" in template:
                template = template[self._branch(template)]
            elif "if" in template:
                truth = holds(template["if"], self.names, {})
                if truth is None:
                    unknown = UnknownLayoutError if self.layout is None else UndecidedError
                    raise unknown(f"whether {in_words(template['if'])} is not known here")
                template = template["then" if truth else "else"]
            else:
                break
        return template

    def _branch(self, template: Mapping[Any, Any]) -> Any:
        """The branch named like the argument's value, or ``else``; with ``fold``, whatever the case of its letters.

        A number that only the running source knows may be any of the numbers among the branches."""
        value = self.arguments[template["by"]]
        branches = [key for key in template if key not in ("by", "fold")]
        plain: Fraction | Argument | int = value.rational if isinstance(value, Scalar) else value
        if isinstance(value, Scalar) and plain is None:
            if value.verbatim and ("else" not in branches or any(isinstance(key, int | float) for key in branches)):
                raise UndecidedError(f"{template['by']} is {value}, which may be any of {_list(branches)}")
            plain = "else"
        if isinstance(plain, str) and template.get("fold"):
            plain = plain.lower()
        if isinstance(plain, Fraction) and plain.denominator == 1:
            plain = plain.numerator
        branch = plain if plain in branches else "else"
        if branch not in template:
            raise RejectedError(f"{template['by']} is {value!s}, which is not one of {_list(branches)}")
        return branch


def _list(branches: Iterable[object]) -> str:
    return ", ".join(str(key) for key in branches)


def _bind(function: Function, call: Call) -> dict[str, Argument]:
    names = list(function.parameters)
    if len(call.positional) > len(names):
        raise RejectedError(f"{call.name} takes at most {len(names)} arguments")
    bound: dict[str, Argument] = dict(zip(names, call.positional, strict=False))
    for name, value in call.named:
        if name not in function.parameters or name in bound:
            raise RejectedError(f"{call.name} does not take {name!r} here")
        bound[name] = value
    for name, default in function.parameters.items():
        if name not in bound:
            bound[name] = _default(default)
    return bound


def _default(value: object) -> Argument:
    """A default as the grammar states it; a required argument that is missing carries no distribution (the tensor)."""
    if value is None or value == REQUIRED:
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Sequence):
        return tuple(int(item) for item in value)
    return Scalar.of(Fraction(str(value)))


def _axis(value: Argument) -> Argument:
    """One axis as a list of it."""
    number = value.rational if isinstance(value, Scalar) else None
    return (int(number),) if number is not None and number.denominator == 1 else value
