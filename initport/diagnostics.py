"""The closed set of things that initport has to tell its user, each under a stable code.

A code's hundreds digit is its family and decides what it does to the exit status:
``IP1xx`` the input cannot be used (2), ``IP2xx`` a weight was refused (1), ``IP3xx`` an assumption was made,
``IP4xx`` something in the input has no effect or is not carried over (both 0).
"""

from dataclasses import dataclass
from enum import Enum

from initport.ir.location import Location


class Code(Enum):
    """``NAME = (code, title)``; the title is a sentence that stays true for every use of the code."""

    UNREADABLE = ("IP101", "the input cannot be read")
    SYNTAX = ("IP102", "the text is not well-formed")
    TEMPLATE = ("IP103", "the file is a template: a placeholder stands where a value belongs")
    CONFLICT_MARKER = ("IP104", "the file holds a version-control conflict marker")
    TRUNCATED = ("IP105", "the file ends before what it opened is closed")
    WRONG_VALUE = ("IP106", "a field of the schema holds a value that its type does not admit")
    REJECTED_NET = ("IP107", "the source framework rejects this network")
    REFERENCE_NOT_FOUND = ("IP108", "a file that the input refers to was not found")
    NO_NETWORK = ("IP109", "the input describes no network")
    TOO_LARGE = ("IP110", "the input exceeds a limit")

    REJECTED_INITIALIZER = ("IP201", "the source framework rejects this initializer")
    UNKNOWN_INITIALIZER = ("IP202", "the initializer's name is not one of the source framework's")
    UNKNOWN_LAYER = ("IP203", "the initializer depends on the weight's layout, and the layer type is unknown")
    INEXPRESSIBLE = ("IP204", "the target framework has no such weight or no such distribution")
    UNKNOWN_SHAPE = ("IP205", "the initializer depends on axes of the weight that the input does not tell")
    REJECTED_LAYER = ("IP206", "the source framework rejects this layer")
    OPAQUE_LAYER = ("IP207", "the layer is none of the source framework's, and the input does not tell its weights")
    UNSUPPORTED_INITIALIZER = ("IP208", "no exact distribution is known of this initializer")
    REFUSED_SITE = ("IP221", "an initializer in source code cannot be converted exactly where it stands")
    UNCHECKED = ("IP222", "the rewritten file does not read back as it should and was left as it was")
    UNPARSABLE = ("IP223", "the file names initializers, but cannot be parsed")

    ASSUMED_LAYER = ("IP301", "a layer type outside the source framework is read by its documented fork's rules")
    ASSUMED_ENCODING = ("IP302", "the text is not UTF-8 and was read as Latin-1")
    ASSUMED_MODULE = (
        "IP303",
        "the target has no counterpart of this layer; the emitted code states the layout it expects",
    )
    ASSUMED_VERSION = ("IP304", "the input does not tell the source framework's version")

    IGNORED_FIELD = ("IP401", "the source framework ignores this field")
    IGNORED_FILLER = ("IP402", "the source framework ignores this filler")
    UNKNOWN_FIELD = ("IP403", "a field outside the schema was skipped")
    STATISTICS = ("IP404", "running statistics are left to the target framework")
    SHARED = ("IP405", "the weight shares another layer's memory, whose initializer alone decides")
    NO_COUNTERPART = ("IP406", "the target layer has no such weight, and the source starts it at zero")
    SEED = ("IP407", "a seed of the source is not carried over: the target draws values of its own")

    def __init__(self, code: str, title: str) -> None:
        self.code = code
        self.title = title


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what (``code``), where (``location``), and in the words of this case (``detail``); ``assume`` is
    the assumption that would lift a refusal."""

    code: Code
    location: Location
    detail: str
    assume: str | None = None

    @property
    def exit_code(self) -> int:
        """The least exit status of a run that reports this: 2 unusable input, 1 refused weight, 0 otherwise."""
        return {"1": 2, "2": 1}.get(self.code.code[2], 0)

    def __str__(self) -> str:
        return f"{self.location}: {self.code.code} {self.detail}"


class InputError(Exception):
    """The whole input is unusable; ``diagnostic`` says where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic
