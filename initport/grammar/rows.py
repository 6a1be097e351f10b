"""The shapes of a grammar file's rows, and their reading with errors that name the file and the key."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args, get_origin

from initport.ir.weights import Kind, Role, Wrapper

Row = TypeVar("Row")


class GrammarError(Exception):
    """A grammar file is broken: ``where`` is the file and the path of the key in it."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where


@dataclass(frozen=True, slots=True)
class Requirement:
    """A comparison that must not be false, and what to say where it is."""

    that: str
    because: str


@dataclass(frozen=True, slots=True)
class Fans:
    """The fan rule for weights of ``rank`` axes (``2+``: two or more).

    ``where`` restricts it to calls with these arguments, ``given`` standing for any value but null. An argument that is
    a list of axes stands in the formulas for the product of their sizes."""

    rank: int | str
    fan_in: int | str
    fan_out: int | str
    versions: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)

    def applies(self, rank: int | None, min_rank: int, arguments: Mapping[str, object]) -> bool:
        for name, wanted in self.where.items():
            value = arguments.get(name)
            if value is None or wanted not in ("given", value):
                return False
        if isinstance(self.rank, int):
            return rank == self.rank
        return min_rank >= int(self.rank.removesuffix("+"))


@dataclass(frozen=True, slots=True)
class Function:
    """What a call means: parameters in order with their defaults, conditions, and the initializer as a template.

    ``aliases`` are other names of the same thing, ``strings`` those naming it as an argument; ``versions`` are
    those of the framework for which the row holds."""

    parameters: Mapping[str, Any]
    means: Mapping[Any, Any]
    authority: str
    examples: list[Any]
    requires: list[Requirement] = field(default_factory=list)
    code: str | None = None
    aliases: list[str] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    versions: str = ""


@dataclass(frozen=True, slots=True)
class SourceWeight:
    """A weight of a source layer: the field that sets it, its default, and the flag that makes it exist.

    ``passes`` are arguments that the layer hands to whatever initializer it is given, where that takes them. ``blocks``
    are initializers of equal parts along the last axis, null for a part that the weight's own initializer sets.

    In a call the field is an argument, and ``key`` the entry of it where it holds initializers by name. ``shared``: the
    argument may start any number of weights. ``scoped``: an enclosing scope's initializer stands before the default. A
    default's ``type`` is a name of the vocabulary, a dotted path of another one, or a string that the call could take.
    """

    role: Role
    layout: str
    filler: str | None = None
    default: Mapping[str, Any] = field(default_factory=lambda: {"type": "constant"})
    when: str | None = None
    unless: str | None = None
    passes: Mapping[str, Any] = field(default_factory=dict)
    blocks: list[Any] = field(default_factory=list)
    key: str | None = None
    shared: bool = False
    scoped: bool = False


@dataclass(frozen=True, slots=True)
class SourceLayer:
    """A layer type of a source framework, or the call that makes such a layer.

    The row holds ``where`` the layer's settings have these values; ``defaults`` are those that the framework gives to
    settings that a layer leaves out. ``parameters`` are a call's in positional order, up to the last that holds
    initializers. ``fork`` says what a layer type outside the framework is taken for."""

    kind: Kind
    weights: list[SourceWeight]
    authority: str
    message: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    fork: str | None = None
    versions: str = ""


@dataclass(frozen=True, slots=True)
class TargetWeight:
    """Where a weight lives in the target: its attribute, constructor argument and axes; or why it has no place.

    ``alike`` names further parameters that hold the weight's other slices, ``zero`` such as must start at zero. A
    weight of which ``part`` is [i, n] is the i-th of n equal parts of the parameter. ``start`` is how a statistic
    starts in the target itself."""

    name: str | None = None
    layout: str | None = None
    argument: str | None = None
    companion: str = ""
    zero: list[str] = field(default_factory=list)
    also: Mapping[str, Any] = field(default_factory=dict)
    absent: str | None = None
    statistics: str | None = None
    alike: list[str] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    start: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetLayer:
    """How the target stores a kind of layer; ``assumes`` says what it expects where it has no such layer, ``requires``
    what must hold of the sizes."""

    weights: Mapping[Role, TargetWeight]
    authority: str
    assumes: str | None = None
    lacks_groups: str | None = None
    requires: list[Requirement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Joint:
    """How the target writes an initializer that is made of others: ``call`` with ``{parts}``, each written as ``part``
    (with ``{text}``), or as the function's name where it reads ``bare`` (with ``{function}``), side by side along
    ``axis``; ``code`` defines what is called."""

    call: str
    part: str
    axis: int
    code: str
    bare: str = ""


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another module that offers what a module offers, in some ``versions`` of the framework."""

    name: str
    versions: str = ""


@dataclass(frozen=True, slots=True)
class Grammar:
    """One grammar file.

    ``layers`` are the layer types of a source by name, ``kinds`` the layers of a target by what they compute. Both, and
    ``initializers``, may hold several rows under one name, each for other ``versions``. ``sizes`` are pairs (spelling
    in code, its value); ``idioms`` are spellings by initializer. ``blocks`` writes several initializers as one.
    ``wrappers`` say how a weight of a wrapped layer is called, ``{name}`` being its name in the layer itself.
    ``modules`` holds the synonyms of a module by its name in this file. ``strings`` is ``lower`` where a string that
    names nothing is looked up in lower case. A grammar with a ``base`` states what differs from that grammar.
    """

    framework: str
    fans: list[Fans]
    initializers: Mapping[str, list[Function]]
    title: str = ""
    base: str | None = None
    layers: Mapping[str, list[SourceLayer]] = field(default_factory=dict)
    kinds: Mapping[Kind, TargetLayer] = field(default_factory=dict)
    weightless: list[str] = field(default_factory=list)
    sizes: list[Any] = field(default_factory=list)
    idioms: Mapping[str, list[str]] = field(default_factory=dict)
    examples: list[Any] = field(default_factory=list)
    blocks: Joint | None = None
    wrappers: Mapping[Wrapper, str] = field(default_factory=dict)
    modules: Mapping[str, list[Synonym]] = field(default_factory=dict)
    strings: str = "exact"


def read_row(row: type[Row], value: object, where: str) -> Row:
    """Build a row from plain data, checking keys and types all the way down."""
    if not isinstance(value, dict):
        raise GrammarError(where, f"a mapping is expected, not {value!r}")
    fields = {item.name: item for item in dataclasses.fields(row)}  # type: ignore[arg-type]
    for key in value:
        if key not in fields:
            raise GrammarError(f"{where}.{key}", f"no such key; known are {', '.join(fields)}")
    for name, item in fields.items():
        if name not in value and item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise GrammarError(where, f"the key {name!r} is missing")
    return row(**{key: _read(fields[key].type, item, f"{where}.{key}") for key, item in value.items()})


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if type(None) in arguments and any(map(dataclasses.is_dataclass, arguments)):
        return None if value is None else _read(arguments[0], value, where)
    if origin is list and isinstance(value, dict) and dataclasses.is_dataclass(arguments[0]):
        return [_read(arguments[0], value, where)]
    if origin is list:
        _expect(isinstance(value, list), where, "a list", value)
        return [_read(arguments[0], item, f"{where}[{index}]") for index, item in enumerate(value)]
    if origin is Mapping:
        _expect(isinstance(value, dict), where, "a mapping", value)
        return {
            _read(arguments[0], key, where): _read(arguments[1], item, f"{where}.{key}") for key, item in value.items()
        }
    if arguments:
        _expect(isinstance(value, arguments), where, " or ".join(str(option) for option in arguments), value)
        return value
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return read_row(kind, value, where)
    return _scalar(kind, value, where)


def _scalar(kind: Callable[[Any], Any], value: Any, where: str) -> Any:
    if kind in (Role, Kind, Wrapper):
        try:
            return kind(value)
        except ValueError as error:
            raise GrammarError(where, str(error)) from error
    assert isinstance(kind, type)
    _expect(isinstance(value, kind), where, kind.__name__, value)
    return value


def _expect(holds: bool, where: str, what: str, value: object) -> None:
    if not holds:
        raise GrammarError(where, f"{what} is expected, not {value!r}")
