"""Arguments of PyTorch's functions: numbers, of which a tensor of TensorFlow is none.

Authority: torch.nn.init, whose functions take numbers; a tensor of a graph has no value before the graph runs.
"""

import ast
from collections.abc import Collection

from initport.emit.constants import SETTINGS, is_number
from initport.emit.decision import RefusedError
from initport.emit.terms import Argument, Call, Given, Term, map_parts
from initport.python.follow import parts
from initport.python.scope import Scope, resolve
from initport.python.sites import Site

ROOT = "math.sqrt"
"""What Python's root is called in the terms that are given back."""


def in_numbers(site: Site, call: Call) -> Call:
    """The call with Python's root for TensorFlow's of what are numbers. Raises RefusedError where an argument is a
    tensor of TensorFlow, or the shape holds one."""
    shape = site.shape
    if shape is not None and (tensor := _tensor_in(shape, site.scope)) is not None:
        raise RefusedError(
            f"the shape holds `{ast.unparse(tensor)}`, a tensor of TensorFlow, known only when the graph "
            "runs; write numbers"
        )
    known = set() if shape is None else {node.id for node in ast.walk(shape) if isinstance(node, ast.Name)}

    def change(part: Term) -> Term:
        if not isinstance(part, Given) or part.parameter == "seed":
            return part
        node = _Roots(site.scope, known).visit(ast.parse(ast.unparse(part.node), mode="eval").body)
        if (tensor := _tensor_in(node, site.scope)) is not None:
            raise RefusedError(
                f"`{ast.unparse(part.node)}` holds `{ast.unparse(tensor)}`, a tensor of TensorFlow, which PyTorch does "
                "not take; compute it with numbers"
            )
        text = ast.unparse(node)
        return part if text == ast.unparse(part.node) else Given(part.parameter, node, text)

    arguments = (Argument(map_parts(item.value, change), item.name) for item in call.arguments)
    return Call(call.function, tuple(arguments))


class _Roots(ast.NodeTransformer):
    """Puts Python's root in the place of TensorFlow's, where it is that of a number."""

    def __init__(self, scope: Scope, known: Collection[str]) -> None:
        self.scope, self.known = scope, frozenset(known)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        root = any(path in _ROOTS for path in resolve(node.func, self.scope))
        if root and len(node.args) == 1 and not node.keywords and self._is_number(node.args[0]):
            return ast.Call(ast.Name(ROOT), [self.visit(node.args[0])], [])
        self.generic_visit(node)
        return node

    def _is_number(self, node: ast.expr) -> bool:
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return is_number(node, self.scope) or (names <= self.known and _tensor_in(node, self.scope) is None)


_ROOTS = ("tensorflow.sqrt", "tensorflow.math.sqrt", "tensorflow.compat.v1.sqrt", "tensorflow.compat.v1.math.sqrt")


def _tensor_in(node: ast.expr, scope: Scope) -> ast.Call | None:
    """A call of TensorFlow in an expression, or in one that a name of it stands for."""
    calls = ((part, home) for part, home in parts(node, scope) if isinstance(part, ast.Call))
    return next((call for call, home in calls if _gives_tensor(resolve(call.func, home))), None)


def _gives_tensor(paths: Collection[str]) -> bool:
    return any(path.startswith("tensorflow.") and path not in SETTINGS for path in paths)
