"""`initport help`: the help of a command."""

import click

from initport.cli.command import Command

HELP = """Print the help of a command, or of all of initport.

\b
Examples:
  initport help
  initport help codemod
"""


@click.command(cls=Command, help=HELP)
@click.argument("command", metavar="[COMMAND]", required=False)
@click.pass_context
def help(context: click.Context, /, command: str | None) -> None:
    root = context.find_root()
    if command is None:
        click.echo(root.get_help())
        return
    assert isinstance(root.command, click.Group)
    _, found, _ = root.command.resolve_command(root, [command])
    assert found is not None
    click.echo(found.get_help(click.Context(found, parent=root, info_name=command)))
