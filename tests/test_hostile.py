"""Sizes and numbers that no network has: an answer or a refusal, at once, and never an exception."""

import json

import pytest

from initport.conversion import convert, plan_for, read
from initport.explain.model_rows import rows
from initport.explain.row import Table, as_json

INPUT = 'layer { name: "d" type: "Input" top: "d" input_param { shape { dim: 1 dim: 3 dim: 9 dim: 9 } } }\n'


def layer(kind: str, body: str) -> str:
    return f'{INPUT}layer {{ name: "a" type: "{kind}" bottom: "d" top: "a" {body} }}'


def dense(filler: str, more: str = "") -> str:
    return layer("InnerProduct", f"inner_product_param {{ num_output: 4 weight_filler {{ {filler} }} {more} }}")


HUGE = 2**31 - 1

HOSTILE = {
    "kernel": layer(
        "Deconvolution",
        f'convolution_param {{ num_output: {HUGE} kernel_size: {HUGE} weight_filler {{ type: "bilinear" }} }}',
    ),
    "kernels": layer("Convolution", f"convolution_param {{ num_output: 4 {'kernel_size: 3 ' * 10_000} }}"),
    "outputs": layer("InnerProduct", f'inner_product_param {{ num_output: {HUGE} weight_filler {{ type: "msra" }} }}'),
    "unitball": layer(
        "InnerProduct", f'inner_product_param {{ num_output: {HUGE} weight_filler {{ type: "positive_unitball" }} }}'
    ),
    "axis": dense('type: "xavier"', f"axis: {-(2**31)}"),
    "axes": layer("Scale", f'scale_param {{ axis: 9 num_axes: {HUGE} filler {{ type: "xavier" }} }}'),
    "parameter": layer("Parameter", f"parameter_param {{ shape {{ {'dim: 2 ' * 3000} }} }}"),
    "small": dense('type: "gaussian" std: 1e-44'),
    "large": dense('type: "uniform" min: -3e38 max: 3e38'),
    "digits": dense(f'type: "gaussian" std: 0.{"3" * 5000}'),
    "exponent": dense('type: "gaussian" std: 1e-999999999'),
    "sparse": dense(f'type: "gaussian" sparse: {HUGE}'),
    "infinite": dense('type: "gaussian" std: inf'),
    "not a number": dense('type: "gaussian" std: nan'),
    "too large": dense('type: "gaussian" std: 1e999999999'),
}


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_an_answer_or_a_refusal(text: str, target: str) -> None:
    result = convert(text, path="net", target=target)
    assert result.exit_code in (0, 1, 2)
    if result.text is not None:
        compile(result.text, "emitted", "exec")
        model = read(text, path="net").model
        table = Table(rows(model, plan_for(model, target)), list(result.diagnostics))
        json.loads(as_json(table, target))
    else:
        assert result.exit_code == 2
