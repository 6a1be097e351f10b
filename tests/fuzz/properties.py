"""What holds of every input: there is an answer or a refusal, and never an exception; and what must not matter, does
not. Each property makes its own case of a `random.Random` and fails with an AssertionError."""

import ast
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from initport.conversion import Result, convert, read
from initport.diagnostics import Code, InputError
from initport.explain.model_rows import rows
from initport.explain.row import Table, as_json
from initport.project.processes import Run
from initport.rewrite.outcome import Outcome
from tests.fuzz import generators
from tests.fuzz.first_looks import skipped
from tests.rewrite.rewriting import outcome

Property = Callable[[Random], None]

PROPERTIES: dict[str, Property] = {}
"""By name."""


def _property(check: Property) -> Property:
    PROPERTIES[check.__name__] = check
    return check


# ---- networks


def answered(data: bytes | str, path: str, source: str = "auto") -> Result:
    """An exit code of 0, 1 or 2, a module that is Python, and a table that is JSON."""
    result = convert(data, path=path, source=source)
    assert result.exit_code in (0, 1, 2)
    assert (result.text is None) == any(item.exit_code == 2 for item in result.diagnostics)
    if result.text is not None:
        compile(result.text, path, "exec")
        assert result.plan is not None
        as_json(Table(rows(read(data, path=path, source=source).model, result.plan), list(result.diagnostics)), "torch")
    return result


@_property
def prototxt(random: Random) -> None:
    answered(generators.prototxt(random), "net.prototxt", "caffe")


@_property
def broken_prototxt(random: Random) -> None:
    answered(generators.broken(random, generators.prototxt(random)), "net.prototxt")


@_property
def keras(random: Random) -> None:
    answered(generators.keras(random), "model.json", "keras")


@_property
def broken_keras(random: Random) -> None:
    answered(generators.broken(random, generators.keras(random)), "model.json")


@_property
def archives(random: Random) -> None:
    answered(generators.damaged(random, generators.keras_archive(random)), "model.keras", "keras")


@_property
def metadata(random: Random) -> None:
    answered(generators.damaged(random, generators.metadata(random)), "keras_metadata.pb", "keras")


@_property
def caffemodels(random: Random) -> None:
    answered(generators.damaged(random, generators.caffemodel(random)), "net.caffemodel", "caffe")


@_property
def graphs(random: Random) -> None:
    answered(generators.graph(random), "graph.pb", "graph")


@_property
def damaged_graphs(random: Random) -> None:
    answered(generators.damaged(random, generators.graph(random)), "graph.pb")


@_property
def symbols(random: Random) -> None:
    answered(generators.symbol(random), "net-symbol.json", "mxnet")


@_property
def broken_symbols(random: Random) -> None:
    answered(generators.broken(random, generators.symbol(random).decode()), "net-symbol.json")


@_property
def cfgs(random: Random) -> None:
    answered(generators.cfg(random), "net.cfg", "darknet")


@_property
def broken_cfgs(random: Random) -> None:
    answered(generators.broken(random, generators.cfg(random)), "net.cfg")


@_property
def onnx_models(random: Random) -> None:
    answered(generators.damaged(random, generators.onnx(random)), "m.onnx", "onnx")


@_property
def init_nets(random: Random) -> None:
    answered(generators.damaged(random, generators.init_net(random)), "init_net.pb", "caffe2")


ENDINGS = ("x", "x.pb", "x.json", "x.yaml", "x.keras", "x.prototxt", "x.caffemodel", "x.meta")


@_property
def any_bytes(random: Random) -> None:
    answered(random.randbytes(random.randint(0, 200)), random.choice(ENDINGS))


def law(text: str) -> list[tuple[Any, ...]] | None:
    """What each weight starts as, and its size; None for an unusable input."""
    try:
        model = read(text, path="net.prototxt", source="caffe").model
    except InputError:
        return None
    return [(item.name, one.role, one.initializer, one.shape) for item in model.layers for one in item.weights]


BLANKS = ("# a comment {\n", " \t\n", "\r\n", "#\n#\n")


@_property
def comments_and_blanks_do_not_matter(random: Random) -> None:
    plain = re.sub(r"#.*\n", "\n", generators.prototxt(random))
    spread = re.sub(r" (?=[a-z_]+ \{)", f" {random.choice(BLANKS)}", plain)
    assert law(spread) == law(plain), spread


@_property
def the_order_of_fields_does_not_matter(random: Random) -> None:
    chain = generators.chain(random)

    def shuffled(parts: list[str]) -> list[str]:
        return random.sample(parts, len(parts))

    text = generators.written(chain, shuffled, shuffled)
    assert law(text) == law(generators.written(chain)), text


@_property
def v1_and_v2_mean_the_same(random: Random) -> None:
    chain = generators.chain(random)
    assert law(generators.written(chain, v1=True)) == law(generators.written(chain)), chain


@_property
def unknown_fields_of_layers_and_nets_change_nothing(random: Random) -> None:
    chain, odd = generators.chain(random), random.choice(generators.UNKNOWN)
    plain = law(generators.written(chain))
    assert law(generators.written(chain, layer=lambda parts: [odd, *parts])) == plain, (chain, odd)
    assert law(f"{odd} {generators.written(chain)}") == plain, (chain, odd)


@_property
def unknown_fields_of_parameters_lose_only_sizes_and_say_so(random: Random) -> None:
    """What a fork's field does to the sizes behind its layer is not known: they are not inferred, and the initializers
    and the code that come of them are what they are without it."""
    chain, odd = generators.chain(random), random.choice(generators.UNKNOWN)
    text = generators.written(chain, message=lambda parts: [*parts, odd])
    plain, found = law(generators.written(chain)), law(text)
    assert plain is not None
    assert found is not None
    assert [item[:3] for item in found] == [item[:3] for item in plain], text
    for (*_, shape), (*_, whole) in zip(found, plain, strict=True):
        assert shape is None or all(size in (None, known) for size, known in zip(shape, whole, strict=True)), text
    details = [
        item.detail for item in read(text, path="net", source="caffe").diagnostics if item.code is Code.UNKNOWN_FIELD
    ]
    assert any("sizes behind it are not inferred" in detail for detail in details), text


# ---- source code


@_property
def python(random: Random) -> None:
    text = generators.python(random)
    found = outcome(text.encode())
    if found.after is not None and _is_python(text):
        assert _is_python(found.after.decode()), text


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@_property
def broken_python(random: Random) -> None:
    outcome(generators.broken(random, generators.python(random)).encode())


@_property
def python_for_pytorch(random: Random) -> None:
    found = outcome(generators.python(random).encode(), run=Run(target="torch"))
    assert {item.exit_code for item in found.findings} <= {0, 1, 2}


@_property
def notebooks(random: Random) -> None:
    outcome(generators.notebook(random).encode(), "model.ipynb")


@_property
def ignore_comments_silence(random: Random) -> None:
    text = generators.python(random)
    silenced = outcome(text.encode(), run=Run(baseline=True))
    if silenced.after is not None:
        again = outcome(silenced.after)
        assert not any(item.exit_code and item.code is not Code.UNUSED_IGNORE for item in again.findings), text


@_property
def a_second_run_changes_nothing(random: Random) -> None:
    text = generators.python(random)
    after = outcome(text.encode()).after
    if after is not None:
        assert outcome(after).after is None, text


@_property
def the_first_look_skips_nothing(random: Random) -> None:
    """Where the search of the bytes finds nothing, the full reading finds nothing either."""
    if random.random() < 0.3:
        data, path = generators.notebook(random).encode(), "model.ipynb"
    else:
        data, path = generators.broken(random, generators.python(random)).encode(), "model.py"
    if random.random() < 0.5:
        words = re.compile(b"initializer|Variable|get_variable|random|tensorflow|import")
        data = words.sub(lambda found: found[0][: random.randint(3, 12)], data)
    run = Run(target=random.choice(("keras", "torch")))
    assert skipped(data, path, run) == [], data


def decided(outcome: Outcome) -> list[tuple[str, str]]:
    """What was decided of each site, without its place."""
    shown = ((item.code.code, item.change.text if item.change else item.reason) for item in outcome.findings)
    return sorted((code, re.sub(r"\s+", " ", text)) for code, text in shown)


def _same(text: str, other: str) -> None:
    first, second = decided(outcome(text.encode())), decided(outcome(other.encode()))
    assert first == second, (text, other, first, second)


@_property
def comments_do_not_matter(random: Random) -> None:
    parts = ["import tensorflow as tf", *generators.statements(random)]
    put = random.choice(("# a comment\n", "\n", "\n\n# tf.zeros_initializer()\n"))
    _same("\n".join(parts) + "\n", f"\n{put}".join(parts) + f"\n{put}")


@_property
def spaces_do_not_matter(random: Random) -> None:
    parts = ["import tensorflow as tf", *generators.statements(random)]
    text = "\n".join(parts) + "\n"
    spaced = re.sub(r"(?<=[(,])(?=[\w'\[])|(?<=\w)(?=\))", random.choice((" ", "  ", " \t")), text)
    if "'''" not in text and "f'" not in text:
        first, second = (len(decided(outcome(each.encode()))) for each in (text, spaced))
        assert first == second, (text, spaced)


@_property
def the_name_of_the_package_does_not_matter(random: Random) -> None:
    parts = [part for part in generators.statements(random) if "import " not in part and "getattr" not in part]
    text = "\n".join(("import tensorflow as tf", *parts)) + "\n"
    other = re.sub(r"\btf\b", "flow", text)
    first, second = outcome(text.encode()), outcome(other.encode())
    named = [(code, re.sub(r"\btf\b", "flow", words)) for code, words in decided(first)]
    assert [code for code, _ in sorted(named)] == [code for code, _ in decided(second)], (text, other)


@_property
def a_function_around_it_does_not_matter(random: Random) -> None:
    parts = [part for part in generators.statements(random) if "import " not in part and "\\\n" not in part]
    inside = "\n".join((*parts, "pass"))
    text = f"import tensorflow as tf\n{inside}\n"
    other = "import tensorflow as tf\ndef build():\n" + re.sub("(?m)^", "    ", inside) + "\n"
    first, second = (sorted(item.code.code for item in outcome(each.encode()).findings) for each in (text, other))
    assert first == second, (text, other, first, second)


def run(name: str, first: int, count: int, properties: Mapping[str, Property] = PROPERTIES) -> dict[str, int]:
    """The kinds of failures of so many cases of a property, each with the number of the first case that showed it."""
    found: dict[str, int] = {}
    for number in range(first, first + count):
        try:
            properties[name](Random(number))
        except Exception as error:  # whatever it is, it is what is looked for
            trace, at = error.__traceback__, ""
            while trace is not None:
                at, trace = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}", trace.tb_next
            found.setdefault(f"{type(error).__name__} at {at}", number)
    return found
