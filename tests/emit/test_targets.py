"""A target is a folder and a grammar: one that is dropped in is found by everything, and nothing else lists them."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from initport.emit import targets
from initport.grammar import files
from initport.ir.weights import Kind
from initport.project import options

ROOT = Path(__file__).parents[2]
TARGETS = targets.targets()


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_declares_itself(name: str) -> None:
    found = TARGETS[name]
    assert found.name == name
    assert found.grammar == name.replace("-", "_")
    assert (ROOT / "grammars" / f"{found.grammar}.yaml").is_file()
    assert found.vocabulary.grammar.kinds.keys() == set(Kind)
    assert found.program("stubs").is_file()
    assert not found.rewrites or found.sites.names_written().functions
    assert found.title
    assert found.libraries


def test_one_target_is_the_default_of_each_input() -> None:
    assert {kind: targets.default(kind.name.lower()) for kind in options.Input} == options.DEFAULT_TARGETS
    with pytest.raises(ValueError, match=r"unknown target 'caffe2'; known: keras, torch"):
        targets.target("caffe2")


NAMES = frozenset(
    word
    for item in targets.targets().values()
    for word in (item.name, item.grammar, item.layers, item.title, *item.aliases, *item.libraries)
)


def _names_in(path: Path) -> set[str]:
    """The strings of a module that are a target's name, title, grammar or library, or lead into a library."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {word for word in words if word in NAMES or (" " not in word and word.partition(".")[0] in NAMES)}


SOURCES = {
    "emit/targets/": "the targets themselves",
    "emit/jax/": "what the targets on JAX share",
    "formats/keras/": "files that Keras writes",
    "program/builtin.py": "classes of PyTorch, as a program asks for them",
    "program/calls.py": "packages whose functions are known, among all others",
    "program/library.py": "networks of Keras, as a program builds them",
    "program/modules.py": "a name of the grammar of PyTorch's layers",
    "project/options.py": "the names that Keras is imported by, of which the user chooses one",
    "project/pins.py": "packages whose versions are pinned",
    "project/processes.py": "the version of Keras's files in a project",
    "python/place.py": "layers of Keras, as they are read",
    "python/sites/string.py": "packages whose layers look names up",
    "python/vocabulary.py": "functions of Keras that look names up",
}
"""Where a framework is named that is a target as well: as what people port from, or as the user's word."""


def test_nothing_else_knows_a_target() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "initport").rglob("*.py")):
        place = path.relative_to(ROOT / "initport").as_posix()
        home = next((home for home in SOURCES if place.startswith(home)), place)
        found.setdefault(home, set()).update(_names_in(path))
    named = {home for home, words in found.items() if words}
    assert named == set(SOURCES)


PACKAGE = '''
"""An invented target."""

from initport.emit.target import Target

TARGET = Target(
    package=__name__, title="Slate", libraries=("numpy",), layers="torch_layers", strings="torch",
    aliases=("slates",),
)
'''

MODULE = '''
"""A dict from (layer, parameter) to a function of a shape."""


def emit(model, plan, target):
    lines = [f"    ({entry.module!r}, {entry.place.name!r}): lambda shape: {spelling.text},\\n"
             for entry, spelling in plan.emitted]
    return "".join(("import math\\nimport numpy.random as slate\\n\\nSTARTS = {\\n", *lines, "}\\n"))
'''

SITE = '''
"""A call of numpy.random's, on a shape."""

from initport.emit.axis_pairs import differs, pairs
from initport.emit.decision import RefusedError, Replace
from initport.emit.forms import proved_call
from initport.emit.idioms import spell
from initport.emit.proof import prove
from initport.emit.targets import target
from initport.grammar.versions import Versions
from initport.python.vocabulary import names


def decide(site, settings):
    known = target("slate").vocabulary

    def spelled(initializer, layout):
        found = spell(known, initializer, layout)
        if found is None:
            raise RefusedError("Slate has no such initializer")
        return found

    held = weights(site, settings.assume)
    text = prove(site, known, held, spelled, lambda _: differs(site, known, settings.offered)).text
    return Replace(proved_call(site, text), site.node, held, ("import slate",))


def weights(site, assumed):
    return pairs(site, target("slate").vocabulary, assumed)


def names_written():
    return names(Versions({}), roots=frozenset({"slate"}))
'''

VERIFY = '''
"""Runs what `module` emits."""

import numpy as np
from serve import code_key, measuring, serve


class Run:
    def __init__(self, job, namespace):
        np.random.seed(job["seed"])
        self.starts = namespace["STARTS"]

    def start(self, weight):
        return self.draw(self.function(weight), weight)

    def function(self, weight):
        return self.starts[weight["layer"], weight["parameter"]]

    def key_of(self, function):
        return code_key(function)

    def draw(self, function, weight):
        return np.broadcast_to(function(tuple(weight["shape"])), weight["shape"])


serve({"measure": measuring("slate", Run)})
'''

GRAMMAR = """
framework: slate
title: Slate
head: {package: slate}
axes:
  ranks: ["out, in, *kernel", "length", ""]
  kinds: {conv: "out, in, *kernel", conv_transpose: "in, out, *kernel", dense: "out, in"}
fans:
  - {rank: 2+, fan_in: count / size0, fan_out: count / size1}
sizes:
  - ["math.prod(shape[1:])", count / size0]
initializers:
  slate.uniform:
    parameters: {low: 0, high: 1, size: null}
    means: {RandomUniform: {minval: low, maxval: high}}
    authority: invented
    examples: []
  slate.normal:
    parameters: {loc: 0, scale: 1, size: null}
    means: {RandomNormal: {mean: loc, stddev: scale}}
    authority: invented
    examples: []
  slate.Normal:
    parameters: {loc: 0, scale: 1}
    means: {RandomNormal: {mean: loc, stddev: scale}}
    authority: invented
    examples: []
idioms:
  Constant: ["slate.normal(0, {value}, shape)"]
  RandomUniform: ["slate.uniform({minval}, {maxval}, shape)"]
  RandomNormal: ["slate.Normal({mean}, {stddev})"]
layers: {}
"""

NET = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param {
  num_output: 64 kernel_size: 3 weight_filler { type: "xavier" } bias_term: false } }
"""

SOURCE = """import tensorflow as tf

a = tf.layers.Dense(100, kernel_initializer=tf.random_normal_initializer(stddev=0.02))
"""

DRIVER = """
import sys
from initport.emit import targets
targets.__path__.append(sys.argv.pop(1))
from initport.__main__ import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slate")
    folder = path / "targets" / "slate"
    (folder / "programs").mkdir(parents=True)
    for name, text in (("__init__", PACKAGE), ("module", MODULE), ("site", SITE), ("programs/stubs", VERIFY)):
        (folder / f"{name}.py").write_text(text)
    grammar: dict[str, Any] = yaml.safe_load(GRAMMAR)
    grammar["kinds"] = yaml.safe_load((ROOT / "grammars" / "torch.yaml").read_text(encoding="utf-8"))["kinds"]
    (path / "grammars").mkdir()
    (path / "grammars" / "slate.yaml").write_text(yaml.safe_dump(grammar, sort_keys=False))
    (path / "net.prototxt").write_text(NET)
    (path / "a.py").write_text(SOURCE)
    (path / "driver.py").write_text(DRIVER)
    return path


def initport(project: Path, *arguments: str) -> str:
    environment = {**os.environ, files.ENVIRONMENT: str(project / "grammars")}
    command = [sys.executable, "driver.py", str(project / "targets"), *arguments]
    ran = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout + ran.stderr


LINE = "slate.uniform(-math.sqrt(3 / math.prod(shape[1:])), math.sqrt(3 / math.prod(shape[1:])), shape)"
"""Caffe's xavier divides by the fan_in alone, which for these axes is all behind the first."""


@pytest.mark.parametrize("name", ["slate", "slates"])
def test_a_folder_and_a_grammar_are_a_target(project: Path, name: str) -> None:
    assert f"('conv1', 'weight'): lambda shape: {LINE}" in initport(project, "convert", "--to", name, "net.prototxt")


def test_it_is_explained_measured_and_offered(project: Path) -> None:
    assert LINE in initport(project, "explain", "--to", "slate", "net.prototxt")
    measured = initport(project, "verify", "--to", "slate", "net.prototxt")
    assert "for Slate" in measured
    assert "has the source's distribution" in measured
    assert re.search(r"--to.*\bslate\b", initport(project, "convert", "--help").replace("\n", " "))


def test_source_code_is_rewritten_for_it(project: Path) -> None:
    found = initport(project, "codemod", "--to", "slate", "--diff", "a.py")
    assert "+a = tf.layers.Dense(100, kernel_initializer=slate.Normal(0, 0.02))" in found, found
