"""The table on a terminal: a block a weight where it does not fit, nothing cut, repeated blocks together."""

from pathlib import Path

import pytest

import initport
from initport.explain.row import Row
from initport.explain.screen import MANY, as_text

ROOT = Path(__file__).parents[2]
RESNET = (ROOT / "fixtures/guide/resnet18.prototxt").read_text()
LENET = (ROOT / "fixtures/convert/lenet/input.prototxt").read_text()
LONG = "conv_with_a_name_that_is_longer_than_a_narrow_terminal_would_like_it_to_be_and_then_some"
ONE = f"""layer {{ name: "{LONG}" type: "InnerProduct" bottom: "data"
  inner_product_param {{ num_output: 3 bias_term: false weight_filler {{ type: "xavier" }} }} }}"""


def rows(text: str) -> list[Row]:
    return initport.explain(text, path="net.prototxt").rows


def test_a_pipe_gets_a_line_a_row() -> None:
    lines = as_text(rows(RESNET)).splitlines()
    assert len(lines) == 1 + len(rows(RESNET))


@pytest.mark.parametrize("width", [170, 200])
def test_a_table_where_it_fits(width: int) -> None:
    lines = as_text(rows(LENET), width).splitlines()
    assert len(lines) == 9
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_block_a_weight_where_it_does_not(width: int) -> None:
    text = as_text(rows(LENET), width)
    assert max(map(len, text.splitlines())) <= width
    for row in rows(LENET):
        assert f"{row['layer']} {row['weight']}" in text
        assert f"-> {row['target']}" in " ".join(text.split())


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_word_is_cut(width: int) -> None:
    text = as_text(rows(ONE), width)
    assert LONG in text
    assert 'nn.init.kaiming_uniform_(w, nonlinearity="linear")' in " ".join(text.split())
    assert "…" not in text


@pytest.mark.parametrize("width", [80, 100, 160])
def test_repeated_blocks_and_statistics_are_together(width: int) -> None:
    found = rows(RESNET)
    assert len(found) > MANY
    text = as_text(found, width)
    assert "conv1 … res5b_branch2b (20)" in text
    assert "scale_conv1 … scale5b_branch2b (20)" in text
    assert "fc1000" in text
    assert "60 running statistics keep the target's own start; --all shows them." in text
    assert len(text.splitlines()) < 24
    assert max(map(len, text.splitlines())) <= width


def test_what_starts_in_another_way_is_not_grouped() -> None:
    text = RESNET.replace('type: "msra"', 'type: "xavier"', 1)
    assert text != RESNET
    shown = as_text(rows(text), 100)
    assert "res2a_branch2a … res5b_branch2b (19)" in shown
    assert "conv1 kernel" in shown


def test_all_shows_every_row() -> None:
    found = rows(RESNET)
    shown = as_text(found, 200, every=True)
    assert all(row["layer"] in shown for row in found)
    assert "(20)" not in shown


def test_few_rows_are_not_grouped() -> None:
    assert "…" not in as_text(rows(LENET), 80)


def test_a_refusal_is_one_in_every_layout() -> None:
    text = ONE.replace('"xavier"', '"xaviar"')
    assert "REFUSED" in as_text(rows(text), 60)
    assert "REFUSED" in as_text(rows(text), 300)
