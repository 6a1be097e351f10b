"""What the heads of the grammars say for the first look at a file, as plain data: most files end there, and no row is
read for them."""

import os
from functools import cache
from typing import Any

from initport.grammar import files

IMPORT = "import "
"""Starts a pattern that is the name of a package, which some statement imports."""


@cache
def _heads() -> list[dict[str, Any]]:
    return [head for _, head in files.heads() if head is not None]


@cache
def patterns(what: str) -> tuple[tuple[str, ...], ...]:
    """Sets of patterns, all of one of which occur in a file that may hold something of this kind (`Head.triggers`)."""
    found = [tuple(item) for head in _heads() for item in head.get("triggers", {}).get(what, ())]
    if what == "initializers":
        stated = {head.get("package") for head in _heads() if head.get("triggers")}
        silent = (head for head in _heads() if head.get("package", "") not in {"", *stated})
        found += [(IMPORT + root,) for head in silent for root in head.get("roots") or (head["package"],)]
    return tuple(dict.fromkeys(found))


@cache
def packages() -> frozenset[str]:
    """The packages of which nothing is reached but by a statement that imports them."""
    every = (patterns(what) for head in _heads() for what in ("initializers", *head.get("triggers", ())))
    return frozenset(
        item.removeprefix(IMPORT) for kind in every for found in kind for item in found if item.startswith(IMPORT)
    )


@cache
def roots() -> frozenset[str]:
    """The packages that a name of any grammar is imported from."""
    reading = [head for head in _heads() if head.get("package")]
    return frozenset(root for head in reading for root in head.get("roots") or (head["package"],))


@cache
def with_own_layers() -> frozenset[str]:
    """The grammars of what layers start with by default that take no initializers."""
    return frozenset(head["own"] for head in _heads() if "own" in head)


@cache
def string_ends() -> tuple[str, ...]:
    """The ends of the strings that name initializers, in lower case."""
    return tuple(dict.fromkeys(end for head in _heads() for end in head.get("string_ends", ())))


def fingerprint() -> str:
    """What distinguishes the grammars that the environment adds from others: part of the key of what is remembered."""
    from hashlib import sha256

    texts = []
    for directory in files.added_directories():
        for name in sorted(os.listdir(directory)):
            if name.endswith(".yaml"):
                with open(os.path.join(directory, name), "rb") as file:
                    texts.append(sha256(file.read()).hexdigest())
    return " ".join(texts)
