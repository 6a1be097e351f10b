"""Six networks twice: as prototxts in the manner of Caffe's model zoo, and as PyTorch models with torchvision's names.

Each source also says which module every layer is; the models know nothing of the sources.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn


class Source:
    """A prototxt as it is written, and the ``truth``: the module of each layer that holds parameters."""

    def __init__(self, size: int) -> None:
        self.layers = [f'layer {{ name: "data" type: "Input" top: "data" input_param {{ shape {{ dim: 1 dim: 3 '
                       f"dim: {size} dim: {size} }} }} }}"]  # fmt: skip
        self.truth: dict[str, str] = {}

    @property
    def text(self) -> str:
        return "\n".join(self.layers) + "\n"

    def add(self, kind: str, name: str, bottoms: list[str], said: str = "", top: str = "") -> str:
        top = top or name
        read = " ".join(f'bottom: "{bottom}"' for bottom in bottoms)
        self.layers.append(f'layer {{ name: "{name}" type: "{kind}" {read} top: "{top}" {said} }}')
        return top

    def conv(self, name: str, home: str, bottom: str, out: int, kernel: int, stride: int = 1, pad: int = 0,
             group: int = 1, bias: bool = True) -> str:  # fmt: skip
        self.truth[name] = home
        said = f"num_output: {out} kernel_size: {kernel} stride: {stride} pad: {pad} group: {group}"
        fillers = 'weight_filler { type: "msra" }' + ("" if bias else " bias_term: false")
        return self.add("Convolution", name, [bottom], f"convolution_param {{ {said} {fillers} }}")

    def norm(self, bn: str, scale: str, home: str, bottom: str, in_place: bool = True) -> str:
        self.truth[scale] = home
        top = self.add("BatchNorm", bn, [bottom], top=bottom if in_place else bn)
        return self.add("Scale", scale, [top], "scale_param { bias_term: true }", top)

    def relu(self, name: str, bottom: str) -> str:
        return self.add("ReLU", name, [bottom], top=bottom)

    def pool(self, name: str, bottom: str, kernel: int, stride: int, pad: int = 0, ave: bool = False) -> str:
        said = f"kernel_size: {kernel} stride: {stride} pad: {pad}{' pool: AVE' if ave else ''}"
        return self.add("Pooling", name, [bottom], f"pooling_param {{ {said} }}")

    def mean(self, name: str, bottom: str) -> str:
        return self.add("Pooling", name, [bottom], "pooling_param { pool: AVE global_pooling: true }")

    def dense(self, name: str, home: str, bottom: str, out: int) -> str:
        self.truth[name] = home
        said = f'num_output: {out} weight_filler {{ type: "xavier" }}'
        return self.add("InnerProduct", name, [bottom], f"inner_product_param {{ {said} }}")


def alexnet_source() -> Source:
    net = Source(227)
    x = net.relu("relu1", net.conv("conv1", "features.0", "data", 96, 11, 4))
    x = net.pool("pool1", net.add("LRN", "norm1", [x]), 3, 2)
    x = net.relu("relu2", net.conv("conv2", "features.3", x, 256, 5, pad=2, group=2))
    x = net.pool("pool2", net.add("LRN", "norm2", [x]), 3, 2)
    x = net.relu("relu3", net.conv("conv3", "features.6", x, 384, 3, pad=1))
    x = net.relu("relu4", net.conv("conv4", "features.8", x, 384, 3, pad=1, group=2))
    x = net.relu("relu5", net.conv("conv5", "features.10", x, 256, 3, pad=1, group=2))
    x = net.pool("pool5", x, 3, 2)
    x = net.add("Dropout", "drop6", [net.relu("relu6", net.dense("fc6", "classifier.1", x, 4096))], top="fc6")
    x = net.add("Dropout", "drop7", [net.relu("relu7", net.dense("fc7", "classifier.4", x, 4096))], top="fc7")
    net.dense("fc8", "classifier.6", x, 1000)
    return net


class AlexNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(96, 256, 5, padding=2, groups=2),
            nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1, groups=2),
            nn.ReLU(), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(256 * 36, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
            nn.Linear(4096, 1000),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


VGG = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M")


def vgg_source() -> Source:
    net, x, block, number, place = Source(224), "data", 1, 1, 0
    for out in VGG:
        if isinstance(out, str):
            x, block, number, place = net.pool(f"pool{block}", x, 2, 2), block + 1, 1, place + 1
        else:
            x = net.relu(f"relu{block}_{number}",
                         net.conv(f"conv{block}_{number}", f"features.{place}", x, out, 3, pad=1))  # fmt: skip
            number, place = number + 1, place + 2
    for name, home, out in (("fc6", 0, 4096), ("fc7", 3, 4096), ("fc8", 6, 1000)):
        x = net.dense(name, f"classifier.{home}", x, out)
        x = net.relu(f"{name}/relu", x) if out == 4096 else x
    return net


class Vgg(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for out in VGG:
            if isinstance(out, str):
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU()]
                channels = out
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
            nn.Linear(4096, 1000),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}  # fmt: skip
"""Channels of the branches: 1x1, 3x3 reduced and 3x3, 5x5 reduced and 5x5, of the pooled."""


def googlenet_source() -> Source:
    net = Source(224)
    x = net.relu("conv1/relu_7x7", net.conv("conv1/7x7_s2", "conv1.conv", "data", 64, 7, 2, 3))
    x = net.add("LRN", "pool1/norm1", [net.pool("pool1/3x3_s2", x, 3, 2)])
    x = net.relu("conv2/relu_3x3_reduce", net.conv("conv2/3x3_reduce", "conv2.conv", x, 64, 1))
    x = net.relu("conv2/relu_3x3", net.conv("conv2/3x3", "conv3.conv", x, 192, 3, pad=1))
    x = net.pool("pool2/3x3_s2", net.add("LRN", "conv2/norm2", [x]), 3, 2)
    for name, (one, three_in, three, five_in, five, pooled) in INCEPTIONS.items():
        own, home = f"inception_{name}", f"inception{name}"
        a = net.relu(f"{own}/relu_1x1", net.conv(f"{own}/1x1", f"{home}.branch1.conv", x, one, 1))
        b = net.relu(f"{own}/r3", net.conv(f"{own}/3x3_reduce", f"{home}.branch2.0.conv", x, three_in, 1))
        b = net.relu(f"{own}/relu_3x3", net.conv(f"{own}/3x3", f"{home}.branch2.1.conv", b, three, 3, pad=1))
        c = net.relu(f"{own}/r5", net.conv(f"{own}/5x5_reduce", f"{home}.branch3.0.conv", x, five_in, 1))
        c = net.relu(f"{own}/relu_5x5", net.conv(f"{own}/5x5", f"{home}.branch3.1.conv", c, five, 5, pad=2))
        d = net.pool(f"{own}/pool", x, 3, 1, 1)
        d = net.relu(f"{own}/relu_pool", net.conv(f"{own}/pool_proj", f"{home}.branch4.1.conv", d, pooled, 1))
        x = net.add("Concat", f"{own}/output", [a, b, c, d])
        if name in ("4a", "4d"):
            number = 1 if name == "4a" else 2
            y = net.pool(f"loss{number}/ave_pool", x, 5, 3, ave=True)
            y = net.relu(f"loss{number}/relu_conv",
                         net.conv(f"loss{number}/conv", f"aux{number}.conv.conv", y, 128, 1))  # fmt: skip
            y = net.relu(f"loss{number}/relu_fc", net.dense(f"loss{number}/fc", f"aux{number}.fc1", y, 1024))
            net.dense(f"loss{number}/classifier", f"aux{number}.fc2", y, 1000)
        if name in ("3b", "4e"):
            x = net.pool(f"pool{name[0]}/3x3_s2", x, 3, 2)
    net.dense("loss3/classifier", "fc", net.mean("pool5/7x7_s1", x), 1000)
    return net


class BasicConv2d(nn.Module):
    def __init__(self, before: int, after: int, **options: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, **options)

    def forward(self, x: Any) -> Any:
        return torch.relu(self.conv(x))


class Inception(nn.Module):
    def __init__(self, before: int, sizes: tuple[int, ...]) -> None:
        super().__init__()
        one, three_in, three, five_in, five, pooled = sizes
        self.branch1 = BasicConv2d(before, one, kernel_size=1)
        self.branch2 = nn.Sequential(BasicConv2d(before, three_in, kernel_size=1),
                                     BasicConv2d(three_in, three, kernel_size=3, padding=1))  # fmt: skip
        self.branch3 = nn.Sequential(BasicConv2d(before, five_in, kernel_size=1),
                                     BasicConv2d(five_in, five, kernel_size=5, padding=2))  # fmt: skip
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), BasicConv2d(before, pooled, kernel_size=1))

    def forward(self, x: Any) -> Any:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = BasicConv2d(channels, 128, kernel_size=1)
        self.fc1, self.fc2 = nn.Linear(2048, 1024), nn.Linear(1024, 1000)

    def forward(self, x: Any) -> Any:
        x = self.conv(nn.functional.adaptive_avg_pool2d(x, (4, 4)))
        return self.fc2(torch.relu(self.fc1(torch.flatten(x, 1))))


class GoogLeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = BasicConv2d(3, 64, kernel_size=7, stride=2, padding=3)
        self.conv2 = BasicConv2d(64, 64, kernel_size=1)
        self.conv3 = BasicConv2d(64, 192, kernel_size=3, padding=1)
        before = 192
        for name, sizes in INCEPTIONS.items():
            setattr(self, f"inception{name}", Inception(before, sizes))
            before = sizes[0] + sizes[2] + sizes[4] + sizes[5]
        self.aux1, self.aux2 = InceptionAux(512), InceptionAux(528)
        self.fc = nn.Linear(1024, 1000)

    def forward(self, x: Any) -> Any:
        x = nn.functional.max_pool2d(self.conv1(x), 3, 2)
        x = nn.functional.max_pool2d(self.conv3(self.conv2(x)), 3, 2)
        beside = []
        for name in INCEPTIONS:
            x = getattr(self, f"inception{name}")(x)
            if self.training and name in ("4a", "4d"):
                beside.append((self.aux1 if name == "4a" else self.aux2)(x))
            if name in ("3b", "4e"):
                x = nn.functional.max_pool2d(x, 3, 2)
        return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1)), beside


RESNET = ((64, 3), (128, 4), (256, 6), (512, 3))


def resnet_source() -> Source:
    """The projection of a stage comes before its other branch."""
    net = Source(224)
    x = net.norm("bn_conv1", "scale_conv1", "bn1", net.conv("conv1", "conv1", "data", 64, 7, 2, 3, bias=False))
    x = net.pool("pool1", net.relu("conv1_relu", x), 3, 2)
    for stage, (width, blocks) in enumerate(RESNET, 1):
        for block in range(blocks):
            own, home, stride = f"{stage + 1}{'abcdef'[block]}", f"layer{stage}.{block}", 1 + (stage > 1 and not block)
            short = x
            if not block:
                short = net.conv(f"res{own}_branch1", f"{home}.downsample.0", x, width * 4, 1, stride, bias=False)
                short = net.norm(f"bn{own}_branch1", f"scale{own}_branch1", f"{home}.downsample.1", short)
            for number, (letter, kernel, out) in enumerate((("a", 1, width), ("b", 3, width), ("c", 1, width * 4)), 1):
                name = f"{own}_branch2{letter}"
                x = net.conv(f"res{name}", f"{home}.conv{number}", x, out, kernel, stride if number == 1 else 1,
                             kernel // 2, bias=False)  # fmt: skip
                x = net.norm(f"bn{name}", f"scale{name}", f"{home}.bn{number}", x)
                x = net.relu(f"res{name}_relu", x) if number < 3 else x
            x = net.relu(f"res{own}_relu", net.add("Eltwise", f"res{own}", [short, x]))
    net.dense("fc1000", "fc", net.mean("pool5", x), 1000)
    return net


class Bottleneck(nn.Module):
    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, width * 4, 1, bias=False), nn.BatchNorm2d(width * 4)
        self.relu = nn.ReLU()
        self.downsample: nn.Module | None = None
        if before != width * 4:
            self.downsample = nn.Sequential(nn.Conv2d(before, width * 4, 1, stride, bias=False),
                                            nn.BatchNorm2d(width * 4))  # fmt: skip

    def forward(self, x: Any) -> Any:
        y = self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        before = 64
        for stage, (width, blocks) in enumerate(RESNET, 1):
            layers = []
            for block in range(blocks):
                layers.append(Bottleneck(before, width, 1 + (stage > 1 and not block)))
                before = width * 4
            setattr(self, f"layer{stage}", nn.Sequential(*layers))
        self.fc = nn.Linear(2048, 1000)

    def forward(self, x: Any) -> Any:
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


MOBILENET = {"2_1": (32, 64, 1), "2_2": (64, 128, 2), "3_1": (128, 128, 1), "3_2": (128, 256, 2), "4_1": (256, 256, 1),
             "4_2": (256, 512, 2), **{f"5_{number}": (512, 512, 1) for number in range(1, 6)}, "5_6": (512, 1024, 2),
             "6": (1024, 1024, 1)}  # fmt: skip


def mobilenet_source() -> Source:
    """Its classifier is a convolution."""
    net = Source(224)

    def unit(name: str, home: str, x: str, out: int, kernel: int, stride: int, group: int) -> str:
        x = net.conv(name, f"{home}.0", x, out, kernel, stride, kernel // 2, group, bias=False)
        return net.relu(f"relu{name}", net.norm(f"{name}/bn", f"{name}/scale", f"{home}.1", x, in_place=False))

    x = unit("conv1", "features.0", "data", 32, 3, 2, 1)
    for place, (name, (before, after, stride)) in enumerate(MOBILENET.items(), 1):
        x = unit(f"conv{name}/dw", f"features.{place}.conv.0", x, before, 3, stride, before)
        x = unit(f"conv{name}/sep", f"features.{place}.conv.1", x, after, 1, 1, 1)
    net.conv("fc7", "classifier", net.mean("pool6", x), 1000, 1)
    return net


def conv_norm(before: int, after: int, kernel: int, stride: int, groups: int = 1) -> nn.Module:
    conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after), nn.ReLU6())


class Separable(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(conv_norm(before, before, 3, stride, before), conv_norm(before, after, 1, 1))

    def forward(self, x: Any) -> Any:
        return self.conv(x)


class MobileNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(conv_norm(3, 32, 3, 2), *(Separable(*sizes) for sizes in MOBILENET.values()))
        self.classifier = nn.Conv2d(1024, 1000, 1)

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x).mean((2, 3), keepdim=True)).flatten(1)


DENSENET = (6, 12, 24, 16)


def densenet_source() -> Source:
    net = Source(224)
    x = net.norm("conv1_bn", "conv1_scale", "features.norm0",
                 net.conv("conv1", "features.conv0", "data", 64, 7, 2, 3, bias=False))  # fmt: skip
    x, count = net.pool("pool1", net.relu("relu1", x), 3, 2), 0
    channels = 64
    for block, number in enumerate(DENSENET, 1):
        for layer in range(1, number + 1):
            count += 1
            own, home = f"dense{count}", f"features.denseblock{block}.denselayer{layer}"
            y = net.relu(f"{own}_relu", net.norm(f"{own}_bn", f"{own}_scale", f"{home}.norm1", x, in_place=False))
            y = net.conv(f"{own}_conv1", f"{home}.conv1", y, 128, 1, bias=False)
            y = net.relu(f"{own}_r2", net.norm(f"{own}_conv1_bn", f"{own}_conv1_scale", f"{home}.norm2", y))
            y = net.conv(f"{own}_conv2", f"{home}.conv2", y, 32, 3, pad=1, bias=False)
            x, channels = net.add("Concat", f"{own}_concat", [x, y]), channels + 32
        if block < len(DENSENET):
            own, home, channels = f"transition{block}", f"features.transition{block}", channels // 2
            x = net.relu(f"{own}_relu", net.norm(f"{own}_bn", f"{own}_scale", f"{home}.norm", x))
            x = net.pool(f"{own}_pool", net.conv(f"{own}_conv", f"{home}.conv", x, channels, 1, bias=False), 2, 2)
    x = net.relu("final_relu", net.norm("final_bn", "final_scale", "features.norm5", x))
    net.dense("fc1000", "classifier", net.mean("pool5", x), 1000)
    return net


class DenseLayer(nn.Module):
    def __init__(self, before: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(before), nn.Conv2d(before, 128, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(128), nn.Conv2d(128, 32, 3, padding=1, bias=False)

    def forward(self, features: Any) -> Any:
        x = self.conv1(torch.relu(self.norm1(torch.cat(features, 1))))
        return self.conv2(torch.relu(self.norm2(x)))


class DenseBlock(nn.ModuleDict):
    def __init__(self, number: int, before: int) -> None:
        super().__init__()
        for layer in range(number):
            self.add_module(f"denselayer{layer + 1}", DenseLayer(before + 32 * layer))

    def forward(self, x: Any) -> Any:
        features = [x]
        for _, layer in self.items():
            features.append(layer(features))
        return torch.cat(features, 1)


class DenseNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv0=nn.Conv2d(3, 64, 7, 2, 3, bias=False), norm0=nn.BatchNorm2d(64), relu0=nn.ReLU(),
            pool0=nn.MaxPool2d(3, 2),
        )  # fmt: skip
        channels = 64
        for block, number in enumerate(DENSENET, 1):
            layers[f"denseblock{block}"] = DenseBlock(number, channels)
            channels += 32 * number
            if block < len(DENSENET):
                transition = OrderedDict(norm=nn.BatchNorm2d(channels), relu=nn.ReLU(),
                                         conv=nn.Conv2d(channels, channels // 2, 1, bias=False),
                                         pool=nn.AvgPool2d(2, 2))  # fmt: skip
                layers[f"transition{block}"], channels = nn.Sequential(transition), channels // 2
        layers["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(layers)
        self.classifier = nn.Linear(channels, 1000)

    def forward(self, x: Any) -> Any:
        return self.classifier(torch.relu(self.features(x)).mean((2, 3)))


class Network(NamedTuple):
    source: Callable[[], Source]
    model: Callable[[], nn.Module]
    layers: int


NETWORKS = {
    "AlexNet": Network(alexnet_source, AlexNet, 8),
    "VGG-16": Network(vgg_source, Vgg, 16),
    "GoogLeNet": Network(googlenet_source, GoogLeNet, 64),
    "ResNet-50": Network(resnet_source, ResNet, 107),
    "MobileNet": Network(mobilenet_source, MobileNet, 55),
    "DenseNet-121": Network(densenet_source, DenseNet, 242),
}
"""By name; ``layers`` counts those that hold parameters, BatchNorm and Scale as one."""
