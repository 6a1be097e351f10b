"""Finds the net that a file describes: the file itself, or what a solver names or holds.

Authority: BVLC/caffe, src/caffe/solver.cpp (Solver::InitTrainNet, InitTestNets). Test nets serve only where the solver
has no train net.
"""

import posixpath
from collections.abc import Callable

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe import textformat
from initport.formats.caffe.decode import decode, looks_binary, reject_other_kinds
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.tree import Message
from initport.ir.location import Location
from initport.records import NamedTuple

ReadFile = Callable[[str], bytes | None]

_INLINE = ("train_net_param", "net_param", "test_net_param")  # `train_*` first, as they can only mean that
_NAMED = ("train_net", "net", "test_net")
_SOLVER_WORDS = frozenset(
    {"base_lr", "lr_policy", "max_iter", "snapshot_prefix", "solver_mode", "test_iter", "stepsize"}
)
_OTHER_FILES = {
    "item": "a label map",
    "node": "a TensorFlow graph",
    "graph": "an ONNX model or a TensorFlow graph",
    "ir_version": "an ONNX model",
    "net": "a solver",
}


class Found(NamedTuple):
    """A NetParameter with layers, the solver's `train_state` if there is one, and what was noticed on the way."""

    net: Message
    state: Message | None
    diagnostics: tuple[Diagnostic, ...]


def find_net(data: bytes, path: str, read_file: ReadFile | None, root: str | None = None) -> Found:
    """The net in the data, or the one that the solver in the data names, which lies below ``root`` (by default the
    solver's directory). Raises InputError where the data is neither a net nor a solver that leads to one."""
    net, findings = _net(data, path)
    if _has_layers(net) or not _is_solver(net):
        return Found(_with_layers(net), None, tuple(findings))
    solver = textformat.parse(decode(data, path)[0], path, message_type("SolverParameter"))
    state = solver.message("train_state")
    for name in _INLINE:
        if solver.has(name):
            return Found(_with_layers(solver.messages(name)[0]), state, tuple(findings))
    for name in _NAMED:
        if solver.has(name):
            named = _follow(solver.strings(name)[0], solver.place(name), read_file, root)
            return Found(named.net, state, (*findings, *named.diagnostics))
    raise _no_network(solver.location, "this is a solver that names no net; give the net's prototxt")


def _follow(name: str, location: Location, read_file: ReadFile | None, root: str | None) -> Found:
    """The net in the file that a solver names; a file that is again a solver is refused, as Caffe refuses it.

    Nothing that another kind of file holds is repeated in a message: a solver may name any file."""
    directory = posixpath.dirname(location.path.replace("\\", "/"))
    top = posixpath.normpath((directory if root is None else root.replace("\\", "/")) or ".")
    for path in _candidates(name, directory, top):
        if read_file is not None and (data := read_file(path)) is not None:
            try:
                net, findings = _net(data, path)
            except InputError:
                net = None
            if net is None or not _has_layers(net):
                detail = f"the solver's net `{name}` cannot be read as a network; convert that file itself to see why"
                raise _no_network(location, detail)
            return Found(net, None, tuple(findings))
    detail = (
        f"the solver's net `{name}` is not a file below `{top}`; put it there, pass the directory that it is relative "
        "to as `--root`, or convert the net itself"
    )
    raise InputError(Diagnostic(Code.REFERENCE_NOT_FOUND, location, detail))


def _candidates(name: str, directory: str, top: str) -> list[str]:
    """Where a solver's net may lie: beside the solver, in a directory above it, or where Caffe looks, the current
    directory; all of them below ``top``.

    Solvers name their nets from the directory that Caffe is started in, mostly the root of the repository.
    """
    file = name.replace("\\", "/")
    above = [directory]
    while above[-1] not in ("", "/"):
        above.append(posixpath.dirname(above[-1]))
    paths = [posixpath.normpath(posixpath.join(place, file)) for place in (*above, top, "")]
    return [path for path in dict.fromkeys(paths) if _is_below(path, top)]


def _is_below(path: str, top: str) -> bool:
    """Whether a path in its shortest form stands for something in the directory ``top``, as far as names show."""
    start = "" if top == "." else top.rstrip("/") + "/"
    inside = path.removeprefix(start)
    return path.startswith(start) and inside not in ("", ".", "..") and not inside.startswith(("/", "../"))


def _net(data: bytes, path: str) -> tuple[Message, list[Diagnostic]]:
    """The NetParameter in ``data``, text or binary, whether or not it has layers."""
    reject_other_kinds(data, path)
    if looks_binary(data):
        from initport.formats.caffe import binary

        return binary.parse(data, path), []
    text, findings = decode(data, path)
    return textformat.parse(text, path, message_type("NetParameter")), findings


def _has_layers(net: Message) -> bool:
    return net.has("layer") or net.has("layers")


def _is_solver(net: Message) -> bool:
    names = {entry.name for entry in net.unknown}
    return not names.isdisjoint((*_INLINE, *_NAMED)) or not names.isdisjoint(_SOLVER_WORDS)


def _with_layers(net: Message) -> Message:
    if _has_layers(net):
        return net
    names = [entry.name for entry in net.unknown]
    kind = next((_OTHER_FILES[name] for name in names if name in _OTHER_FILES), None)
    if _is_solver(net):
        kind = "a solver"
    if kind:
        detail = f"no `layer` is in it; it seems to be {kind}"
    elif net.fields or names:
        detail = (
            f"no `layer` is in it, only {', '.join(f'`{name}`' for name in [*net.fields, *dict.fromkeys(names)][:4])}"
        )
    else:
        detail = "the file is empty, or all of it is comments"
    raise _no_network(net.location, detail)


def _no_network(location: Location, detail: str) -> InputError:
    return InputError(Diagnostic(Code.NO_NETWORK, location, detail))
