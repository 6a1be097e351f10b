"""A small table of findings that every format is tried on, with names that no format may trip over."""

from initport.diagnostics import Code, Diagnostic
from initport.findings.finding import Change, Finding, excerpt
from initport.ir.location import Location

CONTENT = "import tf\nw = f(\tinit=xavier(), s='%')\ny = xavier(\n    1)\n日本 = xavier(**a)\n"


def finding(code: Code, path: str, said: str, line: int, detail: str, **more: object) -> Finding:
    """About the first place of ``said`` in `CONTENT` from the line on."""
    start = sum(map(len, CONTENT.splitlines(keepends=True)[: line - 1]))
    at = CONTENT.index(said, start)
    before = CONTENT[: at + len(said)].split("\n")
    subject = " ".join(said.split())
    last = (len(before), len(before[-1]) + 1)
    location = Location(path, line, at - start + 1)
    found = Finding(Diagnostic(code, location, detail), subject, excerpt(CONTENT, start, at, at + len(said), last))
    return Finding(found.diagnostic, found.subject, found.excerpt, **more)  # type: ignore[arg-type]


CHANGE = Change("xavier()", "tf.glorot()", "uniform, variance 1 / fan_avg")

LEGACY = finding(Code.LEGACY, "pkg/a.py", "xavier()", 2, "xavier() -> tf.glorot()", before=CHANGE.after, change=CHANGE)
ASSUMED = finding(
    Code.NEEDS_MATRIX, "pkg/a.py", "xavier(\n    1)", 3, "xavier( 1) -> tf.lecun()",
    change=Change("xavier( 1)", "tf.lecun()", "normal, variance 1 / fan_in"), before="normal, variance 1 / fan_in",
    assumed=("matrix",), done=True,
)  # fmt: skip
REFUSED = finding(
    Code.UNDECIDED, "a:b,%.py", "xavier(**a)", 5, "xavier(**a): called with `**`,\r\nat 100%; write it out"
)
FILE = Finding(Diagnostic(Code.UNREADABLE, Location("new\nline \u202e\udcff\"'.py"), "Permission denied"))
KEYED = Finding(Diagnostic(Code.IGNORED_FIELD, Location("m.json", key="config.layers[3]"), "'dense': `std` is ignored"))
COMMENT = finding(Code.UNUSED_IGNORE, "/elsewhere/b.py", "1)", 4, "1): take it out")

ALL = (LEGACY, ASSUMED, REFUSED, FILE, KEYED, COMMENT)
ROOT = "/root/of/repository"
