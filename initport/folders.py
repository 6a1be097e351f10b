"""What packages hold, by the files in their folders; `pkgutil` does the same at the cost of importing `inspect`."""

import os
from collections.abc import Iterable
from importlib import import_module


def packages_in(path: Iterable[str]) -> tuple[str, ...]:
    """The names of the packages in the folders of a package (its ``__path__``), sorted; none of them is imported."""
    entries = (entry for folder in path if os.path.isdir(folder) for entry in os.scandir(folder))
    return tuple(sorted(entry.name for entry in entries if os.path.isfile(os.path.join(entry.path, "__init__.py"))))


def read_source(package: str, module: str) -> str:
    """The source text of a module of a package, which is not imported. Raises OSError."""
    (folder,) = import_module(package).__path__
    with open(os.path.join(folder, f"{module}.py"), encoding="utf-8") as file:
        return file.read()
