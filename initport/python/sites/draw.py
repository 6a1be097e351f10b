"""Values that are drawn at once, with no initializer: sites where a variable provably starts with them.

``tf.Variable(tf.truncated_normal(shape))`` is one, by way of names and of arithmetic as well (flows.py). The same
function also makes noise and data, which are nothing of ours: a value that comes to no variable is left alone,
without a word.
"""

import ast

from initport.grammar.call import Call
from initport.python.arguments import SIZE, Arguments, UnreadableError, check_real, read_arguments
from initport.python.axes import axes
from initport.python.dataflow import Flow
from initport.python.references import Reference
from initport.python.scaling import NOWHERE
from initport.python.scope import Scope
from initport.python.sites.site import Form, Reach, Site
from initport.python.text import Text
from initport.python.vocabulary import Named, Names

_SHAPES = ("shape", SIZE)


def draw(reference: Reference, text: Text, names: Names) -> Site | None:
    """The site of a reference to a function that draws; None where no variable is made of the values. Raises
    UnreadableError."""
    call = reference.around[-1]
    if not isinstance(call, ast.Call) or call.func is not reference.node:
        return None
    around, scope = reference.around[:-1], reference.scope
    start = Flow(text, names.layers).start(call, around, scope)
    if start is None or start is NOWHERE:
        return None
    named = names.draws[reference.found]
    arguments = _arguments(named, call, scope)
    check_real(named.function, arguments, scope)
    shape = next((arguments.aside[name] for name in _SHAPES if name in arguments.aside), None)
    if shape is None and named.vocabulary.framework != "numpy":
        raise UnreadableError(f"{named.name.rpartition('.')[2]} needs `shape`")
    return Site(
        node=call,
        named=named,
        arguments=arguments,
        form=Form.DRAW,
        reach=Reach.MANY,
        place=start.place,
        layouts=axes(start.place, shape, named.vocabulary, scope),
        scope=scope,
        text=text,
        outer=call,
        shape=shape,
        scaling=start.scaling,
        obstacle=reference.doubt(names.draws) or start.doubt,
    )


def _arguments(named: Named, call: ast.Call, scope: Scope) -> Arguments:
    function = named.function
    if "d0" in function.parameters:  # randn and rand: every argument is a size
        shape = ast.copy_location(ast.Tuple(list(call.args), ast.Load()), call)
        return Arguments(Call(named.name), {SIZE: shape}, {})
    return read_arguments(named.name, function, call.args, call.keywords, scope)
