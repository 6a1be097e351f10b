"""PyTorch as a target."""

from initport.emit.target import Target

TARGET = Target(
    package=__name__,
    title="PyTorch",
    libraries=("torch",),
    layers="torch_layers",
    strings="torch",
    aliases=("pytorch",),
    nested=True,
    fills=True,
)
