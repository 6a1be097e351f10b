"""Send signals through chains of weights that real initializers draw, and measure them
layer by layer.

Answers the requests of `initport.report.depth`. Needs torch and numpy; run as a
program, never imported.
"""

from typing import Any

import torch
from build_program import Factory  # type: ignore[import-not-found]
from serve import limit, serve  # type: ignore[import-not-found]
from torch import nn

BATCH = 64
FUNCTIONS = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
}


def chain(request: Any, progress: Any) -> Any:
    """Root mean squares of activations and gradients over all draws of the chain. Where
    a layer's input has another size than what the layer before passes on (pooling,
    flattening, overlapping windows), values of that are taken at random."""
    limit(request["memory"])
    torch.manual_seed(request["seed"])
    namespace: dict[str, Any] = {"nn": nn, "torch": torch}
    if request["text"] is not None:
        exec(compile(request["text"], "init.py", "exec"), namespace)
    model = Factory() if request["factory"] is not None else None
    if model is not None:
        model.load(request, progress)
    squares = torch.zeros(2, len(request["layers"]), dtype=torch.float64)
    for draw in range(request["draws"]):
        fills = fills_of(
            request["layers"], namespace, model.weights() if model is not None else None
        )
        squares += once(request["layers"], fills, FUNCTIONS[request["activation"]])
        progress(draw + 1, request["draws"])
    activations, gradients = (squares / request["draws"]).sqrt().tolist()
    return {"activations": activations, "gradients": gradients}


def fills_of(
    layers: Any, namespace: dict[str, Any], weights: dict[str, Any] | None
) -> list[Any]:
    """What draws each layer's weight; ``weights`` are those of the model that is
    shown, if there is one."""
    if weights is not None:
        return [copy_of(torch.from_numpy(weights[layer["port"]])) for layer in layers]
    return [
        namespace["INITIALIZERS"][layer["layer"], layer["parameter"]]
        if layer["code"] is None
        else eval("lambda w: " + layer["code"], namespace)
        for layer in layers
    ]


def copy_of(values: torch.Tensor) -> Any:
    """What copies the values, where need be from Keras's axes into PyTorch's."""

    def fill(weight: torch.Tensor) -> None:
        turned = (
            values
            if values.shape == weight.shape
            else values.permute(-1, -2, *range(values.dim() - 2))
        )
        weight.copy_(turned)

    return fill


def once(layers: Any, fills: Any, function: Any) -> torch.Tensor:
    """Mean squares of activations and of gradients, by layer."""
    x = torch.randn(BATCH, 256)
    saved = []
    for index, (layer, initialize) in enumerate(zip(layers, fills, strict=True)):
        weight = torch.empty(layer["shape"])
        with torch.no_grad():
            initialize(weight)
        matrix = (
            weight.transpose(0, 1).flatten(1)
            if layer["transposed"]
            else weight.flatten(1)
        )
        x = (
            x[:, torch.randint(x.shape[1], (matrix.shape[1],))]
            .detach()
            .requires_grad_()
        )
        z = x @ matrix.T + torch.randn(matrix.shape[0]) * layer["bias"] ** 0.5
        out = z if index == len(layers) - 1 else function(z)
        saved.append((x, z, out))
        x = out
    gradient = torch.randn_like(saved[-1][2])
    gradients = []
    for layer, (x, z, out) in zip(reversed(layers), reversed(saved), strict=True):
        gradient = gradient.flatten()[torch.randint(gradient.numel(), out.shape)]
        signs = torch.where(torch.rand(out.shape) < 0.5, -1.0, 1.0)
        to_z, to_x = torch.autograd.grad(out, [z, x], gradient * signs)
        gradients.append(to_z.square().mean())
        gradient = to_x * (layer["fan_out"] / out.shape[1]) ** 0.5
    activations = torch.stack([out.detach().square().mean() for _, _, out in saved])
    return torch.stack([activations, torch.stack(gradients[::-1])]).double()


serve({"chain": chain})
