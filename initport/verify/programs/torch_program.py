"""Run the ``init_weights`` of emitted PyTorch modules on stub models, and summarize what they draw.

Answers the requests of `initport.verify.run`. Needs torch and numpy; run as a program, never imported.
"""

import json
from typing import Any

import torch
from serve import code_key, limit, merge, part, serve, summarize  # type: ignore[import-not-found]
from torch import nn

BATCH = 2**18
"""Elements that are drawn before they are summed."""


def stub(weights: list[Any]) -> nn.Module:
    """A model that has the parameters of these names and shapes, and nothing else."""
    root = nn.Module()
    for weight in weights:
        module = root
        for name in weight["module"]:
            if name not in dict(module.named_children()):
                module.add_module(name, nn.Module())
            module = module.get_submodule(name)
        module.register_parameter(weight["name"], nn.Parameter(torch.full(weight["shape"], float("nan"))))
    return root


def run(job: Any, pools: dict[Any, Any], step: Any) -> list[Any]:
    """Of each weight the summary of its own start, and that of the draws of all weights that start by the same code."""
    torch.manual_seed(job["seed"])
    namespace: dict[str, Any] = {}
    exec(compile(job["text"], job["path"], "exec"), namespace)
    model = stub(job["weights"])
    namespace["init_weights"](model)
    parameters = dict(model.named_parameters())
    answers = []
    for weight in job["weights"]:
        parameter = parameters[".".join([*weight["module"], weight["name"]])]
        own = summarize(part(parameter.detach().numpy(), weight["slices"]), weight)
        initialize = namespace["INITIALIZERS"][weight["layer"], weight["parameter"]]
        asked = [weight[name] for name in ("shape", "slices", "center", "low", "high", "edges", "draws")]
        key = (code_key(initialize), json.dumps(asked))
        if key not in pools:
            pools[key] = pool(initialize, parameter, weight, own)
        answers.append({"own": own, "pool": pools[key]})
        step()
    return answers


@torch.no_grad()
def pool(initialize: Any, parameter: nn.Parameter, weight: Any, total: Any) -> Any:
    size = total["sums"][0]
    while total["sums"][0] < weight["draws"]:
        number = min(max(1, BATCH // size), -(-(weight["draws"] - total["sums"][0]) // size))
        drawn = []
        for _ in range(int(number)):
            initialize(parameter)
            drawn.append(torch.from_numpy(part(parameter.numpy(), weight["slices"])).clone())
        total = merge(total, summarize(torch.stack(drawn).numpy(), weight))
    return total


def measure(request: Any, progress: Any) -> Any:
    limit(request["memory"])
    done, of = 0, sum(len(job["weights"]) for job in request["jobs"])

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, of)

    pools: dict[Any, Any] = {}
    return {"backend": "torch", "jobs": [run(job, pools, step) for job in request["jobs"]]}


serve({"measure": measure})
