# ruff: noqa: E501
"""Seeded faults, and the tests that catch each: ``python -m tests.mutation`` runs all in a copy and prints the table.

A fault that no test catches is one that could come in unseen. `tests/test_mutation.py` runs a sample.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "tests" / "mutation.md"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault: the text ``before`` of a file, which stands there once, becomes ``after``; ``tests`` must then fail."""

    fault: str
    area: str
    file: str
    before: str
    after: str
    tests: str


IR, GRAMMAR, PYTHON = "initport/ir", "initport/grammar", "initport/python"
EMIT, REWRITE = "initport/emit", "initport/rewrite"
MOMENTS, TORCH = "tests/ir/test_moments.py", "tests/rewrite/test_torch.py"
IMPORTS, FORMS, BITES = "tests/rewrite/test_imports.py", "tests/rewrite/test_rewrite.py", "tests/rewrite/test_bites.py"
TERMS, VERSIONS = "tests/emit/test_terms.py", "tests/rewrite/test_bites.py"
EXAMPLES = "tests/grammar/test_examples.py"

MUTANTS = (
    Mutant("the cut normal's variance is off by 1e-4", "arithmetic", f"{IR}/law.py",
           "1 - 2 * bound * density", "1 - 2.0002 * bound * density", MOMENTS),
    Mutant("a uniform's variance is doubled", "arithmetic", f"{IR}/law.py",
           "width**2 / 12", "width**2 / 6", MOMENTS),
    Mutant("orthogonal rows for columns", "arithmetic", f"{IR}/law.py",
           "size = max(rows, columns)", "size = min(rows, columns)", MOMENTS),
    Mutant("the ones of an identity are counted by its shorter side", "arithmetic", f"{IR}/law.py",
           "if tiled else max(rows, columns)", "if tiled else min(rows, columns)", MOMENTS),
    Mutant("a mixture's variance without the distance of the means", "arithmetic", f"{IR}/law.py",
           "p * (v + (m - mean) ** 2)", "p * v", MOMENTS),
    Mutant("bilinear kernels of even widths", "arithmetic", f"{IR}/moments.py",
           "(4 * factor**2 - 1) / (6 * factor)", "(4 * factor**2 + 1) / (6 * factor)", MOMENTS),
    Mutant("bilinear kernels of odd widths", "arithmetic", f"{IR}/moments.py",
           "(2 * factor**2 + 1) / (3 * factor)", "(2 * factor**2 - 1) / (3 * factor)", MOMENTS),
    Mutant("the unit ball's mean is not taken off", "arithmetic", f"{IR}/moments.py",
           "total * width / 3 - mean * mean", "total * width / 3", MOMENTS),
    Mutant("0.8796 is dropped", "arithmetic", f"{IR}/initializers.py",
           "(variance / Scalar.of(TRUNCATED_VARIANCE)).sqrt()", "variance.sqrt()", MOMENTS),
    Mutant("a gain is the variance's, not its root", "arithmetic", f"{EMIT}/idioms.py",
           "return scale.sqrt()", "return scale", BITES),
    Mutant("the cut is one deviation too low", "arithmetic", f"{EMIT}/idioms.py",
           "return mean - bound * stddev", "return mean - stddev", TORCH),
    Mutant("the averaged fan is a sum", "fans", f"{GRAMMAR}/meaning.py",
           '(fans["fan_in"] + fans["fan_out"]) / 2}', 'fans["fan_in"] + fans["fan_out"]}', EXAMPLES),
    Mutant("fans are swapped", "fans", f"{GRAMMAR}/meaning.py",
           '(("fan_in", rule.fan_in), ("fan_out", rule.fan_out))', '(("fan_out", rule.fan_in), ("fan_in", rule.fan_out))', TORCH),
    Mutant("Caffe's fans are swapped", "fans", "grammars/caffe.yaml",
           "fan_in: count / size0, fan_out: count / size1", "fan_in: count / size1, fan_out: count / size0", EXAMPLES),
    Mutant("TensorFlow's He of the outputs", "fans", "grammars/tensorflow.yaml",
           "    means: {VarianceScaling: {scale: 2, fan: fan_in, distribution: uniform}}\n    authority: init_ops.py, he_uniform",
           "    means: {VarianceScaling: {scale: 2, fan: fan_out, distribution: uniform}}\n    authority: init_ops.py, he_uniform",
           EXAMPLES),
    Mutant("the target's axes are the source's", "layouts", f"{EMIT}/axis_pairs.py",
           "found.append((source.bind(sizes), there and there.bind(sizes)))",
           "found.append((source.bind(sizes), source.bind(sizes)))", "tests/emit/test_axes.py"),
    Mutant("the check believes what was proved of the axes", "layouts", "initport/rewrite/reread.py",
           "return wanted == found if found else", "return True if found else", "tests/emit/test_axes.py"),
    Mutant("a depth multiplier is forgotten", "layouts", f"{EMIT}/axis_pairs.py",
           "return _number(\"mult\", next((given[name] for name in _MULTIPLIERS if name in given), None))", "return {\"mult\": 1}", BITES),
    Mutant("a call's own arguments do not count for it", "layouts", f"{EMIT}/axis_pairs.py",
           "    given.update((item.arg, literal(item.value)) for item in call.keywords)\n", "", BITES),
    Mutant("depth multiplier ignores arg_scope", "layouts", "grammars/tf_contrib.yaml",
           "    kind: separable_conv\n", "    kind: separable_conv\n    defaults: {depth_multiplier: 1}\n",
           "tests/emit/test_axes.py"),
    Mutant("the Keras of TensorFlow 2.3 is another one", "versions", "initport/project/pins.py",
           "left[0] >= (2, 3)", "left[0] >= (2, 4)", BITES),
    Mutant("a bound does not hold its own version", "versions", f"{GRAMMAR}/version.py",
           '">=": operator.ge', '">=": operator.gt', BITES),
    Mutant("an upper bound holds its own version", "versions", f"{GRAMMAR}/version.py",
           '"<": operator.lt', '"<": operator.le', BITES),
    Mutant("what only a newer Keras takes is refused", "versions", f"{EMIT}/targets/keras/site.py",
           "        target.meaning(call, site.layouts[0])\n    except MeaningError:\n        return False\n    return True",
           "        target.meaning(call, site.layouts[0])\n    except MeaningError:\n        return False\n    return False",
           BITES),
    Mutant("a string that only newer Keras knows is ported", "versions", f"{PYTHON}/sites/string.py",
           "return not speaker.knows(string) and vocabulary(speaker.framework).knows(string)", "return False", BITES),
    Mutant("what is written need not be one expression", "re-read check", f"{REWRITE}/apply.py",
           "or not _is_one(item.text, whole)", "", BITES),
    Mutant("what is written need not mean the same", "re-read check", f"{REWRITE}/apply.py",
           "if not all(_equal(first, second) for first, second in read):", "if False:", "tests/rewrite/test_bytes.py"),
    Mutant("literals beside the edits are not compared", "re-read check", f"{REWRITE}/apply.py",
           "if not outline.agrees(parsed, result, parse):", "if False:", BITES),
    Mutant("the first lines may declare another encoding", "re-read check", f"{REWRITE}/file.py",
           "                check_readable(source, data, after, rewritten.text)\n", "                pass\n", BITES),
    Mutant("one awkward replacement refuses the file", "re-read check", f"{REWRITE}/apply.py",
           "            if error.spans <= awkward:\n                raise\n", "            raise\n", BITES),
    Mutant("the names in __all__ do not count", "imports", f"{PYTHON}/follow.py",
           "isinstance(node, ast.Constant) and node.value == text", "False", IMPORTS),
    Mutant("a comment within a name that goes is lost", "imports", f"{REWRITE}/imports.py",
           "if not names.has_comment(index)", "", IMPORTS),
    Mutant("imports go above what sets the environment", "imports", f"{REWRITE}/imports.py",
           'if name in ("environ", "putenv"):', "if not name:", IMPORTS),
    Mutant("a block may be emptied", "imports", f"{REWRITE}/imports.py",
           "            gone = {node: () for node in body}\n", "            pass\n", FORMS),
    Mutant("names are merged with those that have another name", "imports", f"{REWRITE}/imports.py",
           'alias.asname is None and alias.name != "*"', 'alias.name != "*"', IMPORTS),
    Mutant("`from` is sorted among `import`", "imports", f"{REWRITE}/imports.py",
           "return section, True, module.lower()", "return section, False, module.lower()", IMPORTS),
    Mutant("an import goes above those that come first", "imports", f"{REWRITE}/imports.py",
           "return max(firsts, default=-1) + 1", "return 0", IMPORTS),
    Mutant("the right side of a division has no parentheses", "edits", f"{EMIT}/terms.py",
           '"/": (_TERM, _SIGN, _TERM)', '"/": (_TERM, _TERM, _TERM)', TERMS),
    Mutant("the source's sums have no parentheses", "edits", f"{EMIT}/terms.py",
           "(ast.Add, _SUM), (ast.Sub, _SUM)", "(ast.Add, _ATOM), (ast.Sub, _ATOM)", TERMS),
    Mutant("the base of a power has no parentheses", "edits", f"{EMIT}/terms.py",
           '"**": (_ATOM, _SIGN, _POWER)', '"**": (_SIGN, _SIGN, _POWER)', TERMS),
    Mutant("a call in an argument runs twice", "edits", f"{EMIT}/forms.py",
           "counts[name] == 1 or is_plain(value.node)", "True", TORCH),
    Mutant("one object for many weights", "edits", f"{EMIT}/targets/keras/form.py",
           "(repeats or site.reach is Reach.ONE or starts_one_weight(site)) and", "True and", FORMS),
    Mutant("whole numbers divide as in Python 2", "edits", f"{EMIT}/targets/keras/form.py",
           'Word(f"{text}.0")', "Word(text)", BITES),
    Mutant("a function where a model is saved", "edits", f"{EMIT}/targets/keras/form.py",
           "if not reaches_keras(site):", "if site:", BITES),
    Mutant("comments of what is replaced are lost", "edits", f"{REWRITE}/replacement.py",
           'if "#" in replaced else', "if not replaced else", FORMS),
    Mutant("a lambda without parentheses", "edits", f"{REWRITE}/replacement.py",
           "isinstance(written, libcst.Lambda) and not bare", "not written", BITES),
    Mutant("a seed is lost", "edits", f"{EMIT}/targets/keras/form.py",
           "    if seed is not None:\n        call = call.plus", "    if seed is None:\n        call = call.plus", FORMS),
    Mutant("verify does not test the variance", "statistics", "initport/verify/sampling.py",
           '        "variance": _two_sided(_cube_root(ratio, freedom)),\n', "", BITES),
    Mutant("a target's name in another room", "architecture", f"{IR}/model.py",
           "from collections.abc import", 'KERAS = "keras"\nfrom collections.abc import', "tests/emit/test_targets.py"),
    Mutant("verify does not test the mean", "statistics", "initport/verify/sampling.py",
           '        "mean": _two_sided((sample.first / sample.n) / math.sqrt(truth.variance / sample.n)),\n', "", BITES),
)  # fmt: skip
"""The lines of the table are as long as what they quote."""


def copy(folder: Path) -> Path:
    """The package and its tests in a folder."""
    for name in ("initport", "grammars", "tests", "fixtures"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def is_caught(mutant: Mutant, folder: Path) -> bool:
    """Whether its tests fail in a copy with the fault in it, having passed the collection."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mutant.before) == 1, f"{mutant.fault}: {text.count(mutant.before)} places in {mutant.file}"
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests.split()]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    finally:
        path.write_text(text, encoding="utf-8")
    assert result.returncode in (0, 1), result.stdout
    return result.returncode == 1


def table(caught: Sequence[tuple[Mutant, bool]]) -> str:
    """In Markdown, with a closing line."""
    head = "| Area | Fault | File | Tests that catch it |\n| --- | --- | --- | --- |\n"
    rows = "".join(
        f"| {mutant.area} | {mutant.fault} | `{mutant.file}` | {f'`{mutant.tests}`' if found else '**none**'} |\n"
        for mutant, found in caught
    )
    number = sum(found for _, found in caught)
    return f"{head}{rows}\n{number} of {len(caught)} seeded faults are caught.\n"


def checked(folder: Path, pattern: str = "") -> Iterator[tuple[Mutant, bool]]:
    """The faults whose words match, with whether each is caught; all tests must pass without one."""
    here = copy(folder)
    for mutant in MUTANTS:
        if re.search(pattern, mutant.fault):
            yield mutant, is_caught(mutant, here)


def main() -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        found = []
        for mutant, caught in checked(Path(folder) / "copy", " ".join(sys.argv[1:])):
            found.append((mutant, caught))
            print("caught" if caught else "NOT CAUGHT", mutant.fault, flush=True)
    if len(sys.argv) == 1:
        text = "# Seeded faults\n\nWritten by `python -m tests.mutation`.\n\n"
        TABLE.write_text(text + table(found), encoding="utf-8")
    sys.exit(not all(caught for _, caught in found))


if __name__ == "__main__":
    main()
