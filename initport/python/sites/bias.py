"""Draws in a dtype of so few bits that they have not the law of the function that draws them."""

import ast

from initport.python.arguments import dtype_name
from initport.python.defaults import bias_of, stored_dtype
from initport.python.place import given_arguments
from initport.python.scope import Scope, constant
from initport.python.sites import Place
from initport.python.vocabulary import Named


def bias_in(named: Named, where: Place, dtype: ast.expr | None, scope: Scope) -> str:
    """Why it is not drawn as its law says; "" where it is, or draws nothing. ``dtype`` is what the draw itself is
    given; a layer gives its own."""
    known = named.vocabulary
    if not known.grammar.biased or "Constant" in named.function.means:
        return ""
    if dtype is None and where.layer is not None and where.call is not None:
        dtype = given_arguments(where.layer.row, where.call).get(stored_dtype(where.layer))
    return bias_of([known.framework], dtype_name(None if dtype is None else constant(dtype, scope)))
