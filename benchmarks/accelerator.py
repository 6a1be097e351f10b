"""What the converted initializers draw on a GPU: moments and tails at numbers of draws that only a GPU makes.

``python -m benchmarks.accelerator [--draws N] [--seconds S]``: the spellings that the PyTorch target writes, on CUDA
in float32, bfloat16 and float16. Measured against the exact laws: mean, variance, the share beyond quantiles down to
1e-8, values outside the support and at its ends; and whether a seed gives CPU and GPU the same values, and the GPU the
same values twice. Writes ``accelerator.json``. Without a GPU it says so and ends.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

from initport.conversion import convert
from initport.ir.law import Law, Normal, Uniform, law
from initport.ir.model import Weight

CHUNK = 2**27
"""Elements drawn at once."""

TAILS = (1e-2, 1e-4, 1e-6, 1e-8)
"""Probabilities of the tails that are counted, both sides together."""

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

FILLERS = {
    "uniform": 'type: "uniform" min: -0.1 max: 0.1',
    "xavier": 'type: "xavier"',
    "xavier, average": 'type: "xavier" variance_norm: AVERAGE',
    "msra": 'type: "msra"',
    "gaussian": 'type: "gaussian" std: 0.01',
    "sparse gaussian": 'type: "gaussian" std: 0.01 sparse: 100',
}

ROWS, COLUMNS = 2**13, 2**14


def network(filler: str) -> str:
    return (
        f'layer {{ name: "x" type: "Input" top: "x" input_param {{ shape {{ dim: 1 dim: {COLUMNS} }} }} }}\n'
        f'layer {{ name: "fc" type: "InnerProduct" bottom: "x" top: "y" '
        f"inner_product_param {{ num_output: {ROWS} weight_filler {{ {filler} }} }} }}\n"
    )


KERAS_TRUNCATED = json.dumps(
    {
        "class_name": "Sequential",
        "keras_version": "3.0.0",
        "config": {
            "name": "net",
            "layers": [
                {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, COLUMNS]}},
                {
                    "class_name": "Dense",
                    "config": {
                        "name": "fc",
                        "units": ROWS,
                        "kernel_initializer": {
                            "class_name": "TruncatedNormal",
                            "config": {"mean": 0.0, "stddev": 0.05},
                        },
                    },
                },
            ],
        },
    }
)


def sources() -> dict[str, str]:
    """Networks of one large matrix, by what fills it."""
    return {name: network(filler) for name, filler in FILLERS.items()} | {"truncated normal": KERAS_TRUNCATED}


def converted(text: str) -> tuple[Any, str, Weight]:
    """What draws the kernel, its text, and the weight as the source has it."""
    result = convert(text, target="torch", path="net.json" if text.startswith("{") else "net.prototxt")
    assert result.text is not None
    assert result.plan is not None
    namespace: dict[str, Any] = {}
    exec(compile(result.text, "init.py", "exec"), namespace)
    entry, spelling = next((one, told) for one, told in result.plan.emitted if one.weight.role == "kernel")
    return namespace["INITIALIZERS"]["fc", "weight"], spelling.text, entry.weight


def thresholds(known: Law) -> list[float]:
    """Distances from the mean, beyond which lie the TAILS."""
    ((_, part),) = known.parts
    if isinstance(part, Normal) and math.isfinite(part.bound):
        return [part.quantile(1 - tail / 2) for tail in TAILS[:3]]
    return [part.quantile(1 - tail / 2) for tail in TAILS]


def measured(name: str, text: str, dtype: torch.dtype, draws: int, ends: float, seed: int) -> dict[str, Any]:
    """Counts and sums of at least ``draws`` values, or of as many as there is time for."""
    initialize, spelling, weight = converted(text)
    known = law(weight.initializer, weight.dims)
    assert known is not None
    ((share, part),) = known.parts
    mean, second, _ = part.moments()
    low, high = (part.low, part.high) if isinstance(part, Uniform) else (mean - _reach(part), mean + _reach(part))
    marks = thresholds(known)
    torch.manual_seed(seed)
    w = torch.empty(ROWS, COLUMNS, dtype=dtype, device="cuda")
    totals = {"n": 0, "first": 0.0, "second": 0.0, "zeros": 0, "outside": 0, "at_low": 0, "at_high": 0}
    tails = [0] * len(marks)
    least, most = math.inf, -math.inf
    start = time.monotonic()
    while totals["n"] < draws and time.monotonic() < ends:
        initialize(w)
        values = w.float()
        totals["n"] += values.numel()
        totals["first"] += values.double().sum().item()
        totals["second"] += values.double().square().sum().item()
        totals["zeros"] += int((values == 0).sum())
        totals["outside"] += int(((values < low) | (values > high)).sum())
        totals["at_low"] += int((values == low).sum())
        totals["at_high"] += int((values == high).sum())
        for index, mark in enumerate(marks):
            tails[index] += int(((values - mean).abs() > mark - mean).sum())
        least, most = min(least, values.min().item()), max(most, values.max().item())
    n = int(totals["n"])
    variance = totals["second"] / n - (totals["first"] / n) ** 2
    exact = share * second
    return {
        "law": name,
        "line": spelling,
        "dtype": str(dtype).removeprefix("torch."),
        "draws": n,
        "seconds": round(time.monotonic() - start, 2),
        "mean_in_standard_errors": (totals["first"] / n - share * mean) / math.sqrt(exact / n),
        "variance_ratio": variance / exact,
        "variance_in_standard_errors": (variance / exact - 1) / math.sqrt((known.kurtosis - 1) / n),
        "zero_fraction": totals["zeros"] / n,
        "expected_zero_fraction": 1 - share,
        "outside": totals["outside"],
        "at_the_closed_end": [totals["at_low"], totals["at_high"]],
        "extremes": [least, most],
        "support": [low if math.isfinite(low) else None, high if math.isfinite(high) else None],
        "tails": [
            {"probability": tail, "expected": n * share * tail, "found": count}
            for tail, count in zip(TAILS, tails, strict=False)
        ],
    }


def _reach(part: Any) -> float:
    return float(part.bound * part.stddev) if math.isfinite(part.bound) else math.inf


def seeds() -> dict[str, bool]:
    """Whether a seed gives the same values on CPU and GPU, and on the GPU twice."""

    def drawn(device: str) -> torch.Tensor:
        torch.manual_seed(3)
        return nn.init.normal_(torch.empty(1000, 1000, device=device)).cpu()

    first, again, host = drawn("cuda"), drawn("cuda"), drawn("cpu")
    return {"GPU twice": torch.equal(first, again), "CPU and GPU": torch.equal(first, host)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--draws", type=float, default=4e9, help="draws of each law in float32; a quarter in the others"
    )
    parser.add_argument("--seconds", type=float, default=270, help="when to stop drawing")
    parser.add_argument("-o", "--output", type=Path, default=Path("accelerator.json"))
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU here: nothing is measured")
        sys.exit(0)
    ends = time.monotonic() + asked.seconds
    rows: list[dict[str, Any]] = []
    with torch.no_grad():
        for dtype, share in (("float32", 1.0), ("bfloat16", 0.25), ("float16", 0.25)):
            for name, text in sources().items():
                if time.monotonic() < ends:
                    rows.append(measured(name, text, DTYPES[dtype], int(asked.draws * share), ends, len(rows)))
                    print(json.dumps(rows[-1]), flush=True)
    result = {"device": torch.cuda.get_device_name(), "torch": torch.__version__, "seeds": seeds(), "rows": rows}
    asked.output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(json.dumps(result["seeds"]))


if __name__ == "__main__":
    main()
