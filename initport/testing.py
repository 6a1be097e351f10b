"""For the test suite of a port: does the model start as its source says?

from initport.testing import assert_same_initialization

def test_it_starts_as_in_the_paper() -> None:
    assert_same_initialization(build_model, "train_val.prototxt")
"""

import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from initport.compare.comparison import BUILDS, EFFECT, Comparison, Outcome, compare
from initport.compare.formats import remarks, summary
from initport.compare.port import ModelPort
from initport.conversion import read
from initport.formats.read_options import Options
from initport.verify.worker import PROGRAMS

__all__ = ["assert_same_initialization", "compare_initialization"]


def assert_same_initialization(
    model: Any,
    source: str | Path,
    *,
    effect: float = EFFECT,
    seed: int = 0,
    builds: int = BUILDS,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    partial: bool = False,
    **options: Any,
) -> Comparison:
    """Assert that each weight of a model of PyTorch, Keras, Flax, Haiku or Equinox starts as the file ``source`` says.

    ``model`` is a function that builds it, called as often as the statistics need (``builds`` times at most) and given
    what it asks for as `seed`, `key`, `rng` or `rngs`, or a model that nothing has trained; a single model shows small
    weights less well, and of what it cannot show the assertion fails, unless ``partial``. ``effect`` is the relative
    error of a standard deviation that must be seen, and ``only`` and ``skip`` are patterns of names. ``options`` are
    those of `initport.Options`.

    Raises AssertionError with a line for each weight that differs: what it starts as, and what mends it. Seeds of
    `random`, NumPy and the framework are set to values that follow from ``seed``.
    """
    found = compare_initialization(
        model, source, effect=effect, seed=seed, builds=builds, only=only, skip=skip, **options
    )
    wrong = found.differs or not found.rows or (not partial and any(r.outcome is not Outcome.SAME for r in found.rows))
    if wrong:
        raise AssertionError("\n".join((summary(found), *remarks(found))))
    return found


def compare_initialization(
    model: Any,
    source: str | Path,
    *,
    effect: float = EFFECT,
    seed: int = 0,
    builds: int = BUILDS,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    **options: Any,
) -> Comparison:
    """The comparison itself; arguments as for `assert_same_initialization`. Raises InputError."""
    path = Path(source)
    kind = "python" if path.suffix == ".py" else "auto"
    reading = read(path.read_bytes(), source=kind, path=str(path), options=Options(**options), read_file=_read_file)
    port = _port(model, seed)
    name = getattr(model, "__qualname__", type(model).__qualname__)
    return compare(
        reading.model, port, source_name=str(path), port_name=name, effect=effect, seed=seed, builds=builds, only=only,
        skip=skip,
    )  # fmt: skip


def _read_file(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError):
        return None


def _port(model: Any, seed: int) -> ModelPort:
    sampler = program_of_ports()
    single = sampler.is_model(model)
    if not single:
        sampler.seed_all(seed)
    first = model if single else sampler.build_model(model, seed)

    def measure(request: dict[str, Any], progress: Callable[[int, int], None]) -> Any:
        def build(number: int) -> list[Any]:
            made = first if single else sampler.build_model(model, sampler.seed_of(request["seed"], number))
            return [item["tensor"] for item in sampler.weights_of(made)]

        return sampler.measure(build, request, progress, 1 if single else request["builds"])

    return ModelPort(sampler.describe(first), measure, single)


@cache
def program_of_ports() -> ModuleType:
    """The program that `initport compare` runs in a process of its own, as a module of this one."""
    before = sys.modules.pop("serve", None)
    try:
        sys.modules["serve"] = program("serve")
        return program("build_program")
    finally:
        del sys.modules["serve"]
        if before is not None:
            sys.modules["serve"] = before


def program(name: str) -> ModuleType:
    """One of the programs that run in a process of their own, as a module."""
    spec = importlib.util.spec_from_file_location(name, PROGRAMS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
