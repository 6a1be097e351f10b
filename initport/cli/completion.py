"""`initport completion`: what a shell must run to complete commands, options and files."""

import click

from initport.cli.command import Command

HELP = """Print a shell's completion script for `initport`.

\b
Examples:
  initport completion bash > ~/.local/share/bash-completion/completions/initport
  initport completion zsh > ~/.zfunc/_initport
  initport completion fish > ~/.config/fish/completions/initport.fish
"""


@click.command(cls=Command, help=HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    kind = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}[shell]
    script = kind(context.find_root().command, {}, "initport", "_INITPORT_COMPLETE")
    click.echo(script.source_template % script.source_vars())
