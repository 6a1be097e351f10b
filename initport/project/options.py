"""The options of initport, each once: its name, what it does, the values that it takes, and the inputs that it is for.

The command line (`cli.click_options`) and configuration files (`project.configuration`) are made of what is stated
here; `Run.of` makes of the values what a run needs.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from initport.emit import targets
from initport.formats.index import names
from initport.records import NamedTuple

SUFFIXES = (".py", ".pyi", ".ipynb")
"""The endings of files that are Python source."""


class Input(StrEnum):
    """What an input is; the value names it in messages."""

    SOURCE = "Python source"
    NETWORK = "a network"


DEFAULT_TARGETS = {kind: targets.default(kind.name.lower()) for kind in Input}
"""The framework that is written for where none is chosen: source code keeps running, a network moves."""

_BY_DEFAULT = ", ".join(f"{target} for {'networks' if kind is Input.NETWORK else kind}"
                        for kind, target in DEFAULT_TARGETS.items())  # fmt: skip


def kind_of(path: str) -> Input:
    """What an input of this name is."""
    return Input.SOURCE if path.endswith(SUFFIXES) else Input.NETWORK


class Option(NamedTuple):
    """``key`` is the name, on the command line after two dashes. ``kind`` is ``flag``, ``string``, ``integer``,
    ``number`` or ``path``; ``many`` is whether it may be repeated. ``inputs`` are those that it is for. ``check``
    raises ValueError for values that it does not take, ``note`` says what the default is where no value does, and
    ``also`` are other names on the command line."""

    key: str
    help: str
    group: str
    kind: str = "string"
    many: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None
    note: str = ""
    metavar: str | None = None
    letter: str = ""
    variable: str | None = None
    least: float | None = None
    most: float | None = None
    configurable: bool = False
    inputs: tuple[Input, ...] = tuple(Input)
    also: tuple[str, ...] = ()
    check: Callable[[Sequence[str]], object] | None = None

    @property
    def name(self) -> str:
        """Its name in the code."""
        return self.key.replace("-", "_")

    @property
    def type(self) -> str:
        """The type of its value in a configuration file, in TOML's words."""
        if self.many:
            table = " or a table of arrays of strings" if ":" in (self.metavar or "") else ""
            return f"an array of strings{table}"
        return {"flag": "a boolean", "integer": "an integer", "number": "a number"}.get(self.kind, "a string")


def _codes(values: Sequence[str]) -> None:
    from initport.findings.select import selectors

    selectors(values)


def _codes_of_files(values: Sequence[str]) -> None:
    from initport.findings.select import selectors

    for value in values:
        glob, colon, codes = value.rpartition(":")
        if not (glob and colon):
            raise ValueError(f"{value!r} is not GLOB:CODES")
        selectors([codes])


def _versions(values: Sequence[str]) -> None:
    from initport.project.pins import parse_versions

    of_source = (value for value in values if not value.startswith("caffe="))
    parse_versions(tuple(value for value in of_source if "=" in value or not value[:1].isdigit()))


def shapes(values: Sequence[str]) -> dict[str, tuple[int | None, ...]]:
    """Of ``NAME=N,C,H,W``, where ``?`` is a size that is not known. Raises ValueError for anything else."""
    found = {}
    for value in values:
        name, _, dims = value.rpartition("=")
        parts = [part.strip() for part in dims.split(",")]
        if not name or not all(part == "?" or (part.isdecimal() and int(part) > 0) for part in parts):
            raise ValueError(f"{value!r} is not NAME=N,C,H,W with sizes above 0 (or ? where unknown)")
        found[name] = tuple(None if part == "?" else int(part) for part in parts)
    return found


_SOURCE = (Input.SOURCE,)
_NETWORK = (Input.NETWORK,)

PYTHON = "python"
"""What `--from` calls source code."""

FROM = Option("from", "What the input is.", "Input", choices=("auto", *names(), PYTHON), default="auto")
SOURCE_VERSION = Option(
    "source-version",
    "The version of a framework that the input was written for, if neither the input, its project nor its names show "
    "it, or they are wrong: PACKAGE=VERSION (tf=1.8, keras=2.1.2), or VERSION alone for the format of a network; "
    "may be repeated.",
    "Input", many=True, metavar="[PACKAGE=]VERSION", configurable=True, check=_versions,
)  # fmt: skip
PHASE = Option("phase", "The phase for include and exclude rules.", "Input", choices=("TRAIN", "TEST"),
               default="TRAIN", inputs=_NETWORK)  # fmt: skip
STAGE = Option(
    "stage", "A stage for these rules; may be repeated.", "Input", many=True, metavar="NAME", inputs=_NETWORK
)
LEVEL = Option("level", "The level for these rules.", "Input", "integer", default=0, inputs=_NETWORK)
INPUT = Option("input", "The shape of a blob that the input does not state, used for the reported numbers; may be "
               "repeated.", "Input", many=True, metavar="NAME=N,C,H,W", inputs=_NETWORK, check=shapes)  # fmt: skip
LAWS = Option("laws", "A law, such as glorot_uniform, to prefer where several laws give the numbers in a saved "
              "graph; may be repeated.", "Input", many=True, metavar="NAME", inputs=_NETWORK)  # fmt: skip
WITH = Option("with", "The program that created a saved graph, or a part of it: where several laws give one number, "
              "the one that its initializers name; may be repeated.", "Input", "path", many=True, metavar="MODEL.PY",
              inputs=_NETWORK)  # fmt: skip
STRIP_SCOPE = Option("strip-scope", "A scope to remove from the names in a saved graph.", "Input", metavar="SCOPE",
                     inputs=_NETWORK)  # fmt: skip
ROOT = Option("root", "The directory that contains the net of a solver.", "Input", "path", metavar="DIRECTORY",
              note="the solver's own", inputs=_NETWORK)  # fmt: skip
STDIN_FILENAME = Option("stdin-filename", "The file name to assume for `-`; it decides the kind of input and the "
                        "project.", "Input", metavar="NAME")  # fmt: skip

OF_NETWORKS = (PHASE, STAGE, LEVEL, INPUT, ROOT, LAWS, WITH, STRIP_SCOPE)
"""What is read of a network; each format declares which of them it uses."""

PROGRAM = Option("network", "The class, function or variable that is the network, where Python source has several."
                 "", "Input", metavar="NAME", inputs=_SOURCE)  # fmt: skip
MODULE = Option("module", "Write a module that initializes the network which Python source builds, by layer, defaults "
                "included; the source itself is not rewritten.", "Conversion", "flag", default=False,
                inputs=_SOURCE)  # fmt: skip

TO = Option("to", "The framework to write for.", "Conversion", choices=targets.names(), note=_BY_DEFAULT,
            configurable=True)  # fmt: skip
KERAS_MODULE = Option(
    "keras-module", "The Keras to write for; auto is tf.keras under the file's own alias.", "Conversion",
    choices=("auto", "tf.keras", "keras", "tf_keras"), default="auto", configurable=True, inputs=_SOURCE,
)  # fmt: skip
ASSUME = Option(
    "assume",
    "Assert that weights of unknown shape have two axes or more (matrix), constants of unknown value are one number "
    "(scalar), weights are not partitioned (unpartitioned); for PyTorch, that weights whose layer is not visible "
    "belong to dense or recurrent layers (dense), or to convolutions that are not depthwise (conv); may be "
    "repeated.",
    "Conversion", many=True, choices=("matrix", "scalar", "unpartitioned", "dense", "conv"), configurable=True,
    inputs=_SOURCE,
)  # fmt: skip
UNSAFE_FIXES = Option("unsafe-fixes", "Also convert what requires an assumption, as if every --assume were passed.",
                      "Conversion", "flag", default=False, configurable=True, inputs=_SOURCE)  # fmt: skip

REMOVE_IMPORTS = Option(
    "remove-imports",
    "In a file without a visible project, assume that no other file uses its imports: those that only replaced code "
    "used are removed, even if they are public.",
    "Conversion", "flag", default=False, configurable=True, inputs=_SOURCE,
)  # fmt: skip

SELECT = Option("select", "Only these findings: codes or their beginnings, separated by commas, or ALL.", "Finding",
                many=True, metavar="CODES", configurable=True, check=_codes)  # fmt: skip
EXTEND_SELECT = SELECT._replace(key="extend-select", help="Also these findings.")
IGNORE = SELECT._replace(key="ignore", help="Not these findings; if --select names them as well, the longer code wins.")
PER_FILE_IGNORES = SELECT._replace(
    key="per-file-ignores", help="Not these findings in such files.", metavar="GLOB:CODES", check=_codes_of_files
)

INCLUDE = Option("include", "Only matching files in directories; may be repeated.", "File", many=True, metavar="GLOB",
                 configurable=True)  # fmt: skip
EXCLUDE = INCLUDE._replace(key="exclude", help="No matching files or directories; may be repeated.")
FORCE_EXCLUDE = Option("force-exclude", "Apply --exclude to named files as well.", "File", "flag", default=False,
                       configurable=True)  # fmt: skip
JOBS = Option("jobs", "Processes.", "File", "integer", letter="j", least=1, metavar="N", configurable=True,
              note="all cores, if the run is long enough to gain")  # fmt: skip
MAX_FILE_SIZE = Option("max-file-size", "Report larger files instead of reading them.", "File", "integer",
                       default=5_000_000, least=1, metavar="BYTES", configurable=True)  # fmt: skip
EXIT_ZERO = Option("exit-zero", "Exit with 0 whatever is found, except on errors of usage or input.", "Output", "flag",
                   default=False, configurable=True)  # fmt: skip
NO_CACHE = Option("no-cache", "Neither read nor write the cache of clean files.", "Configuration", "flag",
                  default=False, variable="INITPORT_NO_CACHE", configurable=True)  # fmt: skip
CACHE_DIR = Option(
    "cache-dir", "The directory of the cache of clean files.", "Configuration", "path", metavar="DIRECTORY",
    variable="INITPORT_CACHE_DIR", note=".initport_cache beside the configuration file, or here", configurable=True,
)  # fmt: skip
CONFIG = Option("config", "Use this configuration file and no other.", "Configuration", "path",
                metavar="FILE")  # fmt: skip
ISOLATED = Option("isolated", "Use no configuration file.", "Configuration", "flag", default=False)

FORMAT = Option(
    "output-format", "How findings are written.", "Output",
    choices=("full", "concise", "github", "json", "gitlab", "sarif"), default="full", configurable=True,
)  # fmt: skip
TABLE_FORMAT = Option("output-format", "How the table is written.", "Output",
                      choices=("text", "json", "markdown", "csv"), default="text")  # fmt: skip
DIFF = Option("diff", "Print a unified diff, and write nothing.", "Action", "flag", default=False)
WRITE = Option("write", "Apply the changes; with `-`, print the result.", "Action", "flag", default=False,
               also=("fix",))  # fmt: skip
ADD_IGNORE = Option(
    "add-ignore",
    "Write an ignore comment after every finding instead, so that only new findings are reported from then on.",
    "Action", "flag", default=False,
)  # fmt: skip
STATISTICS = Option(
    "statistics", "Print how often each code occurs instead of the findings.", "Output", "flag", default=False
)
VERBOSE = Option("verbose", "Report each file and the settings in use.", "Output", "flag", default=False, letter="v")
OUTPUT = Option("output", "Write to FILE, atomically.", "Output", metavar="FILE", letter="o")
ALL_ROWS = Option("all", "Show every row, including repeated blocks of a deep network and running statistics.",
                  "Output", "flag", default=False)  # fmt: skip
EFFECT = Option("effect", "The relative error of a standard deviation that must be detected.", "Statistics", "number",
                default=0.01, least=0.001, most=1)  # fmt: skip
SEED = Option("seed", "The seed of the draws.", "Statistics", "integer", default=0)
ONLY = Option("only", "Only weights whose name in the source or in the port matches; may be repeated.", "Statistics",
              many=True, metavar="PATTERN")  # fmt: skip
SKIP = ONLY._replace(key="skip", help="No weights whose name matches; may be repeated.")
TIME_LIMIT = Option("time-limit", "Time that the framework may take.", "Limits", "number", default=300, least=1,
                    metavar="SECONDS")  # fmt: skip
MEMORY = Option("memory", "Memory that its process may take.", "Limits", "number", default=8, least=0.1, metavar="GIB")
COMPARISON_FORMAT = Option("output-format", "How the result is written.", "Output",
                           choices=("text", "json", "markdown", "junit", "github"), default="text")  # fmt: skip
QUIET = Option("quiet", "Report only errors and refusals, and print no summary.", "Output", "flag", default=False,
               letter="q")  # fmt: skip

Values = Mapping[str, Any]
"""The values of options by their names in the code."""


def target_of(values: Values, kind: Input) -> str:
    """The target that is chosen, or the one that such an input has. Raises ValueError where that does not do for it."""
    name: str = values.get("to") or DEFAULT_TARGETS[kind]
    if kind is Input.SOURCE and not targets.target(name).rewrites:
        able = " or ".join(f"`--to {other.name}`" for other in targets.targets().values() if other.rewrites)
        title = targets.target(name).title
        raise ValueError(f"Python source is not rewritten for {title}, only networks are converted to it; pass {able}")
    return name


def chosen_target(values: Values, kind: Input) -> str:
    """The target in a few words, with how to choose another where none was chosen."""
    target = target_of(values, kind)
    if values.get("to"):
        return targets.target(target).title
    plural = "networks" if kind is Input.NETWORK else kind
    return f"{targets.target(target).title}, the default for {plural}; `--to` chooses another"


def without_use(options: Sequence[Option], given: Sequence[str], kind: Input) -> Option | None:
    """The first of the options given by name that such an input has no use for."""
    return next((option for option in options if option.name in given and kind not in option.inputs), None)


def directory_of(paths: Sequence[str], stdin: str | None = None) -> str:
    """The directory that holds all the paths: where the search for a configuration file begins."""
    named = [stdin or "." if path == "-" else path for path in paths]
    places = {os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path)) for path in named}
    try:
        return os.path.commonpath(places) if places else os.getcwd()
    except ValueError:  # on several drives
        return os.getcwd()
