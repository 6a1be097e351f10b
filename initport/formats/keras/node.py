"""A value of the config with its path in it, and typed looks into it.

Strings are taken without the blanks around them: some writers left one behind every string.
"""

import marshal
from collections.abc import Iterator
from reprlib import Repr
from typing import Any

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

_KERAS_MODULES = ("keras.", "tf_keras.", "tensorflow.keras.", "tensorflow.python.keras.", "builtins.")

SIZE_LIMIT = 2**31
"""No axis of a weight is this long."""


class WrongValueError(Exception):
    """A setting holds what its layer rejects; ``key`` is its path in the config."""

    def __init__(self, node: "Node", detail: str) -> None:
        super().__init__(detail)
        self.location = node.location


def content_of(record: dict[str, Any]) -> bytes | None:
    """What a layer's record says, but for its name and what it is called on, as bytes: equal only where that is equal.
    None where it has none."""
    rest, config = record.copy(), record.get("config")
    if isinstance(config, dict):
        rest["config"] = inside = config.copy()
        inside.pop("name", None)
    rest.pop("name", None)
    rest.pop("inbound_nodes", None)
    try:
        return marshal.dumps(rest)
    except ValueError:  # nested too deeply, or a date as YAML has them
        return None


class Node:
    """``value`` stands in the file ``path``: at its root, or under a name or an index of its parent's value."""

    __slots__ = ("_key", "_name", "_parent", "layers", "path", "value")

    def __init__(self, value: Any, path: str, parent: "Node | None" = None, name: str | int = "") -> None:
        self.value, self.path, self._parent, self._name = value, path, parent, name
        self._key: str | None = None
        self.layers: list[tuple[str, Node]] | None = None
        """Of a model's record, the names and records of its layers, once they were asked for: `walk.children`."""

    @property
    def key(self) -> str:
        """The path of the value in the config: ``config.layers[3].config.units``."""
        if self._key is None:
            self._key = "" if self._parent is None else self._key_in(self._parent.key)
        return self._key

    def _key_in(self, parent: str) -> str:
        if isinstance(self._name, int):
            return f"{parent}[{self._name}]"
        return f"{parent}.{self._name}" if parent else str(self._name)

    def with_value(self, value: Any) -> "Node":
        """Another value at the same place."""
        return Node(value, self.path, self._parent, self._name)

    @property
    def location(self) -> Location:
        return Location(self.path, key=self.key.removeprefix("config.") or None)

    def __getitem__(self, name: str) -> "Node":
        """The value under a name; None stands for a missing one."""
        value = self.value
        found = value.get(name) if isinstance(value, dict) else None
        return Node(found, self.path, self, name)

    def __iter__(self) -> Iterator["Node"]:
        for index, item in enumerate(self.value):
            yield Node(item, self.path, self, index)

    def __contains__(self, name: str) -> bool:
        return isinstance(self.value, dict) and name in self.value

    def expect(self, kind: type, what: str) -> "Node":
        """This node, if its value is of the kind. Raises InputError with the path otherwise."""
        if not isinstance(self.value, kind):
            detail = f"{what} is expected, not {quote(self.value)}"
            raise InputError(Diagnostic(Code.WRONG_VALUE, self.location, detail))
        return self

    def text(self) -> str | None:
        return self.value.strip() if isinstance(self.value, str) else None

    def text_at(self, name: str) -> str | None:
        """The text under a name; as ``self[name].text()``, without the node between."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return value.strip() if isinstance(value, str) else None

    def flag(self, default: object) -> object:
        """The value, or the default where it is missing; strings without blanks around them."""
        if self.value is None:
            return default
        if isinstance(default, bool) and not isinstance(self.value, bool | str | list):
            raise WrongValueError(self, f"true or false is expected, not {quote(self.value)}")
        return self.text() if isinstance(self.value, str) else self.value

    def size(self) -> int | None:
        """A number of units and the like; None where it is missing."""
        if self.value is None:
            return None
        value = int(self.value) if isinstance(self.value, float) and self.value.is_integer() else self.value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < SIZE_LIMIT:
            raise WrongValueError(self, f"a number above 0 is expected, not {quote(self.value)}")
        return value

    def sizes(self, rank: int) -> tuple[int, ...] | None:
        """``rank`` sizes, of which one may stand for all; None where they are missing."""
        if isinstance(self.value, list | tuple):
            if len(self.value) != rank:
                raise WrongValueError(self, f"{rank} numbers are expected, not {quote(self.value)}")
            found = [item.size() for item in self]
            return tuple(size for size in found if size is not None) if None not in found else None
        one = self.size()
        return None if one is None else (one,) * rank

    def shape(self) -> tuple[int | None, ...] | None:
        """A shape, the batch axis included; None where it is missing or no shape."""
        value = self.value
        if not isinstance(value, list | tuple):
            return None
        good = all(size is None or (type(size) is int and -1 <= size < SIZE_LIMIT) for size in value)
        return tuple(size if size and size > 0 else None for size in value) if good else None


def foreign_name(record: Node, name: str) -> str | None:
    """What an object of another package is called that has this class name; None for one of Keras's own."""
    module, registered = record.text_at("module"), record.text_at("registered_name")
    if registered not in (None, name):
        return registered
    inside = module is None or f"{module}.".startswith(_KERAS_MODULES)
    return None if inside else f"{module}.{name}"


_SHORT = Repr()
_SHORT.maxlevel, _SHORT.maxdict, _SHORT.maxlist, _SHORT.maxstring, _SHORT.maxother = 2, 3, 4, 40, 60


def quote(value: object) -> str:
    """A value of the input, short enough for a message."""
    try:
        text = _SHORT.repr(value)
    except ValueError:  # an integer of thousands of digits
        return "a huge number"
    return text if len(text) <= 60 else f"{text[:57]}..."
