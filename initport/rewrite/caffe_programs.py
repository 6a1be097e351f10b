"""Programs that build Caffe networks.

Nothing of them is rewritten: a program that calls pycaffe's NetSpec writes a prototxt for Caffe to read, and that file
is what is converted. What each filler means, and what its weight's initializer is in the target, is for `explain`.
"""

import ast
from collections.abc import Iterator

from initport.diagnostics import Code
from initport.emit.plan import Entry, plan
from initport.emit.targets import target as target_named
from initport.ir.location import Location
from initport.ir.model import Layer, Model
from initport.python.sites import Left
from initport.python.text import Text
from initport.python.triggers import may_hold


def network_layers(tree: ast.Module, text: Text) -> tuple[Layer, ...]:
    """The layers with weights that a program calls for."""
    if not may_hold(text.content.encode(errors="surrogatepass"), "networks"):
        return ()
    from initport.python.netspec import layers

    return tuple(layers(tree, text))


def kept_fillers(tree: ast.Module, text: Text) -> Iterator[Left]:
    """Once a file."""
    found = network_layers(tree, text)
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


def entries(tree: ast.Module, text: Text, target: str) -> tuple[Entry, ...]:
    """What becomes of each weight of such a network."""
    model = Model("", "caffe", Location(""), network_layers(tree, text))
    return plan(model, target_named(target).vocabulary).entries if model.layers else ()
