"""What people are told of programs that build Caffe networks.

Nothing of them is rewritten: a program that calls pycaffe's NetSpec writes a prototxt for Caffe to read, and that file
is what is converted. The table says what each filler means, and what its weight's initializer is in the target.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from initport.diagnostics import Code
from initport.emit.plan import plan
from initport.grammar.load import vocabulary
from initport.ir.initializers import Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight
from initport.python.sites.site import Left
from initport.python.text import Text
from initport.python.triggers import may_hold


def built(tree: ast.Module, text: Text) -> tuple[Layer, ...]:
    """The layers with weights that a program calls for."""
    if not may_hold(text.content.encode(errors="surrogatepass"), "networks"):
        return ()
    from initport.python.netspec import layers

    return tuple(layers(tree, text))


def kept_fillers(tree: ast.Module, text: Text) -> Iterator[Left]:
    """Once a file."""
    found = built(tree, text)
    given = [weight for layer in found for weight in layer.weights if not weight.implicit]
    if given:
        place = given[0].location
        detail = (
            f"the program builds a network for Caffe with {len(given)} fillers of {len(found)} layers; "
            "convert the prototxt that it writes, or see `initport explain` of this file"
        )
        line, column = place.line or 1, place.column or 1
        start = text.starts[line - 1] + column - 1
        source = text.content[start:].partition("(")[0]
        yield Left(line, column, source, detail, code=Code.NETSPEC)


@dataclass(frozen=True, slots=True)
class Described:
    """A weight of such a network. ``target`` is its initializer in the target, or the reason why there is none, and
    ``exact`` yes, REFUSED, or a dash where the target needs none."""

    weight: Weight
    place: str
    target: str
    exact: str


def described(tree: ast.Module, text: Text, target: str) -> Iterator[Described]:
    model = Model("", "caffe", Location(""), built(tree, text))
    for entry in plan(model, vocabulary(target)).entries if model.layers else ():
        initializer = entry.weight.initializer
        if entry.spelling is not None:
            told, exact = entry.spelling.text, "yes"
        elif isinstance(initializer, Unsupported):
            told, exact = initializer.reason, "REFUSED"
        else:
            refused = entry.finding is not None and entry.finding.exit_code
            told, exact = entry.finding.detail if refused and entry.finding else "-", "REFUSED" if refused else "-"
        yield Described(entry.weight, f"{entry.weight.role} of {entry.layer.type} {entry.layer.name}", told, exact)
