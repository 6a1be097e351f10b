"""The options of `project.options` for click."""

import os
from collections.abc import Callable
from typing import Any

import click

from initport.emit.targets import aliases
from initport.project.options import Option

FILE = click.argument("file", metavar="FILE", type=click.Path(allow_dash=True))

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Flag(click.Option):
    """An option of the command line; ``declared`` is what it is made of, and None for one of click's own."""

    def __init__(self, *args: Any, declared: Option, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declared = declared


class _Choice(click.Choice[str]):
    """Takes other names of targets, too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(aliases().get(value, value) if isinstance(value, str) else value, param, ctx)


def takes(*declared: Option) -> Decorator:
    """Options of a command, in the order of its help."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for one in reversed(declared):
            command = _click(one)(command)
        return command

    return decorate


def _click(one: Option) -> Decorator:
    names = [f"-{one.letter}"] * bool(one.letter) + [f"--{name}" for name in (one.key, *one.also)]
    if one.kind == "flag":
        return click.option(*names, one.name, cls=Flag, declared=one, is_flag=True, default=False, help=one.help,
                            envvar=one.variable)  # fmt: skip
    return click.option(
        *names,
        one.name,
        cls=Flag,
        declared=one,
        help=one.help,
        type=_type(one),
        multiple=one.many,
        default=one.default,
        show_default=one.note or one.default is not None,
        metavar=one.metavar,
        envvar=one.variable,
        show_envvar=one.variable is not None,
        callback=None if one.check is None else _check_with(one),
    )


def _type(one: Option) -> click.ParamType[Any] | None:
    if one.choices:
        return _Choice(one.choices, case_sensitive=False)
    if one.kind == "integer":
        return click.INT if one.least is None else click.IntRange(int(one.least))
    if one.kind == "number":
        return click.FloatRange(one.least, one.most)
    return click.Path() if one.kind == "path" else None


def _check_with(one: Option) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def check(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        if value and one.check is not None:
            try:
                one.check(value)
            except ValueError as error:
                raise click.BadParameter(str(error)) from error
        return value

    return check


COLOR = Option("color", "When to colour; auto is on a terminal.", "Output", choices=("auto", "always", "never"),
               default="auto")  # fmt: skip


def _color(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Authority for the variables: no-color.org and force-color.org; the option stands before them."""
    asked = {"always": True, "never": False}.get(value)
    if asked is None and os.environ.get("NO_COLOR"):
        asked = False
    elif asked is None and os.environ.get("FORCE_COLOR"):
        asked = True
    context.color = asked
    return value


color_option = click.option(
    f"--{COLOR.key}", cls=Flag, declared=COLOR, type=click.Choice(COLOR.choices), default=COLOR.default,
    show_default=True, callback=_color, expose_value=False, help=COLOR.help,
)  # fmt: skip
