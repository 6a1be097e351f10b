"""Where the names and values of a module come from, and where they go: the one follower of all that is asked.

Backwards, `references` finds what stands for something of a vocabulary, under whatever names a module gives it;
`origins`, `parts` and `evaluate` go through what an expression is made of, names being replaced by what they stand for.
Forwards, `Follower` goes with a value to every place that it comes to, through what its `Policy` allows. Every name is
gone through once, however many ways lead to it, and no chain is too long.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypeGuard, TypeVar

from initport.python.scope import DOUBT, PATCHED, Comprehension, Scope, bound_names, constant, resolve
from initport.python.syntax import Spot, Syntax


@dataclass(frozen=True, slots=True)
class Reference:
    """An expression that stands for one of the wanted paths (``found``), or for one of several things (``paths``)."""

    spot: Spot
    found: str
    paths: frozenset[str]

    @property
    def node(self) -> ast.expr:
        assert isinstance(self.spot.node, ast.expr)
        return self.spot.node

    @property
    def scope(self) -> Scope:
        return self.spot.scope

    @property
    def call(self) -> ast.Call | None:
        """The call of it, if it is called."""
        return call_of(self.spot)

    def doubt(self, *known: Collection[str]) -> str | None:
        """Why what this is, is not known, where it may be something else than what is known."""
        others = [path for path in sorted(self.paths) if not any(path in paths for paths in known)]
        if not others:
            return None
        if PATCHED in others:
            return BOUND_ANEW
        if others[0].startswith(DOUBT):
            return "its name is also bound to something unknown (a parameter, a definition, a result); use two names"
        return f"this may also be {others[0]}, of which nothing is known; import the one that is meant"


BOUND_ANEW = (
    "the module itself sets this attribute of what it imports, and what stands there then is not known; use the "
    "replacement under its own name"
)


def call_of(spot: Spot) -> ast.Call | None:
    """The call of a function that stands at a spot, if that is where it stands."""
    parent = spot.parent
    return parent if isinstance(parent, ast.Call) and spot.field == "func" else None


# Backwards: what names stand for.


def references(
    syntax: Syntax,
    words: Iterable[str],
    wanted: Mapping[str, object],
    only: Collection[int] | None = None,
) -> Iterator[Reference]:
    """What stands for one of the wanted paths, whose last parts are the words, in the order of the source; of all
    lines, or of some ``only``."""
    known = other_names(syntax, words, only)
    spots = [spot for word in sorted(known) for spot in _spots_of(syntax, word, only)]
    found = [reference for spot in spots if (reference := _reference(spot, known, wanted)) is not None]
    inner = {reference.node for reference in found}
    for reference in sorted(found, key=_position):
        if not any(holder.node in inner for holder in _parts_of(reference.spot)):
            yield reference


def _position(reference: Reference) -> tuple[int, int, int, int]:
    node = reference.node
    return node.lineno, node.col_offset, -(node.end_lineno or 0), -(node.end_col_offset or 0)


def _parts_of(spot: Spot) -> Iterator[Spot]:
    """The longer paths that an expression is the start of."""
    for holder in spot.holders():
        if not isinstance(holder.node, ast.Attribute | ast.Call) or spot.field not in ("value", "func", "args"):
            return
        yield holder
        spot = holder


def _spots_of(syntax: Syntax, word: str, only: Collection[int] | None) -> Iterator[Spot]:
    spots = syntax.spots(word) if only is None else syntax.known_spots(word)
    for spot in spots:
        if word != "getattr":
            yield spot
        elif spot.field == "func" and spot.holder is not None:
            yield spot.holder


def other_names(syntax: Syntax, words: Iterable[str], only: Collection[int] | None = None) -> set[str]:
    """The words, and the other names under which a module knows one of them, in the blocks where they stand:
    ``import ... as``, ``name = module.word``."""
    wanted = frozenset(words)
    if only is None and len(wanted) > _FEW:
        wanted = syntax.text.words_among(wanted)
    pending = [*wanted, "getattr"]
    known = set(pending)
    other: dict[str, list[str]] = {}
    read = 0  # blocks
    if only is not None:
        syntax.read(only)
    while pending:
        word = pending.pop()
        if only is None:
            syntax.spots(word)
        new = list(other.get(word, ()))
        for scope in syntax.entered[read:]:
            for last, name in _aliases(scope):
                other.setdefault(last, []).append(name)
                if last in known:
                    new.append(name)
        read = len(syntax.entered)
        for name in new:
            if name not in known:
                known.add(name)
                pending.append(name)
    return known


_FEW = 16
"""Words that are looked for in less time than it takes to know all words of a text."""


def _aliases(scope: Scope) -> Iterator[tuple[str, str]]:
    """The names of a block, each behind what it is another name for."""
    for name, bindings in scope.bindings.items():
        for binding in bindings:
            last = binding.rpartition(".")[2] if isinstance(binding, str) else _last(binding, scope)
            if last is not None and last != name:
                yield last, name


def _reference(spot: Spot, words: Collection[str], wanted: Mapping[str, object]) -> Reference | None:
    node, scope = spot.node, spot.scope
    if not isinstance(node, ast.expr) or isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return None
    if _last(node, scope) in words:
        paths = resolve(node, scope)
        found = min((path for path in paths if path in wanted), default=None)
        looked_at = DOUBT in paths and PATCHED not in paths and not isinstance(spot.parent, ast.Call)
        return None if found is None or looked_at else Reference(spot, found, paths)
    if _is_computed(node):
        paths = resolve(node.args[0], scope)
        found = min((path for path in paths if path.endswith((".initializers", ".initializations"))), default=None)
        if found is not None and any(path.startswith(f"{found}.") for path in wanted):
            return Reference(spot, found, paths)
    return None


def _is_computed(node: ast.expr) -> TypeGuard[ast.Call]:
    """Whether an expression is ``getattr`` of a name that is computed."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) > 1
    )


def _last(node: ast.expr | None, scope: Scope) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Name(id="getattr"), args=[_, name], keywords=[]):
            chosen = constant(name, scope)
            return chosen.value if isinstance(chosen, ast.Constant) and isinstance(chosen.value, str) else None
    return None


def strings(syntax: Syntax, wanted: frozenset[str], only: Collection[int] | None = None) -> Iterator[Reference]:
    """The strings of the source that are one of these, in any case, in order; ``found`` is the string. Of all lines, or
    of some ``only``."""
    text = syntax.text
    lines = {text.line(found.start()) for found in quoted_pattern(wanted).finditer(text.content)}
    if only is not None:
        lines &= set(only)
    found = [
        Reference(spot, spot.node.value, frozenset())
        for spot in syntax.strings(lines)
        if isinstance(spot.node, ast.Constant) and isinstance(spot.node.value, str)
        if spot.node.value in wanted or spot.node.value.lower() in wanted
    ]
    yield from sorted(found, key=_position)


@cache
def quoted_pattern(strings: frozenset[str]) -> re.Pattern[str]:
    """Where one of these stands in quotes, in any case."""
    return re.compile(rf"[\"'](?=\w++[\"'])(?:{'|'.join(sorted(strings))})[\"']", re.IGNORECASE)


# Backwards: what values are made of.

Part = tuple[ast.expr, Scope]
"""An expression, and the block in which its names are looked up."""

Value = TypeVar("Value")


def definition(node: ast.expr, scope: Scope) -> Part:
    """What an expression stands for, if it is a name of that and of nothing else; otherwise the expression."""
    bound = constant(node, scope)
    home = scope.home(node.id) if bound is not node and isinstance(node, ast.Name) else None
    return bound, home or scope


def origins(part: Part, inner: Callable[[ast.expr, Scope], Sequence[Part] | None]) -> Iterator[Part]:
    """What an expression is made of in the end, in order, each once; ``inner`` gives what one is made of, None where
    that is not asked."""
    stack = [part]
    begun: set[Part] = set()
    while stack:
        part = stack.pop()
        if part not in begun:
            begun.add(part)
            within = inner(*part)
            if within is None:
                yield part
            else:
                stack.extend(reversed(within))


def parts(node: ast.expr, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """Every node of an expression, and of those that names in it stand for, each once."""
    stack: list[Part] = [(node, scope)]
    begun = {node}
    while stack:
        node, scope = stack.pop()
        for part in ast.walk(node):
            yield part, scope
            bound, home = definition(part, scope) if isinstance(part, ast.Name) else (node, scope)
            if bound is not part and bound not in begun:
                begun.add(bound)
                stack.append((bound, home))


def evaluate(
    part: Part,
    step: Callable[[ast.expr, Scope], tuple[Sequence[Part], Callable[[list[Value]], Value]] | None],
    leaf: Callable[[ast.expr, Scope], Value],
) -> Value:
    """The value of an expression, which ``step`` makes of those of others, and ``leaf`` of the expression alone where
    ``step`` gives None, or where it is made of itself. Each is worked out once."""
    values: dict[Part, Value] = {}
    begun: dict[Part, Callable[[list[Value]], Value]] = {}
    stack: list[tuple[Part, Sequence[Part] | None]] = [(part, None)]
    while stack:
        inner, operands = stack.pop()
        if inner in values:
            continue
        if operands is not None:
            values[inner] = begun[inner]([values[operand] for operand in operands])
            continue
        known = None if inner in begun else step(*inner)
        if known is None:
            values[inner] = leaf(*inner)
        else:
            operands, begun[inner] = known
            stack.append((inner, operands))
            stack.extend((operand, None) for operand in reversed(operands) if operand not in values)
    return values[part]


# Forwards: where names are looked up.


def loads(syntax: Syntax, name: str, home: Scope) -> list[Spot]:
    """The places where a name of a block is looked up, in order."""
    if syntax.sorted_loads.get(name) is None:
        found: dict[Scope | None, list[Spot]] = {}
        for spot in syntax.spots(name):
            if isinstance(spot.node, ast.Name) and isinstance(spot.node.ctx, ast.Load):
                found.setdefault(spot.scope.home(name), []).append(spot)
        for spots in found.values():
            spots.sort(key=_place)
        syntax.sorted_loads[name] = found
    return syntax.sorted_loads[name].get(home, [])


def attributes(syntax: Syntax, name: str) -> list[Spot]:
    """The places where an attribute of this name is looked up, of whatever, in order."""
    known = syntax.sorted_attributes.get(name)
    if known is None:
        found = (
            spot
            for spot in syntax.spots(name)
            if isinstance(spot.node, ast.Attribute) and isinstance(spot.node.ctx, ast.Load)
        )
        known = syntax.sorted_attributes[name] = sorted(found, key=_place)
    return known


def remaining(syntax: Syntax, names: Collection[str], replaced: Collection[ast.AST]) -> set[str]:
    """Those of the names that are looked up other than in what is ``replaced``, or that a string says: `__all__` and
    its like name things too."""

    def stays(spot: Spot) -> bool:
        return spot.node not in replaced and not any(holder.node in replaced for holder in spot.holders())

    text = syntax.text
    return {
        name
        for name in names
        if any(stays(spot) for spot in syntax.spots(name) if _is_lookup(spot.node))
        or any(stays(spot) for spot in syntax.strings(text.lines_of(name)) if _says(spot.node, name))
    }


def _is_lookup(node: ast.AST) -> bool:
    """Whether a node looks a name up, or forgets it."""
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)


def _says(node: ast.AST, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _place(spot: Spot) -> tuple[int, int]:
    return spot.node.lineno, spot.node.col_offset  # type: ignore[attr-defined]


def defaults(arguments: ast.arguments) -> dict[ast.AST, str]:
    """The parameters' names by their defaults."""
    positional = [*arguments.posonlyargs, *arguments.args]
    found: dict[ast.AST, str] = {
        default: item.arg for default, item in zip(reversed(arguments.defaults), reversed(positional), strict=False)
    }
    named = zip(arguments.kw_defaults, arguments.kwonlyargs, strict=True)
    return found | {default: item.arg for default, item in named if default is not None}


def parameter(spot: Spot) -> tuple[str, Scope] | None:
    """The parameter whose default stands at a spot, and the function's block."""
    holder = spot.holder
    if holder is None or not isinstance(holder.node, ast.arguments) or holder.holder is None:
        return None
    arguments, function = holder.node, holder.holder
    if spot.field == "defaults":
        positional = [*arguments.posonlyargs, *arguments.args]
        name = positional[len(positional) - len(arguments.defaults) + spot.index].arg
    elif spot.field == "kw_defaults":
        name = arguments.kwonlyargs[spot.index].arg
    else:
        return None
    return name, function.scope.inside(function.node)


def function_of(name: ast.expr, scope: Scope) -> Scope | None:
    """The block of a function of the module that a name stands for, and for nothing else."""
    home = scope.home(name.id) if isinstance(name, ast.Name) else None
    if home is None or not isinstance(name, ast.Name) or len(home.bindings[name.id]) > 1:
        return None
    return home.functions.get(name.id)


def method_of(function: ast.expr, scope: Scope) -> Scope | None:
    """The block of a method of the class around a spot, where ``self`` or ``cls`` is asked for it."""
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return None
    block = scope.home(function.value.id)
    if block is None or block.parent is None or not block.parent.is_class:
        return None
    node = block.node
    if not isinstance(node, ast.FunctionDef) or first_parameter(node) != function.value.id:
        return None
    owner = block.parent
    return owner.functions.get(function.attr) if len(owner.bindings.get(function.attr, ())) == 1 else None


def first_parameter(node: ast.FunctionDef) -> str | None:
    """What a method calls the object that it is called on."""
    return next((item.arg for item in (*node.args.posonlyargs, *node.args.args)), None)


def outermost_value(spot: Spot) -> Spot:
    """The outermost expression that gives this one on unchanged."""
    while spot.holder is not None and (
        isinstance(spot.parent, ast.BoolOp) or (isinstance(spot.parent, ast.IfExp) and spot.field != "test")
    ):
        spot = spot.holder
    return spot


# Forwards: where a value goes.

Scaling = tuple[tuple[int, ast.expr], ...] | None
"""Factors, and the powers that they are raised to; None where more is done to the value."""

ELSEWHERE = "a variable starts with its values, and they may go elsewhere too; draw them where the variable is made"
ATTRIBUTE = "its values reach a variable as `{}`, which other code can use too; draw them where the variable is made"
DECORATED = "its values are what a decorated function returns; draw them where the variable is made"
METHOD = "its values reach a variable by way of the method `{}`, which a subclass can replace; draw them there"


class Way(NamedTuple):
    """One way of a value, to a spot: ``is_result`` is whether the value is what a function gives there when it is
    called, ``is_lost`` whether nothing looks at it from here on (other modules may); ``is_foreign`` is whether names in
    a factor would be another block's; ``name`` is the last of the names that it came by, as the follower counts;
    ``keys`` lead to the value in the containers that it is in, the outermost first, where the follower counts them."""

    spot: Spot
    is_result: bool = False
    scaling: Scaling = ()
    doubt: str = ""
    is_lost: bool = False
    is_foreign: bool = False
    name: int = 0
    keys: tuple[object, ...] = ()

    def at(self, spot: Spot, is_result: bool | None = None) -> "Way":
        return self._replace(spot=spot, is_result=self.is_result if is_result is None else is_result)

    def as_lost(self) -> "Way":
        return self._replace(is_lost=True)

    def with_doubt(self, doubt: str) -> "Way":
        return self._replace(doubt=doubt or self.doubt)

    def times(self, factors: Scaling) -> "Way":
        known = None if self.scaling is None or factors is None else (*self.scaling, *factors)
        return self._replace(scaling=None if factors and self.is_foreign else known)


_PASSING = (
    ast.BinOp
    | ast.BoolOp
    | ast.UnaryOp
    | ast.IfExp
    | ast.Lambda
    | ast.List
    | ast.Tuple
    | ast.Dict
    | ast.Starred
    | Comprehension
)
"""What a value passes through, changed or not."""


@dataclass(frozen=True)
class Policy:
    """What a value that is followed crosses, besides names, attributes, containers and the module's own functions; all
    else is an end of its way. Whoever follows values states one."""

    methods: Collection[str]
    """Methods of arrays that give the values."""

    contents: Collection[str]
    """Methods of containers that give what is in them."""

    adders: Collection[str]
    """Methods of containers that put their arguments there."""

    libraries: tuple[str, ...]
    """The packages (with a dot) whose functions give a value that is made of their arguments."""

    builtins: Collection[str]
    """The same functions of Python itself."""

    copies: Collection[str]
    """Functions of the packages that give the values unchanged, as far as their distribution goes."""

    of_objects: bool = False
    """Whether the value is an object, of which neither factors nor doubts are counted."""

    one_owner: bool = False
    """Whether an attribute is looked up only of what has the name that it was set of."""


Found = TypeVar("Found")


class Ways(list[Way]):
    """Every way of a value, to where it ends. Values that go on by one name share them, and what was found out of all
    of them (``memo``)."""

    def __init__(self, ways: Iterable[Way] = ()) -> None:
        super().__init__(ways)
        self.memo: dict[object, Any] = {}

    def once(self, key: object, found: "Callable[[Ways], Found]") -> Found:
        """What a function finds out of the ways, asked once a ``key``."""
        if key not in self.memo:
            self.memo[key] = found(self)
        result: Found = self.memo[key]
        return result


ARRAYS = Policy(
    methods=("astype", "reshape", "copy"),
    contents=("items", "values"),
    adders=("append", "insert", "extend", "add", "update", "setdefault"),
    libraries=("tensorflow.", "numpy."),
    builtins=("float", "dict", "list", "tuple", "zip", "enumerate"),
    copies=("cast", "to_float", "asarray", "array", "identity", "convert_to_tensor", "constant", "reshape", "float32"),
)
"""Of values in arrays of NumPy and tensors of TensorFlow: those that are drawn, and the weights that hold them."""

OBJECTS = Policy(
    methods=("copy",),
    contents=("items", "values", "get", "pop"),
    adders=ARRAYS.adders,
    libraries=("functools.", "copy."),
    builtins=("dict", "list", "tuple", "zip", "enumerate", "iter", "next"),
    copies=(),
    of_objects=True,
)
"""Of objects that are handed on as they are."""

NAMES = Policy(methods=(), contents=(), adders=(), libraries=(), builtins=(), copies=(), of_objects=True)
"""Of what is followed only by names that stand for it and for nothing else."""


@dataclass(eq=False)
class Follower:
    """Follows one value through a module; ``is_end`` is asked of each argument of a call, whether it ends there."""

    syntax: Syntax
    is_end: Callable[[Spot], bool]
    policy: Policy
    known: "dict[object, Ways]" = field(default_factory=dict)
    """The ways from names that several values are given, each gone once for all of them."""

    _names: dict[tuple[Scope | None, str, bool], int] = field(default_factory=dict)
    _by_known: bool = False
    _from: list[list[int]] = field(default_factory=lambda: [[]])
    """The names that lead to each name, the value itself being the first."""

    def ways(self, spot: Spot, is_result: bool = False, keys: tuple[object, ...] = ()) -> Ways:
        """Every way of the value, or of a function that gives it (``is_result``), to where it ends: at the argument of
        a call, or where it goes on to what is not followed. It is under the ``keys``."""
        found = Ways()
        stack = [Way(spot, is_result, None if self.policy.of_objects else (), keys=keys)]
        shared: object = None
        while stack:
            way = stack.pop()
            is_only = not found and not stack
            self._by_known = is_only and not self._names
            onward = None if way.is_lost else self._onward(way)
            if onward is None:
                found.append(way)
                continue
            stack.extend(reversed(onward))
            if shared is None and is_only and self._is_shared(onward):
                (shared,) = self._names
                if shared in self.known:
                    return self.known[shared]
        found += [Way(spot).as_lost()] * (not self._all_lead_on(found))
        if shared is not None:
            self.known[shared] = found
        return found

    def _ends(self, argument: Spot) -> bool:
        return self.is_end(argument)

    def _is_shared(self, ways: list[Way]) -> bool:
        """Whether all goes on by one name, at which it does not matter what came to it."""
        by_name = len(self._names) == 1 and bool(ways) and all(way.name == 1 for way in ways)
        return by_name and all(way.scaling is None and not way.doubt for way in ways)

    def _all_lead_on(self, ways: list[Way]) -> bool:
        """Whether every name leads to an end: one that only leads to itself may be looked at by other modules."""
        leading = {way.name for way in ways}
        pending = list(leading)
        while pending:
            new = set(self._from[pending.pop()]) - leading
            leading |= new
            pending.extend(new)
        return len(leading) == len(self._from)

    def _by_name(self, home: Scope | None, name: str, way: Way) -> Way | None:
        """The way by a name; None where the value has had it already."""
        key = home, name, way.is_result
        if key in self._names:
            self._from[self._names[key]].append(way.name)
            return None
        self._names[key] = len(self._from)
        self._from.append([way.name])
        return way._replace(name=self._names[key])

    def _onward(self, way: Way) -> list[Way] | None:
        """The next steps; None where the way ends."""
        spot, holder = way.spot, way.spot.holder
        if holder is None:
            return None
        match holder.node:
            case ast.Tuple(elts=values) | ast.List(elts=values) if isinstance(holder.parent, ast.Assign):
                beside = _beside(holder.parent, values, spot)
                return self._up(way) if beside is None else self._into_target(beside, way)
            case ast.Assign(targets=targets):
                return [other for target in targets for other in self._into_target(target, way)]
            case ast.AnnAssign(target=target):
                return self._into_target(target, way)
            case ast.NamedExpr(target=target):
                return [way.at(holder), *self._into_target(target, way)]
            case ast.Return():
                return self._out_of_function(way)
            case ast.For(target=target) | ast.AsyncFor(target=target) | ast.comprehension(target=target):
                return self._into_loop(target, way) if spot.field == "iter" else None
            case ast.arguments():
                found = parameter(spot)
                return [way.as_lost()] if found is None else self._loads(*found, way)
            case ast.Call() | ast.keyword():
                return self._into_call(way)
            case ast.Attribute(attr=name):
                call = None if holder.holder is None else call_of(holder)
                if call is None or name not in (*self.policy.methods, *self.policy.contents) or holder.holder is None:
                    return None
                return [way.times(() if name in self.policy.methods else None).at(holder.holder)]
            case ast.Subscript():
                return [way.times(None).at(holder)] if spot.field == "value" else None
        return self._up(way)

    def _up(self, way: Way) -> list[Way] | None:
        spot, holder = way.spot, way.spot.holder
        if holder is None or not isinstance(holder.node, _PASSING):
            return None
        if isinstance(holder.node, ast.IfExp) and spot.field == "test":
            return None
        result = way.is_result or isinstance(holder.node, ast.Lambda)
        return [way.times(factors_of(holder.node, spot.node, self.policy)).at(holder, result)]

    def _into_target(self, target: ast.expr, way: Way) -> list[Way]:
        """The same for a value that an assignment gives to a target."""
        scope = way.spot.scope
        while isinstance(target, ast.Subscript):
            target = target.value
        match target:
            case ast.Name(id=name) if not scope.is_class:
                home = scope.home(name)
                return [way.as_lost()] if home is None else self._loads(name, home, way)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                doubted = self._doubt(way, ATTRIBUTE.format(ast.unparse(target)))
                found = self._by_attribute(target, name, doubted)
                if isinstance(target, ast.Name):
                    found += self._by_lookups(name, scope, loads(self.syntax, name, scope), doubted)
                return [*found, (found or [way])[0].as_lost()]  # other modules may use it
            case ast.Tuple() | ast.List():
                doubted = self._doubt(way, ELSEWHERE)
                return [other for name in bound_names(target) for other in self._into_target(ast.Name(name), doubted)]
        return []

    def _by_attribute(self, target: ast.Name | ast.Attribute, name: str, way: Way) -> list[Way]:
        """The same for each place where an attribute is looked up."""
        owner = ast.unparse(target.value) if self.policy.one_owner and isinstance(target, ast.Attribute) else ""
        key = f"{owner}.{name}"
        if (known := self._shortcut(None, key, way)) is not None:
            return known
        spots = [spot for spot in attributes(self.syntax, name) if not owner or _owner(spot) == owner]
        return self._by_lookups(key, None, spots, way)

    def _into_loop(self, target: ast.expr, way: Way) -> list[Way]:
        holder = way.spot.holder
        assert holder is not None
        scope = holder.scope
        if isinstance(holder.node, ast.comprehension) and holder.holder is not None:
            scope = holder.holder.scope.inside(holder.holder.node)
        way = way if isinstance(target, ast.Name) else self._doubt(way, ELSEWHERE)
        found: list[Way] = []
        for name in bound_names(target):
            home = scope.home(name)
            found += [way.as_lost()] if home is None else self._loads(name, home, way)
        return found

    def _loads(self, name: str, home: Scope, way: Way) -> list[Way]:
        """The same for each place where a name of a block is looked up, but those where more is put into it."""
        if (known := self._shortcut(home, name, way)) is not None:
            return known
        spots = [spot for spot in loads(self.syntax, name, home) if not self._puts_in(spot)]
        plain = len(spots) == 1 and all(isinstance(binding, ast.expr) for binding in home.bindings.get(name, ()))
        return self._by_lookups(name, home, spots, way if plain else way.times(None))

    def _shortcut(self, home: Scope | None, name: str, way: Way) -> list[Way] | None:
        """What stands for all ways by a name that another value has gone, where all goes on by this name."""
        if not self._by_known or way.doubt or (home, name, way.is_result) not in self.known:
            return None
        self._by_name(home, name, way)
        return [way.times(None)._replace(name=1)]

    def _doubt(self, way: Way, doubt: str) -> Way:
        return way if self.policy.of_objects else way.with_doubt(doubt)

    def _by_lookups(self, name: str, home: Scope | None, spots: Sequence[Spot], way: Way) -> list[Way]:
        """The same for the places where a name is looked up, or an attribute where there is no block: none if the value
        has had it already."""
        by_name = self._by_name(home, name, way)
        if by_name is None:
            return []
        if home is None:
            spots = [spot for spot in spots if not self._puts_in(spot)]
        return [self._result(by_name.at(spot)) for spot in spots] or [by_name.as_lost()]

    @staticmethod
    def _result(way: Way) -> Way:
        """The call, where the value is what is called there."""
        called_there = way.is_result and call_of(way.spot) is not None and way.spot.holder is not None
        return way.at(way.spot.holder, False) if called_there and way.spot.holder is not None else way

    def _into_call(self, way: Way) -> list[Way] | None:
        spot, holder = way.spot, way.spot.holder
        assert holder is not None
        whole = holder.holder if isinstance(holder.node, ast.keyword) else holder
        if whole is None or not isinstance(whole.node, ast.Call):
            return None
        call = whole.node
        if spot.field == "func":
            return [way.at(whole, False)] if way.is_result else None
        if self._ends(spot):
            return None
        scope = whole.scope
        keyword = holder.node.arg if isinstance(holder.node, ast.keyword) else ""
        if keyword is not None and not isinstance(spot.node, ast.Starred):
            if isinstance(call.func, ast.Attribute) and call.func.attr in self.policy.adders:
                return self._into_target(call.func.value, way)
            block, method = function_of(call.func, scope), method_of(call.func, scope)
            if (block := block or method) is not None and isinstance(block.node, ast.FunctionDef):
                return self._parameter(block, keyword, way, method is not None)
        if not self._passes(call, scope):
            return None
        return [way.times(factors_of(call, spot.node, self.policy)).at(whole)]

    def _parameter(self, block: Scope, keyword: str, way: Way, is_method: bool) -> list[Way]:
        node = block.node
        assert isinstance(node, ast.FunctionDef)
        positional = [item.arg for item in (*node.args.posonlyargs, *node.args.args)]
        static = any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)
        index = way.spot.index + (is_method and not static)
        name = keyword or (positional[index] if index < len(positional) else None)
        if name is None or name not in block.read().bindings:
            return [way.as_lost()]
        if is_method:
            way = self._doubt(way, METHOD.format(node.name))
        elif node.decorator_list:
            way = self._doubt(way, DECORATED)
        return self._loads(name, block, way._replace(is_foreign=True))

    def _out_of_function(self, way: Way) -> list[Way]:
        """The same for what a function of the module returns, at each place that the function is named."""
        inner: Scope | None = way.spot.scope
        while inner is not None and not isinstance(inner.node, ast.FunctionDef | ast.Lambda):
            inner = inner.parent
        home = None if inner is None else inner.parent
        if inner is None or not isinstance(inner.node, ast.FunctionDef) or home is None:
            return [way.as_lost()]
        name, decorators = inner.node.name, {ast.unparse(item) for item in inner.node.decorator_list}
        spots = list(loads(self.syntax, name, home))
        if home.is_class:
            spots += attributes(self.syntax, name)
        if not spots:
            return [way.as_lost()]  # other modules may call it
        if (known := self._shortcut(home, name, way._replace(is_result=True))) is not None:
            return known
        by_name = self._by_name(home, name, way._replace(is_result=True))
        if by_name is None:
            return []
        doubt = DECORATED if decorators - {"staticmethod", "classmethod"} else ""
        doubt = doubt or (ELSEWHERE if len(home.bindings[name]) > 1 else "")
        way = self._doubt(by_name, doubt)._replace(is_foreign=True, is_result=way.is_result)
        return [self._use_of_function(spot, way) for spot in spots]

    @staticmethod
    def _use_of_function(spot: Spot, way: Way) -> Way:
        """Where a function that gives the value is called, or handed on to be called there."""
        if call_of(spot) is not None and spot.holder is not None:
            return way.at(spot.holder)
        return way.as_lost() if way.is_result else way.at(spot, True)

    def _puts_in(self, spot: Spot) -> bool:
        """Whether something is added to a container there."""
        match spot.parent:
            case ast.Attribute(attr=name):
                return name in self.policy.adders
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                return True
        return False

    def _passes(self, call: ast.Call, scope: Scope) -> bool:
        """Whether a call gives a value made of what it is given."""
        if isinstance(call.func, ast.Name) and call.func.id in self.policy.builtins:
            return True
        paths = resolve(call.func, scope)
        return bool(paths) and all(path.startswith(self.policy.libraries) for path in paths)


def ends(
    spot: Spot,
    syntax: Syntax,
    policy: Policy,
    is_end: Callable[[Spot], bool],
    counts: Callable[[Way], bool],
    *given: object,
) -> list[Spot]:
    """The ends of a value's ways that count, gone through once for all values that go the same ways; ``given`` is what
    else decides which count."""
    known: dict[object, Ways] = syntax.memo.setdefault(f"ways to {is_end.__qualname__}", {})
    ways = Follower(syntax, is_end, policy, known).ways(spot)
    return ways.once(given, lambda ways: [way.spot for way in ways if not way.is_lost and counts(way)])


def _owner(spot: Spot) -> str:
    return ast.unparse(spot.node.value) if isinstance(spot.node, ast.Attribute) else ""


def factors_of(parent: ast.AST, child: ast.AST, policy: Policy) -> Scaling:
    """What an expression multiplies a part of it by."""
    match parent:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return ((1, right if left is child else left),)
        case ast.BinOp(left=left, op=ast.Div(), right=right) if left is child:
            return ((-1, right),)
        case ast.IfExp() | ast.BoolOp() | ast.Lambda():
            return ()
        case ast.Call(func=ast.Attribute(attr="multiply" | "scalar_mul"), args=[first, second]):
            return ((1, second if first is child else first),)
        case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if first is child and name in policy.copies:
            return ()
    return None


def _beside(statement: ast.Assign, values: list[ast.expr], spot: Spot) -> ast.expr | None:
    """What an assignment gives one of several values to."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets) | ast.List(elts=targets)]) if len(targets) == len(values):
            plain = not any(isinstance(item, ast.Starred) for item in (*targets, *values))
            return targets[spot.index] if plain else None
    return None
