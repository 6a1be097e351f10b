"""Numbers as element types hold them, and the shortest decimals that stand for them."""

import math
import struct

_FORMATS = {"float": "f", "double": "d", "half": "e"}
_WHOLE = {"int8": 7, "int16": 15, "int32": 31, "int64": 63, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}


class NotFiniteError(ArithmeticError):
    """The number is none that the type can hold."""


def round_to(number: float, kind: str) -> float:
    """The number as a type holds it. Raises NotFiniteError."""
    if (form := _FORMATS.get(kind)) is not None:
        try:
            result: float = struct.unpack(form, struct.pack(form, number))[0]
        except (OverflowError, ValueError) as error:
            raise NotFiniteError(f"a number that {kind} cannot hold") from error
        if not math.isfinite(result):
            raise NotFiniteError("a number that is not finite")
        return result
    if (bits := _WHOLE.get(kind)) is not None:
        whole = int(number)
        if abs(whole) >= 1 << bits:
            raise NotFiniteError(f"a number that {kind} cannot hold")
        return whole
    if kind == "bfloat16":
        return _bfloat(number)
    return number


def _bfloat(number: float) -> float:
    """Rounded to the nearest, ties to even."""
    bits = int.from_bytes(struct.pack(">f", round_to(number, "float")), "big")
    bits += 0x7FFF + (bits >> 16 & 1)
    result: float = struct.unpack(">f", (bits & 0xFFFF0000).to_bytes(4, "big"))[0]
    return result


def shortest(number: float, kind: str) -> str:
    """The shortest decimal that float32, or double for a double, rounds to the number, which is first rounded to its
    own type: a float16 0.1 is 0.09997559, since what a weight starts with is that."""
    held = round_to(number, kind)
    if kind not in ("float", "half", "bfloat16"):
        return repr(held)
    for digits in range(1, 10):
        text = f"{held:.{digits}g}"
        try:
            if round_to(float(text), "float") == held:
                return text
        except NotFiniteError:
            continue
    return repr(held)
