"""Finds the net that a file describes: the file itself, or what a solver names or holds.

Authority: BVLC/caffe, src/caffe/solver.cpp (Solver::InitTrainNet, InitTestNets). Test nets serve only where the solver
has no train net.
"""

import posixpath
from collections.abc import Callable
from typing import NamedTuple

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe import textformat
from initport.formats.caffe.decode import decode, looks_binary, reject_other_kinds
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.tree import Message
from initport.ir.location import Location

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


def find_net(data: bytes, path: str, read_file: ReadFile | None) -> Found:
    """Raises InputError where the data is no net and no solver that leads to one."""
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
            named = _follow(solver.strings(name)[0], solver.place(name), read_file)
            return Found(named.net, state, (*findings, *named.diagnostics))
    raise _no_network(solver.location, "this is a solver that names no net; give the net's prototxt")


def _follow(name: str, location: Location, read_file: ReadFile | None) -> Found:
    """The net in the file that a solver names; a file that is again a solver is refused, as Caffe refuses it."""
    for path in _candidates(name, location.path):
        if read_file is not None and (data := read_file(path)) is not None:
            net, findings = _net(data, path)
            return Found(_with_layers(net), None, tuple(findings))
    beside = posixpath.dirname(_candidates(name, location.path)[0]) or "."
    detail = (
        f"the solver's net `{name}` was not found in `{beside}`, the directories above the solver and the current one"
    )
    raise InputError(Diagnostic(Code.REFERENCE_NOT_FOUND, location, detail))


def _candidates(name: str, solver: str) -> list[str]:
    """Where a solver's net may lie: beside the solver, where Caffe looks (the current directory), or up the tree.

    Solvers name their nets from the directory that Caffe is started in, mostly the root of the repository.
    """
    file, directory = name.replace("\\", "/"), posixpath.dirname(solver.replace("\\", "/"))
    paths = [posixpath.normpath(posixpath.join(directory, file)), file]
    while directory not in ("", "/"):
        directory = posixpath.dirname(directory)
        paths.append(posixpath.normpath(posixpath.join(directory, file)))
    return list(dict.fromkeys(paths))


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
