"""Where the data files of `grammars/` lie.

A wheel carries them inside the package as `initport/grammars/` (pyproject.toml, force-include), with a Python module of
each (hatch_build.py); in a source tree or an editable install they are the directory beside the package.
"""

import os

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def grammar_file(name: str) -> str:
    """The path of the grammar file ``name``; raises FileNotFoundError where the installation lacks it."""
    candidates = [os.path.join(directory, "grammars", name) for directory in (_PACKAGE, os.path.dirname(_PACKAGE))]
    for path in candidates:
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"initport's data file {name} is missing; looked for {' and '.join(candidates)}")


def grammar_text(name: str) -> str:
    """What the grammar file ``name`` holds; raises FileNotFoundError where the installation lacks it."""
    with open(grammar_file(name), encoding="utf-8") as file:
        return file.read()
