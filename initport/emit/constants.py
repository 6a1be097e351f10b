"""The value of a constant: one number, or an array.

Authority: TensorFlow 1 lays an array out in the order of the weight's elements, and repeats its last element where it
is too short (init_ops.py, Constant); Keras 3 broadcasts it (constant_initializers.py). An array of the weight's own
shape is the same to both.
"""

import ast
from collections.abc import Callable, Collection

from initport.emit.decision import RefusedError
from initport.ir.scalar import Scalar
from initport.python.arguments import literal
from initport.python.arithmetic import elements
from initport.python.follow import Part, defaults, definition, evaluate
from initport.python.place import PARTITIONER, shape_of
from initport.python.scope import OPAQUE, Scope, constant, resolve
from initport.python.sites import Site

_NUMBERS = ("float16", "float32", "float64", "int32", "int64")
"""NumPy's types of single numbers."""

_MAKERS = frozenset(
    f"numpy.{name}" for name in ("array", "asarray", "arange", "linspace", "logspace", "zeros", "ones", "full")
)
"""Functions that give arrays."""

_ARRAYS = ({"numpy.array"}, {"numpy.asarray"})
"""What makes an array of a list."""


def check_value(site: Site, node: ast.expr, assume: Collection[str], arrays: bool) -> None:
    """Raises RefusedError where the value may be an array; ``arrays`` is whether the target takes one of the weight's
    own shape."""
    if is_number(node, site.scope) or (arrays and _is_whole(site, node)):
        return
    if _sizes(node, site.scope) is not None:
        way = "write the shape of the array beside it, or " * arrays
        raise RefusedError(
            f"the value `{ast.unparse(node)}` is an array, which TensorFlow 1 lays out element by element, whatever "
            f"the weight's shape; {way}initialize this weight yourself"
        )
    if "scalar" not in assume:
        raise RefusedError(
            f"the value `{ast.unparse(node)}` may be an array, which the target lays out differently; pass "
            "`--assume scalar` if it is one number",
            assume="scalar",
        )


def check_no_array(node: ast.expr, scope: Scope) -> None:
    """Raises RefusedError where a parameter of a distribution is seen to be an array."""
    value = constant(node, scope)
    made = resolve(value.func, scope) if isinstance(value, ast.Call) else frozenset()
    if _sizes(node, scope) is not None or (made and made <= _MAKERS):
        raise RefusedError(f"`{ast.unparse(node)}` is an array, of which each element has its own; draw it yourself")


def is_number(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is arithmetic on single numbers, as far as its names are bound to such here."""
    return evaluate((node, scope), _inner, _is_number_alone)


def _inner(node: ast.expr, scope: Scope) -> tuple[list[Part], Callable[[list[bool]], bool]] | None:
    """The expressions that must be numbers for one to be one."""
    match node:
        case ast.Name():
            part = definition(node, scope)
            return None if part[0] is node else ([part], all)
        case ast.BinOp(left=left, right=right):
            return [(left, scope), (right, scope)], all
        case ast.UnaryOp(operand=operand):
            return [(operand, scope)], all
        case ast.Attribute(value=ast.Name() as holder, attr=attribute):
            setting = _setting_of(holder, attribute, scope)
            return None if setting is None else ([(setting, scope)], all)
        case ast.Call(func=ast.Attribute(attr=name), args=[value]) if name in _NUMBERS:
            return [(value, scope)], all
    return None


def _is_number_alone(node: ast.expr, scope: Scope) -> bool:
    match node:
        case ast.Name(id=name):
            home = scope.home(name)
            return home is not None and _is_number_by_default(name, home)
        case ast.Call(func=ast.Name(id="float" | "int")) | ast.Call(func=ast.Attribute(value=ast.Name(id="math"))):
            return True
        case ast.Call(func=function, args=[], keywords=[]):
            paths = resolve(function, scope)
            return bool(paths) and paths <= _DRAWN_ALONE
    return isinstance(literal(node), Scalar)


_DRAWN_ALONE = frozenset(f"numpy.random.{name}" for name in ("rand", "randn", "random", "random_sample"))
"""Functions that give one number where they are given no size."""

SETTINGS = frozenset(
    f"tensorflow.{name}.HParams" for name in ("contrib.training", "contrib.training.python.training.hparam")
)
"""What keeps the type of a setting whatever it is set to later (contrib/training/python/training/hparam.py)."""


def _setting_of(holder: ast.Name, name: str, scope: Scope) -> ast.expr | None:
    """What a setting of hyperparameters is made with, where their class keeps it a number."""
    made = constant(holder, scope)
    if not isinstance(made, ast.Call):
        return None
    paths = resolve(made.func, scope.home(holder.id) or scope)
    known = bool(paths) and paths <= SETTINGS
    return next((item.value for item in made.keywords if known and item.arg == name), None)


def _is_number_by_default(name: str, home: Scope) -> bool:
    """Whether a name is a parameter, and nothing else, whose default is a number."""
    function = home.node
    if not isinstance(function, ast.FunctionDef | ast.Lambda) or home.bindings[name] != [OPAQUE]:
        return False
    found = (node for node, parameter in defaults(function.args).items() if parameter == name)
    return any(isinstance(node, ast.expr) and isinstance(literal(node), Scalar) for node in found)


def _is_whole(site: Site, node: ast.expr) -> bool:
    """Whether the value is an array of the weight's own shape, and the weight in one piece."""
    shape = site.shape or shape_of(site.place)
    if shape is None or site.text.contains(PARTITIONER):
        return False
    if isinstance(node, ast.Name) and ast.unparse(shape) in (f"{node.id}.shape", f"np.shape({node.id})"):
        return True
    wanted, sizes = elements(shape, site.scope), _sizes(node, site.scope)
    return wanted is not None and sizes is not None and wanted == [Scalar.of(size) for size in sizes]


def _sizes(node: ast.expr, scope: Scope) -> list[int] | None:
    """The shape of a list of numbers, or of lists of such, that is written out or made an array of NumPy's."""
    node = constant(node, scope)
    if isinstance(node, ast.Call) and node.args and resolve(node.func, scope) in _ARRAYS:
        return _sizes(node.args[0], scope)
    if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
        return None
    inner = [[] if is_number(item, scope) else _sizes(item, scope) for item in node.elts]
    first = inner[0]
    return None if first is None or any(sizes != first for sizes in inner) else [len(inner), *first]
