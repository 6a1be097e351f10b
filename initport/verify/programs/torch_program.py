"""Run the ``init_weights`` of emitted PyTorch modules on stub models, and print power sums of what they draw.

Reads a job from stdin and prints its answer: see `initport.verify.run`. Needs torch; run as a program, never imported.
"""

import json
import sys
from typing import Any

import torch
from torch import nn

BATCH = 2**18
"""Elements that are drawn before they are summed."""


def stub(weights: list[Any]) -> nn.Module:
    """A model that has the parameters of these names and shapes, and nothing else."""
    root = nn.Module()
    for weight in weights:
        module = root
        for part in weight["module"]:
            if part not in dict(module.named_children()):
                module.add_module(part, nn.Module())
            module = module.get_submodule(part)
        module.register_parameter(weight["name"], nn.Parameter(torch.full(weight["shape"], float("nan"))))
    return root


def part(values: torch.Tensor, weight: Any) -> torch.Tensor:
    """The slices of the parameter that are asked for."""
    for axis, index, number in weight["slices"]:
        values = values.chunk(number, axis)[index]
    return values


def sums(values: torch.Tensor, weight: Any) -> list[float]:
    values = values.double()
    centered = values - weight["center"]
    squares = centered * centered
    low, high = (float("nan") if bound is None else bound for bound in (weight["low"], weight["high"]))
    slack = 1e-6 * max(abs(low), abs(high))
    outside = (values < low - slack) | (values > high + slack)
    return [values.numel(), centered.sum().item(), squares.sum().item(), (squares * squares).sum().item(),
            values.min().item(), values.max().item(), int((values == 0).sum()), int(outside.sum())]  # fmt: skip


def merge(old: list[float], new: list[float]) -> list[float]:
    total = [a + b for a, b in zip(old, new, strict=True)]
    total[4], total[5] = min(old[4], new[4]), max(old[5], new[5])
    return total


def run(job: Any) -> list[list[float]]:
    torch.manual_seed(job["seed"])
    namespace: dict[str, Any] = {}
    exec(compile(job["text"], job["path"], "exec"), namespace)
    model = stub(job["weights"])
    namespace["init_weights"](model)
    parameters = dict(model.named_parameters())
    answers = []
    with torch.no_grad():
        for weight in job["weights"]:
            parameter = parameters[".".join([*weight["module"], weight["name"]])]
            chosen = part(parameter, weight)
            total = sums(chosen, weight)
            initialize = namespace["INITIALIZERS"][weight["layer"], weight["parameter"]]
            batch = torch.empty((max(1, BATCH // chosen.numel()), *chosen.shape))
            while total[0] < weight["draws"]:
                for draw in batch:
                    initialize(parameter)
                    draw.copy_(chosen)
                total = merge(total, sums(batch, weight))
            answers.append(total)
    return answers


json.dump({"backend": "torch", "jobs": [run(job) for job in json.load(sys.stdin)]}, sys.stdout)
