"""What each field type of the protobuf text format admits, and the Python value of what was written.

Authority: https://protobuf.dev/reference/protobuf/textformat-spec/ and, where Caffe is stricter or laxer, the C++
parser that Caffe links (google/protobuf/text_format.cc). A number stays the decimal that its author wrote.
"""

import functools
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from initport.regex import Pattern

if TYPE_CHECKING:
    from initport.formats.caffe.schema import EnumType
    from initport.formats.caffe.tree import Scalar

Converter = Callable[[str], "Scalar"]

_FLOAT = Pattern(r"([-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?)(?:[eE]([-+]?[0-9]+))?[fF]?", re.ASCII)
_INTEGER = Pattern(r"([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]{0,18})", re.ASCII)
_FLOAT32_OVERFLOW = Decimal(2**128 - 2**103)  # the least magnitude that rounds to infinity
_FLOAT32_UNDERFLOW = Decimal(2) ** -150  # the greatest magnitude that rounds to zero
_FAR = 10**6  # an exponent beyond it is far outside float32, whatever the digits are
_ESCAPE = Pattern(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.)|$)", re.DOTALL)
_SIMPLE_ESCAPES = dict(zip((b"%c" % code for code in b"abfnrtv\\'\"?"), b"\a\b\f\n\r\t\v\\'\"?", strict=True))
_TRUE, _FALSE = frozenset({"true", "True", "t"}), frozenset({"false", "False", "f"})

# Enums on whose value the meaning of a filler depends: a name that Caffe does not know cannot be carried along.
_CLOSED_ENUMS = frozenset({"VarianceNorm"})


class WrongValueError(ValueError):
    """The text is not a value of the type; the message says what was expected."""


@functools.lru_cache(maxsize=4096)
def decimal(text: str) -> Decimal:
    """A float32 field's number. What float32 rounds to zero is 0; what it cannot hold is a WrongValueError."""
    found = _FLOAT.fullmatch(text)
    if found is None or not any(map(str.isdigit, found[1])):
        raise WrongValueError("a decimal number such as 0.01 or 1e-3")
    mantissa, exponent = found[1], found[2] or "0"
    if not mantissa.strip("+-.0"):
        return Decimal(0)
    if len(exponent.lstrip("+-0")) > len(str(_FAR)):
        exponent = f"{'-' if exponent.startswith('-') else ''}{_FAR * 10}"
    value = Decimal(f"{mantissa}e{exponent}")
    if value.copy_abs() >= _FLOAT32_OVERFLOW:
        raise WrongValueError("a number that float32 can hold, that is below 3.4028236e38")
    return Decimal(0) if value.copy_abs() <= _FLOAT32_UNDERFLOW else value


def not_finite(text: str) -> "Scalar":
    """A word where a float belongs is never a value that a filler can use, though the text format has inf and nan."""
    if text.lower() in {"inf", "infinity", "nan"}:
        raise WrongValueError("a finite number")
    raise WrongValueError("a decimal number")


def wide_decimal(text: str) -> Decimal:
    """A double field's number, exact whatever its size (no such field has a meaning for initialisation)."""
    if (found := _FLOAT.fullmatch(text)) is None or len(found[2] or "") > len(str(_FAR)):
        raise WrongValueError("a decimal number such as 0.01 or 1e-3")
    return Decimal(text.rstrip("fF"))


@functools.lru_cache(maxsize=4096)
def shortest_decimal(number: float) -> Decimal:
    """The shortest decimal that float32 rounds to this float32 ``number`` (finite)."""
    import struct

    for digits in range(1, 9):
        text = f"{number:.{digits}g}"
        if abs(float(text)) < _FLOAT32_OVERFLOW and struct.unpack("f", struct.pack("f", float(text)))[0] == number:
            return Decimal(text)
    return Decimal(f"{number:.9g}")


def _parse_integer(text: str, low: int, high: int) -> int:
    found = _INTEGER.fullmatch(text)
    if found is not None:
        digits = found[2]
        base = 10 if digits[0] != "0" or digits == "0" else 16 if digits[1] in "xX" else 8
        value = int(digits, base) * (-1 if found[1] == "-" else 1)
        if low <= value <= high:
            return value
    raise WrongValueError(f"an integer from {low} to {high}")


def integer(low: int, high: int) -> Converter:
    """The converter of an integer type with this range; octal and hexadecimal as in C."""
    return functools.lru_cache(maxsize=4096)(functools.partial(_parse_integer, low=low, high=high))


def boolean(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    try:
        return bool(_parse_integer(text, 0, 1))
    except WrongValueError:
        raise WrongValueError("true or false") from None


def enumeration(enum: "EnumType") -> Converter:
    """The converter of an enum: a known name or number gives the name; a fork's stays as written, or is refused."""
    names = {name: name for name in enum.values}
    names |= {str(number): name for name, number in enum.values.items()}
    closed = enum.name in _CLOSED_ENUMS

    def convert(text: str) -> str:
        if (name := names.get(text)) is not None:
            return name
        if closed:
            raise WrongValueError(f"one of the names {', '.join(enum.values)}, without quotes")
        return text

    return convert


def _unescape(found: re.Match[bytes]) -> bytes:
    octal, short, four, eight, plain = found.groups()
    if octal is not None:
        return bytes((int(octal, 8) & 0xFF,))
    if short is not None:
        return bytes((int(short, 16),))
    if (digits := four or eight) is not None:
        return chr(int(digits, 16)).encode()
    return bytes((_SIMPLE_ESCAPES[plain],))


def unquote(bodies: Iterable[str]) -> str:
    """The text of adjacent string literals (without their quotes), escapes resolved; as UTF-8, else Latin-1."""
    try:
        text = b"".join(_ESCAPE.sub(_unescape, body.encode()) for body in bodies)
    except (KeyError, ValueError, OverflowError):
        raise WrongValueError(r"a string with valid escapes (a backslash is written \\)") from None
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
