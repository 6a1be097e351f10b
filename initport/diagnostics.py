"""The closed set of things that initport has to tell its user, each under a stable code.

A code's hundreds digit is its family, which decides what it does to the exit status: ``IP1xx`` the input cannot be
used (2), ``IP2xx`` a weight was refused (1), ``IP3xx`` an assumption was made (0) or, from ``IP311``, would have to be
(1), ``IP4xx`` something in the input has no effect or is not carried over (0), ``IP5xx`` a legacy initializer can be
replaced (1), ``IP6xx`` an initializer misses by a popular mistake what it was meant to be, and is kept so (0).
"""

from enum import Enum
from typing import NamedTuple

from initport.ir.location import Location

_EXIT = {"1": 2, "2": 1, "3": 0, "4": 0, "5": 1, "6": 0}


class Code(Enum):
    """``NAME = (code, title[, exit status])``; the title is a sentence that stays true for every use of the code."""

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
    WRONG_INPUT = ("IP111", "a shape is stated for something that the input does not have")

    REJECTED_INITIALIZER = ("IP201", "the source framework rejects this initializer")
    UNKNOWN_INITIALIZER = ("IP202", "the initializer's name is not one of the source framework's")
    UNKNOWN_LAYER = ("IP203", "the initializer depends on the weight's layout, and the layer type is unknown")
    INEXPRESSIBLE = ("IP204", "the target framework has no such weight or no such distribution")
    UNKNOWN_SHAPE = ("IP205", "the initializer depends on axes of the weight that the input does not give")
    REJECTED_LAYER = ("IP206", "the source framework rejects this layer")
    OPAQUE_LAYER = ("IP207", "the input does not state which weights the layer holds, or how they start")
    UNSUPPORTED_INITIALIZER = ("IP208", "no exact distribution is known of this initializer")
    REFUSED_SITE = ("IP221", "an initializer in source code cannot be converted exactly where it stands")
    UNCHECKED = ("IP222", "the rewritten file does not read back as it should and was left as it was")
    UNPARSABLE = ("IP223", "the file names initializers, but cannot be parsed")
    UNDECIDED = ("IP224", "what an initializer in source code is, is known only when the program runs")
    HIDDEN = ("IP225", "an initializer stands in a statement that cannot be read as Python 3")

    ASSUMED_LAYER = ("IP301", "a layer type outside the source framework is read by its documented fork's rules")
    ASSUMED_ENCODING = ("IP302", "the text is not UTF-8 and was read as Latin-1")
    ASSUMED_MODULE = (
        "IP303",
        "the target has no counterpart of this layer; the emitted code states the layout it expects",
    )
    ASSUMED_VERSION = ("IP304", "the input does not state the source framework's version")
    ASSUMED_CALL = (
        "IP305",
        "a network in source code is read as its function or class builds it with the defaults of its parameters",
    )
    NEEDS_MATRIX = ("IP311", "an initializer has an equal one if its weight, whose shape is not known, is a matrix", 1)
    NEEDS_SCALAR = ("IP312", "an initializer has an equal one if its constant, which is not known, is one number", 1)
    NEEDS_WHOLE = ("IP313", "an initializer has an equal one if its weight is never made in parts", 1)
    NEEDS_DENSE = (
        "IP314",
        "an initializer has an equal one if its weight, whose layer is not visible, is a dense or recurrent layer's",
        1,
    )
    NEEDS_CONV = (
        "IP315",
        "an initializer has an equal one if its weight, whose layer is not visible, is a convolution's, not depthwise",
        1,
    )

    NEEDS_VERSION = (
        "IP316",
        "what an initializer draws depends on its framework's version, which is not known, or was not measured",
        1,
    )

    IGNORED_FIELD = ("IP401", "the source framework ignores this field")
    IGNORED_FILLER = ("IP402", "the source framework ignores this filler")
    UNKNOWN_FIELD = ("IP403", "a field outside the schema was skipped")
    STATISTICS = ("IP404", "running statistics are left to the target framework")
    SHARED = ("IP405", "the weight shares another layer's memory, whose initializer alone decides")
    NO_COUNTERPART = ("IP406", "the target layer has no such weight, and the source starts it at zero")
    SEED = ("IP407", "a seed of the source is not carried over: the target draws values of its own")
    UNUSED_IGNORE = ("IP408", "an ignore comment silences nothing")
    NETSPEC = ("IP409", "a program that builds a Caffe network keeps its fillers: what it writes is Caffe's")
    FILLED = ("IP410", "a tensor of PyTorch is filled in place, which layers of Keras do themselves")
    REPEATED = ("IP411", "the weight starts with the same draws as another; copy them once that one is initialized")
    NO_WEIGHTS = ("IP412", "variables of a graph that are no weights are left out")
    OTHER_GRAPHS = ("IP413", "the file holds several graphs, of which one was read")
    UNREAD_FRAMEWORK = ("IP414", "the file starts weights with a framework whose source is not read")
    DEFAULTS = ("IP415", "weights that the source leaves to a default start otherwise in the target")

    LEGACY = ("IP501", "a legacy initializer has an exactly equal one in the target framework")

    STDDEV_AS_BOUND = ("IP601", "a standard deviation stands as the bound of a uniform distribution")
    CUT_STDDEV = ("IP602", "a standard deviation is that of an uncut normal distribution, and a cut one is drawn")
    BOUND_AS_STDDEV = ("IP603", "the bound of a uniform distribution stands as a standard deviation")
    MISSING_ROOT = ("IP604", "a variance stands where its square root belongs")
    MISSING_KERNEL = ("IP605", "the area of a convolution's kernel is missing from its fan")
    EQUAL_WEIGHTS = ("IP606", "one initializer object starts several weights, and gives each the same values")

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
