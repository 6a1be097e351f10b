"""The port: the model of a factory, or a file of tensors; its weights, and samples of them."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from initport.compare.tensor_files import Tensor, TensorsError, read_header
from initport.verify.worker import FrameworkError, Limits, Progress, Worker

PROGRAM = "build_program.py"

TENSORS = (".safetensors", ".npz")


class PortWeight(NamedTuple):
    """A weight of the port; ``layer`` is the dotted name of the class that holds it, empty where that is not known, and
    ``home`` the name of what holds it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    layer: str = ""
    home: str = ""


class Wanted(NamedTuple):
    """What is to be summarized of a weight: ``draws`` elements of the ``slices`` of the weight at ``place``, about
    ``center``, within ``low`` to ``high``, at the ``edges``; ``gain`` asks how far the weight is from orthogonal."""

    place: int
    slices: Sequence[tuple[int, int, int | tuple[int, ...]]]
    center: float
    low: float | None
    high: float | None
    edges: Sequence[float]
    draws: int
    slack: float = 1e-6
    gain: float | None = None


class Samples(NamedTuple):
    """``weights`` are summaries in the order asked for; ``repeated`` are the indices of weights that two builds draw
    alike, ``alike`` groups of weights that hold the same draws."""

    builds: int
    weights: list[dict[str, Any]]
    repeated: list[int]
    alike: list[list[int]]


class Port(Protocol):
    """Something whose weights can be sampled."""

    framework: str | None
    weights: list[PortWeight]
    before: Mapping[str, Sequence[str]]
    """Homes as they run, each with those whose outputs reach it past no other; empty where that is not known."""
    single: bool
    """Whether there is one build only."""

    def sample(self, wanted: Sequence[Wanted], seed: int, builds: int, progress: Progress | None) -> Samples: ...

    def close(self) -> None: ...


class FactoryPort:
    """``package.module:factory`` or ``folder/port.py:factory``, imported and called in a process of its own, where
    `sys.path` begins with ``path``.

    Raises FrameworkError where it cannot be built."""

    single: bool = False

    def __init__(self, name: str, *, seed: int = 0, limits: Limits | None = None, path: Sequence[str] = (),
                 python: str = sys.executable) -> None:  # fmt: skip
        name, path = _in_folder(name, path)
        self.worker = Worker(PROGRAM, python, limits)
        try:
            asked = {"factory": name, "path": list(path) or [os.getcwd()], "seed": seed,
                     "memory": self.worker.limits.memory}  # fmt: skip
            found = self.worker.ask("load", asked)
        except BaseException:
            self.worker.close()
            raise
        self.framework: str | None = found["framework"]
        self.weights = [_port_weight(item) for item in found["weights"]]
        self.before: Mapping[str, Sequence[str]] = found["before"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def initialize(self, text: str, rename: Mapping[str, str]) -> None:
        """From now on let each build end with the `init_weights` of an emitted module. Raises FrameworkError."""
        self.worker.ask("initialize", {"text": text, "rename": dict(rename)})

    def sample(self, wanted: Sequence[Wanted], seed: int, builds: int, progress: Progress | None) -> Samples:
        left = self.worker.left
        seconds = None if left is None else left * 0.8
        asked = {"weights": [_request(item) for item in wanted], "seed": seed, "builds": builds, "seconds": seconds}
        return _samples(self.worker.ask("measure", asked, progress))

    def close(self) -> None:
        self.worker.close()


class TensorsPort:
    """A state dict at step 0, in a file. Raises TensorsError, OSError."""

    framework: str | None = None
    before: Mapping[str, Sequence[str]] = {}
    single: bool = True

    def __init__(self, path: str, *, limits: Limits | None = None, python: str = sys.executable) -> None:
        self.path, self.limits, self.python = os.path.abspath(path), limits or Limits(), python
        self.tensors = [item for item in read_header(path) if item.floating]
        whole = sum(item.elements for item in self.tensors)
        if self.limits.memory is not None and whole * 16 > self.limits.memory:
            raise TensorsError(f"its tensors have {whole:,} elements, more than fit in the memory allowed")
        self.weights = [
            PortWeight(item.name, item.shape, _name_of(item), home=item.name.rpartition(".")[0])
            for item in self.tensors
        ]

    def sample(self, wanted: Sequence[Wanted], seed: int, builds: int, progress: Progress | None) -> Samples:
        asked = {"file": self.path, "memory": self.limits.memory, "seed": seed,
                 "tensors": [item._asdict() for item in self.tensors],
                 "weights": [_request(item) for item in wanted]}  # fmt: skip
        with Worker(PROGRAM, self.python, self.limits) as worker:
            return _samples(worker.ask("file", asked, progress))

    def close(self) -> None:
        """Nothing is open."""


class ModelPort:
    """A model in this process, and how to build it anew; `initport.testing` knows what samples it."""

    def __init__(
        self,
        described: dict[str, Any],
        measure: Callable[[dict[str, Any], Callable[[int, int], None]], dict[str, Any]],
        single: bool,
    ) -> None:
        self.framework: str | None = described["framework"]
        self.weights = [_port_weight(item) for item in described["weights"]]
        self.before: Mapping[str, Sequence[str]] = described["before"]
        self.measure, self.single = measure, single

    def sample(self, wanted: Sequence[Wanted], seed: int, builds: int, progress: Progress | None) -> Samples:
        asked = {"weights": [_request(item) for item in wanted], "seed": seed, "builds": builds}
        return _samples(self.measure(asked, progress or (lambda done, of: None)))

    def close(self) -> None:
        """Nothing is open."""


def open_port(name: str, *, seed: int, limits: Limits, path: Sequence[str] = ()) -> FactoryPort | TensorsPort | None:
    """The port of that name; None where it is neither a factory nor a file of tensors.

    Raises FrameworkError, TensorsError, OSError."""
    if name.lower().endswith(TENSORS):
        return TensorsPort(name, limits=limits)
    if is_factory(name):
        return FactoryPort(name, seed=seed, limits=limits, path=path)
    return None


def _in_folder(name: str, path: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Of ``folder/port.py:Net``, ``port:Net`` and the directories to import from, the file's own first."""
    file, colon, factory = name.rpartition(":")
    if not colon or not file.endswith(".py"):
        return name, path
    folder, module = os.path.split(os.path.abspath(file))
    return f"{module.removesuffix('.py')}:{factory}", [folder, *path]


def is_factory(name: str | None) -> bool:
    """Whether that is ``package.module:factory``, or ``folder/port.py:factory``."""
    name, _ = _in_folder(name or "", ())
    module, colon, factory = (name or "").partition(":")
    dotted = all(part.isidentifier() for part in (*module.split("."), *factory.split(".")))
    return bool(colon) and dotted and not os.path.exists(name or "")


def _port_weight(item: dict[str, Any]) -> PortWeight:
    return PortWeight(item["name"], tuple(item["shape"]), item["dtype"], item["class"], item["home"])


def _request(item: Wanted) -> dict[str, Any]:
    fields = item._asdict()
    return {"index": fields.pop("place"), **fields}


def _name_of(item: Tensor) -> str:
    return {"<f8": "float64", "<f2": "float16", "bfloat16": "bfloat16"}.get(item.dtype, "float32")


def _samples(answer: dict[str, Any]) -> Samples:
    return Samples(answer["builds"], answer["weights"], answer["repeated"], answer["alike"])


__all__ = ["FactoryPort", "FrameworkError", "Limits", "ModelPort", "Port", "PortWeight", "Samples", "TensorsError",
           "TensorsPort", "Wanted", "open_port"]  # fmt: skip
