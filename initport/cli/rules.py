"""`initport rules`: what the codes of findings mean."""

import click

from initport.cli.click_options import color_option, takes
from initport.cli.command import Command
from initport.project import options

HELP = """List the codes of findings, or explain them with an example.

CODE is a code, which is explained, or the beginning of several (IP2), which are listed. Any other word is searched for
in titles and explanations.

\b
Examples:
  initport rules
  initport rules IP3
  initport rules IP501
  initport rules xavier
  initport rules --output-format json
"""

FORMAT = options.Option("output-format", "How the list is written; explanations are Markdown.", "Output",
                        choices=("text", "json", "markdown"), default="text")  # fmt: skip


@click.command(cls=Command, help=HELP)
@click.argument("words", metavar="[CODE | WORD]...", nargs=-1)
@takes(FORMAT)
@color_option
def rules(words: tuple[str, ...], output_format: str) -> None:
    from initport import tables
    from initport.findings import rule_pages as known

    try:
        chosen = known.select_rules(words)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if output_format == "json":
        text = known.as_json(chosen)
    elif words and all(code.code in words for code in chosen):
        text = "\n".join(known.page(code) for code in chosen)
    else:
        write = tables.as_markdown if output_format == "markdown" else tables.as_text
        text = write(known.lines(chosen))
    click.echo(text, nl=False)
