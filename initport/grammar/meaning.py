"""What a call means on a weight: the only place that turns a framework's names into distributions."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from initport.grammar.call import Argument, Call
from initport.grammar.expression import UnknownNameError, evaluate, holds
from initport.grammar.rows import Fans, Function, Grammar, GrammarError, SourceLayer
from initport.ir import initializers as ir
from initport.ir.scalar import InexactError, Scalar
from initport.ir.weights import Layout


class MeaningError(Exception):
    """The call has no meaning here; the message says why."""


class UnknownCallError(MeaningError):
    """The grammar has no function of that name."""


class RejectedError(MeaningError):
    """The framework itself rejects the call."""


class UnknownLayoutError(MeaningError):
    """The meaning depends on sizes of the weight that its layout does not tell."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What the names of one version of a framework mean; asking twice for the same call and layout costs a look-up."""

    framework: str
    initializers: Mapping[str, Function]
    layers: Mapping[str, SourceLayer]
    fans: tuple[Fans, ...]
    grammar: Grammar

    def function(self, name: str) -> Function:
        """Raises UnknownCallError."""
        function = self.initializers.get(name)
        if function is None:
            raise UnknownCallError(
                f"{name!r} is no initializer of {self.framework}; it knows {', '.join(self.initializers)}"
            )
        return function

    @lru_cache(maxsize=4096)  # noqa: B019 - vocabularies live as long as the process
    def meaning(self, call: Call, layout: Layout | None) -> ir.Initializer:
        """The distribution of a weight with that layout. Raises a MeaningError."""
        return _Meaning(self, call, layout).initializer()

    def violation(self, call: Call, layout: Layout | None, sizes: Mapping[str, int]) -> str | None:
        """Why the framework rejects the call on a weight of these sizes (by role, and ``rank``, ``height``, ``width``);
        None if it does not, or if that cannot be told."""
        return self._violation(call, layout, tuple(sizes.items()))

    @lru_cache(maxsize=4096)  # noqa: B019
    def _violation(self, call: Call, layout: Layout | None, sizes: tuple[tuple[str, int], ...]) -> str | None:
        return _Meaning(self, call, layout).violation(dict(sizes))

    @lru_cache(maxsize=512)  # noqa: B019
    def names(self, layout: Layout | None) -> Mapping[str, Scalar]:
        """What formulas may refer to on a weight with that layout: its sizes and fans."""
        if layout is None:
            return {}
        known = {"count": layout.count}
        for name, index in (("size0", 0), ("size1", 1), ("last0", -1), ("last1", -2)):
            size = layout.size(index)
            if size is not None:
                known[name] = size
        for rule in self.fans:
            if rule.applies(layout.rank, layout.min_rank):
                fan_in, fan_out = evaluate(str(rule.fan_in), known), evaluate(str(rule.fan_out), known)
                return known | {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        return known


REQUIRED = "required"

_SIZES = frozenset({"count", "size0", "size1", "last0", "last1", "fan_in", "fan_out", "fan_avg"})
"""What `Vocabulary.names` gives, layout permitting."""

_TYPES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        ir.Constant, ir.RandomUniform, ir.RandomNormal, ir.TruncatedNormal, ir.VarianceScaling, ir.Orthogonal,
        ir.Identity, ir.Bilinear, ir.PositiveUnitball, ir.Sparse,
    )
}  # fmt: skip


class _Meaning:
    """One call on one layout, with its arguments bound."""

    def __init__(self, vocabulary: Vocabulary, call: Call, layout: Layout | None) -> None:
        self.function = vocabulary.function(call.name)
        self.where = f"{vocabulary.framework}.yaml.initializers.{call.name}.means"
        self.arguments = _bind(self.function, call)
        self.layout = layout
        scalars = {name: value for name, value in self.arguments.items() if isinstance(value, Scalar)}
        self.names = {**vocabulary.names(layout), **scalars}

    def violation(self, sizes: Mapping[str, int]) -> str | None:
        names = {**self.names, **{name: Scalar.of(size) for name, size in sizes.items() if name not in self.names}}
        if self.layout is not None and self.layout.rank is not None:
            names["rank"] = Scalar.of(self.layout.rank)
        for requirement in self.function.requires:
            if holds(requirement.that, names, sizes) is False:
                return requirement.because
        return None

    def initializer(self) -> ir.Initializer:
        violated = self.violation({})
        if violated is not None:
            raise RejectedError(violated)
        try:
            return self._build(self.function.means)
        except UnknownNameError as error:
            if str(error) not in _SIZES:
                raise GrammarError(self.where, f"nothing is called {str(error)!r}") from error
            if self.layout is None or self.layout.rank is None:
                raise UnknownLayoutError(f"it depends on the weight's {error}, and its axes are not known") from error
            raise RejectedError(f"a weight of {self.layout.rank} axes has no {error}") from error
        except (InexactError, ZeroDivisionError) as error:
            raise MeaningError(f"the meaning has no exact form: {error}") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise GrammarError(self.where, f"{type(error).__name__}: {error}") from error

    def _build(self, template: Any) -> ir.Initializer:
        template = self._select(template)
        ((name, fields),) = template.items()
        values = {key: self._field(key, self._select(value)) for key, value in fields.items()}
        if name == "VarianceScaling":
            values["mode"] = self._select(fields["fan"])
        result: ir.Initializer = _TYPES[name](**values)
        return result

    def _field(self, key: str, value: Any) -> ir.Initializer | ir.Distribution | Scalar:
        if key == "inner":
            return self._build(value)
        if key == "distribution":
            return ir.Distribution(value)
        return evaluate(str(value), self.names)

    def _select(self, template: Any) -> Any:
        """Follow ``by``: the branch named like the argument's value, or ``else``."""
        while isinstance(template, dict) and "by" in template:
            value = self.arguments[template["by"]]
            plain: Fraction | str | bool | int | None = value.rational if isinstance(value, Scalar) else value
            if isinstance(plain, Fraction) and plain.denominator == 1:
                plain = plain.numerator
            branch = plain if plain in template and plain != "by" else "else"
            if branch not in template:
                legal = ", ".join(str(key) for key in template if key != "by")
                raise RejectedError(f"{template['by']} is {value!s}, which is none of {legal}")
            template = template[branch]
        return template


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
    return Scalar.of(Fraction(str(value)))
