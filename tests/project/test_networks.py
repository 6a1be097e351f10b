"""Descriptions of networks among the files of the codemod: checked, never written."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main

LAYER = 'layer { name: "a" type: "InnerProduct" inner_product_param { num_output: 4 weight_filler { %s } } }\n'
MODEL = {
    "class_name": "Sequential",
    "config": [{"class_name": "Dense", "config": {"units": 4, "name": "d", "init": "he_normal", "input_dim": 8}}],
    "keras_version": "1.2.2",
}
BAD = json.dumps(MODEL).replace("he_normal", "no_such_initializer")


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["codemod", str(path), *arguments])


NOTHING = [
    ("net.prototxt", LAYER % 'type: "xavier"'),
    ("solver.prototxt", 'net: "nowhere.prototxt"\nbase_lr: 0.1\n'),
    ("solver.prototxt", '# for the layers of\nnet: "nowhere.prototxt"\n'),
    ("labels.prototxt", 'item { name: "cat" id: 1 }\n'),
    ("model.json", json.dumps(MODEL)),
    ("package.json", '{"name": "x", "version": "1"}'),
    ("other.json", '{"class_name": "MyModel", "config": {"a": 1}}'),
    ("other.json", '["class_name", "config", "Sequential"]'),
    ("hydra.yaml", "model:\n  class_name: Model\n  config: {a: 1}\n"),
    ("broken.json", "{"),
    ("values.yaml", "a: {{ .Values.a }}\n"),
    ("workflow.yml", "on: push\n"),
]


@pytest.mark.parametrize(("name", "text"), NOTHING)
@pytest.mark.parametrize("arguments", [[], ["--write"], ["--diff"]])
def test_nothing_to_tell(tmp_path: Path, name: str, text: str, arguments: list[str]) -> None:
    path = tmp_path / name
    path.write_text(text)
    found = run(path, *arguments)
    assert (found.exit_code, found.stdout) == (0, ""), found.output
    assert path.read_text() == text


REFUSED = [
    ("net.prototxt", LAYER % 'type: "xaviar"', "IP202", 1),
    ("net.prototxt", LAYER % 'type: "gaussian" std: 0', "IP201", 1),
    ("net.prototxt", "layer {\n", "IP105", 2),
    ("model.json", BAD, "IP2", 1),
    ("model.json", '{"class_name": "Model", "config": 3}', "IP106", 2),
    ("model.yaml", BAD, "IP2", 1),
]


@pytest.mark.parametrize(("name", "text", "code", "status"), REFUSED)
def test_what_cannot_be_converted_is_told(tmp_path: Path, name: str, text: str, code: str, status: int) -> None:
    path = tmp_path / name
    path.write_text(text)
    found = run(path, "--write")
    assert (found.exit_code, path.read_text()) == (status, text)
    assert code in found.stdout
    assert run(path, "--ignore", code).exit_code == 0


def test_the_target_decides(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text('layer { name: "e" type: "Embed" embed_param { num_output: 4 input_dim: 9 bias_term: true\n'
                    'bias_filler { type: "uniform" } } }')  # fmt: skip
    assert [run(path, "--to", target).exit_code for target in ("keras", "torch")] == [1, 1]
    path.write_text(LAYER % 'type: "positive_unitball"')
    assert [run(path, "--to", target).exit_code for target in ("keras", "torch")] == [0, 0]


def test_they_are_read_where_they_are_named_only(tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_text("layer {\n")
    assert run(tmp_path).exit_code == 0
    assert run(tmp_path / "net.prototxt").exit_code == 2


REJECTED = LAYER % 'type: "gaussian" std: 0'


def test_comments_silence_what_is_told(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text(REJECTED[:-1] + "  # initport: ignore[IP201]\n")
    assert run(path).exit_code == 0
    path.write_text(LAYER[:-1] % 'type: "xavier"' + "  # initport: ignore[IP201]\n")
    found = run(path, "--output-format", "concise")
    assert (found.exit_code, found.stdout.count("IP408")) == (0, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (REJECTED, REJECTED[:-1] + "  # initport: ignore[IP201]\n"),
        ("# caf\xe9\r\n" + REJECTED[:-1], "# caf\xe9\r\n" + REJECTED[:-1] + "  # initport: ignore[IP201]"),
        (REJECTED[:-1] + " # x\n" + REJECTED.replace('"a"', '"b"').replace("gaussian", "gabor"),
         REJECTED[:-1] + " # x  # initport: ignore[IP201]\n"
         + REJECTED[:-1].replace('"a"', '"b"').replace("gaussian", "gabor") + "  # initport: ignore[IP202]\n"),
    ],
)  # fmt: skip
def test_a_baseline(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "net.prototxt"
    path.write_bytes(before.encode("latin-1"))
    assert run(path, "--add-ignore").exit_code == 0
    assert path.read_bytes() == after.encode("latin-1")
    assert run(path, "--add-ignore").exit_code == 0
    assert path.read_bytes() == after.encode("latin-1")


def test_a_model_has_no_comments(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(BAD)
    assert run(path, "--add-ignore").exit_code == 1
    assert path.read_text() == BAD
