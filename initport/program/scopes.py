"""The scopes of TensorFlow 1 and the names that they give: of variables, of layers, of objects of Keras.

Authority: python/ops/variable_scope.py (a scope's default name is made different from those that are taken in the scope
around it, and leaving a scope forgets the names within), python/framework/ops.py (``unique_name``), and
python/keras/backend.py (``unique_object_name``), of TensorFlow 1.15.5.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from initport.program.values import Scoped, VariableScope


class Scopes:
    """The scopes that are open, and the names that are taken."""

    def __init__(self) -> None:
        self.variable: list[VariableScope] = [VariableScope("")]
        self.arguments: list[Scoped] = [Scoped({})]
        self._names: list[str | None] = [""]
        self._taken: dict[str, int] = {}
        self._ops: dict[str, int] = {}
        self._objects: dict[str, int] = {}
        self.doubt = ""
        """Why the next number of a name is not known: something may have been made or not."""

    @property
    def current(self) -> VariableScope:
        return self.variable[-1]

    def full_name(self, name: str) -> str | None:
        """A name within the current scope."""
        outer = self.current.name
        return None if outer is None else f"{outer}/{name}".strip("/")

    def unique_name(self, name: str) -> str | None:
        """A default name, with a number behind it where the current scope has it already."""
        full = self.full_name(name)
        if full is None:
            return None
        found, number = name, 0
        while self._taken.get(full):
            number += 1
            found = f"{name}_{number}"
            full = self.full_name(found) or ""
        return found

    @contextmanager
    def inside(self, scope: VariableScope) -> Iterator[VariableScope]:
        """Within a variable scope, which is a scope of names too."""
        if scope.name is not None:
            self._taken[scope.name] = self._taken.get(scope.name, 0) + 1
        self.variable.append(scope)
        last = None if scope.name is None else scope.name.rpartition("/")[2]
        try:
            with self.inside_names(last):
                yield scope
        finally:
            self.variable.pop()
            inside = f"{scope.name}/"
            self._taken = {name: count for name, count in self._taken.items() if not name.startswith(inside)}

    @contextmanager
    def inside_names(self, name: str | None) -> Iterator[None]:
        """Within a scope of names."""
        if name is not None and name.endswith("/"):
            self._names.append(name.rstrip("/"))
        else:
            self._names.append(None if name is None else self.op(name) if name else "")
        try:
            yield
        finally:
            self._names.pop()

    def op(self, name: str) -> str | None:
        """The full name that an op gets which is to be called so."""
        outer = self._names[-1]
        if outer is None:
            return None
        full = f"{outer}/{name}".strip("/")
        count = self._ops.get(full.lower(), 0)
        self._ops[full.lower()] = count + 1
        while count:
            other = f"{full}_{count}"
            if other.lower() not in self._ops:
                self._ops[other.lower()] = 1
                return other
            count += 1
        return full

    def object(self, name: str, first: int) -> str:
        """The name of the next object of a class of Keras."""
        count = self._objects.get(name, first)
        self._objects[name] = count + 1
        return name if count == 0 else f"{name}_{count}"

    def numbered_object(self, name: str) -> str:
        """The name of the next object of a class of Flax, the first of which has a number too."""
        count = self._objects.get(name, 0)
        self._objects[name] = count + 1
        return f"{name}_{count}"

    @contextmanager
    def instead(self, scope: VariableScope) -> Iterator[None]:
        """Within the current variable scope, with other settings."""
        self.variable.append(scope)
        try:
            yield
        finally:
            self.variable.pop()

    @contextmanager
    def arguments_of(self, scope: Scoped) -> Iterator[None]:
        """Within an `arg_scope`."""
        self.arguments.append(scope)
        try:
            yield
        finally:
            self.arguments.pop()


def snake_case(name: str) -> str:
    """The name of a class as Keras makes a layer's of it (``to_snake_case``)."""
    middle = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", middle).lower()
