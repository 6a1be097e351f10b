"""Which file of a directory describes the network."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.formats.directory import network_file
from tests.formats.graph.test_reader import GOOD, meta, saved_model

CASES = [
    ([], None),
    (["variables", "notes.txt"], None),
    (["saved_model.pb", "variables"], "saved_model.pb"),
    (["saved_model.pb", "keras_metadata.pb"], "keras_metadata.pb"),
    (["saved_model.pb", "assets/saved_model.json"], "assets/saved_model.json"),
    (["checkpoint", "model.ckpt-9.meta", "model.ckpt-10.meta", "graph.pbtxt"], "model.ckpt-10.meta"),
    (["model.meta", "events.out.tfevents.1.host"], "model.meta"),
    (["graph.pbtxt", "events.out.tfevents.1.host"], "graph.pbtxt"),
    (["events.out.tfevents.1.host", "events.out.tfevents.2.host"], "events.out.tfevents.2.host"),
]


@pytest.mark.parametrize(("names", "file"), CASES)
def test_file_of_a_directory(names: list[str], file: str | None) -> None:
    assert network_file(names) == file


def test_a_directory_is_converted(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(saved_model(meta(GOOD)))
    ran = CliRunner().invoke(main, ["convert", str(tmp_path)])
    assert ran.exit_code == 0
    assert "nn.init.normal_(w, std=1)" in ran.stdout


def test_a_directory_without_a_network_is_an_error(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["convert", str(tmp_path)])
    assert ran.exit_code == 2
    assert "directory" in ran.stderr
