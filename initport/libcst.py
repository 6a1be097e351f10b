"""initport as a codemod of LibCST's own tool, for pipelines that run those.

``python -m libcst.tool codemod -x initport.libcst.ConvertInitializers --no-format FILES``; the module's text goes
through initport as it is, and comes back as LibCST's tree of the result.
"""

import argparse

import libcst
from libcst.codemod import CodemodCommand, CodemodContext

from initport.emit.decision import NEEDS
from initport.emit.targets import default, names
from initport.project.processes import Run, process


class ConvertInitializers(CodemodCommand):
    """Initializers of legacy frameworks become exactly equal ones of a target framework; findings are warnings."""

    DESCRIPTION = "Rewrite weight initializers of legacy frameworks, exactly."

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """The options that decide what is written."""
        arg_parser.add_argument("--to", choices=names(), default=default("source"), help="the framework to write for")
        arg_parser.add_argument("--assume", action="append", choices=list(NEEDS), default=[], help="what holds")

    def __init__(self, context: CodemodContext, to: "str | None" = None, assume: "list[str] | None" = None) -> None:
        super().__init__(context)
        self.run = Run(target=to or default("source"), assume=frozenset(assume or ()))

    def transform_module_impl(self, tree: libcst.Module) -> libcst.Module:
        """The module with its initializers rewritten; the same tree where nothing changes."""
        outcome = process(tree.bytes, self.context.filename or "module.py", self.run)
        for item in outcome.diagnostics:
            self.warn(str(item))
        return tree if outcome.after is None else libcst.parse_module(outcome.after)
