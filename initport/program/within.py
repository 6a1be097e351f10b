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
    """Those of ``values`` that may be, or hold, parts of the network: what something unknown was made of."""
    return tuple({id(value): value for value in values if _may_hold(value)}.values())


def _may_hold(value: Value) -> bool:
    match value:
        case Unknown(parts=parts) | Bound(parts=parts):
            return bool(parts)
        case Called(args=args, given=given):
            return any(isinstance(item, Called | Unknown) or _holds(item) for item in (*args, *given.values()))
    return isinstance(value, Made | Object | Items | Entries | Parameter)


def _holds(value: Value) -> bool:
    """Whether what a library's function makes of it holds it: of parameters it makes a tensor of its own."""
    is_tensor = isinstance(value, Parameter) or (isinstance(value, Made) and value.wrapper == "variable")
    return isinstance(value, Made | Object | Items | Entries | Bound) and not is_tensor


def each_part(values: Iterable[Value], seen: set[int] | None = None) -> Iterator[Made | Parameter]:
    """The layers and parameters themselves, each once; ``seen`` is what was gone through for them."""
    seen = set() if seen is None else seen
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
            case Unknown(parts=parts) | Bound(parts=parts):
                left += parts
            case Called(args=args, given=given):
                left += [
                    item for item in (*args, *given.values()) if isinstance(item, Called | Unknown) or _holds(item)
                ]
