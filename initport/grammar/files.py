"""The data files of `grammars/`, and the plain data in them.

A wheel carries them inside the package as `initport/grammars/` (pyproject.toml, force-include), each as a Python module
too, which needs no YAML parser (hatch_build.py); in a source tree or an editable install they are the directory beside
the package. The environment variable INITPORT_GRAMMARS names further directories, whose grammars join these.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from initport.grammar.errors import GrammarError

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ENVIRONMENT = "INITPORT_GRAMMARS"
"""Directories as in PATH; a file there stands before one of ours that has its name."""

INDEX = "index"
"""The module of a wheel that holds the heads of all its grammars."""


def grammar_file(name: str) -> str:
    """The path of the grammar file ``name``; raises FileNotFoundError where the installation lacks it."""
    candidates = [os.path.join(directory, name) for directory in (*added_directories(), *_ours())]
    for path in candidates:
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"initport's data file {name} is missing; looked for {' and '.join(candidates)}")


def added_directories() -> list[str]:
    """The directories that the environment names."""
    return [os.path.abspath(item) for item in os.environ.get(ENVIRONMENT, "").split(os.pathsep) if item]


def _ours() -> list[str]:
    return [os.path.join(directory, "grammars") for directory in (_PACKAGE, os.path.dirname(_PACKAGE))]


def data_in_wheel(file: str) -> Any:
    """The plain data of a grammar file as a wheel carries them; None in a source tree, and where another file of that
    name stands before it."""
    if any(os.path.isfile(os.path.join(directory, file)) for directory in added_directories()):
        return None
    try:
        return import_module(f"initport.grammars.{module_of(file)}").DATA
    except ModuleNotFoundError:
        return None


def module_of(file: str) -> str:
    """The module of a wheel that holds the data of a grammar file."""
    return file.removesuffix(".yaml").replace(".", "_")


@cache
def read(name: str) -> Any:
    """The plain data of the grammar file ``name``, which is without its ending.

    Raises GrammarError naming the file and line, FileNotFoundError where the installation lacks it."""
    file = f"{name}.yaml"
    data = data_in_wheel(file)
    if data is not None:
        return data
    with open(grammar_file(file), encoding="utf-8") as stream:
        return read_yaml(stream.read(), file)


def heads() -> Iterator[tuple[str, Any]]:
    """The plain data of each grammar's head by the file's name, those that the environment adds last; None where a file
    has none."""
    try:
        yield from import_module(f"initport.grammars.{INDEX}").DATA.items()
    except ModuleNotFoundError:
        yield from _heads_in(os.path.dirname(grammar_file("caffe.proto")))
    for directory in added_directories():
        yield from _heads_in(directory)


def _heads_in(directory: str) -> Iterator[tuple[str, Any]]:
    for name in sorted(os.listdir(directory)):
        if name.endswith(".yaml"):
            data = read(name.removesuffix(".yaml"))
            yield name.removesuffix(".yaml"), data.get("head") if isinstance(data, Mapping) else None


def read_yaml(text: str, name: str) -> Any:
    """Plain data. Raises GrammarError naming the file and line, also for a key that occurs twice in a mapping."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        def flatten_mapping(self, node: Any) -> None:
            if id(node) not in checked:  # merging adds to a node what its own keys replace
                checked[id(node)] = node
                seen = set()
                for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"):
                    if key.value in seen:
                        line = key.start_mark.line + 1
                        raise GrammarError(name, f"the key {key.value!r} occurs twice in a mapping, line {line}")
                    seen.add(key.value)
            super().flatten_mapping(node)

    checked: dict[int, Any] = {}
    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise GrammarError(name, str(error)) from error
