"""Run the ``init_weights`` of emitted PyTorch modules on stubs of models.

Answers the requests of `initport.verify.measure` with sums of what they draw. Needs
torch and numpy; run as a program, never imported.
"""

from typing import Any

import torch
from serve import code_key, measuring, serve  # type: ignore[import-not-found]
from torch import nn


def stub(weights: list[Any]) -> nn.Module:
    """A model that has the parameters of these names and shapes, and nothing else."""
    root = nn.Module()
    for weight in weights:
        module = root
        for name in weight["module"]:
            if name not in dict(module.named_children()):
                module.add_module(name, nn.Module())
            module = module.get_submodule(name)
        empty = torch.full(weight["shape"], float("nan"))
        module.register_parameter(weight["name"], nn.Parameter(empty))
    return root


class Run:
    """An emitted module, after it has started a stub."""

    def __init__(self, job: Any, namespace: dict[str, Any]) -> None:
        torch.manual_seed(job["seed"])
        model = stub(job["weights"])
        namespace["init_weights"](model)
        self.initializers = namespace["INITIALIZERS"]
        self.parameters = dict(model.named_parameters())

    def start(self, weight: Any) -> Any:
        return self._parameter(weight).detach().numpy()

    def function(self, weight: Any) -> Any:
        return self.initializers[weight["layer"], weight["parameter"]]

    def key_of(self, function: Any) -> Any:
        return code_key(function)

    @torch.no_grad()
    def draw(self, function: Any, weight: Any) -> Any:
        function(self._parameter(weight))
        return self._parameter(weight).numpy()

    def _parameter(self, weight: Any) -> nn.Parameter:
        return self.parameters[".".join([*weight["module"], weight["name"]])]


serve({"measure": measuring("torch", Run)})
