"""Where the data files of `grammars/` lie.

A wheel carries them inside the package as `initport/grammars/` (pyproject.toml, force-include); in a source tree or
an editable install they are the directory beside the package.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def grammar_file(name: str) -> Path:
    """The path of the grammar file ``name``; raises FileNotFoundError where the installation lacks it."""
    candidates = (_PACKAGE / "grammars" / name, _PACKAGE.parent / "grammars" / name)
    for path in candidates:
        if path.is_file():
            return path
    raise FileNotFoundError(f"initport's data file {name} is missing; looked for {' and '.join(map(str, candidates))}")
