"""Tables of what is read and written, made of the grammars and the code, as Markdown, for the site's pages."""

import ast
import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from docs import losses
from initport.cli.config import configurable
from initport.diagnostics import Code
from initport.emit.idioms import spell
from initport.explain.source_rows import table
from initport.findings import FORMATS
from initport.findings.rule_pages import lines as rule_lines
from initport.findings.writers.json import KEYS
from initport.formats import index
from initport.grammar import registry
from initport.grammar.call import Call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.versions import Versions
from initport.ir.describe import distribution, variance_formula
from initport.ir.weights import Kind, Role
from initport.project.processes import Run
from initport.tables import as_markdown

ROOT = Path(__file__).parent.parent

NORMS = {"FAN_IN": "", "FAN_OUT": " variance_norm: FAN_OUT", "AVERAGE": " variance_norm: AVERAGE"}


def fillers() -> str:
    caffe, lines = vocabulary("caffe"), []
    for name, function in caffe.initializers.items():
        for norm, said in NORMS.items() if "variance_norm" in function.parameters else [("", "")]:
            call = Call(name, (), (("variance_norm", norm),) if norm else ())
            meaning = caffe.meaning(call, parse_layout("out, in / groups, *kernel"))
            spelled = [
                spell(vocabulary(target), meaning, parse_layout(layout))
                for target, layout in (("torch", "out, in / groups, *kernel"), ("keras", "*kernel, in / groups, out"))
            ]
            assert all(spelled)
            formula = variance_formula(meaning)
            law = distribution(meaning) + (f", variance {formula}" if formula not in (None, "0") else "")
            cells = [f"`{name}{said}`", law, *(f"`{item.text}`" for item in spelled if item)]
            lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)


def layers() -> str:
    rows = []
    for name, layer in vocabulary("caffe").layers.items():
        roles = ", ".join(dict.fromkeys(weight.role.replace("_", " ") for weight in layer.weights))
        targets = []
        for target in ("torch", "keras"):
            weights = vocabulary(target).grammar.kinds[Kind(layer.kind)].weights
            names = dict.fromkeys(
                weights[spec.role].argument or weights[spec.role].name or "(the layer's name)"
                for spec in layer.weights
                if not weights[spec.role].absent and not weights[spec.role].statistics
            )
            targets.append(", ".join(f"`{item}`" for item in names) or "left alone")
        rows.append(f"| {name} | {roles} | {targets[0]} | {targets[1]} |\n")
    return "".join(rows)


def keras_layers() -> str:
    """The classes of all versions, those of one kind together."""
    grammar, groups = vocabulary("keras_layers").grammar, {}  # type: ignore[var-annotated]
    for name in grammar.layers:
        rows = list(grammar.layers[name])
        kinds = tuple(dict.fromkeys(Kind(row.kind) for row in rows))
        names, roles = groups.setdefault(kinds, ([], {}))
        names.append(f"`{name}`")
        roles |= {(row.kind, spec.role): None for row in rows for spec in row.weights}
    lines = []
    for names, roles in groups.values():
        said = ", ".join(dict.fromkeys(role.replace("_", " ") for _, role in roles))
        lines.append(f"| {', '.join(names)} | {said} | {places('torch', roles)} | {places('keras', roles)} |\n")
    return "".join(lines)


def places(target: str, roles: Iterable[tuple[str, str]]) -> str:
    kinds = vocabulary(target).grammar.kinds
    found = [kinds[Kind(kind)].weights[Role(role)] for kind, role in roles]
    names = dict.fromkeys(place.argument or place.name for place in found if not (place.absent or place.statistics))
    return ", ".join(f"`{name}`" for name in names)


def keras_refused() -> str:
    reasons: dict[str, list[str]] = {}
    for name, reason in vocabulary("keras_layers").grammar.refused.items():
        reasons.setdefault(reason, []).append(f"`{name}`")
    return "".join(f"| {', '.join(names)} | {reason} |\n" for reason, names in reasons.items())


def codes() -> str:
    return "".join(as_markdown(rule_lines(Code)).splitlines(keepends=True)[2:])


def formats() -> str:
    rows = []
    for name in FORMATS:
        said = ast.get_docstring(ast.parse((ROOT / f"initport/findings/writers/{name}.py").read_text(encoding="utf-8")))
        rows.append(f"| `{name}` | {(said or '').splitlines()[0].rstrip('.')} |\n")
    return "".join(rows)


def keys() -> str:
    return "".join(f"| `{key}` | {said} |\n" for key, said in KEYS.items())


def networks() -> str:
    """Of the formats of networks that are read."""
    return "".join(
        f"| {item.title} | `{item.name}` | {', '.join(f'`{ending}`' for ending in item.endings)} |\n"
        for item in index.formats().values()
    )


def programs() -> str:
    """Of the frameworks whose source code is read."""
    rows = []
    for package, release in sorted(registry.releases().items(), key=lambda item: item[1].title.lower()):
        heads = [head for head in registry.source_grammars().values() if head.package == package and head.measured]
        measured = "; ".join(dict.fromkeys(head.measured.replace(",", ", ") for head in heads))
        rows.append(f"| {release.title} | `{package}` | {measured} |\n")
    return "".join(rows)


def measured() -> str:
    """Of the cases of each legacy framework that were measured on it."""
    counts = json.loads((ROOT / "docs/measured.json").read_text(encoding="utf-8"))
    kinds = ("agrees", "refused", "no law")
    rows = [[title, *(str(numbers.get(kind, 0)) for kind in kinds)] for title, numbers in counts.items()]
    total = [str(sum(numbers.get(kind, 0) for numbers in counts.values())) for kind in kinds]
    return "".join(f"| {' | '.join(row)} |\n" for row in (*rows, ["all", *total]))


def sources() -> str:
    """What is read, in two sentences."""
    titles = sorted((release.title for release in registry.releases().values()), key=str.lower)
    networks = [item.title for item in index.formats().values()]
    return f"Networks: {_list(networks)}. Source code of {_list(titles)}."


def _list(items: list[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}"


CALLS = (
    "tf.zeros_initializer()", "tf.random_normal_initializer(stddev=0.02)", "tf.random_uniform_initializer(-0.1, 0.1)",
    "tf.truncated_normal_initializer(stddev=0.1)", "tf.orthogonal_initializer()", "tf.glorot_uniform_initializer()",
    "tf.glorot_normal_initializer()", "tf.initializers.he_uniform()", "tf.variance_scaling_initializer(2.0)",
    "tf.uniform_unit_scaling_initializer(1.43)", "tf.contrib.layers.xavier_initializer()",
    "tf.contrib.layers.variance_scaling_initializer()",
)  # fmt: skip


def calls() -> str:
    lines = []
    for call in CALLS:
        source = f"import tensorflow as tf\ntf.layers.conv2d(x, 3, 3, kernel_initializer={call})\n".encode()
        keras, torch = (
            table(source, Run(target=to).settings(Versions({"tensorflow": (1, 15, 5)})), "x.py").rows[0]
            for to in ("keras", "torch")
        )
        assert keras["exact"] is torch["exact"] is True
        formula = keras["variance_formula"]
        law = keras["distribution"] + (f", variance {formula}" if formula != "0" else "")
        lines.append(f"| `{call}` | {law} | `{keras['target']}` | `{torch['target']}` |\n")
    return "".join(lines)


def settings() -> str:
    """The options of `codemod` that a configuration file may set."""
    rows = []
    for item in sorted(configurable(), key=lambda option: option.key):
        default = f"`{item.default}`" if type(item.default) in (str, int) else item.note
        text = item.help.replace("|", "\\|")
        rows.append(f"| `{item.key}` | {item.type} | {default} | {text} |\n")
    return "".join(rows)


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "networks": ("a file with | `--from` | endings", networks),
    "programs": ("framework | package | versions that were measured", programs),
    "measured": (
        "framework | the law that was measured | refused, as there | refused, for no such law",
        measured,
    ),
    "calls": ("on a convolution's kernel | distribution | Keras | PyTorch", calls),
    "options": ("key | type | default | what it is", settings),
    "formats": ("`--output-format` | what it is", formats),
    "keys": ("key | what it is", keys),
    "fillers": ("Caffe filler | distribution | PyTorch (on a convolution) | Keras 3", fillers),
    "layers": ("Caffe layer | weights | PyTorch | Keras 3", layers),
    "Keras layers": ("Keras layer, of any version | weights | PyTorch | Keras 3", keras_layers),
    "refused Keras layers": ("refused by name | because it", keras_refused),
    "codes": ("code | meaning | exit", codes),
    **{f"losses: {name}": (losses.HEAD, partial(losses.table, runs)) for name, runs in losses.kept().items()},
}
"""The head of each table, and what makes its rows."""


def markdown(name: str) -> str:
    """A table with its head."""
    header, made = TABLES[name]
    return f"| {header} |\n|{'---|' * (header.count('|') + 1)}\n{made()}"
