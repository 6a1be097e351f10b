"""Options that several commands take."""

from collections.abc import Callable
from typing import Any

import click


def _inputs(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[int | None, ...]]:
    """Parse NAME=N,C,H,W; a `?` is a size that is not known."""
    shapes = {}
    for value in values:
        name, _, dims = value.rpartition("=")
        parts = [part.strip() for part in dims.split(",")]
        if not name or not all(part == "?" or (part.isdecimal() and int(part) > 0) for part in parts):
            raise click.BadParameter(f"{value!r} is not NAME=N,C,H,W with sizes above 0 (or ? where unknown)")
        shapes[name] = tuple(None if part == "?" else int(part) for part in parts)
    return shapes


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say what is read and for which target."""
    for decorate in reversed((
        click.argument("file", metavar="FILE"),
        click.option("--from", "source", type=click.Choice(["auto", "caffe", "keras"]), default="auto",
                     show_default=True, help="What FILE is."),
        click.option("--to", "target", type=click.Choice(["torch", "keras"]), default="torch", show_default=True,
                     help="The framework to write for."),
        click.option("--phase", type=click.Choice(["TRAIN", "TEST"], case_sensitive=False), default="TRAIN",
                     show_default=True, help="The phase that include and exclude rules see."),
        click.option("--stage", "stages", multiple=True, metavar="NAME", help="A stage they see; may be repeated."),
        click.option("--level", type=int, default=0, show_default=True, help="The level they see."),
        click.option("--input", "inputs", multiple=True, metavar="NAME=N,C,H,W", callback=_inputs,
                     help="The shape of a blob that FILE does not tell, for the reported numbers; may be repeated."),
        click.option("--source-version", metavar="VERSION",
                     help="The source framework's version, where FILE does not tell it or tells it wrongly."),
        click.option("-q", "--quiet", is_flag=True, help="Report only errors and refused weights."),
    )):  # fmt: skip
        command = decorate(command)
    return command


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how Python source is read and written."""
    for decorate in reversed((
        click.option("--keras-module", type=click.Choice(["auto", "tf.keras", "keras", "tf_keras"]), default="auto",
                     show_default=True, help="The Keras to write for; auto is tf.keras under the file's own alias."),
        click.option("--source-version", "source_versions", multiple=True, metavar="tf=VERSION",
                     help="What the source was written for; else what its project pins, else the newest 1.x."),
        click.option("--assume", "assumed", multiple=True,
                     type=click.Choice(["matrix", "scalar", "unpartitioned"]),
                     help="Vouch that weights of unknown shape are matrices, constants of unknown value single "
                          "numbers, weights never made in parts; may be repeated."),
    )):  # fmt: skip
        command = decorate(command)
    return command
