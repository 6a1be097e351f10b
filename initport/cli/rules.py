"""`initport rules`: what the codes of findings mean."""

import click

from initport.cli.command import Command, option
from initport.cli.options import color_option

HELP = """List the codes of findings, or explain some with an example.

CODE is a code, which is explained, or the beginning of some (IP2), which are listed.

\b
Examples:
  initport rules
  initport rules IP3
  initport rules IP501
  initport rules --output-format json
"""


@click.command(cls=Command, help=HELP, short_help="List or explain the codes of findings.")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@option("--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
        group="Output", help="How the list is written; explanations are Markdown.")  # fmt: skip
@color_option
def rules(codes: tuple[str, ...], output_format: str) -> None:
    from initport import tables
    from initport.findings import rules as known

    try:
        chosen = known.chosen(codes)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if output_format == "json":
        text = known.as_json(chosen)
    elif codes and all(code.code in codes for code in chosen):
        text = "\n".join(known.page(code) for code in chosen)
    else:
        write = tables.as_markdown if output_format == "markdown" else tables.as_text
        text = write(known.lines(chosen))
    click.echo(text, nl=False)
