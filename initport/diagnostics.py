"""The closed set of things that initport reports, each under a stable code.

A code's hundreds digit is its family, which decides what it does to the exit status: ``IP1xx`` the input cannot be
used (2), ``IP2xx`` a weight was refused (1), ``IP3xx`` an assumption was made (0) or, from ``IP311``, would have to be
(1), ``IP4xx`` something in the input has no effect or is not carried over (0), ``IP5xx`` a legacy initializer can be
replaced (1), ``IP6xx`` an initializer misses by a popular mistake what it was meant to be, and is kept so (0).
"""

from enum import Enum

from initport.ir.location import Location
from initport.records import NamedTuple

_EXIT = {"1": 2, "2": 1, "3": 0, "4": 0, "5": 1, "6": 0}


class Code(Enum):
    """``NAME = (code, title[, exit status])``; the title is a sentence that stays true for every use of the code."""

    UNREADABLE = ("IP101", "the input cannot be read")
    SYNTAX = ("IP102", "the text is not well-formed")
    TEMPLATE = ("IP103", "the file is a template with placeholders in place of values")
    CONFLICT_MARKER = ("IP104", "the file holds a version-control conflict marker")
    TRUNCATED = ("IP105", "the file ends inside an unclosed block")
    WRONG_VALUE = ("IP106", "a field has a value of the wrong type")
    REJECTED_NET = ("IP107", "the source framework rejects this network")
    REFERENCE_NOT_FOUND = ("IP108", "a file that the input refers to was not found")
    NO_NETWORK = ("IP109", "the input describes no network")
    TOO_LARGE = ("IP110", "the input exceeds a limit")
    WRONG_INPUT = ("IP111", "a shape was passed for something that the input does not have")

    REJECTED_INITIALIZER = ("IP201", "the source framework rejects this initializer")
    UNKNOWN_INITIALIZER = ("IP202", "the initializer's name is not one of the source framework's")
    UNKNOWN_LAYER = ("IP203", "the initializer depends on the weight's layout, and the layer type is unknown")
    INEXPRESSIBLE = ("IP204", "the target framework has no such weight or no such distribution")
    UNKNOWN_SHAPE = ("IP205", "the initializer depends on axes of the weight that are not known")
    REJECTED_LAYER = ("IP206", "the source framework rejects this layer")
    OPAQUE_LAYER = ("IP207", "the input does not state which weights the layer has, or how they are initialized")
    UNSUPPORTED_INITIALIZER = ("IP208", "this initializer's distribution has no known exact form")
    REFUSED_SITE = ("IP221", "an initializer in source code cannot be converted exactly in this position")
    UNCHECKED = ("IP222", "the rewritten file failed its check and was left unchanged")
    UNPARSABLE = ("IP223", "the file names initializers but cannot be parsed")
    UNDECIDED = ("IP224", "an initializer in source code is known only at run time")
    HIDDEN = ("IP225", "an initializer is in a statement that is not valid Python 3")

    ASSUMED_LAYER = ("IP301", "a layer type outside the source framework is read by the rules of its documented fork")
    ASSUMED_ENCODING = ("IP302", "the text is not UTF-8 and was read as Latin-1")
    ASSUMED_MODULE = (
        "IP303",
        "the target has no such layer; the emitted code states the layout that it expects",
    )
    ASSUMED_VERSION = ("IP304", "the input does not state the source framework's version")
    ASSUMED_CALL = (
        "IP305",
        "a network in source code is read with the default values of its function's or class's parameters",
    )
    NEEDS_MATRIX = ("IP311", "an initializer can be converted if its weight, whose shape is not known, is a matrix", 1)
    NEEDS_SCALAR = ("IP312", "an initializer can be converted if its constant, which is not known, is one number", 1)
    NEEDS_WHOLE = ("IP313", "an initializer can be converted if its weight is not partitioned", 1)
    NEEDS_DENSE = (
        "IP314",
        "an initializer can be converted if its weight belongs to a dense or recurrent layer, which is not visible",
        1,
    )
    NEEDS_CONV = (
        "IP315",
        "an initializer can be converted if its weight belongs to a convolution, not depthwise, which is not visible",
        1,
    )

    NEEDS_VERSION = (
        "IP316",
        "the distribution depends on the framework's version, which is not known or was not measured",
        1,
    )

    IGNORED_FIELD = ("IP401", "the source framework ignores this field")
    IGNORED_FILLER = ("IP402", "the source framework ignores this filler")
    UNKNOWN_FIELD = ("IP403", "a field outside the schema was skipped")
    STATISTICS = ("IP404", "running statistics are left to the target framework")
    SHARED = ("IP405", "the weight is shared with another layer, whose initializer applies")
    NO_COUNTERPART = ("IP406", "the target layer has no such weight, and the source initializes it to zero")
    SEED = ("IP407", "a seed of the source is not carried over: the target draws its own values")
    UNUSED_IGNORE = ("IP408", "an ignore comment has no effect")
    NETSPEC = ("IP409", "the fillers of a program that builds a Caffe network are not rewritten")
    FILLED = ("IP410", "a tensor of PyTorch is filled in place, which Keras layers do themselves")
    REPEATED = ("IP411", "the weight starts with the same values as another; copy them after that one is initialized")
    NO_WEIGHTS = ("IP412", "variables of a graph that are not weights are left out")
    OTHER_GRAPHS = ("IP413", "the file holds several graphs, and one of them was read")
    UNREAD_FRAMEWORK = ("IP414", "the file initializes weights with a framework whose source is not read")
    DEFAULTS = (
        "IP415",
        "weights that the source leaves to a default are initialized differently by the target's defaults",
    )

    LEGACY = ("IP501", "a legacy initializer has an exactly equal one in the target framework")

    STDDEV_AS_BOUND = ("IP601", "a standard deviation is used as the bound of a uniform distribution")
    CUT_STDDEV = ("IP602", "the standard deviation of a full normal distribution is used for a truncated one")
    BOUND_AS_STDDEV = ("IP603", "the bound of a uniform distribution is used as a standard deviation")
    MISSING_ROOT = ("IP604", "a variance is used where its square root belongs")
    MISSING_KERNEL = ("IP605", "the area of a convolution's kernel is missing from its fan")
    EQUAL_WEIGHTS = ("IP606", "one initializer object initializes several weights with the same values")

    def __init__(self, code: str, title: str, exit_code: int | None = None) -> None:
        self.code = code
        self.title = title
        self.exit_code = _EXIT[code[2]] if exit_code is None else exit_code
        """The least exit status of a run that reports this and did nothing about it."""

    @property
    def rule(self) -> str:
        """A name for people and other tools, such as ``unknown-layer``."""
        return self.name.lower().replace("_", "-")


class Diagnostic(NamedTuple):
    """One finding: what (``code``), where (``location``), and in the words of this case (``detail``); ``assume`` is
    the assumption that would lift a refusal."""

    code: Code
    location: Location
    detail: str
    assume: str | None = None

    @property
    def exit_code(self) -> int:
        """The least exit status of a run that reports this."""
        return self.code.exit_code

    def __str__(self) -> str:
        return f"{self.location}: {self.code.code} {self.detail}"


class InputError(Exception):
    """The whole input is unusable; ``diagnostic`` says where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic
