"""What the calls of a program do, as far as it matters to the network: layers, variables, scopes, containers, loops."""

import ast
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

from initport.grammar import registry
from initport.grammar.load import vocabulary
from initport.ir.scalar import InexactError, Scalar, product
from initport.ir.weights import Kind
from initport.program.consumers import consumer
from initport.program.modules import (
    CHANGED,
    KEEPING,
    METHODS,
    READ,
    SETTERS,
    attributes,
    is_opaque,
    keeps_parameters,
    layerless,
    packages,
)
from initport.program.mutations import is_change, lose, lose_contents, set_any, set_later
from initport.program.naming import Naming, is_label, naming_of
from initport.program.parameters import ANY_PROBLEM, SIZES_OF, fill, parameter_names, parameters_of, size_of
from initport.program.scopes import Scopes
from initport.program.values import (
    ANY,
    APPLIED,
    Bound,
    Called,
    Class,
    Computed,
    Entries,
    Fill,
    Function,
    Items,
    Known,
    Made,
    Object,
    Parameter,
    Path,
    Super,
    Unknown,
    Value,
    VariableScope,
    fits,
    number,
    plain,
)
from initport.program.within import each_part, parts_of
from initport.python.follow import BOUND_ANEW
from initport.python.vocabulary import Layer, Layers, Names

if TYPE_CHECKING:
    from initport.program.library import Special
    from initport.program.values import Names as Local

OWN = ""
"""The attribute that holds the layer which an object of a class derived from one is."""

_MAKING = ("build", "add_weight", "create_parameter", "_initialize_params", "setup")
"""Methods of layers that make their weights, and that a class derived from one may have of its own."""

_NO_BASES = frozenset({Kind.UNKNOWN, Kind.PARAMETER})
"""Kinds of rows that are no layers to derive from."""

MADE_LIMIT = 20_000
"""Layers and variables of one program."""


class Calls:
    """What calls give. `Run` goes through the statements."""

    true_division: bool
    steps: int
    module: "Local"
    """The names of the module."""
    depth: int
    """Functions that are being gone through within each other."""

    def __init__(self, names: Names, layers: Layers) -> None:
        self.names, self.layers = names, layers
        self.scopes = Scopes()
        self.made: list[Made] = []
        self.doubts: list[str] = []
        self.unsure: list[str] = []
        """Those of the doubts in which it is not known either whether a statement runs."""
        self.patches: dict[str, Value] = {}
        """What the program puts in place of attributes of what it imports, by their path."""
        self.calling: ast.AST | None = None
        self.starring = False
        """The call of a method that is not the program's own."""
        self.effect: ast.AST | None = None
        """The call that is a statement by itself: what it gives is not used."""
        self.begun: list[Object] = []
        """The objects whose `__init__` runs."""
        self.hidden: dict[str, ast.AST] = {}
        """Calls of what is not visible and may make layers, by their path, at the first place."""
        self.shown = False
        """Whether such a call is given a network."""

    def start_again(self) -> None:
        """Forget what was made."""
        self.scopes, self.made, self.hidden = Scopes(), [], {}

    def run_function(
        self, function: Function, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST | None
    ) -> Value:
        raise NotImplementedError

    def truth(self, value: Value) -> bool | None:
        raise NotImplementedError

    # Calls.

    def call(
        self,
        function: Value,
        args: Sequence[Value],
        given: Mapping[str, Value],
        node: ast.AST,
        names: "Local | None" = None,
        *,
        starred: bool = False,
    ) -> Value:
        match function:
            case Function():
                if starred:
                    self._lose_in_hidden(args, node)
                    return Unknown(_STARRED, parts=parts_of(*args), node=node)
                if function.scoped:
                    given = {**self._arguments_of(function.node, _names_in(function.node)), **given}
                return self.run_function(function, args, given, node)
            case Class():
                return self._object(function, args, given, node, starred)
            case Object():
                return self._call_object(function, args, given, node)
            case Bound():
                self.calling, self.starring = node, starred
                return function.does(args, given)
            case Called():
                if args and (isinstance(args[0], Parameter) or self._is_own(args[0])):  # an initializer
                    return self._fill(args[0], Called(APPLIED, [function], node=node))
                if args and function.path in self.names.functions:
                    self._lose_unknown(args[0], node)
                return Called(APPLIED, [function, *args], given, node=node)
            case Parameter():  # a method that gives its values
                return function
            case Path(path=path):
                return self._of_library(path, args, given, node, names, starred)
            case Made() if function.wrapper != "variable":
                return Unknown("it is the output of a layer", node=node)
        self._lose_in_hidden(args, node)
        return Unknown(node=node, called=isinstance(function, Unknown))

    def _lose_in_hidden(self, args: Sequence[Value], node: ast.AST) -> None:
        """What is not visible is given layers or parameters, and nothing else comes of it: it may start them."""
        self.shown = self.shown or any(isinstance(arg, Object) or is_network(arg) for arg in args)
        if node is self.effect:
            self.lose_parts(
                [arg for arg in args if isinstance(arg, Made | Parameter | Unknown) or arg in self.begun], node
            )

    def lose_parts(self, values: Sequence[Value], node: ast.AST | None, reason: str = ANY_PROBLEM) -> None:
        """What may be any of the layers and parameters that ``values`` are or hold is given other values."""
        self.steps += lose(values, node, reason)

    def _lose_unknown(self, target: Value, node: ast.AST) -> Value:
        """What is not known is filled, and may be a part of the network."""
        if isinstance(target, Unknown | Bound | Called):
            self.lose_parts(parts_of(target), node)
        return target

    def _is_own(self, value: Value) -> bool:
        """Whether it is a parameter that an attribute names: an initializer that is called with it fills it."""
        if not isinstance(value, Made) or value.wrapper != "variable":
            return False
        return is_label(value.layer.framework, value.path, self.names.speech.versions)

    @staticmethod
    def _lose(target: Made) -> Value:
        """Values take the place of a parameter's, and which is not followed."""
        reason = "what takes the place of its values is not known; initialize it yourself"
        target.fills[""] = Fill(None, reason, node=target.node)
        return target

    def report_unknown(self, value: Value) -> None:
        """What a network holds is not known, and may be a layer: that it is left out must be reported."""
        if isinstance(value, Unknown) and value.called and isinstance(value.node, ast.Call):
            self.hidden.setdefault(ast.unparse(value.node.func), value.node)

    def _of_library(
        self,
        path: str,
        args: Sequence[Value],
        given: Mapping[str, Value],
        node: ast.AST,
        names: "Local | None",
        starred: bool,
    ) -> Value:
        if path.startswith("builtins."):
            return self._builtin(path.removeprefix("builtins."), args, given, node, names)
        if path in self.layers:
            return self._layer(path, args, given, node, starred)
        last = path.rpartition(".")[2]
        if args and self._fills(path, args[0]):
            return self._fill(args[0], Called(path, args, given, node=node))
        if path in self.names.fills or last in SETTERS:
            self.lose_parts(parts_of(*args, *given.values()), node)
        if last in _WRAPPERS and (".layers." in path) and args and isinstance(args[0], Made):
            args[0].wrapper = last
            self._name_wrapper(args[0], path, given)
            return args[0]
        function = args[0] if args else given.get("f")
        if isinstance(function, Function) and path in self.names.transforms:
            return function
        special = None if path in self.names.functions else self._special(last)
        if special is not None:
            more = {ANY: Unknown(_starred_scope(node), node=node)} if starred and last == "arg_scope" else {}
            found: Value | None = special(self, path, args, {**given, **more}, node)
            if found is not None:
                return found
        if last in _CONTAINERS and path.partition(".")[0] in _FRAMEWORKS:
            return self._container(path, args, given, node)
        self._read(path, args, given)
        if not starred:
            numeric = _number_of(last, [self.scalars(arg) for arg in args])
            if numeric is not None:
                return Known(numeric, last in _WHOLE, node=node)
        if is_opaque(path) or (path.partition(".")[0] not in _SILENT and not self._makes_none(path)):
            self.hidden.setdefault(path, node)
            self._lose_in_hidden(args, node)
        if starred:
            return Unknown(_STARRED, parts=parts_of(*args), node=node)
        if path.startswith("tensorflow.") and "name" not in given:
            self.scopes.op(last)  # what the op is called
        return Called(path, args, given, node=node)

    def is_known(self, path: str) -> bool:
        """Whether a function is of a library of which it is known what starts weights."""
        return path.partition(".")[0] in _SILENT or path in self.names.fills or path in self.names.functions

    def _makes_none(self, path: str) -> bool:
        """Whether what a library has under that name makes no layers."""
        return path.startswith(_NO_LAYERS) or path in self.names.functions or path.startswith(layerless(path))

    @staticmethod
    def _special(name: str) -> "Special | None":
        from initport.program.library import SPECIAL

        return SPECIAL.get(name)

    def scalars(self, value: Value) -> Scalar | list[Scalar] | None:
        """A number, or a list of numbers."""
        if isinstance(value, Known) and isinstance(value.value, Scalar):
            return value.value
        items = self.items(value)
        if items is not None:
            found = [item.value for item in items if isinstance(item, Known) and isinstance(item.value, Scalar)]
            return found if len(found) == len(items) else None
        return None

    # Layers.

    def _layer(
        self, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST, starred: bool
    ) -> Value:
        scoped = {**self._of_model(path, args, given), **self._scope_arguments(path)}
        variants = self.layers[path]
        layer = _best_row(variants, args, {**scoped, **given})
        if layer is None:
            return Unknown(node=node)
        known = {**scoped, **dict(zip(layer.row.parameters, args, strict=False)), **given}
        for weight in layer.row.weights:
            start = known.get(weight.argument or "")
            if isinstance(start, Function):
                typed = layer.row.kind is not Kind.PARAMETER or "dtype" in known
                known[weight.argument or ""] = self._drawn_by(start, typed, node)
        if layer.row.holds:
            return known.get(layer.row.holds, Known(None, node=node))
        if layer.row.kind is Kind.UNKNOWN and not layer.row.weights[0].default:
            return self._variable_scope(layer, args, given, node, starred)
        naming = naming_of(layer.framework, path, self.names.speech.versions)
        made = Made(path=path, layer=layer, given=known, node=node, starred=starred,
                    position=len(self.made), problem=self.doubts[0] if self.doubts else "",
                    initializer=self.scopes.current.initializer,
                    partitioned=self.scopes.current.partitioned or "partitioner" in known,
                    replaced=self.scopes.current.problem if path.startswith(_SCOPED_VARIABLES) else "")  # fmt: skip
        if any(other.startswith(f"{path}.") for other in self.patches):
            made.replaced = BOUND_ANEW
        if is_given(known.get("custom_getter")) and not made.replaced:
            made.replaced = self._getter_problem(known["custom_getter"])
        if layer.row.kind is Kind.PARAMETER:
            made.wrapper = "variable"
            self._name_variable(made)
        else:
            self._name(made, naming)
        if len(self.made) >= MADE_LIMIT:
            return Unknown(node=node)
        if not self._is_reused(made):
            self.made.append(made)
        if isinstance(made, Made) and path.startswith(CONTRIB):
            self._make_norm(made, node)
        is_object = path.rpartition(".")[2][:1].isupper() or made.wrapper == "variable"
        return made if is_object else Unknown("it is the output of a layer", node=node)

    def _drawn_by(self, function: Function, typed: bool, node: ast.AST) -> Value:
        """What a function of the program draws that a layer is given as an initializer: the function itself, where it
        gives something else. ``typed`` is whether the layer gives it a dtype."""
        arguments = getattr(function.node, "args", None)
        assert isinstance(arguments, ast.arguments)
        positional = [*arguments.posonlyargs, *arguments.args][function.owner is not None :]
        taken = len(positional) - len(arguments.defaults)
        takes = {item.arg for item in (*positional[taken:], *arguments.kwonlyargs)}
        given = {"dtype": Unknown()} if typed and "dtype" in takes else {}
        drawn = self.run_function(function, [Unknown()] * taken, given, node)
        return drawn if isinstance(drawn, Called | Computed) else function

    def _scope_arguments(self, path: str) -> Mapping[str, Value]:
        """The arguments that the open `arg_scope` gives."""
        if not path.startswith((*CONTRIB, BREW)):
            return {}
        rows = (layer.row for layer in self.layers[path])
        names = {name for row in rows for weight in row.weights for name in (weight.argument,) if name}
        return self._arguments_of(self.key(Path(path)), names)

    def _of_model(self, path: str, args: Sequence[Value], given: Mapping[str, Value]) -> Mapping[str, Value]:
        """The settings that the model gives which a layer of Caffe2 is made for (brew.py, scope_wrapper; cnn.py)."""
        model = given.get("model", args[0] if args else None) if path.startswith(BREW) else None
        if not isinstance(model, Called):
            return {}
        if model.path.endswith(".CNNModelHelper"):
            stated = model.given.get("order", model.args[0] if model.args else None)
            return {} if stated is None else {"order": stated}
        scope = model.given.get("arg_scope")
        if not is_given(scope):
            return {}
        known = dict(scope.entries) if isinstance(scope, Entries) else {}
        return known if isinstance(scope, Entries) and not scope.open else {"order": Unknown(), **known}

    def _arguments_of(self, key: object, names: Iterable[str]) -> Mapping[str, Value]:
        """What the open `arg_scope` gives a function with arguments of those names."""
        arguments = self.scopes.arguments[-1].arguments
        found = {**arguments.get(ANY, {}), **arguments.get(key, {})}
        doubt = found.pop(ANY, None)
        return found if doubt is None else {**dict.fromkeys(names, doubt), **found}

    def key(self, function: Value) -> object:
        """What `arg_scope` knows a function by: its own name, whatever other names it has."""
        if isinstance(function, Path):
            rows = self.layers.get(function.path)
            last = function.last.replace("convolution", "conv")
            return (id(rows[0].row), last) if rows else function.path
        return function.node if isinstance(function, Function) else None

    def _name(self, made: Made, naming: Naming | None) -> None:
        """Give a layer its full name, as far as it has one by itself; enter its scope."""
        if naming is None:
            return
        own = made.given.get(naming.argument) if naming.argument else None
        proposal = made.given.get(naming.proposal) if naming.proposal else None
        default = naming.default(made.path)
        if isinstance(own, VariableScope):
            made.name = own.name
            return
        if is_given(own):
            if not isinstance(own, Known) or not isinstance(own.value, str):
                made.problem = made.problem or _no_name(naming.argument, own)
                return
            made.name = self.scopes.full_name(own.value) if naming.counts == "scope" else own.value
        elif naming.counts == "class":
            made.name = self.scopes.numbered_object(default)
            return
        elif naming.counts == "program":
            made.name = None if naming.first is None else self.scopes.object(default, naming.first)
            made.problem = made.problem or ("" if naming.first is not None else _COUNTED)
            return
        else:
            if is_given(proposal):
                if not isinstance(proposal, Known) or not isinstance(proposal.value, str):
                    made.problem = made.problem or _no_name(naming.proposal, proposal)
                    return
                default = proposal.value
            found = self.scopes.unique_name(default)
            made.name = None if found is None else self.scopes.full_name(found)
        if made.name is None:
            made.problem = made.problem or "the name of the scope that it is in is known only when the program runs"
        elif naming.counts == "scope":
            with self.scopes.inside(VariableScope(made.name, self.scopes.current.reuse)):
                pass

    def _name_wrapper(self, made: Made, path: str, given: Mapping[str, Value]) -> None:
        """A wrapper's name stands before that of the layer in it."""
        naming = naming_of(made.layer.framework, path, self.names.speech.versions)
        if naming is not None:
            shell = Made(path=path, given=dict(given))
            self._name(shell, naming)
            made.name, made.problem = shell.name, made.problem or shell.problem

    def _name_variable(self, made: Made) -> None:
        if is_label(made.layer.framework, made.path, self.names.speech.versions):
            return
        name = made.given.get("name")
        by_scope = "name" in made.layer.row.parameters
        if isinstance(name, Known) and isinstance(name.value, str):
            made.name = self.scopes.full_name(name.value) if by_scope else self.scopes.op(name.value)
        elif not by_scope and not is_given(name):
            made.name = self.scopes.op("Variable") if made.path.startswith("tensorflow") else None
        elif is_given(name):
            made.problem = made.problem or _no_name("name", name)
        if made.name is None and made.path.startswith("tensorflow"):
            made.problem = made.problem or "the name of the scope that it is in is known only when the program runs"

    def _is_reused(self, made: Made) -> bool:
        """Whether it uses the weights of another of its name, which a scope or the call itself says."""
        reuse = made.given.get("reuse")
        reuses = self.scopes.current.reuse or (reuse is not None and self.truth(reuse) is not False)
        if made.name is None or not (reuses or made.wrapper == "variable"):
            return False
        return any(other.name == made.name for other in self.made)

    def _make_norm(self, made: Made, node: ast.AST) -> None:
        """The norm that a layer of tf.contrib makes in its own scope."""
        function = made.given.get("normalizer_fn")
        if not is_given(function) or function is None or made.name is None:
            return
        more = made.given.get("normalizer_params")
        given = dict(more.entries) if isinstance(more, Entries) else {}
        starred = more is not None and not isinstance(more, Entries) and is_given(more)
        scope = VariableScope(made.name, self.scopes.current.reuse)
        with self.scopes.inside(scope):
            if isinstance(function, Path | Function):
                self.call(function, [Unknown()], given, node, starred=starred)
            else:
                self.hidden.setdefault("normalizer_fn", node)

    def _variable_scope(
        self, layer: Layer, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST, starred: bool
    ) -> Value:
        known = {**dict(zip(layer.row.parameters, args, strict=False)), **given}
        outer = self.scopes.current
        problem = outer.problem or (_starred_scope(node) if starred else "")
        stated, default = known.get("name_or_scope"), known.get("default_name")
        name: str | None
        reuse = outer.reuse
        initializer = outer.initializer
        if isinstance(stated, VariableScope):
            name, reuse, initializer = stated.name, stated.reuse or reuse, stated.initializer or initializer
            problem = problem or stated.problem
        elif isinstance(stated, Known) and isinstance(stated.value, str):
            name = self.scopes.full_name(stated.value)
        elif not is_given(stated) and isinstance(default, Known) and isinstance(default.value, str):
            unique = self.scopes.unique_name(default.value)
            name = None if unique is None else self.scopes.full_name(unique)
        else:
            name = None
        more = known.get("reuse")
        if more is not None and is_given(more):
            reuse = self.truth(more) is not False
        started = known.get("initializer")
        if started is not None and is_given(started):
            initializer = started
        partitioned = outer.partitioned or is_given(known.get("partitioner"))
        problem = problem or self._getter_problem(known.get("custom_getter"))
        return VariableScope(name, reuse, initializer, partitioned, problem, node=node)

    @staticmethod
    def _getter_problem(getter: Value | None) -> str:
        """Why a variable that is made with that custom getter may start with other values."""
        if getter is None or not is_given(getter) or (isinstance(getter, Function) and _passes_on(getter.node)):
            return ""
        return "a custom getter makes it, and may start it otherwise"

    # Objects and containers.

    def _object(
        self, cls: Class, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST, starred: bool = False
    ) -> Value:
        found = Object(cls, node=node)
        name = given.get("name")
        found.name = name.value if isinstance(name, Known) and isinstance(name.value, str) else None
        start = cls.lookup("__init__")
        if isinstance(start, Function):
            self.begun.append(found)
            self.run_function(self.bind_method(start, found), args, given, node)
            self.begun.pop()
        elif (base := self._layer_of(cls)) is not None:
            self._derive(found, base, args, given, starred)
        own = found.attributes.get(OWN)
        if starred and isinstance(own, Made):
            own.starred = True
        return found

    def _layer_of(self, cls: Class) -> str | None:
        """The layer of a library that a class is derived from."""
        rows = ((path, self.layers.get(path, ())) for path in cls.libraries())
        return next((path for path, found in rows if any(one.row.kind not in _NO_BASES for one in found)), None)

    def _derive(self, of: Object, base: str, args: Sequence[Value], given: Mapping[str, Value], starred: bool) -> None:
        """An object of a class that is derived from a layer: the layer is the object's own."""
        made = self._layer(base, args, given, of.node or ast.Pass(), starred)
        if not isinstance(made, Made):
            return
        of.attributes[OWN] = made
        cls = of.cls or Class()
        changed = next((name for name in _MAKING if isinstance(cls.lookup(name), Function)), None)
        if changed is not None:
            made.problem = made.problem or f"its class has a `{changed}` of its own, which may start its weights"
        elif naming_of(made.layer.framework, base, self.names.speech.versions) is not None:
            made.problem = made.problem or "its class is derived from a layer, and what that is called is not known"
        again = cls.lookup("reset_parameters")
        if isinstance(again, Function) and keeps_parameters(made):
            self.run_function(self.bind_method(again, of), [], {}, of.node)
            for name, *_ in parameter_names(made):
                made.fills.setdefault(name, Fill(None, "the `reset_parameters` of its class does not fill it"))

    @staticmethod
    def bind_method(function: Function, owner: Value) -> Function:
        decorators = getattr(function.node, "decorator_list", ())
        if any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in decorators):
            return function
        is_of_class = isinstance(owner, Object) and owner.cls is not None and "classmethod" in function.decorators
        whose = owner.cls if isinstance(owner, Object) and is_of_class else owner
        return Function(function.names, whose, function.scoped, function.defaults, node=function.node)

    def _call_object(self, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
        if of.cls is None:
            return Unknown("it is the output of a layer", node=node)
        build = of.cls.lookup("build")
        if isinstance(build, Function) and not of.is_built and self.is_keras(of):
            of.is_built = True
            self.run_function(self.bind_method(build, of), [Unknown()], {}, node)
        for name in ("__call__", "call"):
            method = of.cls.lookup(name)
            if isinstance(method, Function):
                return self.run_function(self.bind_method(method, of), args, given, node)
        return Unknown("it is the output of a layer", node=node)

    @staticmethod
    def is_keras(of: Object) -> bool:
        return of.cls is not None and any(".keras." in f".{path}" for path in of.cls.libraries())

    def hold(self, holder: Object, name: str, value: Value) -> None:
        """Give an object an attribute."""
        changed = name in holder.attributes and holder.attributes[name] is not value
        if self.doubts and changed and not isinstance(value, Made | Object):
            value = Unknown(self.doubts[-1], parts=parts_of(value, holder.attributes[name]))
        holder.attributes[name] = value = self._field(holder, value)
        if holder.cls is not None and any(path.partition(".")[0] in _FRAMEWORKS for path in holder.cls.libraries()):
            self.report_unknown(value)

    def _field(self, holder: Object, value: Value) -> Value:
        """An array that an object keeps, as a parameter where its framework makes one of it."""
        libraries = holder.cls.libraries() if holder.cls is not None else ()
        row = next((path for library in libraries if (path := f"{library}.field") in self.layers), None)
        is_array = row is not None and self._is_array(value)
        return self._layer(row, [value], {}, value.node or ast.Pass(), False) if is_array and row is not None else value

    def _is_array(self, value: Value) -> bool:
        match value:
            case Computed(left=left, right=right):
                return self._is_array(left) or self._is_array(right)
            case Called(path=path, args=args):
                applied = path == APPLIED and isinstance(args[0], Called) and args[0].path in self.names.functions
                return applied or path in self.names.draws or path.startswith("jax.numpy.")
        return False

    def _container(self, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
        found = Object(path=path, node=node)
        name = given.get("name")
        found.name = name.value if isinstance(name, Known) and isinstance(name.value, str) else None
        values = [*args, *(value for key, value in given.items() if key in ("layers", "modules"))]
        listed = self.items(values[0]) if len(values) == 1 and not isinstance(values[0], Object) else None
        if len(values) == 1 and isinstance(values[0], Entries):
            found.members.update(values[0].entries)
        elif path.endswith(".Sequential") and (named := self._pairs(values) or self._pairs(listed or ())):
            found.members.update(named)
        elif path.endswith("OrderedDict") and listed is not None:
            for pair in listed:
                parts = self.items(pair)
                if parts and len(parts) == 2 and isinstance(parts[0], Known):
                    found.members[str(parts[0].value)] = parts[1]
        elif len(values) == 1 and isinstance(values[0], Object) and values[0].path.endswith("OrderedDict"):
            found.members.update(values[0].members)
        elif listed is not None or not (len(values) == 1 and isinstance(values[0], Unknown)):
            for value in listed if listed is not None else values:
                found.members[str(len(found.members))] = value
        if path.endswith(".Chain"):
            found.members.update(given)
        for value in found.members.values():
            self.report_unknown(value)
        return found

    def _pairs(self, values: Sequence[Value]) -> dict[str, Value]:
        """The layers of pairs of a name and a layer, as Paddle takes them; empty where they are none."""
        pairs = [self.items(value) if isinstance(value, Items) else None for value in values]
        named = [pair for pair in pairs if pair is not None and len(pair) == 2 and isinstance(pair[0], Known)]
        texts = [pair[0].value for pair in named if isinstance(pair[0], Known)]
        if not values or len(named) < len(values) or not all(isinstance(text, str) for text in texts):
            return {}
        return {str(text): pair[1] for text, pair in zip(texts, named, strict=True)}

    def _start_base(
        self, of: Object, base: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
    ) -> Value:
        self._derive(of, base, args, given, self.starring)
        return Known(None, node=node)

    @staticmethod
    def _hold(of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
        """What a container of a library does with the layers that a class derived from it hands on."""
        named = {**{str(index): value for index, value in enumerate(args)}, **given}
        of.attributes.update({name: value for name, value in named.items() if isinstance(value, Made | Object)})
        return Known(None, node=node)

    def items(self, value: Value) -> Sequence[Value] | None:
        """The elements of something that is gone through; None where they are not known."""
        match value:
            case Items(items=items, open=False):
                return items
            case Entries(entries=entries, open=False):
                return [Known(key) for key in entries]
            case Known(value=str() as text):
                return [Known(character) for character in text]
            case Object(cls=None, members=members):
                return list(members.values())
        return None

    # Attributes and elements.

    def attribute(self, holder: Value, name: str, node: ast.expr) -> Value:
        match holder:
            case Super(of=of, after=after):
                lineage = list(of.cls.lineage()) if of.cls is not None else []
                later = lineage[lineage.index(after) + 1 :] if after in lineage else []
                found = next((one.attributes[name] for one in later if name in one.attributes), None)
                if name == "__init__" and found is None:
                    base = self._layer_of(of.cls) if of.cls is not None else None
                    if base is not None:
                        return Bound(lambda args, given: self._start_base(of, base, args, given, node), node=node)
                    return Bound(lambda args, given: self._hold(of, args, given, node), node=node)
                return self.bind_method(found, of) if isinstance(found, Function) else Path(f"super.{name}", node=node)
            case Object():
                return self._attribute_of(holder, name, node)
            case Class():
                return self._attribute_of_class(holder, name, node)
            case Made() if (name in CHANGED or name.endswith("_")) and self._is_own(holder):
                return Bound(lambda args, given: self._lose(holder), node=node)
            case Made():
                return self._attribute_of_layer(holder, name, node)
            case Parameter():
                return self._attribute_of_parameter(holder, name, node)
            case Items() | Entries() | Known():
                return Bound(lambda args, given: self._method(holder, name, args, given, node), node=node)
            case Called() | Computed() if name.endswith("_") and _is_tensor(holder):
                return Bound(lambda args, given: self._in_place(holder, name, args, given, node), node=node)
            case Called(path=path) if path in registry.objects() or path in _methods():
                return self._method_of_made(holder, name, node)
            case Called(path=path) if name == "as_default":
                return Bound(lambda args, given: Called(f"{path}.as_default", args, given, node=node), node=node)
            case VariableScope() if name == "name":
                return Unknown(node=node) if holder.name is None else Known(holder.name, node=node)
            case VariableScope():
                return Bound(lambda args, given: self._set_on_scope(holder, name, args), node=node)
        return self._something_of(holder, name, node)

    def _something_of(self, holder: Value, name: str, node: ast.AST, reason: str = Unknown.reason) -> Bound:
        """An attribute or method of which nothing is known: it may be a part of what holds it."""
        parts = parts_of(holder) if name not in _COPIED else ()

        def does(args: Sequence[Value], given: Mapping[str, Value]) -> Value:
            if is_change(name):
                self.lose_parts(parts, node)
            named = _layer_named(parts, given.get("name", args[0] if args else None)) if name == "get_layer" else None
            return named or Unknown(reason, parts=parts, node=node)

        return Bound(does, node, parts)

    def _method_of_made(self, holder: Called, name: str, node: ast.expr) -> Value:
        """A method of what a library's function gives: a path of its own, or the layer that it makes for the object."""
        made = _methods().get(holder.path, {}).get(name)
        if made is None:
            known = holder.path in registry.objects()
            return Path(f"{holder.path}().{name}", node=node) if known else self._something_of(holder, name, node)

        def does(args: Sequence[Value], given: Mapping[str, Value]) -> Value:
            return self._layer(made, [holder, *args], given, self.calling or node, self.starring)

        return Bound(does, node)

    def _set_on_scope(self, scope: VariableScope, method: str, args: Sequence[Value]) -> Value:
        """What the methods of a scope change for the variables that are made in it from there on."""
        value = args[0] if args else Unknown()
        for changed in {id(item): item for item in (scope, self.scopes.current)}.values():
            if method == "reuse_variables":
                changed.reuse = True
            elif method == "set_initializer":
                changed.initializer = value
            elif method == "set_partitioner":
                changed.partitioned = is_given(value)
            elif method == "set_custom_getter":
                changed.problem = self._getter_problem(value)
        return Known(None) if method == "reuse_variables" or method.startswith("set_") else Unknown()

    def _attribute_of_parameter(self, holder: Parameter, name: str, node: ast.expr) -> Value:
        keeps = keeps_parameters(holder.of)
        if name == "data" or (name in READ and not keeps):
            return holder
        if name in CHANGED and not keeps:
            return Bound(lambda args, given: self._change(holder, name, args, given, node), node=node)
        if name in SIZES_OF:
            return size_of(holder, name, node)
        if name in KEEPING:
            return Bound(lambda args, given: holder, node=node)
        if name.endswith("_"):
            return Bound(lambda args, given: self._fill_by(holder, name, args, given, node), node=node)
        return self._something_of(holder, name, node)

    @staticmethod
    def class_of(value: Value, node: ast.AST) -> Value:
        match value:
            case Object(cls=Class() as cls):
                return cls
            case Object(path=path) | Made(path=path) if path and not is_variable(value):
                return Path(path, node=node)
        return Unknown(node=node)

    def _attribute_of_class(self, holder: Class, name: str, node: ast.expr) -> Value:
        if name == "__dict__":
            return Entries(holder.attributes, open=True, node=node)
        if name == "__name__" and isinstance(holder.node, ast.ClassDef):
            return Known(holder.node.name, node=node)
        found = holder.lookup(name)
        if isinstance(found, Function) and "classmethod" in found.decorators:
            return self.bind_method(found, holder)
        return found if found is not None else Unknown(node=node)

    def _attribute_of(self, holder: Object, name: str, node: ast.expr) -> Value:
        if name == "__dict__":
            return Entries(holder.attributes, open=True, node=node)
        if name == "__class__":
            return self.class_of(holder, node)
        if holder.cls is not None and holder.cls.lookup("__getattribute__") is not None:
            return Unknown(node=node)
        if name in holder.attributes:
            return holder.attributes[name]
        found = holder.cls.lookup(name) if holder.cls is not None else None
        if isinstance(found, Function):
            method = self.bind_method(found, holder)
            decorators = [ast.unparse(item) for item in getattr(found.node, "decorator_list", ())]
            if "property" in decorators:
                return self.run_function(method, [], {}, node)
            return method
        if found is not None:
            return found
        if holder.cls is not None and name in ("add_weight", "add_variable") and self.is_keras(holder):
            return Bound(lambda args, given: self._weight(holder, args, given, node), node=node)
        paths = (f"{path}.{name}" for path in (holder.cls.libraries() if holder.cls is not None else ()))
        making = next((path for path in paths if path in self.layers), None)
        if making is not None:
            return Bound(lambda args, given: self._layer(making, args, given, node, False), node=node)
        if name == "layers" and (listed := _layers_of(holder)) is not None:
            return Items(listed, node=node)
        if OWN in holder.attributes:
            return self.attribute(holder.attributes[OWN], name, node)
        parts = () if name in _OF_A_LAYER else (holder,)
        return Bound(lambda args, given: self._method(holder, name, args, given, node), node, parts)

    def _weight(self, holder: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
        path = "tensorflow.keras.layers.Layer.add_weight"
        return self._layer(path, args, given, node, False) if path in self.layers else Unknown(node=node)

    def _attribute_of_layer(self, holder: Made, name: str, node: ast.expr) -> Value:
        if name == "__class__":
            return self.class_of(holder, node)
        if keeps_parameters(holder):
            if name in ("weight", "bias") or name.startswith(("weight_", "bias_", "in_proj", "out_proj")):
                present = self._has_parameter(holder, name)
                if present is False:
                    return Known(None, node=node)
                return Parameter(holder, name, node=node)
            if name == "reset_parameters":
                return Bound(lambda args, given: self._reset(holder, node), node=node)
            listed = parameters_of(holder, name, node)
            return listed if listed is not None else self._setting(holder, name, node)
        if name in attributes(holder):
            return Parameter(holder, name, node=node)
        if name == "data":
            return holder
        if name in ("initialize", "set_weights"):
            return Bound(lambda args, given: self._method(holder, name, args, given, node), node=node)
        if is_variable(holder):
            kept = holder if name in ("initialized_value", "read_value", "value") else Unknown(node=node)
            return Bound(lambda args, given: kept, node=node)
        return self._something_of(holder, name, node, "it is the output of a layer")

    def _reset(self, holder: Made, node: ast.AST) -> Value:
        """A layer of PyTorch starts its parameters again, as when it was made."""
        if self.doubts and holder.fills:
            self.lose_parts([holder], node, self.doubts[0])
        else:
            holder.fills.clear()
        return Known(None, node=node)

    def _has_parameter(self, holder: Made, name: str) -> bool | None:
        flag = "bias" if name.startswith("bias") else "affine"
        value = holder.given.get(flag, Known(holder.layer.row.defaults.get(flag, True)))
        truth = self.truth(value)
        return False if truth is False else None

    def _setting(self, holder: Made, name: str, node: ast.expr) -> Value:
        """A setting of a layer that keeps it as an attribute."""
        value = holder.given.get(name)
        if value is None and name == "groups":
            return number(1, node)
        if name in ("kernel_size", "stride") and isinstance(value, Known) and value.integer is not None:
            axes = next((int(sign) for sign in holder.path[-3:] if sign.isdigit()), None)
            return Unknown(node=node) if axes is None else Items([value] * axes, node=node)
        return value if value is not None else self._something_of(holder, name, node)

    def element(self, holder: Value, key: Value, node: ast.AST) -> Value:
        missing = Unknown(parts=parts_of(holder), node=node)
        if isinstance(key, Known):
            index = key.integer
            items = self.items(holder)
            if isinstance(holder, Entries):
                return holder.entries.get(str(plain(key)), missing)
            if isinstance(holder, Object) and isinstance(key.value, str):
                return holder.members.get(key.value, missing)
            if items is not None and index is not None and -len(items) <= index < len(items):
                return items[index]
        return missing

    def _method(
        self, holder: Value, name: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
    ) -> Value:
        from initport.program.methods import METHODS

        found = METHODS.get((type(holder), name))
        if isinstance(holder, Items | Entries) and name in _MUTATING and (found is None or not self.is_certain(holder)):
            lose_contents(holder, self.unsure[-1] if self.unsure else CONTENTS.format(getattr(node, "lineno", "?")))
            added = [part for value in (*args, *given.values()) for part in parts_of(value)]
            return Unknown(parts=[holder, *added], node=node)
        if found is not None:
            return found(self, holder, args, given, node)
        unknown = self._something_of(holder, name, node)
        return unknown.does(args, given)

    # What fills and reads parameters.

    def _fills(self, path: str, target: Value) -> bool:
        """Whether a function fills what it is given: by its name, or a layer, as other packages do."""
        if path in self.names.fills or (isinstance(target, Parameter) and path.endswith("_")):
            return isinstance(target, Parameter | Made)
        is_layer = isinstance(target, Made) and not is_variable(target) and keeps_parameters(target)
        return is_layer and path.partition(".")[0] in _FILLING

    def _fill_by(
        self, target: Parameter, method: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
    ) -> Value:
        return self._fill(target, Called(f"{METHODS}{method}", args, given, node=self.calling or node))

    def _in_place(
        self, tensor: Value, method: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
    ) -> Value:
        """A tensor that no layer has yet is filled, or computed with: under its other names as well."""
        before, does = copy(tensor), _COMPUTING.get(method)
        if isinstance(tensor, Called):
            tensor.path = METHODS + (method if not self.doubts else "")
            tensor.args, tensor.given = [before, *args], given
        elif isinstance(tensor, Computed):
            tensor.left = tensor.right = Unknown(f"`{method}` changes it in place")
        if does is None or len(args) != 1 or given:
            return Called(METHODS + method, [before, *args], given, node=node)
        return Computed(does, before, args[0], node=node)

    def _fill(self, target: Value, call: Called) -> Value:
        """A parameter is filled in place."""
        problem = self.doubts[0] if self.doubts else ""
        if isinstance(target, Parameter):
            fill(target, call, problem, call.node)
        elif isinstance(target, Made) and not is_variable(target):
            for name in ("weight", "bias"):
                part = Called(f"{call.path}.{name}", call.args, call.given, node=call.node)
                target.fills[name] = Fill(part, problem, node=call.node)
        elif isinstance(target, Made) and target.wrapper == "variable":
            target.fills[""] = Fill(call, problem, node=call.node)
        return target

    def _change(
        self, target: Parameter, method: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
    ) -> Value:
        """A parameter is given other values, or a start of its own."""
        start = given.get("init", args[0] if args else None)
        if start is None or (method == "initialize" and not isinstance(start, Called | Path | Known)):
            return Known(None, node=node)
        problem = self.doubts[0] if self.doubts else ""
        if method == "initialize" and not forces(given):
            problem = problem or "that has an effect only where nothing has started it before; initialize it yourself"
        fill(target, None if target.is_any else Called(APPLIED, [start], node=node), problem, node)
        return Known(None, node=node)

    def set_attribute(self, holder: Value, name: str | None, value: Value, node: ast.expr) -> None:
        """An attribute is given a value; ``name`` is None where it is not known which."""
        match holder:
            case Object() if name is not None:
                own = holder.attributes.get(OWN)
                if isinstance(own, Made):
                    set_later(own, name, node)
                self.hold(holder, name, self._through_class(holder, name, value, node))
            case Class() if name is not None:
                holder.attributes[name] = self.certain(value, holder.attributes.get(name))
            case Made() | Parameter() if name is not None:
                held = self.attribute(holder, name, node)
                if isinstance(held, Parameter | Made):
                    self.replace_tensor(held, value, node)
                else:
                    self.steps += set_any([holder], name, node)
            case Path(path=path):
                self.patches[f"{path}.{name or ANY}"] = value if name else Unknown(BOUND_ANEW, node=node)
            case _:
                self.steps += set_any(parts_of(holder), name, node)

    def _through_class(self, holder: Object, name: str, value: Value, node: ast.expr) -> Value:
        """What an attribute is once it was given a value: another one where the class sees to that."""
        found = holder.cls.lookup(name) if holder.cls is not None else None
        is_property = isinstance(found, Unknown) and isinstance(found.node, ast.FunctionDef)
        sees = holder.cls is not None and holder.cls.lookup("__setattr__") is not None
        reason = "the class computes it when it is set"
        return Unknown(reason, parts=parts_of(value), node=node) if is_property or sees else value

    def certain(self, value: Value, before: Value | None = None) -> Value:
        """What something is that is given a value, where it may not be given it."""
        if not self.unsure or value is before:
            return value
        return Unknown(self.unsure[-1], parts=parts_of(value, *(() if before is None else (before,))), node=value.node)

    def is_certain(self, holder: Items | Entries) -> bool:
        """Whether a list or a dict is changed for certain; where that is not known, nor is what is in it from there
        on."""
        if self.unsure:
            lose_contents(holder, self.unsure[-1])
        return not self.unsure

    def replace_tensor(self, target: Value, value: Value, node: ast.AST) -> None:
        """A tensor, or a number, takes the place of a parameter's values, or of a part of these."""
        if isinstance(target, Made) and self._is_own(target):
            self._lose(target)
        self._lose_unknown(target, node)
        if not isinstance(target, Parameter):
            return
        problem = self.doubts[0] if self.doubts else ""
        if isinstance(value, Known) and value.number is not None:
            fills = Called(f"{METHODS}fill_" if keeps_parameters(target.of) else APPLIED, [value], {}, node=node)
            fill(target, fills, problem, node)
        else:
            fill(
                target, None, problem or "what takes the place of its values is not known; initialize it yourself", node
            )

    def _read(self, path: str, args: Sequence[Value], given: Mapping[str, Value]) -> None:
        """What reads a variable shows its kind."""
        for variable, row in consumer(path, args, given, self.truth):
            variable.consumer = variable.consumer or row

    def read_by(self, op: type[ast.operator], left: Value, right: Value) -> None:
        """The same for an operator: a vector is added as a bias, matrices are multiplied."""
        name = {ast.Add: "tensorflow.add", ast.MatMult: "tensorflow.matmul"}.get(op)
        if name is not None:
            self._read(name, [left, right], {})

    # Python's own.

    def _builtin(
        self, name: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST, names: "Local | None"
    ) -> Value:
        from initport.program.builtin import BUILTINS

        if name == "super":
            return self._super(args, names, node)
        found = BUILTINS.get(name)
        value = Unknown(node=node) if found is None else found(self, args, given, node)
        if isinstance(value, Unknown) and not value.parts:
            value.parts = parts_of(*args)
        return value

    @staticmethod
    def _super(args: Sequence[Value], names: "Local | None", node: ast.AST) -> Value:
        of, after = (args[1], args[0]) if len(args) == 2 else (None, None)
        found = names
        while found is not None and of is None:
            code = found.block.node
            if isinstance(code, ast.FunctionDef) and found.outer is not None and found.outer.block.is_class:
                first = next((item.arg for item in code.args.args), "")
                of, inside = found.values.get(first), found.outer
                lineage = of.cls.lineage() if isinstance(of, Object) and of.cls is not None else ()
                after = next((one for one in lineage if one.names is inside), None)
            found = found.outer
        return (
            Super(of, after, node=node) if isinstance(of, Object) and isinstance(after, Class) else Unknown(node=node)
        )


def _layer_named(parts: Sequence[Value], name: Value | None) -> Value | None:
    """The one layer of a network that is given that name."""
    stated = name.value if isinstance(name, Known) else None
    layers = [part for part in each_part(parts) if isinstance(part, Made)]
    found = [part for part in layers if isinstance(own := part.given.get("name"), Known) and own.value == stated]
    return found[0] if isinstance(stated, str) and len(found) == 1 else None


def _layers_of(network: Object) -> list[Value] | None:
    """The layers of a Sequential network of Keras, in order, where all are known; its inputs are none."""
    if network.cls is not None or "keras" not in network.path:
        return None
    layers = [value for value in network.members.values() if not _is_input(value)]
    return None if any(isinstance(value, Unknown) for value in layers) else layers


def _is_input(value: Value) -> bool:
    call = value.node if isinstance(value, Unknown) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in ("Input", "InputLayer")


def is_network(value: Value) -> bool:
    """Whether it is a model of Keras, which is made of its inputs and outputs."""
    return isinstance(value, Called) and value.path.endswith(".Model")


def forces(given: Mapping[str, Value]) -> bool:
    """Whether what Gluon has started already is started anew."""
    force = given.get("force_reinit")
    return isinstance(force, Known) and force.value is True


def is_variable(value: Value | None) -> bool:
    """Whether it is a variable, and no layer."""
    return isinstance(value, Made) and value.wrapper == "variable"


def is_given(value: Value | None) -> bool:
    return value is not None and not (isinstance(value, Known) and value.value is None)


def _no_name(argument: str, value: Value | None) -> str:
    reason = value.reason if isinstance(value, Unknown) else "it is known only when the program runs"
    return f"its name is not known: of `{argument}`, {reason}"


_OF_A_LAYER = frozenset({"W", "b", "beta", "bias", "gamma", "kernel", "weight"})
"""Attributes of layers: what holds several has none of these."""

_COPIED = frozenset({
    "asnumpy", "clone", "copy", "detach", "dtype", "evaluate", "fit", "get_config", "get_weights", "numpy", "predict",
    "predict_on_batch", "shape", "train_on_batch",
})  # fmt: skip
"""Methods and attributes whose values are no longer those of the layer or parameter that they are of."""

_COUNTED = "its name is a number that Keras counts, from 0 or from 1 depending on the version, which is not known"


def _best_row(variants: Sequence[Layer], args: Sequence[Value], given: Mapping[str, Value]) -> Layer | None:
    """Of the rows whose settings hold, the first that knows most of the call's arguments."""

    def holds(layer: Layer) -> bool:
        return fits(layer.row, {**dict(zip(layer.row.parameters, args, strict=False)), **given})

    def knows(layer: Layer) -> int:
        row = layer.row
        names = {*row.parameters, *row.where, *(name for item in row.weights for name in (item.argument, item.when))}
        return len(given.keys() & names)

    return max((layer for layer in variants if holds(layer)), key=knows, default=None)


def _number_of(name: str, args: Sequence[Scalar | list[Scalar] | None]) -> Scalar | None:
    """The value of a function of numbers."""
    first = args[0] if args else None
    try:
        match name, first:
            case "sqrt", Scalar():
                return first.sqrt()
            case "prod" | "reduce_prod", list():
                return product(*first)
            case "mean", list() if first:
                total = Scalar.of(0)
                for item in first:
                    total = total + item
                return total / len(first)
            case "square", Scalar():
                return first * first
            case "pow" | "power", Scalar():
                power = args[1] if len(args) == 2 else None
                if isinstance(power, Scalar) and power.rational is not None and abs(power.rational) < 64:
                    return first**power.rational
            case "floor" | "ceil", Scalar() if first.rational is not None:
                return Scalar.of(math.floor(first.rational) if name == "floor" else math.ceil(first.rational))
            case "float32" | "float64" | "float" | "to_float" | "Dimension", Scalar():
                return first
    except (InexactError, ZeroDivisionError, OverflowError):
        return None
    return None


_WHOLE = frozenset({"prod", "floor", "ceil", "Dimension"})


_WRAPPERS = frozenset({"TimeDistributed", "Bidirectional"})
_FILLING = frozenset({"fvcore", "mmcv", "mmengine", "timm"})
"""Packages whose functions fill the layers that they are given."""

_CONTAINERS = frozenset({
    "Sequential", "ModuleList", "ModuleDict", "OrderedDict", "HybridSequential", "SequentialCell", "CellList",
    "LayerList", "LayerDict", "Chain", "ChainList", "Concurrent", "HybridConcurrent",
})  # fmt: skip
_FRAMEWORKS = frozenset({
    "torch", "keras", "tensorflow", "tf_keras", "collections", "chainer", "mxnet", "paddle", "mindspore",
})  # fmt: skip


@cache
def _methods() -> Mapping[str, Mapping[str, str]]:
    grammars = (vocabulary(name).grammar for name in registry.source_grammars())
    return {path: methods for known in grammars for path, methods in known.methods.items()}


BREW = "caffe2.python.brew."
"""Where the layers of Caffe2 are, which take settings from scopes and from the model."""

CONTRIB = ("tensorflow.contrib.", "tensorflow.compat.v1.contrib.", "tf_slim.")
"""Where the layers are whose arguments `arg_scope` sets."""

_MUTATING = frozenset({"append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault",
                       "sort", "update", "add", "discard", "appendleft", "popleft", "move_to_end"})  # fmt: skip
"""Methods that change a list or a dict."""

CONTENTS = "what is in the list or dict that line {} changes is known only when the program runs"

_SCOPED_VARIABLES = (*CONTRIB, "tensorflow.get_variable", "tensorflow.compat.v1.get_", "tensorflow.layers.",
                     "tensorflow.compat.v1.layers.", "tensorflow.nn.", "tensorflow.compat.v1.nn.")  # fmt: skip
"""Where variables are made by `get_variable`, which looks at the scope around it."""

_STARRED = "it is called with `*` or `**` of what is known only when the program runs"


def _starred_scope(node: ast.AST) -> str:
    line = getattr(node, "lineno", "?")
    return f"the scope of line {line} is given `*` or `**` of what is known only when the program runs, and may set it"


def _names_in(function: ast.AST | None) -> Iterator[str]:
    """The parameters of a function that have names."""
    arguments = getattr(function, "args", None)
    if isinstance(arguments, ast.arguments):
        yield from (item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def _passes_on(function: ast.AST | None) -> bool:
    """Whether a custom getter makes the variable with the initializer that it is given: it names its arguments only to
    hand them on."""
    arguments = getattr(function, "args", None)
    if function is None or not isinstance(arguments, ast.arguments) or not arguments.args:
        return False
    getter, starred = arguments.args[0].arg, arguments.kwarg.arg if arguments.kwarg else None
    named = "initializer" in _names_in(function)
    calls = [
        node for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == getter
    ]  # fmt: skip
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    handed = {id(part) for call in calls for item in call.keywords for part in [item.value]
              if (item.arg is None) or item.arg == "initializer"}  # fmt: skip
    wanted = {"initializer"} if named else {starred}
    own = [node for node in uses if node.id in ({"initializer", starred} - {None})]
    given = {node.id for node in own if id(node) in handed}
    return len(calls) == 1 and all(id(node) in handed for node in own) and wanted <= given


_SILENT = frozenset({
    "PIL", "abc", "absl", "argparse", "builtins", "collections", "contextlib", "copy", "csv", "cv2", "dataclasses",
    "datetime", "einops", "enum", "functools", "fvcore", "glob", "gzip", "h5py", "hashlib", "imageio", "inspect",
    "itertools", "json", "keras", "logging", "math", "matplotlib", "mmcv", "mmengine", "multiprocessing", "numpy",
    "operator", "os", "pandas", "pathlib", "pickle", "random", "re", "scipy", "shutil", "six", "skimage", "sklearn",
    "socket", "sonnet", "string", "struct", "subprocess", "super", "sys", "tarfile", "tempfile", "tensorboardX",
    "tensorflow", "tensorlayer", "tf_keras", "tf_slim", "tflearn", "theano", "threading", "time", "timm", "torch",
    "tqdm", "typing", "urllib", "warnings", "yaml", "zipfile",
})  # fmt: skip
"""Packages whose functions make no layers but those that are known."""

_NO_LAYERS = ("torchvision.transforms", "torchvision.datasets", "torchvision.utils")


def _is_tensor(value: Value) -> bool:
    """Whether a framework that fills tensors gives it."""
    while isinstance(value, Computed):
        value = value.right if isinstance(value.left, Known) else value.left
    return isinstance(value, Called) and value.path.startswith(packages())


_COMPUTING: Mapping[str, type[ast.operator]] = {
    "mul_": ast.Mult, "div_": ast.Div, "add_": ast.Add, "sub_": ast.Sub,
}  # fmt: skip
"""Methods of tensors that compute in place (torch.Tensor)."""
