"""Whole networks that a library makes, and layers that hold others, are reported: none is left out in silence."""

import pytest

from initport.program.modules import is_opaque
from tests.program.reading import told


@pytest.mark.parametrize(
    "path",
    [
        "torch.nn.ReLU",
        "torch.load",
        "torch.hub.load_state_dict_from_url",
        "timm.models.layers.trunc_normal_",
        "timm.layers.DropPath",
        "timm.layers.to_2tuple",
        "timm.models.registry.register_model",
        "mmcv.cnn.kaiming_init",
        "mmcv.cnn.build_activation_layer",
        "mmcv.ops.RoIAlign",
        "einops.layers.torch.Rearrange",
        "keras.applications.vgg16.preprocess_input",
        "tensorflow.keras.applications.imagenet_utils.decode_predictions",
        "keras.models.Model",
        "keras.models.save_model",
        "tensorflow.contrib.slim.nets.vgg.vgg_arg_scope",
        "tensorflow.saved_model.loader.load",
        "tensorlayer.models.Model",
    ],
)
def test_what_makes_no_layers(path: str) -> None:
    assert not is_opaque(path)


@pytest.mark.parametrize(
    "path",
    [
        "torch.hub.load",
        "torch.jit.load",
        "torch.ao.nn.quantized.Linear",
        "torch.nn.TransformerEncoderLayer",
        "torch.nn.modules.transformer.TransformerDecoder",
        "timm.create_model",
        "timm.models.resnet.resnet18",
        "timm.models.layers.Mlp",
        "timm.layers.patch_embed.PatchEmbed",
        "mmcv.cnn.ConvModule",
        "mmcv.cnn.bricks.norm.build_norm_layer",
        "mmcv.ops.ModulatedDeformConv2d",
        "einops.layers.torch.EinMix",
        "keras.applications.VGG16",
        "tensorflow.keras.applications.resnet50.ResNet50",
        "tensorflow.compat.v1.keras.models.load_model",
        "tf_keras.models.model_from_json",
        "tensorflow.contrib.slim.nets.vgg.vgg_16",
        "tensorflow.contrib.slim.python.slim.nets.resnet_v1.resnet_v1_50",
        "tf_slim.nets.inception.inception_v1",
        "tensorflow.saved_model.load",
        "sonnet.nets.MLP",
        "tensorlayer.models.vgg16",
    ],
)
def test_what_makes_layers_that_are_not_known(path: str) -> None:
    assert is_opaque(path)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (
            """
            import keras
            base = keras.applications.VGG16(include_top=False, weights=None)
            x = keras.layers.Dense(10, name="a")(keras.layers.GlobalAveragePooling2D()(base.output))
            model = keras.Model(base.input, x)
            """,
            "3 IP207 what `keras.applications.VGG16` makes is not visible in this file",
        ),
        (
            """
            from torch import nn
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc = nn.Linear(3, 4)
                    self.t = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2)
            net = Net()
            """,
            "7 IP207 what `torch.nn.TransformerEncoderLayer`, `torch.nn.TransformerEncoder` makes is not visible",
        ),
        (
            """
            import timm, torch
            from torch import nn
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.body = timm.create_model("resnet18")
                    self.fc = nn.Linear(3, 4)
            net = Net()
            """,
            "7 IP207 what `timm.create_model` makes is not visible in this file",
        ),
        (
            """
            import tensorflow as tf
            from tensorflow.contrib import slim
            from tensorflow.contrib.slim.nets import vgg
            def net(x):
                y, _ = vgg.vgg_16(x)
                return slim.fully_connected(y, 10)
            """,
            "6 IP207 what `tensorflow.contrib.slim.nets.vgg.vgg_16` makes is not visible in this file",
        ),
    ],
)
def test_networks(source: str, what: str) -> None:
    assert any(line.startswith(what) for line in told(source))
