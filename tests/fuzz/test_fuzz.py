"""Whatever an input holds, there is an answer or a refusal, and never an exception.

A run of some seconds is part of the tests. A long one is asked for by

    INITPORT_FUZZ=100000 python -m pytest -q tests/fuzz

where the number is that of the cases of each property.
"""

import os
import re
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from initport.conversion import Result, convert, planned, read
from initport.diagnostics import Code, InputError
from initport.explain.model_rows import rows
from initport.explain.row import Table, as_json
from tests.fuzz import generators
from tests.rewrite.rewriting import outcome

CASES = int(os.environ.get("INITPORT_FUZZ", "60"))

bounded = settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    derandomize="INITPORT_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


def answered(data: bytes | str, path: str, source: str = "auto") -> Result:
    """An exit code of 0, 1 or 2, a module that is Python, and a table that is JSON."""
    result = convert(data, path=path, source=source)
    assert result.exit_code in (0, 1, 2)
    assert (result.text is None) == any(item.exit_code == 2 for item in result.diagnostics)
    if result.text is not None:
        compile(result.text, path, "exec")
        model = read(data, path=path, source=source).model
        as_json(Table(rows(model, planned(model, "keras")), list(result.diagnostics)), "keras")
    return result


@bounded
@given(generators.PROTOTXT)
def test_prototxt(text: str) -> None:
    answered(text, "net.prototxt", "caffe")


@bounded
@given(generators.broken(generators.PROTOTXT))
def test_broken_prototxt(text: str) -> None:
    answered(text, "net.prototxt")


@bounded
@given(generators.KERAS_TEXT)
def test_keras(text: str) -> None:
    answered(text, "model.json", "keras")


@bounded
@given(generators.broken(generators.KERAS_TEXT))
def test_broken_keras(text: str) -> None:
    answered(text, "model.json")


@bounded
@given(generators.damaged(generators.ARCHIVES))
def test_archives(data: bytes) -> None:
    answered(data, "model.keras", "keras")


@bounded
@given(generators.damaged(generators.METADATA))
def test_metadata(data: bytes) -> None:
    answered(data, "keras_metadata.pb", "keras")


@bounded
@given(
    st.binary(max_size=200), st.sampled_from(["x", "x.pb", "x.json", "x.yaml", "x.keras", "x.prototxt", "x.caffemodel"])
)
def test_bytes(data: bytes, path: str) -> None:
    answered(data, path)


@bounded
@given(generators.PYTHON)
def test_python(text: str) -> None:
    found = outcome(text.encode())
    if found.after is not None and "print '" not in text:
        compile(found.after, "model.py", "exec")


@bounded
@given(generators.broken(generators.PYTHON))
def test_broken_python(text: str) -> None:
    outcome(text.encode())


@bounded
@given(generators.NOTEBOOKS)
def test_notebooks(text: str) -> None:
    outcome(text.encode(), "model.ipynb")


# ---- what must not matter


def law(text: str) -> list[tuple[Any, ...]] | None:
    """What each weight starts as, and its size; None for an unusable input."""
    try:
        model = read(text, path="net.prototxt", source="caffe").model
    except InputError:
        return None
    return [(item.name, one.role, one.initializer, one.shape) for item in model.layers for one in item.weights]


@bounded
@given(generators.PROTOTXT, st.sampled_from(["# a comment {\n", " \t\n", "\r\n", "#\n#\n"]))
def test_comments_and_blanks_do_not_matter(text: str, blank: str) -> None:
    spread = re.sub(r" (?=[a-z_]+ \{)", f" {blank}", re.sub(r"#.*\n", "\n", text))
    assert law(spread) == law(re.sub(r"#.*\n", "\n", text))


SIZES = ("num_output", "kernel_size", "bias_term", "group", "stride", "pad")


@st.composite
def chains(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """Layers of one input after another, as (type, fields of the parameter message)."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["Convolution", "Deconvolution", "InnerProduct"]))
        fields = [f"num_output: {draw(st.integers(1, 6))}"]
        if kind != "InnerProduct":
            fields += [f"kernel_size: {draw(st.integers(1, 2))}", f"stride: {draw(st.integers(1, 2))}"]
        if draw(st.booleans()):
            fields.append(
                f'weight_filler {{ type: "{draw(st.sampled_from(["xavier", "msra", "gaussian", "constant"]))}" }}'
            )
        found.append((kind, fields))
    return found


MESSAGES = {
    "Convolution": "convolution_param",
    "Deconvolution": "convolution_param",
    "InnerProduct": "inner_product_param",
}
V1_NAMES = {"Convolution": "CONVOLUTION", "Deconvolution": "DECONVOLUTION", "InnerProduct": "INNER_PRODUCT"}
INPUT = 'input: "b0" input_dim: 1 input_dim: 3 input_dim: 16 input_dim: 16 '


def written(
    chain: list[tuple[str, list[str]]],
    layer: Callable[[list[str]], list[str]] = lambda parts: parts,
    message: Callable[[list[str]], list[str]] = lambda parts: parts,
    v1: bool = False,
) -> str:
    text = INPUT
    for index, (kind, fields) in enumerate(chain):
        type_ = V1_NAMES[kind] if v1 else f'"{kind}"'
        inner = f"{MESSAGES[kind]} {{ {' '.join(message(fields))} }}"
        parts = [f'name: "l{index}"', f"type: {type_}", f'bottom: "b{index}"', f'top: "b{index + 1}"', inner]
        text += f"{'layers' if v1 else 'layer'} {{ {' '.join(layer(parts))} }}\n"
    return text


@bounded
@given(chains(), st.randoms(use_true_random=False))
def test_the_order_of_fields_does_not_matter(chain: list[tuple[str, list[str]]], random: Random) -> None:
    def shuffled(parts: list[str]) -> list[str]:
        return random.sample(parts, len(parts))

    assert law(written(chain, shuffled, shuffled)) == law(written(chain))


@bounded
@given(chains())
def test_v1_and_v2_say_the_same(chain: list[tuple[str, list[str]]]) -> None:
    assert law(written(chain, v1=True)) == law(written(chain))


UNKNOWN = st.sampled_from(
    [
        "odd: 1",
        'odd: "x"',
        "odd: TRUE",
        "odd { a: 1 b { c: [1, 2] } }",
        "odd: [1, 2]",
        "odd <a: 1>",
        "odd_param { num_output: 3 }",
    ]
)


@bounded
@given(chains(), UNKNOWN)
def test_an_unknown_field_of_a_layer_changes_nothing(chain: list[tuple[str, list[str]]], odd: str) -> None:
    assert law(written(chain, layer=lambda parts: [odd, *parts])) == law(written(chain))
    assert law(f"{odd} {written(chain)}") == law(written(chain))


@bounded
@given(chains(), UNKNOWN)
def test_an_unknown_field_of_a_parameter_loses_only_sizes_and_says_so(
    chain: list[tuple[str, list[str]]], odd: str
) -> None:
    """What a fork's field does to the sizes behind its layer is not known: they are not guessed, and the initializers
    and the code that come of them are what they are without it."""
    text = written(chain, message=lambda parts: [*parts, odd])
    plain, found = law(written(chain)), law(text)
    assert plain is not None
    assert found is not None
    assert [item[:3] for item in found] == [item[:3] for item in plain]
    for (*_, shape), (*_, whole) in zip(found, plain, strict=True):
        assert shape is None or all(size in (None, known) for size, known in zip(shape, whole, strict=True))
    details = [
        item.detail for item in read(text, path="net", source="caffe").diagnostics if item.code is Code.UNKNOWN_FIELD
    ]
    assert any("sizes behind it are not inferred" in detail for detail in details)


def test_the_command_of_the_long_run_is_read() -> None:
    assert CASES > 0
    assert "INITPORT_FUZZ" in (sys.modules[__name__].__doc__ or "")


@pytest.mark.parametrize("odd", ["alpha: 1", "odd { }"])
def test_an_unknown_field_of_a_filler_is_refused_with_the_reason(odd: str) -> None:
    text = written([("InnerProduct", ["num_output: 3", f'weight_filler {{ type: "xavier" {odd} }}'])])
    (found,) = read(text, path="net", source="caffe").diagnostics
    assert found.code is Code.UNKNOWN_INITIALIZER
    assert "have no field" in found.detail
