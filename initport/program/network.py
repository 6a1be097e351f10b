"""A network out of the program that builds it: the shared model, with everything that is not known."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from typing import NamedTuple

from initport.diagnostics import Code, Diagnostic, InputError
from initport.emit.settings import Settings
from initport.formats.graph.op_values import Variable
from initport.formats.graph.placement import Placed, group_axes, read_by
from initport.formats.read_options import Options
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError
from initport.grammar.registry import heads, home_of
from initport.grammar.rows import Addition, SourceWeight
from initport.grammar.versions import Versions
from initport.ir.initializers import Blocks, Constant, Initializer, Unsupported, canonical, elementwise
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Layout, Role, Wrapper
from initport.lexis import one_line
from initport.program.calls import is_given
from initport.program.consumers import shape_of
from initport.program.entry import Entry, NoEntryError, every_entry, find_entry
from initport.program.interpreter import LimitError, Run
from initport.program.modules import is_module, keeps_parameters, may_fill
from initport.program.naming import is_label, naming_of
from initport.program.parameters import cells, parameter_names, sizes
from initport.program.starts import Asked, RefusedError, Start, Starts
from initport.program.values import ANY, Called, Fill, Items, Known, Made, Object, Unknown, Value
from initport.python.axes import declared_layouts
from initport.python.defaults import (
    Part,
    addition_words,
    all_layers,
    default_frameworks,
    join_gates,
    layout_of,
    parts_of,
    shape_in,
    with_addition,
    zeroed_row,
)
from initport.python.implicit import JOINT
from initport.python.stack import Cell
from initport.python.syntax import Syntax
from initport.python.text import Text
from initport.python.vocabulary import names as names_of
from initport.rewrite import premise
from initport.rewrite.caffe_programs import kept_fillers
from initport.rewrite.encoding import EncodingError, decode
from initport.rewrite.file import input_error, parse_any

Reading = tuple[Model, tuple[Diagnostic, ...]]


def read(data: bytes, path: str, options: Options) -> Reading:
    """The network that a module or notebook builds. Raises InputError where none is found."""
    versions = options.versions or Versions()
    known = names_of(versions, data)
    settings = Settings(known, known, versions=versions)
    try:
        content = _content(data, path)
        tree, python2 = parse_any(content)
    except (SyntaxError, EncodingError) as error:
        raise input_error(error, path) from error
    sites, settings = premise.read(tree, Text(content), settings)
    with closing(sites):
        names = settings.names
        division = not python2 and is_python3(tree)
        run = Run(sites.syntax, names, all_layers(names, content), true_division=division)
        try:
            entry = find_entry(run, options.network)
        except NoEntryError as error:
            raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), str(error))) from error
        except LimitError as error:
            raise InputError(Diagnostic(Code.TOO_LARGE, Location(path), "the program takes too many steps")) from error
        reader = _Reader(path, run, entry, Starts(names, settings.versions), content)
        layers = reader.layers()
    if not layers:
        raise InputError(_no_layer(tree, Text(content), path))
    model = Model("", reader.framework, Location(path), layers)
    return model, tuple(reader.findings)


def _no_layer(tree: ast.Module, text: Text, path: str) -> Diagnostic:
    """What to do with a program that builds no network of its own."""
    written = next((item.reason for item in kept_fillers(tree, text)), None)
    return Diagnostic(Code.NO_NETWORK, Location(path), written or "the program creates no layer that is known")


class Filling(NamedTuple):
    """What fills a weight after its layer was made, None where that has no known law; in the source's words."""

    initializer: Initializer | None
    source: str
    location: Location


class Filled(NamedTuple):
    """Which weight is filled: the place of the layer's call, which of its layers, and the role."""

    line: int | None
    column: int | None
    cell: Cell
    role: Role


class ClassStarts(NamedTuple):
    """What the classes of a module start besides layers: the weights of layers that are filled after they were made,
    and the ``parameters`` made of tensors, each as a layer, in order."""

    fillings: Mapping[Filled, Filling]
    parameters: tuple[Layer, ...]


def class_starts(tree: ast.Module, text: Text, settings: Settings, path: str) -> ClassStarts:
    """As far as the classes show it, each by itself."""
    if not may_fill(text.content) and "Parameter(" not in text.content:
        return ClassStarts({}, ())
    starts = Starts(settings.names, settings.versions)
    fillings: dict[Filled, Filling] = {}
    parameters: dict[tuple[int | None, int | None], Layer] = {}
    for made in _instances(tree, text, settings):
        fillings.update(_fillings_of(made, starts, path))
        if made.wrapper == "variable" and keeps_parameters(made):
            parameters[made.line, made.column] = _parameter(made, starts, path)
    return ClassStarts(fillings, tuple(parameters.values()))


def _instances(tree: ast.Module, text: Text, settings: Settings) -> Iterator[Made]:
    """What the classes of a module make, each class gone through by itself, as far as the limits of a run allow."""
    names = settings.names
    with closing(Syntax.of(tree, text)) as syntax:
        run = Run(syntax, names, all_layers(names, text.content), true_division=is_python3(tree))
        try:
            for _ in every_entry(run):
                yield from run.made
        except LimitError:
            pass


def _parameter(made: Made, starts: Starts, path: str) -> Layer:
    where = Location(path, made.line, made.column)
    row, shape = made.layer.row.weights[0], shape_of(made)
    asked = Asked(made, row, None, None if shape is None else len(shape), shape)
    source, initializer = one_line(ast.unparse(made.node)) if made.node is not None else made.label, None
    with suppress(RefusedError):
        fill = _fill_of(made, row.role)
        initializer = (starts.start(asked) if fill is None else _after_fill(asked, fill, starts)).initializer
    known = initializer or Unsupported("", "its initializer is known only when the program runs")
    weight = Weight(row.role, known, where, row.argument or "", source, False, None, {}, shape)
    return Layer(f"{made.label} ({made.line}:{made.column})", Kind.PARAMETER, made.label, where, (weight,))


def _fillings_of(made: Made, starts: Starts, path: str) -> Iterator[tuple[Filled, Filling]]:
    if not made.fills or made.line is None:
        return
    try:
        known = cells(made)
    except ValueError:
        return
    for cell in known:
        for weight in made.layer.row.weights:
            fill = _fill_of(made, weight.role, cell)
            if fill is None:
                continue
            source, initializer = one_line(ast.unparse(fill.node)) if fill.node is not None else "", None
            with suppress(RefusedError):
                initializer = _after_fill(Asked(made, weight, layout_of(weight), None), fill, starts).initializer
            place = Location(path, fill.line, getattr(fill.node, "col_offset", 0) + 1)
            yield Filled(made.line, made.column, cell, weight.role), Filling(initializer, source, place)


def _after_fill(asked: Asked, fill: Fill, starts: Starts) -> Start:
    """What a weight starts with that is filled after its layer was made, as a whole or in part. Raises RefusedError."""
    if fill.problem or fill.call is None:
        raise RefusedError(f"it is filled on line {fill.line}, and {fill.problem}")
    filled = starts.fill(asked, fill.call)
    if fill.part is None:
        return filled
    rest = starts.start(asked) if fill.before is None else _after_fill(asked, fill.before, starts)
    parts = _divide(asked, fill.part)
    if parts is None:
        raise RefusedError(
            f"a part of it is filled on line {fill.line}, which is not a whole block of it; initialize it yourself"
        )
    number, within = parts
    known = rest.initializer.parts if isinstance(rest.initializer, Blocks) else (rest.initializer,) * number
    if len(known) != number or not all(map(elementwise, known)):
        raise RefusedError(
            f"a part of it is filled on line {fill.line}, and the rest draws as a whole; initialize it yourself"
        )
    mixed = tuple(filled.initializer if at in within else part for at, part in enumerate(known))
    return Start(Blocks(mixed), f"{rest.source}, then {filled.source}", False)


def _divide(asked: Asked, part: tuple[int, int]) -> tuple[int, range] | None:
    """A weight's gates by number, and those that are a part of its first axis; None where that cuts one."""
    size = None if asked.layout is None else asked.layout.axes[0].size
    whole = None if size is None else size.evaluate(sizes(asked.made))
    units = sizes(asked.made).get("units")
    if whole is None or not units or whole % units or any(end % units for end in part):
        return None
    return int(whole) // units, range(part[0] // units, part[1] // units)


def _content(data: bytes, path: str) -> str:
    if path.endswith(".ipynb"):
        from initport.rewrite.notebook import code

        return code(data)
    return decode(data).text


def is_python3(tree: ast.Module) -> bool:
    """Whether a program is certainly none of Python 2, where a quotient of whole numbers is cut."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr() | ast.AnnAssign() | ast.AsyncFunctionDef() | ast.Nonlocal() | ast.NamedExpr():
                return True
            case ast.arg(annotation=ast.expr()):
                return True
            case ast.FunctionDef(returns=returns, args=arguments) if returns is not None or arguments.kwonlyargs:
                return True
            case ast.Call(func=ast.Name(id="super"), args=[]):
                return True
            case ast.ImportFrom(module="__future__", names=names) if any(item.name == "division" for item in names):
                return True
    return False


class _Reader:
    """From what a run made to layers."""

    def __init__(self, path: str, run: Run, entry: Entry, starts: Starts, content: str) -> None:
        self.path, self.run, self.entry, self.starts, self.content = path, run, entry, starts, content
        self.findings: list[Diagnostic] = []
        self.used: dict[object, tuple[str, Role]] = {}
        self.held: set[int] = set()
        """The layers that attributes name."""

    @property
    def framework(self) -> str:
        """The grammar that most layers are of."""
        return Counter(map(_framework, self.run.made)).most_common(1)[0][0]

    def layers(self) -> tuple[Layer, ...]:
        if self.entry.premise:
            self._finding(Code.ASSUMED_CALL, self.entry.node, self.entry.premise)
        self._name_by_attributes()
        self._check_numbers()
        found: list[tuple[int, Layer]] = []
        variables: list[Made] = []
        for made in self.run.made:
            if made.wrapper == "variable":
                variables.append(made)
            else:
                found += [(made.position, layer) for layer in self._layers(made)]
        found += self._variables(variables)
        self._report_opaque()
        return tuple(layer for _, layer in sorted(found, key=lambda item: item[0]))

    def _report_opaque(self) -> None:
        if not self.run.hidden:
            return
        names = list(self.run.hidden)
        shown = ", ".join(f"`{name.strip('.')}`" for name in names[:5])
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        detail = f"what {shown}{more} makes is not visible in this file; its layers, if it makes any, are left out"
        if self.run.shown:
            detail += ", and so is what it does to the weights of a network that it is given"
        self._finding(Code.OPAQUE_LAYER, self.run.hidden[names[0]], detail)

    def _finding(self, code: Code, node: ast.AST | None, detail: str) -> None:
        line, column = getattr(node, "lineno", None), getattr(node, "col_offset", None)
        self.findings.append(
            Diagnostic(code, Location(self.path, line, None if column is None else column + 1), detail)
        )

    # Names.

    def _name_by_attributes(self) -> None:
        """Layers that objects hold are called by the attributes that lead to them."""
        named = self.held
        for root in self.entry.roots:
            for made, path, in_module in _layers_of(root, "", set()):
                if id(made) in named:
                    continue
                named.add(id(made))
                stated = made.given.get("name")
                states = isinstance(stated, Known) and isinstance(stated.value, str)
                label = is_label(made.layer.framework, made.path, self.starts.versions)
                if in_module or label or (not states and made.wrapper != "variable"):
                    made.name, made.problem = path, _without_counting(made.problem)
                elif made.wrapper == "variable" and made.name is None:
                    made.name = path

    def _check_numbers(self) -> None:
        """A number that each class of the program counts by itself tells nothing where several make layers."""
        counting = [made for made in self.run.made if self._is_numbered(made)]
        if not counting:
            return
        classes = [node for node in ast.walk(self.run.syntax.tree) if isinstance(node, ast.ClassDef)]
        within = {id(part): node for node in classes for part in ast.walk(node)}
        if len({id(within.get(id(made.node))) for made in counting}) > 1:
            for made in counting:
                made.problem = made.problem or _SEVERAL

    def _is_numbered(self, made: Made) -> bool:
        naming = naming_of(made.layer.framework, made.path, self.starts.versions)
        if naming is None or not naming.by_module or id(made) in self.held:
            return False
        return not is_given(made.given.get(naming.argument))

    # Layers.

    def _layers(self, made: Made) -> Iterator[Layer]:
        where = Location(self.path, made.line, made.column)
        name, problem = made.name, made.problem
        if not name:
            problem = problem or "no attribute of the network holds it, and nothing names it"
            name = f"{made.label} ({made.line}:{made.column})"
        kind, stacked = made.layer.row.kind, tuple[Cell, ...]()
        try:
            stacked = tuple(cells(made))
        except ValueError as error:
            problem = problem or str(error)
        if problem:
            role = made.layer.row.weights[0].role if made.layer.row.weights else Role.UNKNOWN
            self._finding(Code.UNDECIDED, made.node, f"{name!r}: {problem}")
            refused = Unsupported("", problem)
            yield Layer(name, kind, made.label, where, (Weight(role, refused, where, "", made.label, False, None),))
            return
        wrappers: Sequence[Wrapper | None] = _WRAPPED.get(made.wrapper, (None,))
        for cell in stacked:
            weights = tuple(join_gates(self._weights(made, name, where, cell)))
            for wrapper in wrappers:
                yield Layer(name, kind, made.label, where, weights, wrapper or cell.wrapper, cell.number)

    def _weights(self, made: Made, name: str, where: Location, cell: Cell) -> Iterator[tuple[Weight, Sequence[int]]]:
        dims = sizes(made, cell)
        for weight in made.layer.row.weights:
            exists = self._exists(made, weight.when, weight.unless, weight.argument)
            if exists is False:
                continue
            layout = layout_of(weight) or self._axes_of_shape(made, weight)
            asked = Asked(made, weight, layout, None if layout is None else layout.rank)
            try:
                if isinstance(exists, str):
                    raise RefusedError(exists)
                self._check_network(asked)
                start = self._start(asked, made, name, weight.role, cell)
            except RefusedError as error:
                self._finding(error.code, made.node, f"{name!r} {weight.role}: {error}")
                for role, axes, law in _refused_parts(weight, layout, str(error)):
                    argument = weight.argument or ""
                    yield Weight(role, law, where, argument, made.label, False, axes, dims), weight.gates
                continue
            place = self._place(start, where)
            source = start.source + (JOINT if len(weight.joint) > 1 else "")
            try:
                parts = list(self._parts(made, weight, start, layout))
            except MeaningError as error:
                self._finding(Code.UNDECIDED, made.node, f"{name!r} {weight.role}: {error}")
                parts = list(_refused_parts(weight, layout, str(error)))
            if weight.adds is not None:
                value = self._addition_of(made, weight.adds)
                source += addition_words(weight.adds, value, value is None and weight.adds.argument in made.given)
            for role, axes, law in parts:
                yield Weight(role, law, place, weight.argument or role.value, source,
                             start.implicit, axes, dims, shape_in(axes, dims)), weight.gates  # fmt: skip

    def _axes_of_shape(self, made: Made, weight: SourceWeight) -> Layout | None:
        """The axes of a kernel whose shape the call states: those that its initializers count in a shape."""
        shape = made.given.get("shape")
        if weight.role is not Role.KERNEL or weight.layout != "source" or not isinstance(shape, Items):
            return None
        speaker = vocabulary(default_frameworks(weight, made.layer, self.run.names)[-1])
        return next(iter(declared_layouts(speaker, len(shape.items))), None)

    def _check_network(self, asked: Asked) -> None:
        """Raises RefusedError where the program gives the network an initializer that was not followed to here."""
        pattern = vocabulary(asked.made.layer.framework).grammar.network if asked.weight.by_network else ""
        if not pattern or asked.given is not None or asked.made.initializer is not None:
            return
        if re.search(pattern, self.content) is not None:
            raise RefusedError(
                "what the program gives the whole network starts it, and it is not clear which that is; give the layer "
                "an initializer of its own, or initialize it yourself"
            )

    def _parts(self, made: Made, weight: SourceWeight, start: Start, layout: Layout | None) -> Iterator[Part]:
        """The weights that one of the source is, with what the layer adds to them. Raises MeaningError."""
        if weight.adds is None:
            yield from parts_of(weight, layout, start.initializer)
            return
        value = self._addition_of(made, weight.adds)
        if value is None and weight.adds.argument in made.given:
            raise MeaningError(f"`{weight.adds.argument}` is known only when the program runs")
        yield Part(weight.role, layout, with_addition(weight.adds, start.initializer, value))

    @staticmethod
    def _addition_of(made: Made, adds: Addition) -> Scalar | None:
        value = made.given.get(adds.argument)
        return value.value if isinstance(value, Known) and isinstance(value.value, Scalar) else None

    def _start(self, asked: Asked, made: Made, name: str, role: Role, cell: Cell | None = None) -> Start:
        fill = _fill_of(made, role, cell)
        if fill is not None:
            return _after_fill(asked, fill, self.starts)
        start = self.starts.start(asked)
        zeroed = asked.weight.zeroed
        if zeroed is not None and is_given(made.given.get(zeroed)):
            raise RefusedError(zeroed_row(zeroed, start.initializer), Code.INEXPRESSIBLE)
        if start.value is not None and start.repeats and not is_constant(start):
            first = self.used.setdefault(id(start.value), (name, role))
            if first != (name, role):
                raise RefusedError(
                    f"its initializer is the object that starts {first[0]!r} too, and returns the same values for both "
                    "where their shapes are equal; give each an object of its own",
                    Code.REPEATED,
                )
        return start

    def _place(self, start: Start, where: Location) -> Location:
        line = start.value.line if start.value is not None else None
        column = getattr(start.value.node, "col_offset", None) if start.value is not None else None
        return where if line is None else Location(self.path, line, None if column is None else column + 1)

    def _exists(self, made: Made, when: str | None, unless: str | None, argument: str | None) -> bool | str:
        """Whether a layer has a weight; why that is not known, where it is not."""
        row = made.layer.row
        for flag in (when or "").split(" and ") if when else ():
            value = made.given.get(flag)
            if flag == argument:
                if value is None or (isinstance(value, Known) and value.value is None):
                    return False
                continue
            truth = self._flag(made, flag, row.defaults.get(flag, True))
            if truth is None:
                return _reason(flag, value)
            if not truth:
                return False
        given = made.given.get(argument or "")
        if _is_none(given) and made.path.startswith(_NONE_LEAVES_OUT):
            return False
        if isinstance(given, Known) and given.value is False:
            return False
        if unless is not None:
            truth = self._flag(made, unless, row.defaults.get(unless, False))
            if truth is None:
                return _reason(unless, made.given.get(unless))
            return not truth
        return True

    def _flag(self, made: Made, flag: str, default: object) -> bool | None:
        value = made.given.get(flag)
        if value is None:
            return bool(default)
        if isinstance(value, Called):
            return True
        return self.run.truth(value)

    # Variables.

    def _variables(self, variables: Sequence[Made]) -> list[tuple[int, Layer]]:
        """Variables by the layers that the ops which read them make of them, as those of a saved graph."""
        by_name: dict[str, Made] = {}
        found: list[tuple[int, Layer]] = []
        for made in variables:
            if _is_no_weight(made):
                continue
            if made.problem or not made.name:
                found += [(made.position, layer) for layer in self._layers(made)]
            else:
                by_name[made.name] = made
        reads = [
            read_by(Variable(name, shape_of(made), "float", None, True), made.consumer)
            for name, made in by_name.items()
        ]
        groups: dict[tuple[str, Kind], list[Placed]] = {}
        for placed in group_axes(reads):
            groups.setdefault((placed.layer, placed.kind), []).append(placed)
        for (name, kind), members in groups.items():
            first = by_name[members[0].variable.name]
            where = Location(self.path, first.line, first.column)
            weights = tuple(self._variable(one, by_name[one.variable.name], name) for one in members)
            found.append((first.position, Layer(name, kind, first.label, where, weights)))
        return found

    def _variable(self, placed: Placed, made: Made, layer: str) -> Weight:
        where = Location(self.path, made.line, made.column)
        shape = placed.variable.shape
        rank = None if shape is None else len(shape)
        layout, dims = self._axes(placed, made, rank)
        row = made.layer.row.weights[0]
        try:
            start = self._start(Asked(made, row, layout, rank, shape), made, layer, placed.role)
        except RefusedError as error:
            self._finding(error.code, made.node, f"{layer!r} {placed.role}: {error}")
            start = Start(Unsupported("", str(error)), made.label, False)
        repeats = self._repeats(made, start, shape, (layer, placed.role))
        return Weight(placed.role, start.initializer, self._place(start, where), row.argument or "", start.source,
                      start.implicit, layout, dims, shape, repeats=repeats)  # fmt: skip

    def _repeats(self, made: Made, start: Start, shape: object, mine: tuple[str, Role]) -> tuple[str, Role] | None:
        """The weight that starts with the same draws: of one value, of a variable's, or of one seed."""
        found = None
        if isinstance(start.draws, Made):
            found = self.used.get(id(start.draws))
        elif start.draws is not None:
            found = self.used.setdefault(id(start.draws), mine)
        elif start.seed is not None and not is_constant(start):
            found = self.used.setdefault((start.seed, start.initializer, shape), mine)
        self.used.setdefault(id(made), mine)
        return None if found == mine or is_constant(start) else found

    def _axes(self, placed: Placed, made: Made, rank: int | None) -> tuple[Layout | None, Mapping[str, int]]:
        dims = {name: size for name, size in placed.sizes.items()}
        return placed.layout, dims


_NONE_LEAVES_OUT = ("tensorflow.contrib.", "tensorflow.compat.v1.contrib.", "tf_slim.", "lasagne.")
"""Where None in place of an initializer leaves the weight out: `biases_initializer`, `b`."""

_WRAPPED = {"Bidirectional": (Wrapper.FORWARD, Wrapper.BACKWARD), "TimeDistributed": (Wrapper.INNER,)}


_SEVERAL = (
    "several modules of the program make layers, and each numbers its own; give the layers names, `name=...`, or pass "
    "`--network NAME` for a module that makes all of its layers itself"
)


def is_constant(start: Start) -> bool:
    """Whether all elements of a weight start with one number, so that no two objects differ in them."""
    return isinstance(canonical(start.initializer), Constant)


def _is_none(value: Value | None) -> bool:
    return isinstance(value, Known) and value.value is None


def _reason(flag: str, value: Value | None) -> str:
    reason = value.reason if isinstance(value, Unknown) else "it is known only when the program runs"
    return f"whether the layer has it depends on `{flag}`: {reason}"


def _framework(made: Made) -> str:
    """The grammar that has the title of a layer's framework."""
    if made.path.startswith("tensorflow."):
        return "tensorflow"
    speaker = made.layer.speaker
    if speaker is not None and not vocabulary(made.layer.framework).grammar.head.own:
        return speaker.framework
    return home_of(heads()[made.layer.framework].package)


def _without_counting(problem: str) -> str:
    return "" if problem.startswith("its name is") else problem


def _is_no_weight(made: Made) -> bool:
    """Whether a variable is one that counts."""
    trainable = made.given.get("trainable")
    return isinstance(trainable, Known) and trainable.value is False


def _refused_parts(weight: SourceWeight, layout: Layout | None, reason: str) -> Iterator[Part]:
    """The weights that one of the source is, where it is refused."""
    refused = Unsupported("", reason)
    yield from (Part(role, parse_layout(text), refused) for role, text in weight.joint.items())
    if not weight.joint:
        yield Part(weight.role, layout, refused)


def _fill_of(made: Made, role: Role, cell: Cell | None = None) -> Fill | None:
    """What fills the weight after its layer was made: of one of the layers that it is, else of all."""
    if not made.fills:
        return None
    if made.wrapper == "variable":
        return made.fills.get("")
    if ANY in made.fills:
        return made.fills[ANY]
    names = (name for name, weight, of in parameter_names(made) if weight.role is role and cell in (None, of))
    found = [made.fills.get(name) for name in names]
    first = next((fill for fill in found if fill is not None), None)
    if not keeps_parameters(made):  # which keeps it under one of the names
        return first
    if first is None or all(fill is not None and _same_fill(fill, first) for fill in found):
        return first
    return Fill(
        None, "another parameter of the same weight is not filled so; initialize both yourself", node=first.node
    )


def _same_fill(fill: Fill, other: Fill) -> bool:
    """Whether a loop or one call fills two parameters alike."""
    return fill is other or (fill.node is other.node and fill.part == other.part and fill.problem == other.problem)


def _layers_of(root: Value, prefix: str, seen: set[int]) -> Iterator[tuple[Made, str, bool]]:
    """The layers that an object holds, with the attributes that lead to each, and whether it is a module."""
    if id(root) in seen or not isinstance(root, Object):
        return
    seen.add(id(root))
    module = _is_module(root)
    held = [*root.attributes.items(), *root.members.items()]
    for name, value in sorted(held, key=lambda item: isinstance(item[1], Items)):  # a list names what nothing else does
        path = ".".join(part for part in (prefix, name) if part)
        if isinstance(value, Made):
            if module or root.cls is not None or _is_nameless(value):
                yield value, path, module
        elif isinstance(value, Items) and not module:
            for index, item in enumerate(value.items):
                if isinstance(item, Made):
                    yield item, f"{path}.{index}", False
                yield from _layers_of(item, f"{path}.{index}", seen)
        elif isinstance(value, Object) and (not module or _is_module(value)):
            yield from _layers_of(value, path, seen)


def _is_nameless(made: Made) -> bool:
    """Whether its framework gives layers no names, so that what holds one does."""
    return naming_of(made.layer.framework, made.path, Versions()) is None


def _is_module(value: Object) -> bool:
    return is_module([value.path] if value.cls is None else value.cls.libraries())
