"""The layers and parameters that a value may be, hold, or share its values with.

What is not known may still be a part of the network: what changes it must not be lost.
"""

from collections.abc import Iterable, Iterator

from initport.program.values import Bound, Called, Entries, Items, Made, Object, Parameter, Unknown, Value


def layers_within(value: Value, seen: set[int] | None = None) -> Iterator[Value]:
    """The layers, and the objects that hold some, below an object, in order."""
    seen = set() if seen is None else seen
    held = [*value.attributes.values(), *value.members.values()] if isinstance(value, Object) else []
    for item in held:
        inner = item.items if isinstance(item, Items) else [item]
        for one in inner:
            if isinstance(one, Made | Object) and id(one) not in seen:
                seen.add(id(one))
                yield one
                yield from layers_within(one, seen)


def parts_of(*values: Value) -> tuple[Value, ...]:
    """What holds the parts of the network that something unknown may be which was made of ``values``. What a library's
    function made of parameters is a tensor of its own; what it made of layers or networks holds these."""
    found: dict[int, Value] = {}
    for value in values:
        match value:
            case Unknown(parts=parts) | Bound(parts=parts):
                found.update((id(part), part) for part in parts)
            case Called(args=args, given=given):
                inner = [item for item in (*args, *given.values()) if not _is_tensor(item)]
                found.update((id(part), part) for part in parts_of(*inner))
            case Made() | Object() | Items() | Entries() | Parameter():
                found[id(value)] = value
    return tuple(found.values())


def _is_tensor(value: Value) -> bool:
    return isinstance(value, Parameter) or (isinstance(value, Made) and value.wrapper == "variable")


def each_part(values: Iterable[Value]) -> Iterator[Made | Parameter]:
    """The layers and parameters themselves, each once."""
    seen: set[int] = set()
    left = list(values)
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        match value:
            case Made() | Parameter():
                yield value
            case Object(attributes=attributes, members=members):
                left += [*attributes.values(), *members.values()]
            case Items(items=items):
                left += items
            case Entries(entries=entries):
                left += entries.values()
            case Unknown() | Bound() | Called():
                left += parts_of(value)
