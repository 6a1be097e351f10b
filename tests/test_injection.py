"""Nothing that an input says becomes code: hostile names, types and comments reach the output as literals only."""

import ast
from collections.abc import Iterator

import pytest

from initport.conversion import convert
from initport.emit.code import COMMENT_LIMIT, comment, literal
from initport.emit.module_parts import program

HOSTILE = {
    "double quote": 'a"b',
    "single quote": "a'b",
    "both": "a'\"b",
    "triple quotes": '"""\nimport os\nos.system("echo pwned")\n"""',
    "triple single": "'''; import os; '''",
    "backslash": "a\\",
    "escape": "\\x41\\n\\u0041",
    "newline": "a\nimport os",
    "carriage return": "a\rimport os",
    "line separator": "a\u2028import os\u2029import sys",
    "next line": "a\x85import os",
    "form feed": "a\fimport os",
    "nul": "a\0b",
    "bidi": "a\u202eb",
    "comment": "a # b",
    "braces": "a}], {'x': exec('1')}",
    "format": "{model} {0} %s %(x)s",
    "call": '"): __import__("os").system("echo pwned"), ("',
    "encoding": "# -*- coding: utf-7 -*-",
    "astral": "a\U0001f600b",
    "chinese": "卷积",
    "long": "x" * 10_000,
    "empty": "",
}


REFUSED = {HOSTILE["nul"], HOSTILE["format"], HOSTILE["empty"]}
"""A file with NUL bytes is not text, `{model}` is a template's placeholder, and a layer must have a type."""


def escaped(text: str) -> str:
    return '"' + "".join(f"\\{byte:03o}" for byte in text.encode()) + '"'


def network(name: str) -> str:
    said = escaped(name)
    comments = "".join(f"# {line}\n" for line in name.splitlines())
    return (
        f"{comments}name: {said}\n"
        f'layer {{ name: "d" type: "Input" top: {said} input_param {{ shape {{ dim: 1 dim: 3 dim: 9 dim: 9 }} }} }}\n'
        f'layer {{ name: {said} type: "Convolution" bottom: {said} top: {said} param {{ name: {said} }}\n'
        f'  convolution_param {{ num_output: 4 kernel_size: 3 weight_filler {{ type: "xavier" }} }} }}\n'
        f'layer {{ name: "again" type: "Convolution" bottom: {said} top: {said} param {{ name: {said} }}\n'
        f"  convolution_param {{ num_output: 4 kernel_size: 3 weight_filler {{ type: {said} }} }} }}\n"
        f"layer {{ name: {said} type: {said} top: {said} x_param {{ a_filler {{ type: {said} }} }} }}\n"
        f'layer {{ name: "good" type: "InnerProduct" bottom: {said} inner_product_param {{ num_output: 2 }} }}\n'
    )


CALLS = {
    "nn.init.kaiming_uniform_", "keras.initializers.LecunUniform", "keras.initializers.Zeros", "torch.no_grad",
    "callable", "rename", "path", "dict", "'.'.join", "', '.join", "filter", "KeyError", "initialize", "id",
    "INITIALIZERS.items", "names.values", "parameters.items", "model.named_parameters", "(rename or {}).get",
    "initializers", "initializers().items", "arguments.items", "layers.get", "getattr", "found.append",
    "VARIABLES.get", "_variable", "name.split", "part.isdigit", "int", "enumerate", "dict(enumerate(layer or ())).get",
    "next", "missing.append", "variable.assign",
    "initializer", "isinstance", "_layers",
}  # fmt: skip


def calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("name", list(HOSTILE.values()), ids=list(HOSTILE))
def test_a_hostile_name_is_a_literal(name: str, target: str) -> None:
    result = convert(network(name), path=f"{name[:50]}.prototxt", target=target, source="caffe")
    if name in REFUSED:
        assert result.text is None
        assert result.exit_code == 2
        return
    assert result.text is not None, result.diagnostics
    plain = convert(network("plain"), path="plain.prototxt", target=target, source="caffe")
    assert plain.text is not None
    tree = ast.parse(result.text)
    shared = (f"initport.emit.programs.{name}" for name in ("names", "rename"))
    ours = calls(ast.parse(program(*shared, f"initport.emit.targets.{target}.programs.init_weights")))
    assert set(calls(tree)) <= CALLS | set(ours)
    assert shape_of(tree) == shape_of(ast.parse(plain.text))
    keys = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert name in keys
    compile(result.text.encode(), "emitted", "exec")


def shape_of(tree: ast.Module) -> list[str]:
    """The tree without its string constants: a name changes nothing but those."""
    return [type(node).__name__ for node in ast.walk(tree)]


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_literal(text: str) -> None:
    source = literal(text)
    assert ast.literal_eval(source) == text
    assert source.isascii()
    assert source.isprintable()


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_comment_is_one_line(text: str) -> None:
    found = comment(text)
    assert found.isprintable()
    assert len(found) <= COMMENT_LIMIT + 3
    assert ast.dump(ast.parse(f"x = 1  # {found}\ny = 2")) == ast.dump(ast.parse("x = 1\ny = 2"))


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_diagnostics_and_tables_print_on_one_line(text: str) -> None:
    from initport.findings.escape import printable

    assert printable(text).isprintable()
