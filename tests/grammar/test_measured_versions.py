"""A version of which nothing was measured is no premise."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.grammar import registry
from initport.grammar.version import parse_version


@pytest.mark.parametrize("package", sorted(registry.releases()))
@pytest.mark.parametrize("version", ["0.0.1", "99"])
def test_outside_of_what_was_measured(package: str, version: str, tmp_path: Path) -> None:
    assert not registry.is_measured(package, parse_version(version))
    (path := tmp_path / "model.py").write_text(f"import {package}\n")
    ran = CliRunner().invoke(main, ["explain", str(path), "--source-version", f"{package}={version}"])
    assert ran.exit_code == 2
    assert all(known.split(",")[0].strip("<>=") in ran.stderr for known in registry.measured_ranges(package))


@pytest.mark.parametrize("package", sorted(registry.releases()))
def test_usual_versions_were_measured(package: str) -> None:
    assert registry.usual(package)
    assert all(registry.is_measured(package, version) for version in registry.usual(package))
