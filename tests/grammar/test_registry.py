"""A grammar joins by its one file, whatever its axes are; one that nothing can reach is found."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from initport.emit.targets import targets
from initport.formats.index import project_endings
from initport.grammar import files, registry
from initport.grammar.files import read_yaml
from initport.grammar.version import parse_version, within
from initport.grammar.versions import Versions
from initport.project.options import SUFFIXES
from initport.python.vocabulary import names
from initport.rewrite.outcome import may_hold_sites

ROOT = Path(__file__).parents[2]

GRAMMAR = """
framework: cube
title: Cube
head:
  package: cube
  measured: ">=1,<3"
  releases: {title: Cube, short: cb, distributions: [cube-dl], usual: ["2.1"]}
axes:
  ranks: ["out, in, *kernel", "length", ""]
  kinds: {conv: "out, in, *kernel", dense: "out, in"}
fans:
  - {rank: 1, fan_in: count, fan_out: count}
  - {rank: 2+, fan_in: count / size0, fan_out: count / size1}
initializers:
  cube.initializers.LeCunUniform:
    parameters: {scale: 1}
    means: {VarianceScaling: {scale: scale ** 2, fan: fan_in, distribution: uniform}}
    authority: invented
    examples: [{with: {}, layout: "out, in", equals: {VarianceScaling: {scale: 1, fan: in, distribution: uniform}}}]
  cube.initializers.Noise:
    - versions: "<2"
      parameters: {stddev: 1}
      means: {RandomNormal: {mean: 0, stddev: stddev}}
      authority: invented
      examples: [{with: {}, layout: "out", equals: {RandomNormal: {mean: 0, stddev: 1}}}]
    - versions: ">=2"
      parameters: {stddev: 0.05}
      means: {RandomNormal: {mean: 0, stddev: stddev}}
      authority: invented
      examples: [{with: {}, layout: "out", equals: {RandomNormal: {mean: 0, stddev: 1 / 20}}}]
layers:
  cube.links.Linear:
    kind: dense
    parameters: [in_size, out_size, initialW]
    weights:
      - {role: kernel, argument: initialW, layout: "out, in", default: {type: cube.initializers.LeCunUniform}}
    authority: invented
  cube.links.Convolution2D:
    kind: conv
    parameters: [in_channels, out_channels, ksize, initialW]
    weights:
      - {role: kernel, argument: initialW, layout: "out, in, *kernel", default: {type: cube.initializers.LeCunUniform}}
    authority: invented
"""

SOURCE = """from cube import initializers as I, links as L

a = L.Linear(100, 10, initialW=I.LeCunUniform())
b = L.Convolution2D(3, 8, 3, initialW=I.LeCunUniform(2))
c = I.Noise()
d = L.Linear(100, 10)
"""

WRITTEN = {
    "keras": (
        "tf.keras.initializers.lecun_uniform()",
        'tf.keras.initializers.VarianceScaling(4, "fan_in", "uniform")',
        "lambda shape, dtype=None, **_: tf.keras.initializers.RandomNormal(stddev={})(shape, dtype=dtype)",
    ),
    "torch": (
        'functools.partial(nn.init.kaiming_uniform_, nonlinearity="linear")',
        "lambda w: nn.init.uniform_(w, a=-math.sqrt(12 / w[0].numel()), b=math.sqrt(12 / w[0].numel()))",
        "functools.partial(nn.init.normal_, std={})",
    ),
}
"""Of a kernel `out, in, *kernel` the fan_in is all behind the first axis, as in PyTorch; Keras calls the same so."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "grammars").mkdir()
    (tmp_path / "grammars" / "cube.yaml").write_text(GRAMMAR)
    (tmp_path / "a.py").write_text(SOURCE)
    return tmp_path


def initport(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, files.ENVIRONMENT: str(project / "grammars")}
    command = [sys.executable, "-m", "initport", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", WRITTEN)
def test_a_file_is_all_that_a_vocabulary_needs(project: Path, target: str) -> None:
    dense, conv, noise = WRITTEN[target]
    asked = initport(project, "codemod", "--to", target, "--output-format", "json", "a.py")
    found = [item for item in json.loads(asked.stdout)["findings"] if item["code"] != "IP415"]
    assert [item["replacement"] for item in found] == [dense, conv, None], asked.stderr
    assert found[2]["code"] == "IP316"
    for version, stddev in (("1.5", "1"), ("2", "0.05")):
        stated = initport(
            project, "codemod", "--to", target, "--output-format", "json", "--source-version", f"cb={version}", "a.py"
        )
        found = [item for item in json.loads(stated.stdout)["findings"] if item["code"] != "IP415"]
        assert [item["replacement"] for item in found] == [dense, conv, noise.format(stddev)]
        assert found[0]["version"] == f"Cube {version}, from --source-version"


@pytest.mark.parametrize("target", WRITTEN)
def test_it_is_explained(project: Path, target: str) -> None:
    (project / "requirements.txt").write_text("cube-dl==1.5\n")
    table = initport(project, "explain", "--to", target, "a.py").stdout
    for said in (*WRITTEN[target][:2], WRITTEN[target][2].format(1), "4 / fan_in", "(default: LeCunUniform)"):
        assert said in table


def test_its_versions_are_known(project: Path) -> None:
    ran = initport(project, "codemod", "--source-version", "cb=4", "a.py")
    assert ran.returncode == 2
    assert "Cube 4 is not known; what it means was measured for >=1,<3" in ran.stderr
    assert "tflearn, torch, cb" in initport(project, "codemod", "--source-version", "x=4", "a.py").stderr


def test_what_was_clean_is_read_again_with_another_grammar(project: Path) -> None:
    grammar, cache = project / "grammars" / "cube.yaml", ("--cache-dir", "cache", "a.py")
    grammar.write_text(GRAMMAR.replace("package: cube", "package: ball"))
    assert initport(project, "codemod", *cache).returncode == 0
    grammar.write_text(GRAMMAR)
    assert initport(project, "codemod", *cache).returncode == 1


def unreached(grammars: Mapping[str, Any], heads: Mapping[str, Any], used: Iterable[str]) -> set[str]:
    """The grammars that no source leads to, that no other builds on, and that the program does not name. Those of other
    languages than Python are for people alone."""
    wanted = {
        name for name, data in grammars.items() if "framework" in data and not (heads.get(name) or {}).get("language")
    }
    based = {data.get("base") for data in grammars.values()}
    return {name for name in wanted if not (heads.get(name) or {}).get("package") and name not in {*based, *used}}


def _used() -> Iterator[str]:
    for path in (ROOT / "initport").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "vocabulary":
                yield from (str(item.value) for item in node.args if isinstance(item, ast.Constant))
            elif isinstance(node, ast.Dict):  # a table of what writes such files
                yield from (str(item.value) for item in node.values if isinstance(item, ast.Constant))


def test_every_grammar_is_reached() -> None:
    paths = sorted((ROOT / "grammars").glob("*.yaml"))
    grammars = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}
    heads = {name: data.get("head") for name, data in grammars.items()}
    used = {*_used(), *(target.grammar for target in targets().values())}
    assert not unreached(grammars, heads, used)
    lost = read_yaml(GRAMMAR.replace("  package: cube\n", ""), "cube.yaml")
    assert unreached({**grammars, "cube": lost}, {**heads, "cube": lost["head"]}, used) == {"cube"}


@pytest.mark.parametrize("name", registry.source_grammars())
def test_a_source_leads_to_every_grammar(name: str) -> None:
    """Of each a name is known in some version, and the first look at a file finds it."""
    head = registry.source_grammars()[name]
    versions = [version for version in Versions().candidates(head.package) if within(version, head.measured)]
    assert versions or head.package not in registry.releases()
    found: list[str] = []
    for version in [*versions, *registry.usual(head.package)] or [parse_version("0")]:
        known = names(Versions({head.package: version}))
        found += [
            path
            for table in (known.functions, known.draws, known.fills)
            for path, named in table.items()
            if named.vocabulary.framework == name
        ]
        found += [path for path, rows in known.layers.items() if any(layer.framework == name for layer in rows)]
    assert found
    strings = " ".join(f"'{string}'" for string in ("he_normal", "xavier"))
    texts = (f"import {path}\nv = Variable({path}(init))\n{strings}\n".encode() for path in set(found))
    assert any(map(may_hold_sites, texts))


def test_no_two_grammars_are_of_one_package_twice() -> None:
    assert registry.releases().keys() <= registry.packages()
    for package, known in registry.releases().items():
        assert all(registry.is_measured(package, version) for version in registry.usual(package)), package
        assert registry.find_package(known.distributions[0]) == package


def test_the_hooks_are_given_what_is_read() -> None:
    endings = {ending.removeprefix(".") for ending in SUFFIXES}
    endings |= {ending.removeprefix(".") for ending in project_endings()}
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        pattern = re.compile(hook["files"])
        assert {ending for ending in (*endings, "txt", "md", "pb") if pattern.search(f"a.{ending}")} == endings
