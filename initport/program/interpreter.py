"""A program gone through: its statements in the order in which they would run, its functions where they are called.

A branch is taken where its condition is known; where it is not, both are gone through, and what they make is uncertain.
The same holds of loops whose rounds are not known. What ends in an error is not taken: a network is built.
"""

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from enum import Enum
from fractions import Fraction

from initport.ir.scalar import InexactError, Scalar
from initport.lexis import one_line
from initport.program.calls import CONTENTS, Calls, is_variable
from initport.program.library import unknown_arguments
from initport.program.mutations import lose_contents
from initport.program.scopes import Scopes
from initport.program.values import (
    ANY,
    Bound,
    Called,
    Class,
    Computed,
    Entries,
    Function,
    Items,
    Known,
    Made,
    Names,
    Object,
    Parameter,
    Path,
    Scoped,
    Unknown,
    Value,
    VariableScope,
    number,
)
from initport.program.within import parts_of
from initport.python.scope import DOUBT, resolve
from initport.python.syntax import Syntax
from initport.python.vocabulary import Layers
from initport.python.vocabulary import Names as Vocabulary

STEPS_LIMIT = 400_000
"""Expressions and statements that are gone through."""

DEPTH_LIMIT = 40
"""Calls within each other."""

ROUNDS_LIMIT = 2_000
"""Rounds of one loop."""

FEW_ROUNDS = 100
"""Rounds of a `while` that makes nothing which are gone through."""


class LimitError(Exception):
    """The program takes more steps than are gone through."""


class Flow(Enum):
    """How a statement ends."""

    NEXT = "next"
    RETURN = "return"
    BREAK = "break"
    CONTINUE = "continue"
    RAISE = "raise"


class Run(Calls):
    """One run of a module. Its methods raise LimitError."""

    def __init__(self, syntax: Syntax, names: Vocabulary, layers: Layers, *, true_division: bool) -> None:
        super().__init__(names, layers)
        self.syntax = syntax
        self.module = Names(syntax.scope)
        self.true_division = true_division
        self.steps = 0
        self.depth = 0
        self.returned: list[list[Value]] = []
        self.yielded: list[list[Value]] = []
        self.entered: set[ast.AST] = set()
        """The functions that were called."""

    # Statements.

    def program(self) -> None:
        """The module's own statements."""
        self.block(self.syntax.tree.body, self.module)

    def block(self, statements: Sequence[ast.stmt], names: Names) -> Flow:
        with ExitStack() as doubts:
            for statement in statements:
                flow, doubt = self._statement(statement, names)
                if flow is not Flow.NEXT:
                    return flow
                if doubt:
                    doubts.enter_context(self.under_doubt(doubt))
        return Flow.NEXT

    def _statement(self, node: ast.stmt, names: Names) -> tuple[Flow, str]:
        """How it ends, and why what follows may not run."""
        self._step()
        does = _STATEMENTS.get(type(node))
        return (Flow.NEXT, "") if does is None else does(self, node, names)

    def _expression(self, node: ast.Expr, names: Names) -> tuple[Flow, str]:
        self.effect = node.value
        self.value(node.value, names)
        return Flow.NEXT, ""

    def _assign(self, node: ast.Assign, names: Names) -> tuple[Flow, str]:
        found = self.value(node.value, names)
        for target in node.targets:
            self.assign(target, found, names)
        return Flow.NEXT, ""

    def _assign_annotated(self, node: ast.AnnAssign, names: Names) -> tuple[Flow, str]:
        if node.value is not None:
            self.assign(node.target, self.value(node.value, names), names)
        return Flow.NEXT, ""

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, names: Names) -> tuple[Flow, str]:
        found = self._class(node, names) if isinstance(node, ast.ClassDef) else self._function(node, names)
        self._bind(node.name, found, names)
        return Flow.NEXT, ""

    def _return(self, node: ast.Return, names: Names) -> tuple[Flow, str]:
        found = Known(None, node=node) if node.value is None else self.value(node.value, names)
        if self.returned:
            self.returned[-1].append(found)
        return Flow.RETURN, ""

    def _while(self, node: ast.While, names: Names) -> tuple[Flow, str]:
        rounds = 0
        while (truth := self.truth(self.value(node.test, names))) is not False:
            made = len(self.made)
            if truth is None or isinstance(node.test, ast.Constant) or rounds > ROUNDS_LIMIT:
                with self.perhaps(names, _LOOP.format(node.lineno)):
                    self.block(node.body, names)
                return Flow.NEXT, ""
            flow = self.block(node.body, names)
            rounds += 1 if len(self.made) > made or rounds < FEW_ROUNDS else ROUNDS_LIMIT
            if flow is Flow.BREAK:
                return Flow.NEXT, ""
            if flow in (Flow.RETURN, Flow.RAISE):
                return flow, ""
        return self.block(node.orelse, names), ""

    def _with(self, node: ast.With | ast.AsyncWith, names: Names) -> tuple[Flow, str]:
        with ExitStack() as stack:
            for item in node.items:
                self._enter(item, stack, names)
            return self.block(node.body, names), ""

    def _try(self, node: ast.Try | ast.TryStar, names: Names) -> tuple[Flow, str]:
        reason = f"it is made where an exception is handled (line {node.lineno})"
        before = [(block, dict(block.values)) for block in _around(names)]
        flow = self.block([*node.body, *node.orelse], names)
        after = [(block, dict(block.values)) for block in _around(names)]
        goes_on = False
        for handler in node.handlers:
            with self.perhaps(names, reason):
                left = self.block(handler.body, names) in (Flow.RETURN, Flow.RAISE)
            goes_on = goes_on or not left
            for block, values in after if left else ():
                block.values.update(values)
        for block, old in before if goes_on else ():
            for name in old.keys() & block.values.keys():
                block.values[name] = _merge(old[name], block.values[name], reason)
        self.block(node.finalbody, names)
        return (Flow.NEXT if flow is Flow.RAISE else flow), ""

    def _if(self, node: ast.If, names: Names) -> tuple[Flow, str]:
        return self._either(node, node.test, node.body, node.orelse, names)

    def _either(
        self, node: ast.If, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], names: Names
    ) -> tuple[Flow, str]:
        truth = self.truth(self.value(test, names))
        if truth is None:
            raising = [bool(part) and isinstance(part[-1], ast.Raise) for part in (body, orelse)]
            truth = None if raising[0] == raising[1] else raising[1]
        if truth is not None:
            return self.block(body if truth else orelse, names), ""
        doubt = _CONDITION.format(one_line(ast.unparse(test))[:60], node.lineno)
        before = dict(names.values)
        with self.perhaps(names.outer, doubt):
            first = self.block(body, names)
            after, names.values = names.values, before
            second = self.block(orelse, names)
        for name, value in after.items():
            other = names.values.get(name)
            if other is not value:
                names.values[name] = _merge(value, other, doubt)
        for name in names.values.keys() - after.keys():
            names.values[name] = Unknown(doubt, parts=parts_of(names.values[name]))
        if first is second:
            return first, ""
        return Flow.NEXT, "" if Flow.RAISE in (first, second) else doubt

    def _for(self, node: ast.For | ast.AsyncFor, names: Names) -> tuple[Flow, str]:
        through = self.value(node.iter, names)
        rounds = self.items(through)
        if rounds is None:
            reason = _LOOP.format(node.lineno)
            with self.perhaps(names, reason):
                self.assign(node.target, Unknown(reason, parts=parts_of(through)), names)
                self.block(node.body, names)
            return Flow.NEXT, ""
        if len(rounds) > ROUNDS_LIMIT:
            raise LimitError
        for item in rounds:
            self.assign(node.target, item, names)
            flow = self.block(node.body, names)
            if flow is Flow.BREAK:
                return Flow.NEXT, ""
            if flow in (Flow.RETURN, Flow.RAISE):
                return flow, ""
        return self.block(node.orelse, names), ""

    def _match(self, node: ast.Match, names: Names) -> tuple[Flow, str]:
        subject = one_line(ast.unparse(node.subject))[:60]
        whole = self.value(node.subject, names)
        for case in node.cases:
            with self.perhaps(names, _CONDITION.format(subject, node.lineno)):
                for part in ast.walk(case.pattern):
                    if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name is not None:
                        self._bind(part.name, Unknown(parts=parts_of(whole)), names)
                self.block(case.body, names)
        return Flow.NEXT, ""

    def _enter(self, item: ast.withitem, stack: ExitStack, names: Names) -> None:
        found = self.value(item.context_expr, names)
        if isinstance(found, VariableScope):
            stack.enter_context(self.scopes.inside(found))
        elif isinstance(found, Called) and found.path.endswith("Graph.as_default"):
            stack.enter_context(self._new_graph())
        elif isinstance(found, Called) and found.path.endswith(("name_scope", "op_scope")):
            stack.enter_context(self.scopes.inside_names(self._scope_name(found)))
        elif isinstance(found, Called) and found.path.endswith("variable_creator_scope"):
            stack.enter_context(self.under_doubt(_CREATOR.format(item.context_expr.lineno), runs=True))
        elif isinstance(found, Scoped):
            stack.enter_context(self.scopes.arguments_of(found))
        elif self._may_be_scope(found):
            reason = _UNKNOWN_SCOPE.format(item.context_expr.lineno)
            current = self.scopes.current
            unknown = Unknown(reason, node=item.context_expr)
            stack.enter_context(self.scopes.arguments_of(unknown_arguments(reason, item.context_expr)))
            stack.enter_context(self.scopes.instead(replace(current, initializer=unknown)))
        if item.optional_vars is not None:
            self.assign(item.optional_vars, found, names)

    def _may_be_scope(self, value: Value) -> bool:
        """Whether what a `with` opens may be a scope of TensorFlow that is not visible here."""
        if isinstance(value, Called):
            return value.path in self.hidden
        node = value.node
        method = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        return isinstance(value, Unknown) and value.called and method not in _NO_SCOPES

    @contextmanager
    def _new_graph(self) -> Iterator[None]:
        """Names are counted anew in a graph of its own."""
        outer, self.scopes = self.scopes, Scopes()
        try:
            yield
        finally:
            self.scopes = outer

    @staticmethod
    def _scope_name(call: Called) -> str | None:
        found = [value for value in (*call.args, *call.given.values()) if isinstance(value, Known)]
        name = next((value.value for value in found if isinstance(value.value, str)), None)
        return name

    @contextmanager
    def under_doubt(self, reason: str, *, runs: bool = False) -> Iterator[None]:
        """What is made within may not be made; ``runs`` is whether the statements run for certain all the same."""
        self.doubts.append(reason)
        unsure, self.unsure = self.unsure, self.unsure if runs else [*self.unsure, reason]
        try:
            yield
        finally:
            self.doubts.pop()
            self.unsure = unsure

    @contextmanager
    def perhaps(self, names: Names | None, reason: str) -> Iterator[None]:
        """The same, and the names that are bound within may stand for what they stood for before."""
        before = [(block, dict(block.values)) for block in _around(names)]
        with self.under_doubt(reason):
            yield
        for block, old in before:
            for name, value in block.values.items():
                if name in old and old[name] is not value:
                    block.values[name] = _merge(old[name], value, reason)

    def assign(self, target: ast.expr, value: Value, names: Names) -> None:
        match target:
            case ast.Name(id=name):
                self._bind(name, value, names)
            case ast.Attribute(value=inner, attr=name):
                self.set_attribute(self.value(inner, names), name, value, target)
            case ast.Subscript(value=inner, slice=index):
                holder = self.value(inner, names)
                if isinstance(holder, Parameter):
                    self.replace_tensor(self._part_of(holder, index, names, target), value, target)
                elif isinstance(holder, Made):
                    self.replace_tensor(holder, value, target)
                    return
                key = self.value(index, names)
                if isinstance(holder, Unknown | Bound | Called) and not _is_text(key):
                    self.replace_tensor(holder, value, target)
                if isinstance(holder, Entries | Items):
                    self._set_item(holder, key, value, target)
            case ast.Starred(value=inner):
                self.assign(inner, Unknown(parts=parts_of(value)), names)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                parts = self.items(value)
                plain = not any(isinstance(part, ast.Starred) for part in targets)
                fits = parts is not None and plain and len(parts) == len(targets)
                unknown = Unknown(parts=parts_of(value)) if not fits else value
                for at, part in enumerate(targets):
                    self.assign(part, parts[at] if fits and parts is not None else unknown, names)

    def _set_item(self, holder: Entries | Items, key: Value, value: Value | None, node: ast.AST) -> None:
        """An element of a list or a dict is given a value, or taken out where that is None."""
        known = _plain(key)
        at = key.integer if isinstance(key, Known) else None
        fits = isinstance(holder, Items) and at is not None and -len(holder.items) <= at < len(holder.items)
        has_key = isinstance(holder, Entries) and known is not None
        if not self.is_certain(holder) or not (fits or has_key) or (isinstance(holder, Items) and holder.open):
            lose_contents(holder, self.unsure[-1] if self.unsure else CONTENTS.format(getattr(node, "lineno", "?")))
        elif isinstance(holder, Entries):
            holder.entries.pop(str(known), None) if value is None else holder.entries.update({str(known): value})
        elif at is not None and value is not None:
            holder.items[at] = value
        elif at is not None:
            del holder.items[at]

    def _delete(self, node: ast.Delete, names: Names) -> tuple[Flow, str]:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                holder = self.value(target.value, names)
                if isinstance(holder, Entries | Items):
                    self._set_item(holder, self.value(target.slice, names), None, target)
        return Flow.NEXT, ""

    def _assert(self, node: ast.Assert, names: Names) -> tuple[Flow, str]:
        self.value(node.test, names)
        return Flow.NEXT, ""

    def _bind(self, name: str, value: Value, names: Names) -> None:
        home = names
        while name in home.block.outer and home.outer is not None:
            home = home.outer
        home.values[name] = value

    def _add_to(self, node: ast.AugAssign, names: Names) -> tuple[Flow, str]:
        before, more = self.value(node.target, names), self.value(node.value, names)
        if isinstance(before, Items) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
            self._method(before, "extend", [more], {}, node)
        elif isinstance(before, Entries) and isinstance(node.op, ast.BitOr):
            self._method(before, "update", [more], {}, node)
        else:
            if isinstance(before, Parameter | Unknown) and isinstance(
                node.target, ast.Name
            ):  # a tensor that it names is computed with in place
                self.replace_tensor(before, Unknown(), node)
            self.assign(node.target, self._binary(node, type(node.op), before, more), names)
        return Flow.NEXT, ""

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, names: Names) -> Value:
        found = Function(names, defaults=self._defaults(node.args, names), node=node)
        for decorator in node.decorator_list:
            known = self.value(decorator.func if isinstance(decorator, ast.Call) else decorator, names)
            last = known.last if isinstance(known, Path) else getattr(decorator, "id", getattr(decorator, "attr", ""))
            found.scoped = found.scoped or last == "add_arg_scope"
            if last not in _TRANSPARENT and not (isinstance(known, Path) and known.path in self.names.transforms):
                written = one_line(ast.unparse(decorator))
                return Unknown(f"the decorator `{written}` may change what the function does", node=node)
        return found

    def _class(self, node: ast.ClassDef, names: Names) -> Class:
        inside = Names(names.block.inside(node), names)
        found = Class(inside, [self.value(base, names) for base in node.bases], node=node)
        with self.under_doubt(f"it is made by the class `{node.name}` itself", runs=True):
            self.block(node.body, inside)
        found.attributes = inside.values
        return found

    # Expressions.

    def value(self, node: ast.expr, names: Names) -> Value:
        self._step()
        does = _EXPRESSIONS.get(type(node))
        return Unknown(node=node) if does is None else does(self, node, names)

    def _constant(self, node: ast.Constant, names: Names) -> Value:
        match node.value:
            case str() | bool() | None as plain:
                return Known(plain, node=node)
            case int() as whole:
                return number(whole, node)
            case float() as real if math.isfinite(real):
                return number(Fraction(repr(real)), node)
        return Unknown(node=node)

    def _operation(self, node: ast.BinOp, names: Names) -> Value:
        return self._binary(node, type(node.op), self.value(node.left, names), self.value(node.right, names))

    def _choice(self, node: ast.IfExp, names: Names) -> Value:
        truth = self.truth(self.value(node.test, names))
        if truth is not None:
            return self.value(node.body if truth else node.orelse, names)
        doubt = _CONDITION.format(one_line(ast.unparse(node.test))[:60], node.lineno)
        with self.under_doubt(doubt):
            return _merge(self.value(node.body, names), self.value(node.orelse, names), doubt)

    def _lambda(self, node: ast.Lambda, names: Names) -> Value:
        return Function(names, defaults=self._defaults(node.args, names), node=node)

    def _defaults(self, arguments: ast.arguments, names: Names) -> dict[str, Value]:
        """What parameters are by default, but for those that make a layer then: where they are called."""
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(reversed(positional), reversed(arguments.defaults), strict=False),
                 *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]  # fmt: skip
        found: dict[str, Value] = {}
        for parameter, default in pairs:
            before = len(self.made)
            if default is not None:
                value = self.value(default, names)
                if len(self.made) == before:
                    found[parameter.arg] = value
                del self.made[before:]
        return found

    def _walrus(self, node: ast.NamedExpr, names: Names) -> Value:
        found = self.value(node.value, names)
        self.assign(node.target, found, names)
        return found

    def _operand(self, node: ast.Starred | ast.Await, names: Names) -> Value:
        return self.value(node.value, names)

    def _name_of(self, node: ast.Name, names: Names) -> Value:
        name = node.id
        found = names.get(name)
        if found is not None:
            return found
        paths = resolve(node, names.block)
        if len(paths) == 1 and DOUBT not in paths:
            return Path(min(paths), node=node)
        known = [path for path in sorted(paths) if path in self.layers or path in self.names.functions]
        if known and DOUBT not in paths:  # one of several imports: the framework that is read
            return Path(known[0], node=node)
        if paths and DOUBT not in paths:
            return Path(min(paths), node=node)
        if name == "__name__":
            return Known("__main__", node=node)
        if names.block.home(name) is None:
            return Path(f"builtins.{name}", node=node)
        return Unknown(f"`{name}` is known only when the program runs", node=node)

    def _attribute(self, node: ast.Attribute, names: Names) -> Value:
        holder = self.value(node.value, names)
        if isinstance(holder, Path) and node.attr == "__name__" and holder.path in self.layers:
            return Known(holder.last, node=node)
        if isinstance(holder, Path):
            whole = resolve(node, names.block)
            path = min(whole) if len(whole) == 1 else f"{holder.path}.{node.attr}"
            found = self.patches.get(path, self.patches.get(f"{holder.path}.{ANY}"))
            return Path(path, node=node) if found is None else found
        return self.attribute(holder, node.attr, node)

    def _call(self, node: ast.Call, names: Names) -> Value:
        function = self.value(node.func, names)
        args: list[Value] = []
        starred = False
        for argument in node.args:
            found = self.value(argument, names)
            if not isinstance(argument, ast.Starred):
                args.append(found)
                continue
            items = self.items(found)
            starred = starred or items is None
            args.extend(items or ())
        given: dict[str, Value] = {}
        for keyword in node.keywords:
            found = self.value(keyword.value, names)
            if keyword.arg is not None:
                given[keyword.arg] = found
            elif isinstance(found, Entries):
                given.update(found.entries)
                starred = starred or found.open
            else:
                starred = True
        return self.call(function, args, given, node, names, starred=starred)

    def run_function(
        self, function: Function, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST | None
    ) -> Value:
        code = function.node
        assert isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if self.depth >= DEPTH_LIMIT:
            return Unknown("functions call each other too deeply", node=node)
        inside = Names(function.names.block.inside(code), function.names)
        self._parameters(code.args, inside, function, args, given)
        self.entered.add(code)
        self.depth += 1
        try:
            if isinstance(code, ast.Lambda):
                return self.value(code.body, inside)
            self.returned.append([])
            self.yielded.append([])
            self.block(code.body, inside)
            results, yielded = self.returned.pop(), self.yielded.pop()
        finally:
            self.depth -= 1
        if yielded:
            plain = not any(isinstance(item, Unknown) for item in yielded)
            return Items(yielded, node=node) if plain else Unknown(parts=parts_of(*yielded), node=node)
        if not results:
            return Known(None, node=node)
        found = results[0]
        for other in results[1:]:
            found = _merge(found, other, f"`{code.name}` returns one of several values")
        return found

    def _parameters(
        self,
        arguments: ast.arguments,
        inside: Names,
        function: Function,
        args: Sequence[Value],
        given: Mapping[str, Value],
    ) -> None:
        positional = [*arguments.posonlyargs, *arguments.args]
        values = [function.owner, *args] if function.owner is not None else list(args)
        left = dict(given)
        for parameter, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
            if parameter.arg not in function.defaults:
                inside.values[parameter.arg] = self.value(default, function.names)
        for parameter, named in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if named is not None and parameter.arg not in function.defaults:
                inside.values[parameter.arg] = self.value(named, function.names)
        inside.values.update(function.defaults)
        for parameter, value in zip(positional, values, strict=False):
            inside.values[parameter.arg] = value
        for parameter in (*positional, *arguments.kwonlyargs):
            if parameter.arg in left:
                inside.values[parameter.arg] = left.pop(parameter.arg)
            inside.values.setdefault(
                parameter.arg, Unknown(f"the parameter `{parameter.arg}` is known only when the program runs")
            )
        if arguments.vararg is not None:
            inside.values[arguments.vararg.arg] = Items(list(values[len(positional) :]))
        if arguments.kwarg is not None:
            inside.values[arguments.kwarg.arg] = Entries(left)

    # Operators.

    def _binary(self, node: ast.AST, op: type[ast.operator], left: Value, right: Value) -> Value:
        if isinstance(left, Known) and isinstance(right, Known):
            return self._with_known(node, op, left, right)
        if isinstance(left, Known) and isinstance(left.value, str) and op is ast.Mod:
            return self._fill_text(node, left.value, self.items(right))
        if op is ast.Add and isinstance(left, Items) and isinstance(right, Items):
            return Items([*left.items, *right.items], left.open or right.open, node=node)
        if op is ast.Mult and isinstance(left, Items) and isinstance(right, Known) and right.integer is not None:
            return Items(left.items * min(right.integer, ROUNDS_LIMIT), left.open, node=node)
        self.read_by(op, left, right)
        if all(isinstance(side, Called | Computed | Known) or is_variable(side) for side in (left, right)):
            return Computed(op, left, right, node=node)
        return next((item for item in (left, right) if isinstance(item, Unknown)), Unknown(node=node))

    def _with_known(self, node: ast.AST, op: type[ast.operator], left: Known, right: Known) -> Value:
        first, second = left.value, right.value
        if isinstance(first, str):
            if op is ast.Add and isinstance(second, str):
                return Known(first + second, node=node)
            if op is ast.Mod:
                return self._fill_text(node, first, [right])
            return Unknown(node=node)
        if not isinstance(first, Scalar) or not isinstance(second, Scalar):
            return Unknown(node=node)
        whole = left.whole and right.whole
        try:
            result = _calculate(op, first, second)
        except (InexactError, ZeroDivisionError, OverflowError):
            return Unknown("its value has no exact form", node=node)
        if result is None:
            return Unknown(node=node)
        if op is ast.Div and whole:
            exact = result.rational is not None and result.rational.denominator == 1
            if not exact and not self.true_division:
                return Unknown("it is a quotient of integers, which Python 2 truncates; write one of them as a float",
                               node=node)  # fmt: skip
            return Known(result, exact and not self.true_division, node=node)
        return Known(result, (whole and op is not ast.Pow) or (op is ast.Pow and whole and second.sign >= 0), node=node)

    def _fill_text(self, node: ast.AST, text: str, parts: Sequence[Value] | None) -> Value:
        plain = [_plain(part) for part in parts or ()]
        if parts is None or any(part is None for part in plain):
            return Unknown("a part of the text is known only when the program runs", node=node)
        try:
            return Known(text % tuple(plain), node=node)
        except (TypeError, ValueError):
            return Unknown(node=node)

    def _unary(self, node: ast.UnaryOp, names: Names) -> Value:
        operand = self.value(node.operand, names)
        match node.op, operand:
            case ast.Not(), _:
                truth = self.truth(operand)
                return Unknown(node=node) if truth is None else Known(not truth, node=node)
            case ast.USub(), Known(value=Scalar() as value):
                return Known(-value, operand.whole, node=node)
            case ast.UAdd(), Known(value=Scalar()):
                return operand
            case ast.USub(), Called() | Computed():
                return Computed(ast.Mult, operand, number(-1), node=node)
        return Unknown(node=node)

    def _bool(self, node: ast.BoolOp, names: Names) -> Value:
        parts = [self.value(part, names) for part in node.values]
        wanted = isinstance(node.op, ast.Or)
        for part in parts[:-1]:
            truth = self.truth(part)
            if truth is None:
                return Unknown(parts=parts_of(*parts), node=node)
            if truth is wanted:
                return part
        return parts[-1]

    def _compare(self, node: ast.Compare, names: Names) -> Value:
        left, op = self.value(node.left, names), node.ops[0]
        right = self.value(node.comparators[0], names)
        if len(node.ops) > 1:
            return Unknown(node=node)
        alike = self._same_class(left, right)
        if alike is not None and isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            return Known(alike is isinstance(op, ast.Is | ast.Eq), node=node)
        if isinstance(op, ast.In | ast.NotIn) and isinstance(left, Path | Class):
            among = [self._same_class(left, item) for item in self.items(right) or [Unknown()]]
            found = True if True in among else None if None in among else False
            return Unknown(node=node) if found is None else Known(found is isinstance(op, ast.In), node=node)
        first, second = _plain(left), _plain(right)
        nothing = [isinstance(side, Known) and side.value is None for side in (left, right)]
        sure = [not isinstance(side, Unknown) for side in (left, right)]
        if isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq) and any(nothing) and all(sure):
            same = nothing[0] == nothing[1]
            return Known(same is isinstance(op, ast.Is | ast.Eq), node=node)
        if isinstance(op, ast.In | ast.NotIn) and isinstance(second, str):
            return (
                Known((first in second) is isinstance(op, ast.In), node=node)
                if isinstance(first, str)
                else Unknown(node=node)
            )
        if isinstance(op, ast.In | ast.NotIn):
            keys = list(right.entries) if isinstance(right, Entries) and not right.open else None
            held = self.items(right) if keys is None else None
            plain = keys if keys is not None else [_plain(item) for item in held] if held is not None else None
            if first is None or plain is None or None in plain:
                return Unknown(node=node)
            return Known((first in plain) is isinstance(op, ast.In), node=node)
        compare = _COMPARISONS.get(type(op))
        if first is None or second is None or compare is None or isinstance(first, str) != isinstance(second, str):
            return Unknown(node=node)
        return Known(bool(compare(first, second)), node=node)

    def _same_class(self, first: Value, second: Value) -> bool | None:
        """Whether two are one class; None where either is no class that is known."""
        if isinstance(first, Class) or isinstance(second, Class):
            known = isinstance(first, Class | Path) and isinstance(second, Class | Path)
            return first is second if known else None
        if not isinstance(first, Path) or not isinstance(second, Path):
            return None
        if first.path == second.path:
            return True
        rows = [self.layers.get(side.path) for side in (first, second)]
        return False if all(rows) and first.last != second.last else None

    def truth(self, value: Value) -> bool | None:
        """None where it is not known."""
        match value:
            case Known(value=Scalar() as scalar):
                return bool(scalar.sign)
            case Known(value=plain):
                return bool(plain)
            case Items(items=items, open=is_open):
                return None if is_open else bool(items)
            case Entries(entries=entries, open=is_open):
                return True if entries else None if is_open else False
            case Function() | Class() | Path() | Made():
                return True
            case Object(members=members, cls=cls):
                return bool(members) if cls is None else True
        return None

    def _display(self, node: ast.List | ast.Tuple | ast.Set, names: Names) -> Value:
        found: list[Value] = []
        for element in node.elts:
            value = self.value(element, names)
            items = self.items(value) if isinstance(element, ast.Starred) else [value]
            if items is None:
                return Unknown(node=node)
            found.extend(items)
        return Items(found, node=node)

    def _dict(self, node: ast.Dict, names: Names) -> Value:
        found = Entries(node=node)
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.value(value, names)
            name = self.value(key, names) if key is not None else None
            if name is None:
                if not isinstance(held, Entries) or held.open:
                    lose_contents(found, CONTENTS.format(node.lineno))
                if isinstance(held, Entries):
                    found.entries.update(held.entries)
            elif isinstance(name, Known) and name.value is not None:
                found.entries[str(_plain(name))] = held
            else:
                lose_contents(found, CONTENTS.format(node.lineno))
        return found

    def _element(self, node: ast.Subscript, names: Names) -> Value:
        holder, index = self.value(node.value, names), node.slice
        if isinstance(holder, Parameter):
            return self._part_of(holder, index, names, node)
        if isinstance(index, ast.Slice):
            items = self.items(holder)
            ends = [None if end is None else self.value(end, names) for end in (index.lower, index.upper, index.step)]
            known = [end.integer if isinstance(end, Known) else None for end in ends]
            if items is None or any(end is not None and value is None for end, value in zip(ends, known, strict=True)):
                return Unknown(parts=parts_of(holder), node=node)
            return Items(list(items[slice(*known)]), node=node)
        return self.element(holder, self.value(index, names), node)

    def _part_of(self, holder: Parameter, index: ast.expr, names: Names, node: ast.AST) -> Parameter:
        """A part of a parameter, which is looked up or assigned to."""
        if isinstance(index, ast.Constant) and index.value is Ellipsis and holder.part is None:
            return holder
        plain = isinstance(index, ast.Slice) and index.step is None and holder.part is None
        if not plain or not isinstance(index, ast.Slice):
            return Parameter(holder.of, holder.name, (Unknown(), Unknown()), node=node)
        low, high = (None if end is None else self.value(end, names) for end in (index.lower, index.upper))
        whole = low is None and high is None
        return Parameter(holder.of, holder.name, None if whole else (low, high), node=node)

    def _join_text(self, node: ast.JoinedStr, names: Names) -> Value:
        text = ""
        for part in node.values:
            match part:
                case ast.Constant(value=str() as plain):
                    text += plain
                case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                    found = _plain(self.value(inner, names))
                    if found is None:
                        return Unknown("a part of the text is known only when the program runs", node=node)
                    text += str(found)
                case _:
                    return Unknown("a part of the text is known only when the program runs", node=node)
        return Known(text, node=node)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, names: Names) -> Value:
        generator = node.generators[0]
        through = self.value(generator.iter, names)
        rounds = self.items(through) if len(node.generators) == 1 else None
        inside = Names(names.block.inside(node), names)
        if rounds is None:
            reason, parts = _LOOP.format(node.lineno), parts_of(through)
            with self.under_doubt(reason):
                for one in node.generators:
                    self.assign(one.target, Unknown(parts=parts), inside)
                    parts = (*parts, *parts_of(self.value(one.iter, inside)))
                parts = (*parts, *parts_of(self._result(node, inside)))
            return Unknown(reason, parts=parts, node=node)
        found: list[Value] = []
        for item in rounds[:ROUNDS_LIMIT]:
            self.assign(generator.target, item, inside)
            truths = [self.truth(self.value(test, inside)) for test in generator.ifs]
            if None in truths:
                with self.under_doubt(_LOOP.format(node.lineno)):
                    for other in rounds[:ROUNDS_LIMIT]:
                        self.assign(generator.target, other, inside)
                        found.append(self._result(node, inside))
                return Unknown(parts=parts_of(*found), node=node)
            if all(truths):
                found.append(self._result(node, inside))
        return Unknown(parts=parts_of(*found), node=node) if isinstance(node, ast.DictComp) else Items(found, node=node)

    def _result(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, inside: Names) -> Value:
        """What one round of a comprehension gives."""
        if not isinstance(node, ast.DictComp):
            return self.value(node.elt, inside)
        self.value(node.key, inside)
        return self.value(node.value, inside)

    def _yield(self, node: ast.Yield | ast.YieldFrom, names: Names) -> Value:
        found = Known(None) if node.value is None else self.value(node.value, names)
        if self.yielded:
            items = self.items(found) if isinstance(node, ast.YieldFrom) else [found]
            certain = not self.doubts and items is not None
            self.yielded[-1] += items if certain and items is not None else [Unknown(parts=parts_of(found))]
        return Unknown(node=node)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > STEPS_LIMIT:
            raise LimitError


_UNKNOWN_SCOPE = "what the `with` of line {} opens is not visible here, and may set it"

_CREATOR = "the variable_creator_scope of line {} makes it, and may start it otherwise"

_NO_SCOPES = frozenset({"as_default", "device", "control_dependencies", "name_scope", "test_session", "cached_session"})
"""Methods of graphs and sessions that open contexts."""

_CONDITION = "whether it is made depends on `{}`, which is known only when the program runs (line {})"
_LOOP = "it is made in a loop whose iterations are known only when the program runs (line {})"

_TRANSPARENT = frozenset({
    "add_arg_scope", "staticmethod", "classmethod", "property", "function", "abstractmethod", "wraps", "no_grad",
    "override", "lru_cache", "cache", "compact", "nowrap", "jit", "filter_jit",
})  # fmt: skip
"""Decorators that change nothing about what a function builds."""

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[object, object], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,  # type: ignore[dict-item]
    ast.LtE: operator.le,  # type: ignore[dict-item]
    ast.Gt: operator.gt,  # type: ignore[dict-item]
    ast.GtE: operator.ge,  # type: ignore[dict-item]
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
}


def _calculate(op: type[ast.operator], first: Scalar, second: Scalar) -> Scalar | None:
    numbers = first.rational, second.rational
    if op is ast.Add:
        return first + second
    if op is ast.Sub:
        return first - second
    if op is ast.Mult:
        return first * second
    if op is ast.Div:
        return first / second
    if op is ast.Pow and numbers[1] is not None and abs(numbers[1]) <= 64:
        return first ** numbers[1]
    if numbers[0] is not None and numbers[1]:
        if op is ast.FloorDiv:
            return Scalar.of(numbers[0] // numbers[1])
        if op is ast.Mod:
            return Scalar.of(numbers[0] % numbers[1])
    return None


def _is_text(value: Value) -> bool:
    return isinstance(value, Known) and isinstance(value.value, str)


def _plain(value: Value | None) -> str | int | float | bool | None:
    """A value as Python's own; None for all else, None itself among it."""
    if not isinstance(value, Known):
        return None
    if not isinstance(value.value, Scalar):
        return value.value
    known = value.number
    if known is None:
        return None
    return int(known) if value.whole else float(known)


def _around(names: Names | None) -> Iterator[Names]:
    """A block of names, and those around it."""
    while names is not None:
        yield names
        names = names.outer


def _merge(first: Value, second: Value | None, doubt: str) -> Value:
    """What a name stands for after one of two branches."""
    same = isinstance(first, Known) and isinstance(second, Known) and first.value == second.value
    if first is second or same:
        return first
    return Unknown(doubt, parts=parts_of(first, *(() if second is None else (second,))))


_STATEMENTS: Mapping[type[ast.stmt], Callable[..., tuple[Flow, str]]] = {
    ast.Expr: Run._expression,
    ast.Assign: Run._assign,
    ast.AnnAssign: Run._assign_annotated,
    ast.AugAssign: Run._add_to,
    ast.FunctionDef: Run._define,
    ast.AsyncFunctionDef: Run._define,
    ast.ClassDef: Run._define,
    ast.Return: Run._return,
    ast.Raise: lambda run, node, names: (Flow.RAISE, ""),
    ast.Break: lambda run, node, names: (Flow.BREAK, ""),
    ast.Continue: lambda run, node, names: (Flow.CONTINUE, ""),
    ast.If: Run._if,
    ast.For: Run._for,
    ast.AsyncFor: Run._for,
    ast.Match: Run._match,
    ast.While: Run._while,
    ast.Delete: Run._delete,
    ast.Assert: Run._assert,
    ast.With: Run._with,
    ast.AsyncWith: Run._with,
    ast.Try: Run._try,
    ast.TryStar: Run._try,
}

_EXPRESSIONS: Mapping[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: Run._constant,
    ast.Name: Run._name_of,
    ast.Attribute: Run._attribute,
    ast.Call: Run._call,
    ast.BinOp: Run._operation,
    ast.UnaryOp: Run._unary,
    ast.BoolOp: Run._bool,
    ast.Compare: Run._compare,
    ast.IfExp: Run._choice,
    ast.List: Run._display,
    ast.Tuple: Run._display,
    ast.Set: Run._display,
    ast.Dict: Run._dict,
    ast.Subscript: Run._element,
    ast.JoinedStr: Run._join_text,
    ast.Lambda: Run._lambda,
    ast.ListComp: Run._comprehension,
    ast.GeneratorExp: Run._comprehension,
    ast.SetComp: Run._comprehension,
    ast.DictComp: Run._comprehension,
    ast.Yield: Run._yield,
    ast.YieldFrom: Run._yield,
    ast.NamedExpr: Run._walrus,
    ast.Starred: Run._operand,
    ast.Await: Run._operand,
}
