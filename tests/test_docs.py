"""The pages of the documentation site: every mark is known, every example runs, every page is in the navigation."""

import json
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from docs import hooks, losses
from docs.tables import TABLES
from initport.cli import main

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "docs")))
def test_pages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    written = hooks.rendered(path.read_text(encoding="utf-8"))
    assert not re.search(r"<!-- (output|file|include|table|help|codes)", written)
    assert "Traceback" not in written


def pages(nav: Any) -> Iterator[str]:
    for item in nav if isinstance(nav, list) else [nav]:
        if isinstance(item, str):
            yield item
        else:
            for value in item.values():
                yield from pages(value)


def test_every_page_is_in_the_navigation() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert sorted(pages(nav)) == sorted(str(path.relative_to(ROOT / "docs")) for path in PAGES)


def test_an_unusable_command_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="no-such-command"):
        hooks.output("no-such-command")


def test_every_table_is_on_a_page() -> None:
    shown = {name for path in PAGES for name in re.findall(r"<!-- table: (.*?) -->", path.read_text(encoding="utf-8"))}
    assert shown == set(TABLES)


def test_a_part_of_an_output() -> None:
    whole = hooks.output("rules IP2").splitlines()
    assert hooks.output("rules IP2 | sed 2,3p").splitlines() == whole[1:3]


AUTOMATION = (ROOT / "docs" / "automation.md").read_text(encoding="utf-8")


def test_what_it_says_for_other_tools_can_be_read_by_them() -> None:
    snippets = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", AUTOMATION, re.DOTALL)]
    hook, github, gitlab = snippets
    known = {item["id"] for item in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {item["id"] for item in hook["repos"][0]["hooks"]} <= known
    (upload,) = [step for step in github["jobs"]["initport"]["steps"] if "upload-sarif" in step.get("uses", "")]
    assert f"> {upload['with']['sarif_file']}" in github["jobs"]["initport"]["steps"][3]["run"]
    assert gitlab["initport"]["artifacts"]["reports"]["codequality"] in gitlab["initport"]["script"][1]
    for line in (github["jobs"]["initport"]["steps"][3]["run"], gitlab["initport"]["script"][1]):
        ran = CliRunner().invoke(
            main, line.partition(" > ")[0].replace("codemod .", "codemod fixtures/guide").split()[1:]
        )
        assert json.loads(ran.stdout), line


def test_the_configuration_it_shows_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", AUTOMATION, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(block)
    assert CliRunner().invoke(main, ["config", str(tmp_path)]).exit_code == 0


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_revision_that_the_snippets_name_is_there_and_has_the_hooks() -> None:
    revisions = set(re.findall(r"(?:rev: |@)([0-9a-f]{40})\b", AUTOMATION))
    assert len(revisions) == 1
    assert len(re.findall(r"initport@[0-9a-f]{40}\b|rev: [0-9a-f]{40}\b", AUTOMATION)) == 3
    (revision,) = revisions
    shallow = _git("rev-parse", "--is-shallow-repository").stdout.strip()
    if shallow != "false":
        pytest.skip("the history is not here")
    hooks_then = _git("show", f"{revision}:.pre-commit-hooks.yaml")
    assert hooks_then.returncode == 0, hooks_then.stderr
    assert {item["id"] for item in yaml.safe_load(hooks_then.stdout)} == {"initport-check", "initport-fix"}


@pytest.mark.slow
def test_the_guide_to_a_resnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files, its commands, and the test that it ends with."""
    for path in (ROOT / "fixtures" / "guide").glob("resnet18*"):
        shutil.copy2(path, tmp_path)
    page = (ROOT / "docs" / "resnet.md").read_text(encoding="utf-8")
    (convert, match, compare) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    (check,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert CliRunner().invoke(main, convert.split()[1:]).exit_code == 0
    matched = CliRunner().invoke(main, match.split()[1:])
    assert matched.exit_code == 0, matched.output
    assert "41 of 41 layers are matched" in matched.output
    (tmp_path / "test_port.py").write_text(check)
    by_names = """
import torch
from init_weights import init_weights
from resnet18 import ResNet
from resnet18_port import NAMES
model = ResNet()
before = model.conv1.weight.clone()
try:
    init_weights(model)
except KeyError as error:
    assert "'res3a_branch2a': 'layer2.0.conv1'," in str(error), error
else:
    raise AssertionError
assert torch.equal(before, model.conv1.weight)
assert init_weights(model, rename=NAMES) == []
import test_port
test_port.test_it_starts_as_the_original()
"""
    ran = subprocess.run([sys.executable, "-c", by_names], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert compare.split()[:2] == ["initport", "compare"]
    found = CliRunner().invoke(main, ["compare", "resnet18.prototxt", "resnet18:ResNet", "--effect", "0.2", "-q"])
    assert found.exit_code == 1, found.output
    assert "40 of 62 weights start as the source says, 22 start differently" in found.output


def test_the_kept_losses_are_what_the_benchmark_writes() -> None:
    assert losses.written(losses.kept()) == losses.KEPT.read_text(encoding="utf-8")


def test_a_table_of_losses_shows_medians_and_every_accuracy() -> None:
    runs: losses.Runs = {"exact": [{"losses": [first, 2.0, 0.0, 1.0, *[0.0] * 8, 0.5], "accuracy": 0.9}
                                   for first in (1.0, 5.0, 3.0)]}  # fmt: skip
    assert losses.table(runs) == "| exact | 3.000 | 2.000 | 1.000 | 0.500 | 90.0%, 90.0%, 90.0% |\n"


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", path)]


def test_the_curves_are_the_kept_losses() -> None:
    """The lines of each panel, in the order of the data: each one's points are its losses, up to the panel's scale."""
    pytest.importorskip("matplotlib", reason='curves need matplotlib: pip install "initport[report]"')
    figure = losses.curves(losses.kept())
    assert figure == losses.curves(losses.kept())
    colours = "|".join(losses.COLOURS)
    panels = re.findall(r'<g id="axes_\d+">(.*?)(?=<g id="axes_|\Z)', figure, re.DOTALL)
    assert len(panels) == len(losses.kept())
    for panel, runs in zip(panels, losses.kept().values(), strict=True):
        expected = []
        for found in runs.values():
            each = [run["losses"] for run in found]
            expected += [*each, [statistics.median(of_epoch) for of_epoch in zip(*each, strict=True)]]
        drawn = [points(path) for path in re.findall(rf'<path d="([^"]*)" clip-path[^>]*stroke: (?:{colours})', panel)]
        assert len(drawn) == len(expected) == 18
        (zero, one) = drawn[0][0][1], drawn[0][1][1]
        scale = (zero - one) / (expected[0][0] - expected[0][1])
        for line, values in zip(drawn, expected, strict=True):
            shown = [(y - zero) / scale + expected[0][0] for _, y in line]
            assert shown == pytest.approx(values, abs=0.01)
