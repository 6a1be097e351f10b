"""`typing.NamedTuple`, whose classes are defined in a fraction of the time.

A command starts with ninety such classes. Of each, `typing` compiles the annotations and the text of a constructor;
here annotations are left as they are, and the constructor is one for all classes with as many fields, under their
names. From Python 3.14 on, which has annotations in another form, it is `typing`'s own.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import NamedTuple as NamedTuple
else:
    from collections.abc import Callable, Iterable
    from functools import cache
    from operator import itemgetter
    from types import CodeType, FunctionType
    from typing import Any

    try:
        from _collections import _tuplegetter
    except ImportError:  # not in every Python

        def _tuplegetter(index: int, doc: str) -> property:
            return property(itemgetter(index), doc=doc)

    class _Record(tuple):
        """What all of them have in common: the methods that `collections.namedtuple` documents."""

        __slots__ = ()

        @classmethod
        def _make(cls, values: Iterable[Any]) -> Any:
            result = tuple.__new__(cls, values)
            if len(result) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(result)}")
            return result

        def _replace(self, /, **values: Any) -> Any:
            result = self._make(map(values.pop, self._fields, self))
            if values:
                raise ValueError(f"Got unexpected field names: {list(values)!r}")
            return result

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

    @cache
    def _code(number: int) -> CodeType:
        """A constructor with that many fields."""
        names = ", ".join(f"_{index}" for index in range(number))
        made: Callable[..., Any] = eval(f"lambda _cls, {names}: _tuple_new(_cls, ({names}{',' * (number == 1)}))")
        return made.__code__

    def _constructor(name: str, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> FunctionType:
        title = f"{name}.__new__"
        code = _code(len(fields)).replace(co_varnames=("_cls", *fields), co_name="__new__", co_qualname=title)
        return FunctionType(code, {"_tuple_new": tuple.__new__, "__builtins__": {}}, "__new__", defaults)

    class _Definition(type):
        """Makes of the body of a class, of which the annotated names are the fields, a class of tuples."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body.pop(field) for field in fields if field in body}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default is behind one that has a default")
            body.update((field, _tuplegetter(index, field)) for index, field in enumerate(fields))
            body.update(_fields=fields, _field_defaults=defaults, __match_args__=fields, __slots__=())
            body["__new__"] = _constructor(name, fields, tuple(defaults.values()))
            return type.__new__(type, name, (_Record,), body)

    class NamedTuple(metaclass=_Definition):
        """The base of the classes, of which none has it in its bases."""
