"""How often `compare` is right about one weight in a model that is right in all others, or in all.

``python -m benchmarks.power``: a LeNet's worth of weights, each measured by as many draws as `compare` asks for; in 100
runs of each kind a weight has a deviation 1 % too wide, 1 % too narrow, or none is wrong. Draws are summarized by the
program that samples ports; needs numpy.
"""

import math

import numpy as np

from initport.ir.initializers import (
    Distribution,
    Initializer,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    canonical,
)
from initport.ir.law import law
from initport.ir.moments import moments
from initport.ir.scalar import Scalar
from initport.testing import program
from initport.verify.measure import sample_of
from initport.verify.sampling import EDGES, RUN_MISS, judge, level_of, width

RUNS = 100
WEIGHTS = 8
EFFECT = 0.01

LAWS: dict[str, Initializer] = {
    "uniform": VarianceScaling(Scalar.of(1), Scalar.of(800), Distribution.UNIFORM),
    "normal": RandomNormal(Scalar.of(0), Scalar.of(1) / 100),
    "truncated normal": TruncatedNormal(Scalar.of(0), Scalar.of(1) / 20),
}


def drawn(initializer: Initializer, number: int, generator: np.random.Generator) -> np.ndarray:
    """In float32, by NumPy's own generators."""
    match canonical(initializer):
        case RandomNormal(_, stddev):
            return (generator.standard_normal(number) * (stddev.evaluate({}) or 0.0)).astype(np.float32)
        case TruncatedNormal(_, stddev):
            values = generator.standard_normal(number * 2)
            return (values[abs(values) <= 2][:number] * (stddev.evaluate({}) or 0.0)).astype(np.float32)
        case RandomUniform(minval, maxval):
            return generator.uniform(minval.evaluate({}) or 0.0, maxval.evaluate({}) or 0.0, number).astype(np.float32)
    raise ValueError(initializer)


def fails(initializer: Initializer, factor: float, generator: np.random.Generator) -> bool:
    """Whether a run over the model reports anything; ``factor`` is that of the one weight's deviation."""
    truth, known = moments(initializer, {}), law(initializer, {})
    assert truth is not None
    assert known is not None
    level = level_of(WEIGHTS)
    errors = width(level, RUN_MISS)
    number = math.ceil((known.kurtosis - 1) * (errors / (1 - (1 - EFFECT) ** 2)) ** 2 * 1.05)
    bounds = [bound if math.isfinite(bound) else None for bound in (truth.low, truth.high)]
    asked = {"center": truth.mean, "low": bounds[0], "high": bounds[1], "edges": known.edges(EDGES)}
    for weight in range(WEIGHTS if factor == 1 else 1):
        values = drawn(initializer, number, generator) * np.float32(factor if weight == 0 else 1)
        sample = sample_of(program("serve").summarize(values, asked), asked["edges"])  # type: ignore[arg-type]
        if judge(sample, truth, 0.0, known, level, errors).problem is not None:
            return True
    return False


def main() -> None:
    generator = np.random.default_rng(20_26)
    print(f"| law | no error: runs of {RUNS} that fail | 1 % too wide | 1 % too narrow |\n| --- | --- | --- | --- |")
    for name, initializer in LAWS.items():
        counts = [sum(fails(initializer, factor, generator) for _ in range(RUNS)) for factor in (1.0, 1.01, 0.99)]
        print(f"| {name} | {' | '.join(map(str, counts))} |", flush=True)


if __name__ == "__main__":
    main()
