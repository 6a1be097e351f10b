"""Numbers that a layer is given in the place of an initializer: all elements of its weight start with one.

What a number means there is a call of the function that the layer's grammar names (``numbers``).
"""

from collections.abc import Collection, Iterator

from initport.ir.scalar import Scalar
from initport.python.arguments import literal
from initport.python.follow import Reference, references
from initport.python.place import given_arguments, matching_layer
from initport.python.sites import Site
from initport.python.sites.make import make_site
from initport.python.syntax import Syntax
from initport.python.vocabulary import Names


def number_references(syntax: Syntax, names: Names, lines: Collection[int] | None) -> Iterator[Reference]:
    """The numbers in the arguments of layers that start weights, with the function that each stands for."""
    if not names.numbers:
        return
    layers = {path: variants for path, variants in names.layers.items() if variants[0].framework in names.numbers}
    for reference in references(syntax, {path.rpartition(".")[2] for path in layers}, layers, lines):
        layer = None if reference.call is None else matching_layer(layers[reference.found], reference.call)
        if reference.call is None or layer is None:
            continue
        for name, node in given_arguments(layer.row, reference.call).items():
            starts = any(weight.argument == name for weight in layer.row.weights)
            if starts and isinstance(literal(node), Scalar):
                yield Reference(syntax.spot(node), names.numbers[layer.framework], frozenset())


def number_site(reference: Reference, syntax: Syntax, names: Names) -> Site:
    """Raises UnreadableError."""
    return make_site(reference.spot, syntax, names, names.functions[reference.found], (reference.node,), ())
