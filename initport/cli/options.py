"""Options that several commands take."""

import os

import click

from initport.cli.command import option, options
from initport.formats.registry import names


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


def _versions(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    if values:
        from initport.project.pins import stated

        try:
            stated(values)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return values


def _color(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Authority for the variables: no-color.org and force-color.org; the option stands before them."""
    asked = {"always": True, "never": False}.get(value)
    if asked is None and os.environ.get("NO_COLOR"):
        asked = False
    elif asked is None and os.environ.get("FORCE_COLOR"):
        asked = True
    context.color = asked
    return value


color_option = option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, callback=_color,
    group="Output", expose_value=False, help="When to colour; auto is on a terminal.",
)  # fmt: skip

network_options = options(
    click.argument("file", metavar="FILE", type=click.Path(allow_dash=True)),
    option("--from", "source", type=click.Choice(("auto", *names())), default="auto", show_default=True,
           group="Input", help="What FILE is."),
    option("--source-version", metavar="VERSION", group="Input",
           help="The source framework's version, where FILE does not tell it or tells it wrongly."),
    option("--phase", type=click.Choice(["TRAIN", "TEST"], case_sensitive=False), default="TRAIN", show_default=True,
           group="Input", help="The phase that include and exclude rules see."),
    option("--stage", "stages", multiple=True, metavar="NAME", group="Input",
           help="A stage they see; may be repeated."),
    option("--level", type=int, default=0, show_default=True, group="Input", help="The level they see."),
    option("--input", "inputs", multiple=True, metavar="NAME=N,C,H,W", callback=_inputs, group="Input",
           help="The shape of a blob that FILE does not tell, for the reported numbers; may be repeated."),
    option("--laws", multiple=True, metavar="NAME", group="Input",
           help="A law that numbers in a saved graph follow where several come to the same, as glorot_uniform; may be "
           "repeated."),
    option("--strip-scope", metavar="SCOPE", group="Input",
           help="A scope of a saved graph that is left out of the names."),
    option("--to", "target", type=click.Choice(["torch", "keras"]), default="torch", show_default=True,
           group="Output", help="The framework to write for."),
    option("-q", "--quiet", is_flag=True, group="Output", help="Report only errors and refused weights."),
    color_option,
)  # fmt: skip
"""What is read, and for which target."""

_keras_module = option(
    "--keras-module",
    type=click.Choice(["auto", "tf.keras", "keras", "tf_keras"]),
    default="auto",
    show_default=True,
    group="Conversion",
    configurable=True,
    help="The Keras to write for; auto is tf.keras under the file's own alias.",
)

_assume = option(
    "--assume",
    "assumed",
    multiple=True,
    type=click.Choice(["matrix", "scalar", "unpartitioned", "dense", "conv"]),
    group="Conversion",
    configurable=True,
    help="Vouch that weights of unknown shape have two axes or more (matrix), constants of unknown value are "
    "single numbers (scalar), weights are never made in parts (unpartitioned); for PyTorch, that weights "
    "of layers that are not seen are those of dense or recurrent layers (dense), or of convolutions, not "
    "depthwise (conv); may be repeated.",
)

rewriting_options = options(
    _keras_module,
    _assume,
    option("--stdin-filename", metavar="NAME", group="Input",
           help="What `-` is called, where it is source code, and where it lies."),
)  # fmt: skip
"""How source code is rewritten, for the commands that also read networks."""

cache_options = options(
    option("--no-cache", is_flag=True, envvar="INITPORT_NO_CACHE", group="Configuration", configurable=True,
           help="Remember no clean files, and use none remembered."),
    option("--cache-dir", type=click.Path(), metavar="DIRECTORY", envvar="INITPORT_CACHE_DIR", show_envvar=True,
           group="Configuration", configurable=True,
           help="Where clean files are remembered.  [default: .initport_cache beside the configuration file, or here]"),
)  # fmt: skip

codemod_options = options(
    option("--to", "target", type=click.Choice(["keras", "torch"]), default="keras", show_default=True,
           group="Conversion", configurable=True, help="The framework to write for."),
    _keras_module,
    option("--source-version", "source_versions", multiple=True, metavar="tf=VERSION", callback=_versions,
           group="Conversion", configurable=True,
           help="What the source was written for; else what its project requires, or its names show."),
    _assume,
    option("--include", multiple=True, metavar="GLOB", group="File", configurable=True,
           help="Only such files in directories; may be repeated."),
    option("--exclude", multiple=True, metavar="GLOB", group="File", configurable=True,
           help="No such files or directories; may be repeated."),
    option("--force-exclude", is_flag=True, group="File", configurable=True,
           help="Let --exclude speak of files that are named, too."),
    option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, group="File", configurable=True,
           help="Processes."),
    option("--exit-zero", is_flag=True, group="Output", configurable=True,
           help="Exit with 0 whatever is found, unless it cannot be looked for."),
    color_option,
    cache_options,
)  # fmt: skip
"""What `codemod` does with source code, as far as a configuration file may say it."""

config_options = options(
    option("--config", type=click.Path(), metavar="FILE", group="Configuration", expose_value=False,
           help="Use this configuration file, and look for no other."),
    option("--isolated", is_flag=True, group="Configuration", expose_value=False,
           help="Use no configuration file."),
)  # fmt: skip
