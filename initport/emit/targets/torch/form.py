"""The text that takes the place of a site: PyTorch's function in the form that its place needs.

A function that needs no more than the tensor stands bare; one with arguments is a `functools.partial`, which evaluates
them where they stood, or a lambda where they depend on the tensor's sizes. A seed becomes a generator of its own for
each weight, so that every weight gets the same draws, as in TensorFlow 1.
"""

import ast
import re
from dataclasses import replace

from initport.emit.constants import is_number
from initport.emit.decision import RefusedError, Replace, Weights
from initport.emit.forms import argument_of, as_attribute, captures, factory, is_given, is_plain, once, proved_call
from initport.emit.idioms import Spelling
from initport.emit.route import Route, leading_imports, library_route
from initport.emit.targets.torch.numbers import ROOT, in_numbers
from initport.emit.terms import (
    Argument,
    Attribute,
    Call,
    Function,
    Given,
    Parameter,
    Term,
    Word,
    map_parts,
    name_sources,
    parts,
)
from initport.grammar.meaning import Vocabulary
from initport.python.arguments import literal
from initport.python.sites import Form, Site
from initport.python.sites.inplace import other_name, with_other_name

_TENSOR = Word("w")
_NAMES = re.compile(r"(nn\.init|torch|functools\.partial|math\.sqrt)\b")
_WAYS = {
    "nn.init": ("from torch import nn", "nn.init",
                (("torch.nn.init", ""), ("torch.nn", ".init"), ("torch", ".nn.init"))),
    "torch": ("import torch", "torch", (("torch", ""),)),
    "functools.partial": ("import functools", "functools.partial",
                          (("functools.partial", ""), ("functools", ".partial"))),
    "math.sqrt": ("import math", "math.sqrt", (("math.sqrt", ""), ("math", ".sqrt"))),
}  # fmt: skip
"""What our spellings name: the import that it needs and its name then, and the paths that it can be reached by, each
with what follows."""

_UNSEEDED = frozenset({"nn.init.zeros_", "nn.init.ones_", "nn.init.constant_", "nn.init.eye_", "identity_"})
"""Functions that draw nothing."""

_DTYPES = {
    "float16": "float16", "half": "float16", "float32": "", "float64": "float64", "double": "float64",
    "bfloat16": "bfloat16",
}  # fmt: skip
"""TensorFlow's types by PyTorch's; single precision is what PyTorch makes anyway."""


def form(site: Site, spelling: Spelling, target: Vocabulary, held: Weights, python2: bool) -> Replace:
    """Raises RefusedError."""
    filling, statements = _access(site, _fill_call(site, spelling, target))
    node: ast.expr = site.node
    term: Term
    if site.form is Form.DRAW and site.outer is not None:
        term, node = _draw(site, filling, statements), site.outer
    elif site.form is Form.FACTORY:
        applied = _partial(filling, site, statements) or Function((Parameter("w"),), filling)
        term = as_attribute(site, factory(filling, name_sources(applied), python2))
    else:
        term = as_attribute(site, _callable(filling, site, statements))
    code = target.function(spelling.function).code
    defined = site.scope.module.bindings.get(spelling.function)
    definitions = () if code is None or defined == [spelling.function] else (code,)
    if definitions and python2:
        raise RefusedError("it needs a function that Python 2 cannot read; make the file Python 3 first")
    if definitions and defined is not None:
        raise RefusedError(f"the module has another `{spelling.function}`; give that another name first")
    if definitions:
        code, missing = _with_imports(site, definitions[0])
        definitions = (code,)
        statements.update(dict.fromkeys(missing))
    return Replace(term, node, held, tuple(statements), definitions=definitions)


def _fill_call(site: Site, spelling: Spelling, target: Vocabulary) -> Call:
    """The call that fills the tensor ``w``, its further arguments by name."""
    call = in_numbers(site, proved_call(site, spelling.text))
    names = list(target.function(spelling.function).parameters)
    arguments = [Argument(_TENSOR)]
    arguments += (Argument(item.value, item.name or names[place]) for place, item in enumerate(call.arguments) if place)
    if spelling.function not in _UNSEEDED and is_given(seed := site.arguments.aside.get("seed")):
        _check_seed(site, seed)
        if "generator" not in names:
            raise RefusedError(
                "it is seeded, and its form in PyTorch takes no generator; initialize this weight yourself"
            )
        number = Word(site.words(seed)) if isinstance(seed, ast.Constant) else argument_of(site, "seed", seed)
        generator = Call(Word("torch.Generator"), (Argument(Word("w.device")),))
        arguments.append(Argument(Call(Attribute(generator, "manual_seed"), (Argument(number),)), "generator"))
    return Call(call.function, tuple(arguments))


def _check_seed(site: Site, node: ast.expr) -> None:
    if not is_number(node, site.scope):
        raise RefusedError(
            f"whether its seed `{ast.unparse(node)}` is a number is known only when the program runs; write it out"
        )


def _access(site: Site, filling: Call) -> tuple[Call, dict[str, None]]:
    """The same in the names that the module has for PyTorch, and the imports that it lacks."""
    statements: dict[str, None] = {}

    def reach(part: Term) -> Term:
        if isinstance(part, Given) and ROOT in part.text:
            route = _route(site, ROOT)
            statements.update(dict.fromkeys(route.statements))
            return replace(part, text=part.text.replace(ROOT, route.name))
        found = _NAMES.match(part.text) if isinstance(part, Word) else None
        if found is None or not isinstance(part, Word):
            return part
        route = _route(site, found[0])
        statements.update(dict.fromkeys(route.statements))
        return Word(route.name + part.text[found.end() :])

    function = reach(filling.function)
    return Call(
        function, tuple(replace(item, value=map_parts(item.value, reach)) for item in filling.arguments)
    ), statements


def _route(site: Site, name: str) -> Route:
    statement, plain, paths = _WAYS[name]
    bound = plain.partition(".")[0]
    return library_route(site, statement, plain, (bound, f"torch_{bound}"), paths)


_PLAIN = {
    "nn": ("torch.nn", "from torch import nn"),
    "torch": ("torch", "import torch"),
    "math": ("math", "import math"),
}
"""What our own functions name: the module, and its import."""


def _with_imports(site: Site, code: str) -> tuple[str, list[str]]:
    """One of our own functions, and the imports that it lacks; what the module has another `nn` for is called by the
    name that our lines call it by there.

    Raises RefusedError where the module uses their names for something else."""
    module, used = site.scope.module, {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert isinstance(module.node, ast.Module)
    last = max((node.end_lineno or 0 for node in leading_imports(module.node, site.line)), default=0)
    found = []
    for name, (path, statement) in _PLAIN.items():
        bindings = module.bindings.get(name, [])
        if name not in used or (bindings == [path] and module.lines[name] <= last):
            continue
        if any(binding != path for binding in bindings):
            other = other_name(path)
            if other == name or any(binding != path for binding in module.bindings.get(other, [])):
                raise RefusedError(
                    f"the module uses the name `{name}` for something else; give that another name first"
                )
            code, statement = with_other_name(code, name, path), f"{statement} as {other}"
        found.append(statement)
    return code, found


def _callable(filling: Call, site: Site, statements: dict[str, None]) -> Term:
    """A function of the tensor."""
    partial = _partial(filling, site, statements) if once(filling) else None
    return partial or Function((Parameter("w"), *captures(filling)), name_sources(filling))


def _partial(filling: Call, site: Site, statements: dict[str, None]) -> Term | None:
    """The function with its further arguments, if it has any; None where these depend on the tensor."""
    _, *further = filling.arguments
    if not further:
        return filling.function
    if _is_sized(filling):
        return None
    route = _route(site, "functools.partial")
    statements.update(dict.fromkeys(route.statements))
    return Call(Word(route.name), (Argument(filling.function), *further))


def _is_sized(filling: Call) -> bool:
    """Whether an argument besides the tensor depends on it."""
    inside = (part for item in filling.arguments[1:] for part in parts(item.value))
    return any(isinstance(part, Word) and part.root == _TENSOR.text for part in inside)


def _draw(site: Site, filling: Call, statements: dict[str, None]) -> Call:
    """The value itself, in a new tensor."""
    shape, dtype = _shape_and_type(site)
    route = _route(site, "torch")
    statements.update(dict.fromkeys(route.statements))
    tensor = Call(Word(f"{route.name}.empty"), (Argument(argument_of(site, "shape", shape)),))
    if dtype:
        tensor = tensor.plus(Word(f"{route.name}.{dtype}"), "dtype")
    sizes = shape.elts if isinstance(shape, ast.List | ast.Tuple) else (shape,)
    ordered = all(map(is_plain, sizes)) or all(is_plain(node) for node in site.arguments.verbatim.values())
    if not _is_sized(filling) and ordered and once(filling):
        return Call(filling.function, (Argument(tensor), *filling.arguments[1:]))
    return Call(_callable(filling, site, statements), (Argument(tensor),))


def _shape_and_type(site: Site) -> tuple[ast.expr, str]:
    """The shape that is drawn, and PyTorch's name of the type."""
    assert site.outer is not None
    if site.is_drawn and site.shape is not None:
        return site.shape, _dtype(site.arguments.aside.get("dtype"))
    given = dict(zip(("shape", "dtype"), site.outer.args, strict=False))
    given.update((item.arg or "", item.value) for item in site.outer.keywords)
    if given.keys() - {"shape", "dtype"} or "shape" not in given or len(site.outer.args) > 2:
        raise RefusedError("it is called on more than a shape and a type; PyTorch needs the shape alone")
    if isinstance(given["shape"], ast.Starred):
        raise RefusedError("its shape is given with `*`; write it out")
    return given["shape"], _dtype(given.get("dtype", site.arguments.aside.get("dtype")))


def _dtype(node: ast.expr | None) -> str:
    """Nothing for single precision. Raises RefusedError."""
    if node is None:
        return ""
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    if last is not None and last not in _DTYPES:
        raise RefusedError(f"PyTorch's name for the type `{ast.unparse(node)}` is not known")
    return _DTYPES[last] if isinstance(last, str) else ""
