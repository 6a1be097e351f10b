"""The findings of source code: codes, places, what selection and comments do to what is told and rewritten."""

from dataclasses import replace

import pytest

from initport.diagnostics import Code
from initport.emit import decision
from initport.findings.select import selection
from initport.project.options import ASSUME
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome

HEAD = "import tensorflow as tf\n"
CALL = "tf.contrib.layers.xavier_initializer()"

CODES = {
    "call that does not fit": ("i = tf.contrib.layers.xavier_initializer(1, 2, 3, 4, 5)", "IP201"),
    "argument that it has not": ("i = tf.contrib.layers.xavier_initializer(gain=1)", "IP201"),
    "name of none": ("i = tf.keras.initializers.get('he')", "IP202"),
    "whole numbers": ("i = tf.random_uniform_initializer(0, 9, dtype=tf.int32)", "IP204"),
    "whole numbers drawn directly": ("i = tf.Variable(tf.random_uniform([3], 0, 9, dtype=tf.int32))", "IP204"),
    "whole numbers by name": ("d = tf.int32\ni = tf.random_uniform_initializer(0, 9, dtype=d)", "IP204"),
    "place": ("i = f'{tf.contrib.layers.xavier_initializer()}'", "IP221"),
    "starred": ("i = tf.contrib.layers.xavier_initializer(**a)", "IP224"),
    "dispatched": ("i = getattr(tf.keras.initializers, name)()", "IP224"),
    "not called": ("f(initializer=tf.contrib.layers.xavier_initializer)", "IP224"),
    "Python 2": ("print tf.contrib.layers.xavier_initializer()", "IP225"),
    "array or number": ("i = tf.constant_initializer(value)", "IP312"),
    "in parts": ("f(partitioner=p)\ni = tf.variance_scaling_initializer(mode='fan_avg')", "IP313"),
    "no code": ("i = 1  # initport: ignore", "IP408"),
    "filled in place": ("from torch import nn\nnn.init.zeros_(layer.bias)", "IP410"),
    "legacy": (f"i = {CALL}", "IP501"),
}  # fmt: skip


def codes(source: str, run: Run | None = None) -> list[str]:
    return [item.code.code for item in outcome((HEAD + source + "\n").encode(), run=run).findings]


@pytest.mark.parametrize(("source", "code"), list(CODES.values()), ids=list(CODES))
def test_codes(source: str, code: str) -> None:
    assert codes(source) == [code]


def test_places_are_in_characters() -> None:
    (found,) = outcome(f"{HEAD}f('é𝄞', {CALL})\n".encode()).findings
    assert (found.location.line, found.location.column) == (2, 9)
    assert found.excerpt is not None
    assert found.excerpt.text[found.excerpt.start : found.excerpt.end] == CALL
    assert found.excerpt.last == (2, 9 + len(CALL))


def test_the_end_of_a_call_over_several_lines() -> None:
    (found,) = outcome(f"{HEAD}i = tf.contrib.layers.xavier_initializer(\r\n  False\r\n)\n".encode()).findings
    assert found.excerpt is not None
    assert found.excerpt.text == "i = tf.contrib.layers.xavier_initializer("
    assert found.excerpt.last == (4, 2)
    assert found.subject == "tf.contrib.layers.xavier_initializer( False )"


def test_a_change_tells_the_distribution_before_and_after() -> None:
    source = f"{HEAD}i = tf.get_variable('w', initializer=tf.contrib.layers.variance_scaling_initializer(FLAGS.f))\n"
    (found,) = outcome(source.encode()).findings
    assert found.change is not None
    assert found.before == "truncated normal, variance 1.3 * FLAGS.f * truncated_variance / fan_in"
    assert found.change.after == found.before
    assert found.change.text.startswith("tf.keras.initializers.VarianceScaling(")


ASSUMED = {
    "matrix": ("i = tf.uniform_unit_scaling_initializer()", Code.NEEDS_MATRIX),
    "scalar": ("i = tf.constant_initializer(value)", Code.NEEDS_SCALAR),
    "unpartitioned": ("f(partitioner=p)\ni = tf.variance_scaling_initializer(mode='fan_avg')", Code.NEEDS_WHOLE),
    "dense": ("tf.get_variable('a', (3, 4), initializer=tf.variance_scaling_initializer(2.0))", Code.NEEDS_DENSE),
    "conv": ("i = tf.contrib.layers.xavier_initializer()", Code.NEEDS_CONV),
}
TARGETS = {"dense": "torch", "conv": "torch"}


def test_every_assumption_has_a_code_and_a_case() -> None:
    assert set(ASSUME.choices) == set(decision.NEEDS) == set(ASSUMED)


@pytest.mark.parametrize("assumption", ASSUMED)
def test_what_rests_on_an_assumption_is_marked(assumption: str) -> None:
    source, code = ASSUMED[assumption]
    target = TARGETS.get(assumption, "keras")
    before = outcome(f"{HEAD}{source}\n".encode(), run=Run(target=target))
    assert before.after is None
    assert [(item.code, item.change, item.diagnostic.assume) for item in before.findings] == [(code, None, assumption)]
    assert before.findings[0].before is not None
    after = outcome(f"{HEAD}{source}\n".encode(), run=Run(assume=frozenset(ASSUME.choices), target=target))
    (found,) = after.findings
    assert after.after is not None
    assert (found.code, found.assumed, found.exit_code) == (code, (assumption,), 1)
    assert found.message.endswith(f" (assuming {assumption})")
    assert after.as_written().findings[0].exit_code == 0


SELECTED = {
    "all": ((), (), ["IP501", "IP224"]),
    "none of a family": ((), ("IP2",), ["IP501"]),
    "one code": (("IP224",), (), ["IP224"]),
    "one but of a family": (("IP224",), ("IP2",), ["IP224"]),
    "not the legacy ones": ((), ("IP501",), ["IP224"]),
    "nothing": (("IP1",), (), []),
}


@pytest.mark.parametrize(("select", "ignore", "told"), list(SELECTED.values()), ids=list(SELECTED))
def test_selection(select: tuple[str, ...], ignore: tuple[str, ...], told: list[str]) -> None:
    source = f"i = {CALL}\nj = tf.contrib.layers.xavier_initializer(**a)"
    run = Run(selection=selection(select, ignore=ignore))
    assert codes(source, run) == told
    changed = outcome(f"{HEAD}{source}\n".encode(), run=run).after is not None
    assert changed is ("IP501" in told)


def test_files_have_ignores_of_their_own() -> None:
    run = Run(selection=selection(per_file={"tests/*": ["IP5"]}))
    source = f"{HEAD}i = {CALL}\n".encode()
    assert outcome(source, "pkg/a.py", run).findings
    assert not outcome(source, "tests/a.py", run).findings


SILENCED = {
    "line": (f"i = {CALL}  # initport: ignore", True),
    "its code": (f"i = {CALL}  # initport: ignore[IP501]", True),
    "its family": (f"i = {CALL}  # noqa  # initport: ignore[IP5]", True),
    "another code": (f"i = {CALL}  # initport: ignore[IP201]", False),
    "another line": (f"# initport: ignore\ni = {CALL}", False),
    "words in a string": (f"i = {CALL}, '# initport: ignore'", False),
    "last line of the call": ("i = tf.contrib.layers.xavier_initializer(\n    False\n)  # initport: ignore", True),
    "line within the call": ("i = tf.contrib.layers.xavier_initializer(\n    False  # initport: ignore\n)", True),
    "last line of the statement": (f"i = f(\n    {CALL},\n    1\n)  # initport: ignore", True),
    "first line of the statement": (f"i = f(  # initport: ignore\n    1,\n    {CALL},\n)", True),
    "line between": (f"i = f(\n    1,  # initport: ignore\n    {CALL},\n)", False),
    "head": (f"def f(\n    a={CALL},\n):  # initport: ignore\n    pass", True),
    "statement below the head": (f"def f():  # initport: ignore\n    return {CALL}", False),
    "behind a string of lines": (f"i = f({CALL}, '''\n''', 1,  # initport: ignore\n2)", True),
    "behind a backslash": (f"i = {CALL}, \\\n    1, \\\n    2  # initport: ignore", True),
    "Python 2": (f"print 'a'\ni = {CALL}  # initport: ignore", True),
    "hidden": (f"print {CALL}  # initport: ignore", True),
}


@pytest.mark.parametrize(("source", "silent"), list(SILENCED.values()), ids=list(SILENCED))
def test_ignore_comments(source: str, silent: bool) -> None:
    found = outcome(f"{HEAD}{source}\n".encode())
    assert ([item for item in found.findings if item.code is not Code.UNUSED_IGNORE] == []) is silent
    assert found.silenced == silent
    assert not silent or not found.findings
    assert (found.after is None) is silent


UNUSED = {
    "all": ("i = 1  # initport: ignore", "there is nothing to silence on its line; remove it"),
    "a code": ("i = 1  # initport: ignore[IP501]", "nothing on its line has the code `IP501`; remove it"),
    "one of two": (
        f"i = {CALL}  # initport: ignore[IP501, IP224]",
        "nothing on its line has the code `IP224`; remove it",
    ),
    "no code": ("i = 1  # initport: ignore[IP999]", "`IP999` is not a code; `initport rules` lists them"),
    "nonsense": ("i = 1  # initport: please", "it is not understood; write `# initport: ignore[IP501]`"),
    "not closed": ("i = 1  # initport: ignore[IP501", "it is not understood; write `# initport: ignore[IP501]`"),
    "no codes": ("i = 1  # initport: ignore[]", "it is not understood; write `# initport: ignore[IP501]`"),
}


@pytest.mark.parametrize(("source", "reason"), list(UNUSED.values()), ids=list(UNUSED))
def test_unused_ignore_comments(source: str, reason: str) -> None:
    (found,) = outcome(f"{source}\n".encode() if CALL not in source else f"{HEAD}{source}\n".encode()).findings
    assert (found.code, found.reason, found.exit_code) == (Code.UNUSED_IGNORE, reason, 0)
    assert found.subject == source[source.index("# initport") :]


@pytest.mark.parametrize("run", [Run(), Run(selection=selection(ignore=["IP5"])), Run(selection=selection(["IP408"]))])
def test_a_comment_is_used_whatever_is_selected(run: Run) -> None:
    assert codes(f"i = {CALL}  # initport: ignore[IP501]", run) == []


def test_a_broken_file_without_initializers_is_no_finding() -> None:
    assert not outcome(b"((  # initport: ignore\n").findings


BASELINE = {
    "plain": (f"i = {CALL}\n", f"i = {CALL}  # initport: ignore[IP501]\n"),
    "two on a line": (
        f"i = {CALL}, tf.contrib.layers.xavier_initializer(**a)\n",
        f"i = {CALL}, tf.contrib.layers.xavier_initializer(**a)  # initport: ignore[IP224, IP501]\n",
    ),
    "no line end": (f"i = {CALL}", f"i = {CALL}  # initport: ignore[IP501]"),
    "carriage returns": (f"i = {CALL}\r\nj = 1\r\n", f"i = {CALL}  # initport: ignore[IP501]\r\nj = 1\r\n"),
    "spaces at the end": (f"i = {CALL} \t\n", f"i = {CALL} \t# initport: ignore[IP501]\n"),
    "a comment": (f"i = {CALL}  # x\n", f"i = {CALL}  # x  # initport: ignore[IP501]\n"),
    "backslash": (f"i = {CALL}, \\\n  1\n", f"i = {CALL}, \\\n  1  # initport: ignore[IP501]\n"),
    "string of lines": (
        f"i = f({CALL}, '''\n  # ''' \"\"\"\n\"\"\",\n1)\n",
        f"i = f({CALL}, '''\n  # ''' \"\"\"\n\"\"\",  # initport: ignore[IP501]\n1)\n",
    ),
    "call of lines": (
        "i = tf.contrib.layers.xavier_initializer(\n    False,\n)\n",
        "i = tf.contrib.layers.xavier_initializer(  # initport: ignore[IP501]\n    False,\n)\n",
    ),
    "f-string of lines": (
        f'i = f"""\n{{{CALL}}}\n"""\n',
        f'i = f"""\n{{{CALL}}}\n"""  # initport: ignore[IP221]\n',
    ),
    "Python 2": (f"print {CALL}\ni = {CALL}\n",
                 f"print {CALL}  # initport: ignore[IP225]\ni = {CALL}  # initport: ignore[IP501]\n"),
    "tabs and form feeds": (f"if 1:\n\ti = {CALL}\n\x0c\n", f"if 1:\n\ti = {CALL}  # initport: ignore[IP501]\n\x0c\n"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(BASELINE.values()), ids=list(BASELINE))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_baseline(before: str, after: str, encoding: str) -> None:
    head = f"# -*- coding: {encoding.removesuffix('-sig')} -*- é\n{HEAD}"
    run = Run(baseline=True)
    found = outcome((head + before).encode(encoding), run=run)
    assert (found.after, found.findings) == ((head + after).encode(encoding), ())
    again = outcome(found.after or b"", run=run)
    assert (again.after, again.findings) == (None, ())
    assert outcome(found.after or b"").findings == ()


def test_a_baseline_adds_to_the_comment_that_is_there() -> None:
    source = f"{HEAD}i = {CALL}  # initport: ignore[IP224]  # x\n"
    found = outcome(source.encode(), run=Run(baseline=True))
    assert found.after == source.replace("[IP224]", "[IP224, IP501]").encode()
    assert [item.code for item in found.findings] == [Code.UNUSED_IGNORE]


def test_a_baseline_of_what_is_selected() -> None:
    run = Run(baseline=True, selection=selection(["IP2"]))
    source = f"{HEAD}i = {CALL}\nj = tf.contrib.layers.xavier_initializer(**a)\n"
    found = outcome(source.encode(), run=run).after or b""
    assert found.decode() == source[:-1] + "  # initport: ignore[IP224]\n"
    assert [item.code.code for item in outcome(found, run=replace(run, baseline=False)).findings] == []


@pytest.mark.parametrize("source", [f"{HEAD}i = \0{CALL}\n", f"{HEAD}i = {CALL}, \\\n"], ids=["not Python", "open end"])
def test_what_no_comment_can_silence_is_left(source: str) -> None:
    found = outcome(source.encode(), run=Run(baseline=True))
    assert found.after is None
    assert [item.code for item in found.findings] == [Code.UNPARSABLE]
