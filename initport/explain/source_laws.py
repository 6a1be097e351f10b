"""Which of the laws that a saved graph's numbers may follow a program's initializers are: what `--with` takes."""

from contextlib import closing
from dataclasses import replace

from initport.formats.graph.laws import law
from initport.formats.graph.table import table
from initport.grammar.layout import parse_layout
from initport.grammar.meaning import MeaningError
from initport.ir.initializers import Initializer, VarianceScaling, equal
from initport.ir.weights import Layout
from initport.project.pins import versions_of
from initport.project.processes import Run
from initport.python.implicit import default_layers
from initport.python.text import Text
from initport.rewrite import premise
from initport.rewrite.encoding import EncodingError, decode
from initport.rewrite.file import input_error, parse_any

_VERSIONS = ("tf=1.8", "tf=1.15.5")
"""Versions in which a program is read: their laws of one name differ, and so do their numbers, so that no more than one
of them is found in a graph."""

_MATRIX = parse_layout("in, out")


def laws_in(data: bytes, path: str) -> tuple[str, ...]:
    """The names, in the order of the table of laws. Raises InputError for what is not Python."""
    found: set[str] = set()
    for version in _VERSIONS:
        found |= _laws(data, path, version)
    return tuple(name for name in table().laws if name in found)


def _laws(data: bytes, path: str, version: str) -> set[str]:
    run = Run.of({"source_version": (version,)})
    settings = run.settings(versions_of(path, run.versions, data).versions, path, data)
    try:
        content = decode(data).text
        tree, python2 = parse_any(content)
    except (SyntaxError, EncodingError) as error:
        raise input_error(error, path) from error
    text = Text(content)
    sites, settings = premise.read(tree, text, replace(settings, python2=python2))
    found: set[str] = set()
    with closing(sites):
        for site in sites.found:
            try:
                found |= _name_calls(site.meaning(_MATRIX), _MATRIX)
            except MeaningError:
                continue
        known = {site.node: site for site in sites.found}
        for layer, _ in default_layers(tree, text, settings.names, known, path):
            for weight in layer.weights:
                if weight.layout is not None and weight.layout.min_rank >= 2:
                    found |= _name_calls(weight.initializer, weight.layout)
    return found


def _name_calls(initializer: Initializer, layout: Layout) -> set[str]:
    if not isinstance(initializer, VarianceScaling):
        return set()
    return {name for name in table().laws if equal(initializer, law(name, layout))}
