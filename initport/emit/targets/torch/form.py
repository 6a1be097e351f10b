"""The text that takes the place of a site: PyTorch's function in the form that its place needs.

A function that needs no more than the tensor stands bare; one with arguments is a `functools.partial`, which evaluates
them where they stood, or a lambda where they depend on the tensor's sizes. A seed becomes a generator of its own for
each weight, so that every weight gets the same draws, as in TensorFlow 1.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from initport.emit.constants import is_number
from initport.emit.decision import RefusedError, Replace, Weights
from initport.emit.forms import as_attribute, captures, factory, filled, is_given, is_plain, named, once
from initport.emit.idioms import Spelling
from initport.emit.route import Route, imported, leading, visible
from initport.grammar.meaning import Vocabulary
from initport.ir.initializers import TRUNCATED_VARIANCE
from initport.python.arguments import PLACEHOLDER, literal
from initport.python.sites.site import Form, Site

_TENSOR = re.compile(r"\bw\b")
_NAMES = re.compile(r"(?<![\w.])(nn\.init|torch|functools\.partial|math\.sqrt)\b")
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


@dataclass(frozen=True, slots=True)
class _Filling:
    """A call that fills the tensor ``w``: its function, and its further arguments by name."""

    function: str
    arguments: Mapping[str, str]

    @property
    def sized(self) -> bool:
        return any(_TENSOR.search(argument) for argument in self.arguments.values())

    def call(self, tensor: str) -> str:
        return f"{self.function}({', '.join((tensor, *self.named))})"

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(f"{name}={argument}" for name, argument in self.arguments.items())


def form(site: Site, spelling: Spelling, target: Vocabulary, held: Weights, python2: bool) -> Replace:
    """Raises RefusedError."""
    filling, statements = _reached(site, _filling(site, spelling, target))
    sources = _sources(site)
    node = site.node
    if site.form is Form.DRAW and site.outer is not None:
        text, node = _drawn(site, filling, sources, statements), site.outer
    elif site.form is Form.FACTORY:
        text = factory(
            filling.call("w"), _callable(filling, named(filling.call("w")), {}, site, statements), sources, python2
        )
        text = as_attribute(site, text)
    else:
        text = as_attribute(site, _callable(filling, None, sources, site, statements))
    code = target.function(spelling.function).code
    defined = site.scope.module.bindings.get(spelling.function)
    definitions = () if code is None or defined == [spelling.function] else (code,)
    if definitions and python2:
        raise RefusedError("it needs a function that Python 2 cannot read; make the file Python 3 first")
    if definitions and defined is not None:
        raise RefusedError(f"the module has another `{spelling.function}`; give that another name first")
    statements.update(dict.fromkeys(item for code in definitions for item in _needed(site, code)))
    anchor = _anchor(text, filling.function)
    return Replace(text, anchor, node, held, tuple(statements), definitions=definitions)


def _anchor(text: str, function: str) -> str:
    """What stands before the parentheses that hold the arguments."""
    found = re.match(r"[\w.]*partial\(", text)
    return found[0][:-1] if found else function


def _filling(site: Site, spelling: Spelling, target: Vocabulary) -> _Filling:
    text = spelling.text.replace(TRUNCATED_VARIANCE.name, repr(TRUNCATED_VARIANCE.value))
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    names = list(target.function(spelling.function).parameters)
    arguments = {name: ast.get_source_segment(text, node) or "" for name, node in zip(names, call.args, strict=False)}
    arguments.update((item.arg or "", ast.get_source_segment(text, item.value) or "") for item in call.keywords)
    del arguments[names[0]]
    if spelling.function not in _UNSEEDED and is_given(seed := site.arguments.aside.get("seed")):
        _check_seed(site, seed)
        if "generator" not in names:
            raise RefusedError("it is seeded, and its form in PyTorch takes no generator; set this weight by hand")
        said = site.words(seed) if isinstance(seed, ast.Constant) else f"{PLACEHOLDER}seed"
        arguments["generator"] = f"torch.Generator(w.device).manual_seed({said})"
    return _Filling(spelling.function, arguments)


def _check_seed(site: Site, node: ast.expr) -> None:
    if not is_number(node, site.scope):
        raise RefusedError(
            f"whether its seed `{ast.unparse(node)}` is a number is known only when the program runs; write it out"
        )


def _reached(site: Site, filling: _Filling) -> tuple[_Filling, dict[str, None]]:
    """The same in the names that the module has for PyTorch, and the imports that it lacks."""
    statements: dict[str, None] = {}

    def reach(found: re.Match[str]) -> str:
        route = _route(site, found[1])
        statements.update(dict.fromkeys(route.statements))
        return route.name

    function = _NAMES.sub(reach, filling.function)
    return _Filling(function, {name: _NAMES.sub(reach, text) for name, text in filling.arguments.items()}), statements


def _route(site: Site, name: str) -> Route:
    statement, plain, paths = _WAYS[name]
    for path, after in paths:
        for found in visible(site, frozenset({path})):
            return Route(f"{found}{after}")
    bound, dot, rest = plain.partition(".")
    return imported(site, statement, bound, (bound, f"torch_{bound}"), f"{{}}{dot}{rest}")


_PLAIN = {
    "nn": ("torch.nn", "from torch import nn"),
    "torch": ("torch", "import torch"),
    "math": ("math", "import math"),
}
"""What our own functions name: the module, and its import."""


def _needed(site: Site, code: str) -> list[str]:
    """The imports that one of our own functions lacks.

    Raises RefusedError where the module uses their names for something else."""
    module, used = site.scope.module, {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert isinstance(module.node, ast.Module)
    last = max((node.end_lineno or 0 for node in leading(module.node, site.line)), default=0)
    found = []
    for name, (path, statement) in _PLAIN.items():
        bindings = module.bindings.get(name, [])
        if name not in used or (bindings == [path] and module.lines[name] <= last):
            continue
        if any(binding != path for binding in bindings):
            raise RefusedError(f"the module uses the name `{name}` for something else; give that another name first")
        found.append(statement)
    return found


def _callable(
    filling: _Filling, body: str | None, sources: Mapping[str, str], site: Site, statements: dict[str, None]
) -> str:
    """A function of the tensor; ``body`` is what it does where the source's expressions have names already."""
    if not filling.arguments:
        return filling.function
    text = filling.call("w")
    if not filling.sized and (body is not None or once(text, sources, site)):
        route = _route(site, "functools.partial")
        statements.update(dict.fromkeys(route.statements))
        partial = f"{route.name}({', '.join((filling.function, *filling.named))})"
        return named(partial) if body is not None else filled(partial, sources)
    captured = {} if body is not None else captures(text, sources)
    parameters = ", ".join(("w", *(f"{name}={source}" for name, source in captured.items())))
    return f"lambda {parameters}: {body or named(text)}"


def _drawn(site: Site, filling: _Filling, sources: Mapping[str, str], statements: dict[str, None]) -> str:
    """The value itself, in a new tensor."""
    shape, made = _made(site)
    route = _route(site, "torch")
    statements.update(dict.fromkeys(route.statements))
    tensor = f"{route.name}.empty({site.words(shape)}{f', dtype={route.name}.{made}' if made else ''})"
    text = filling.call(tensor)
    sizes = shape.elts if isinstance(shape, ast.List | ast.Tuple) else (shape,)
    ordered = all(map(is_plain, sizes)) or all(is_plain(node) for node in site.arguments.verbatim.values())
    if not filling.sized and ordered and once(text, sources, site):
        return filled(text, sources)
    function = _callable(filling, None, sources, site, statements)
    return f"{f'({function})' if function.startswith('lambda') else function}({tensor})"


def _made(site: Site) -> tuple[ast.expr, str]:
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


def _sources(site: Site) -> dict[str, str]:
    nodes = dict(site.arguments.verbatim)
    if "seed" in site.arguments.aside:
        nodes["seed"] = site.arguments.aside["seed"]
    return {name: site.words(node) for name, node in nodes.items()}
