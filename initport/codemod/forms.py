"""The text that takes the place of a site: the target's initializer in the form that its place needs.

Authority for the forms: an initializer object of TensorFlow 1 draws afresh at each call (unless it has a seed), one of
Keras 3 and tf_keras repeats itself. Where an object can start several weights, a lambda makes a new one for each; it
takes the ``partition_info`` that TensorFlow 1.15 passes to it. Arguments that are no literals stay where they were
evaluated: in the call itself, or as defaults of the lambda.
"""

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

from initport.readers.python_source.arguments import PLACEHOLDER, literal
from initport.readers.python_source.sites import Form, Reach, Site

_PLACEHOLDER = re.compile(rf"{PLACEHOLDER}(\w+)")
_PRIMARY = ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Constant
_UNSEEDED = frozenset({"Zeros", "Ones", "Constant", "Identity"})
"""Initializers of Keras that draw nothing."""


class FormError(Exception):
    """The expression cannot be given the form that it needs; the message says why and what can be done."""


@dataclass(frozen=True, slots=True)
class Proved:
    """A call of the target's vocabulary that was proved equal, such as ``X(scale, "fan_in")``, with the placeholders of
    the source's own expressions in it; ``short`` is the function's name without its module."""

    text: str
    short: str


def form(site: Site, proved: Proved, sources: Mapping[str, str], python2: bool) -> str:
    """The replacement, on one line. ``sources`` are the source's expressions by parameter. Raises FormError."""
    text = _form(site, proved, sources, python2)
    if not site.place.attribute or not text.startswith("lambda"):
        return text
    _check_attribute(site)
    return f"staticmethod({text})"


def _check_attribute(site: Site) -> None:
    """Raises FormError where the class itself uses the attribute: there a staticmethod cannot be called."""
    body = site.scope.node
    assigned = {name for name, line in site.scope.lines.items() if line == site.line}
    used = {node.id for node in ast.walk(body) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    if assigned & used:
        raise FormError("a class attribute that the class body itself uses; move it out of the class")


def _form(site: Site, proved: Proved, sources: Mapping[str, str], python2: bool) -> str:
    seed = site.arguments.aside.get("seed")
    if proved.short in _UNSEEDED or _is_none(seed):
        seed = None
    repeats = proved.short in _UNSEEDED or (seed is not None and isinstance(seed, ast.Constant))
    dtype = _dtype(site)
    text = proved.text if seed is None else _with(proved.text, f"seed={PLACEHOLDER}seed")
    simple = (repeats or site.reach is Reach.ONE) and (dtype is None or site.reach is Reach.ONE)
    if site.form is Form.DRAW:
        simple = dtype is None or _has_dtype(site)
    if site.form is Form.FACTORY:
        return _factory(text, sources, dtype, repeats and dtype is None, python2)
    if simple and _once(text, sources, site):
        return _filled(text, sources)
    return _fresh(text, sources, dtype)


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _fresh(text: str, sources: Mapping[str, str], dtype: str | None) -> str:
    """A function that makes an initializer for each weight it is called for."""
    captured = _captures(text, sources)
    parameters = ", ".join(("shape", f"dtype={dtype}", *(f"{name}={source}" for name, source in captured.items())))
    return f"lambda {parameters}, **_: {_named(text)}(shape, dtype=dtype)"


def _named(text: str) -> str:
    """The call with the parameters' names for the source's expressions."""
    return _PLACEHOLDER.sub(r"\1", text)


def _factory(text: str, sources: Mapping[str, str], dtype: str | None, simple: bool, python2: bool) -> str:
    captured = _captures(text, sources)
    if captured and python2:
        raise FormError(
            "it needs a function with keyword-only parameters, which Python 2 has not; call it where it stands"
        )
    outer = f"*, {', '.join(f'{name}={source}' for name, source in captured.items())}" if captured else ""
    inner = _named(text)
    made = inner if simple else f"lambda shape, dtype={dtype}, **_: {inner}(shape, dtype=dtype)"
    return f"lambda {outer}: {made}" if outer else f"lambda: {made}"


def _captures(text: str, sources: Mapping[str, str]) -> dict[str, str]:
    used = dict.fromkeys(_PLACEHOLDER.findall(text))
    return {name: _closed(sources[name]) for name in used}


def _closed(source: str) -> str:
    """In parentheses where a comma or an equals sign beside it would not do."""
    node = ast.parse(source.strip(), mode="eval").body if not source.startswith("yield") else None
    return (
        source
        if node is not None and not isinstance(node, ast.NamedExpr | ast.Yield | ast.GeneratorExp)
        else f"({source})"
    )


def _once(text: str, sources: Mapping[str, str], site: Site) -> bool:
    """Whether every expression of the source can stand in the call itself: just once, or without any effect."""
    counts = {name: text.count(PLACEHOLDER + name) for name in sources}
    return all(count == 1 or (count > 1 and _is_plain(site, name)) for name, count in counts.items() if count)


def _is_plain(site: Site, name: str) -> bool:
    node = site.arguments.verbatim.get(name)
    return node is not None and is_plain(node)


def is_plain(node: ast.expr) -> bool:
    """Whether an expression only looks things up, so that leaving it out or repeating it changes nothing."""
    parts = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(part, parts) for part in ast.walk(node))


def _filled(text: str, sources: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        source = sources[found[1]]
        before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
        alone = before.endswith(("(", ",", "=")) and after.startswith((")", ","))
        if alone:
            return _closed(source)
        return source if isinstance(ast.parse(source, mode="eval").body, _PRIMARY) else f"({source})"

    return _PLACEHOLDER.sub(fill, text)


def _with(text: str, argument: str) -> str:
    """The call with one more argument."""
    return f"{text[:-1]}{'' if text.endswith('()') else ', '}{argument})"


def _dtype(site: Site) -> str | None:
    """The dtype that weights get where the caller of the initializer names none; None for single precision."""
    node = site.arguments.aside.get("dtype")
    if node is None or _is_none(node):
        return None
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    return None if last == "float32" else site.words(node)


def _has_dtype(site: Site) -> bool:
    call = site.outer
    return call is not None and (len(call.args) > 1 or any(item.arg == "dtype" for item in call.keywords))


def with_comments(text: str, replaced: str, after: str, newline: str, indent: str) -> str:
    """The replacement with the comments of what it replaces, each on a line within the parentheses that come after
    ``after``. Raises FormError where the comments cannot be told."""
    if "#" not in replaced:
        return text
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({replaced}\n)").readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise FormError("its comments cannot be told from its code; take them out of the call") from error
    comments = [token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT]
    if not comments:
        return text
    at = text.index("(", text.index(after)) + 1
    lines = "".join(f"{newline}{indent}{comment}" for comment in comments)
    return f"{text[:at]}{lines}{newline}{indent}{text[at:]}"
