"""Ports of LeNet, right and wrong; imported in the process that builds them."""

from collections.abc import Callable

import torch
from torch import nn


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5)
        self.ip1, self.ip2 = nn.Linear(800, 500), nn.Linear(500, 10)


def _with(fill: Callable[[torch.Tensor], object], bias: float = 0.0) -> nn.Module:
    model = LeNet()
    for layer in model.children():
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        fill(layer.weight)
        assert layer.bias is not None
        nn.init.constant_(layer.bias, bias)
    nn.init.constant_(model.conv2.bias, 0.1)  # type: ignore[arg-type]
    return model


def exact() -> nn.Module:
    return _with(lambda w: nn.init.kaiming_uniform_(w, nonlinearity="linear"))


def in_order() -> nn.Module:
    parts = list(exact().children())
    return nn.Sequential(parts[0], nn.ReLU(), *parts[1:])


def never_set() -> nn.Module:
    return LeNet()


def glorot() -> nn.Module:
    return _with(nn.init.xavier_uniform_)


def other_fan() -> nn.Module:
    return _with(lambda w: nn.init.kaiming_uniform_(w, mode="fan_out", nonlinearity="linear"))


def normal() -> nn.Module:
    return _with(lambda w: nn.init.kaiming_normal_(w, nonlinearity="linear"))


def he() -> nn.Module:
    return _with(lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"))


def ones() -> nn.Module:
    return _with(nn.init.ones_)


def moved() -> nn.Module:
    def fill(w: torch.Tensor) -> None:
        with torch.no_grad():
            nn.init.kaiming_uniform_(w, nonlinearity="linear").add_(0.25)

    return _with(fill)


def deviation_for_bound() -> nn.Module:
    return _with(lambda w: nn.init.uniform_(w, -((1 / w[0].numel()) ** 0.5), (1 / w[0].numel()) ** 0.5))


def a_little_wide() -> nn.Module:
    return _with(lambda w: nn.init.kaiming_uniform_(w, nonlinearity="linear").data.mul_(1.01))


def wrong_bias() -> nn.Module:
    return _with(lambda w: nn.init.kaiming_uniform_(w, nonlinearity="linear"), bias=0.5)


def fixed_seed() -> nn.Module:
    torch.manual_seed(3)
    return exact()


def one_seed_for_all() -> nn.Module:
    def fill(w: torch.Tensor) -> None:
        torch.manual_seed(int(torch.initial_seed()))
        nn.init.kaiming_uniform_(w, nonlinearity="linear")

    return _with(fill)


def breaks() -> nn.Module:
    raise RuntimeError("no weights today")


def sleeps() -> nn.Module:
    import time

    time.sleep(600)
    return exact()


def no_model() -> object:
    return []


class Attending(nn.Module):
    """A port of a network of Flax with the odder layers, which `set` starts as its source says."""

    def __init__(self, right: bool) -> None:
        super().__init__()
        self.att, self.dg = nn.MultiheadAttention(32, 4), nn.Linear(8, 32)
        self.loc = nn.Module()
        self.loc.kernel, self.loc.bias = nn.Parameter(torch.zeros(10, 96, 8)), nn.Parameter(torch.zeros(10, 8))
        if not right:
            return
        cut = 2 / 0.8796256610342398  # at two deviations, of what is left
        for weight in (self.att.in_proj_weight, self.att.out_proj.weight):
            std = (2 / 32) ** 0.5
            nn.init.trunc_normal_(weight, std=std * cut / 2, a=-std * cut, b=std * cut)
        std = (2 / 40) ** 0.5
        nn.init.trunc_normal_(self.dg.weight, std=std * cut / 2, a=-std * cut, b=std * cut)
        nn.init.zeros_(self.dg.bias)
        bound = (6 / (10 * 96 + 10 * 8)) ** 0.5
        nn.init.uniform_(self.loc.kernel, -bound, bound)


def attending() -> nn.Module:
    return Attending(True)


def attending_unset() -> nn.Module:
    return Attending(False)
