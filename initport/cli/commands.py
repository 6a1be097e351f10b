"""The commands, as click reads them: each is imported when it is asked for."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from initport import __version__
from initport.cli.plain import fail_to_write, with_large_steps

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "codemod": "Rewrite the initializers in Python source.",
    "compare": "Check that a port is initialized as its source.",
    "completion": "Print a completion script for bash, zsh or fish.",
    "config": "Show the settings in force and where they come from.",
    "convert": "Convert a network's initialization to code.",
    "explain": "Print a table of every weight.",
    "help": "Print the help of a command.",
    "match": "Propose which module of a model each layer of a source is.",
    "report": "Write an HTML page about a network's initialization.",
    "rules": "List, search or explain the codes of findings.",
    "scan": "Run the codemod over a corpus, and write Parquet.",
    "verify": "Check a conversion by sampling the real framework.",
    "which": "Print which initializer suits, and its names.",
}
"""What each does, in a line. Each lives in a module of its name, which is loaded when the command is asked for."""


class _Commands(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"initport.cli.{name}"), name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does it, but without loading the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, context: click.Context, incomplete: str) -> "list[CompletionItem]":
        """As click does it, but without loading the commands."""
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, context, incomplete)]

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises UsageError for an unknown command, with the one that was probably meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"The commands are {', '.join(COMMANDS)}."
            context.fail(f"No such command {args[0]!r}. {hint}")
        return super().resolve_command(context, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Where output cannot be written, exit with 2 and no traceback; with 1 where a pipe's reader has gone."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            sys.exit(fail_to_write(error))

    def invoke(self, context: click.Context) -> Any:
        """What is printed is flushed here, where click still sees that the reader of a pipe has gone."""
        with_large_steps()
        try:
            try:
                return super().invoke(context)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
        except KeyboardInterrupt:
            sys.exit(130)


EPILOG = """\b
Exit status:
  0    nothing to report, or all done
  1    something can be converted, or was refused
  2    bad usage, a bad configuration, or an input that cannot be used
  130  interrupted; no file is left half written

\b
Environment:
  NO_COLOR, FORCE_COLOR  never or always use colours; --color takes precedence
  INITPORT_CACHE_DIR     the cache's directory, as --cache-dir
  INITPORT_NO_CACHE      use no cache, as --no-cache

\b
Files:
  initport.toml          options of `codemod`, by their names without dashes
  pyproject.toml         the same, in the table [tool.initport]
  .initport_cache/       the cache; it may be deleted at any time

\b
Examples:
  initport convert train_val.prototxt > init.py
  initport explain model.json --to keras
  initport codemod src/ --diff
  initport rules IP201
"""
"""What the help of all commands ends with."""


@click.group(
    cls=_Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="initport", message="%(prog)s %(version)s")
def main() -> None:
    """Port weight initialization to PyTorch, Keras and JAX (Flax, Haiku, Equinox) without changing its distribution.

    Every line that initport writes is proved to have exactly the distribution of its source. What cannot be proved is
    refused, with its line and the reason.
    """
