"""Does it matter how a port starts? Small networks on scikit-learn's digits, from the exact start and by names alone.

``python -m benchmarks.does_it_matter [-o DIRECTORY]`` trains an AlexNet-like network and two plain ones of 20 layers,
five seeds each, from the conversion of a Caffe network, from a port that maps Caffe's names to PyTorch's, and from
PyTorch's own defaults. It prints tables of losses and accuracies, and writes ``does_it_matter.json``, from which the
documentation draws its figure. Needs torch and scikit-learn.
"""

import argparse
import math
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from docs.losses import HEAD, Run, table, written
from initport.conversion import convert

SEEDS = range(5)
EPOCHS = 12
BATCH = 64
RATE = 0.01
MOMENTUM = 0.9

STARTS = ("exact", "name for name", "PyTorch's defaults")


POOL = 'layer { name: "pool" type: "Pooling" bottom: "x" top: "x" pooling_param { kernel_size: 2 stride: 2 } }\n'


def prototxt(layers: Sequence[tuple[str, str]], pooled: Container[int]) -> str:
    """A Caffe network of these layers: name and parameters; those at the places ``pooled`` are pooled after."""
    head = 'layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 dim: 1 dim: 8 dim: 8 } } }\n'
    text = "".join(
        f'layer {{ name: "{name}" type: "{"Convolution" if "kernel_size" in said else "InnerProduct"}" '
        f'bottom: "x" top: "x" {said} }}\n{POOL if place in pooled else ""}'
        for place, (name, said) in enumerate(layers)
    )
    return head + text


def conv(out: int, filler: str, bias: float = 0.0) -> str:
    return (
        f"convolution_param {{ num_output: {out} kernel_size: 3 pad: 1 weight_filler {{ {filler} }} "
        f'bias_filler {{ type: "constant" value: {bias} }} }}'
    )


def dense(out: int, filler: str, bias: float = 0.0) -> str:
    return (
        f"inner_product_param {{ num_output: {out} weight_filler {{ {filler} }} "
        f'bias_filler {{ type: "constant" value: {bias} }} }}'
    )


XAVIER, MSRA, GAUSSIAN = 'type: "xavier"', 'type: "msra"', 'type: "gaussian" std: 0.01'

PLAIN_LAYERS = 20


class AlexNet(nn.Module):
    """Five convolutions and three dense layers, on images of 8 by 8."""

    source = prototxt(
        [
            ("conv1", conv(32, XAVIER)), ("conv2", conv(64, XAVIER, 0.1)), ("conv3", conv(96, XAVIER)),
            ("conv4", conv(96, XAVIER, 0.1)), ("conv5", conv(64, XAVIER, 0.1)), ("fc6", dense(256, XAVIER, 0.1)),
            ("fc7", dense(256, XAVIER, 0.1)), ("fc8", dense(10, XAVIER)),
        ],
        pooled=(0, 4),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        sizes = [1, 32, 64, 96, 96, 64]
        for index in range(5):
            setattr(self, f"conv{index + 1}", nn.Conv2d(sizes[index], sizes[index + 1], 3, padding=1))
        self.fc6, self.fc7, self.fc8 = nn.Linear(64 * 4, 256), nn.Linear(256, 256), nn.Linear(256, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for index in range(1, 6):
            x = torch.relu(getattr(self, f"conv{index}")(x))
            if index in (1, 5):
                x = nn.functional.max_pool2d(x, 2)
        x = torch.relu(self.fc6(x.flatten(1)))
        return self.fc8(torch.relu(self.fc7(x)))  # type: ignore[no-any-return]


class Plain(nn.Module):
    """Nineteen convolutions of 24 channels, the first two pooled after, and a dense layer."""

    source = prototxt(
        [(f"conv{index}", conv(24, MSRA if index else XAVIER)) for index in range(PLAIN_LAYERS - 1)]
        + [("fc", dense(10, XAVIER))],
        pooled=(0, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        for index in range(PLAIN_LAYERS - 1):
            setattr(self, f"conv{index}", nn.Conv2d(24 if index else 1, 24, 3, padding=1))
        self.fc = nn.Linear(24 * 4, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for index in range(PLAIN_LAYERS - 1):
            x = torch.relu(getattr(self, f"conv{index}")(x))
            if index in (0, 1):
                x = nn.functional.max_pool2d(x, 2)
        return self.fc(x.flatten(1))  # type: ignore[no-any-return]


class Tapered(Plain):
    """The same depth, with channels that double and halve: where fan_in and fan_out differ."""

    channels = (1, *[8, 32] * 9, 8)
    source = prototxt(
        [(f"conv{index}", conv(out, MSRA)) for index, out in enumerate(channels[1:])] + [("fc", dense(10, XAVIER))],
        pooled=(0, 1),
    )

    def __init__(self) -> None:
        nn.Module.__init__(self)
        for index, (before, after) in enumerate(zip(self.channels, self.channels[1:], strict=False)):
            setattr(self, f"conv{index}", nn.Conv2d(before, after, 3, padding=1))
        self.fc = nn.Linear(8 * 4, 10)


NETWORKS: dict[str, Callable[[], nn.Module]] = {"AlexNet-like": AlexNet, "plain, 20 layers": Plain,
                                                "plain, 20 layers, 8 and 32 channels in turn": Tapered}  # fmt: skip


def start(model: nn.Module, how: str) -> None:
    """Draw the weights anew."""
    if how == "exact":
        text = convert(model.source, source="caffe", target="torch").text  # type: ignore[arg-type]
        assert text is not None
        namespace: dict[str, Any] = {}
        exec(compile(text, "init.py", "exec"), namespace)
        assert namespace["init_weights"](model) == []
    elif how == "name for name":
        source = str(model.source)
        for name, layer in model.named_children():
            assert isinstance(layer, nn.Conv2d | nn.Linear)
            if 'type: "msra"' in source[source.index(f'"{name}"') :].split("\n")[0]:
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            else:
                nn.init.xavier_uniform_(layer.weight)
            said = source[source.index(f'"{name}"') :].split("\n")[0]
            assert layer.bias is not None
            nn.init.constant_(layer.bias, float(said.rpartition("value: ")[2].split()[0]))


def data() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images about mean 0 with deviation 1, and their digits: for training and for testing."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    images = torch.tensor(digits.images[order], dtype=torch.float32)[:, None]
    images = (images - images.mean()) / images.std()
    targets = torch.tensor(digits.target[order])
    return images[:1400], targets[:1400], images[1400:], targets[1400:]


def train(network: Callable[[], nn.Module], how: str, seed: int) -> Run:
    """The training loss after each epoch, the first being before training, and the accuracy on what is left."""
    torch.manual_seed(seed)
    model = network()
    start(model, how)
    images, targets, others, labels = data()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    losses = [_loss(model, images, targets)]
    for _ in range(EPOCHS):
        order = torch.randperm(len(images))
        for batch in torch.split(order, BATCH):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[batch]), targets[batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        losses.append(_loss(model, images, targets))
    with torch.no_grad():
        accuracy = (model(others).argmax(1) == labels).float().mean().item()
    return {"losses": losses, "accuracy": accuracy}


@torch.no_grad()
def _loss(model: nn.Module, images: torch.Tensor, targets: torch.Tensor) -> float:
    value = nn.functional.cross_entropy(model(images), targets).item()
    return value if math.isfinite(value) else 1e9


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", "--output", type=Path, default=Path())
    folder = parser.parse_args().output
    results: dict[str, dict[str, list[Run]]] = {}
    for name, network in NETWORKS.items():
        results[name] = {how: [train(network, how, seed) for seed in SEEDS] for how in STARTS}
        print(f"\n{name}\n\n| {HEAD} |\n|{'---|' * (HEAD.count('|') + 1)}\n{table(results[name])}", flush=True)
    (folder / "does_it_matter.json").write_text(written(results), encoding="utf-8")


if __name__ == "__main__":
    main()
