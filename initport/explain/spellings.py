"""How each framework spells a law, and what each means by a name.

The laws by activation are data, `grammars/activations.yaml`. A spelling is found by asking a framework's own grammar
what its calls mean on a dense kernel, never by its name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from initport import tables
from initport.grammar import registry
from initport.grammar.call import Argument, Call
from initport.grammar.expression import evaluate
from initport.grammar.files import read
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import REQUIRED, MeaningError, Vocabulary
from initport.grammar.record import read_row
from initport.grammar.rows import Function
from initport.grammar.version import Version, parse_version, within
from initport.ir.describe import distribution, variance_formula
from initport.ir.initializers import Distribution, Initializer, VarianceScaling, equal
from initport.ir.scalar import Dim, InexactError, Scalar, literal
from initport.ir.weights import Kind, Layout

FILE = "activations"


class ActivationLaw(NamedTuple):
    """A variance ``scale / fan`` for the kernel before an activation, the reason included."""

    law: str
    scale: int | str
    fan: str
    because: str


class Activation(NamedTuple):
    """An activation; ``mean_square`` is the mean of its square for a standard normal input."""

    name: str
    mean_square: str
    laws: Sequence[ActivationLaw]
    aliases: Sequence[str] = ()


class Spelling(NamedTuple):
    """One way to write an initializer: the framework's title and version, the call, and what it draws on a dense
    kernel; ``law`` is the variance as a formula of the fans."""

    framework: str
    version: str
    call: str
    distribution: str
    variance: str


class Book(NamedTuple):
    """What the data file holds."""

    activations: Sequence[Activation]


@cache
def activations() -> Mapping[str, Activation]:
    """By name and alias. Raises GrammarError naming the file and key."""
    book = read_row(Book, read(FILE), f"{FILE}.yaml")
    return {name: item for item in book.activations for name in (item.name, *item.aliases)}


def activation(query: str) -> Activation | None:
    """The activation that people call so, whatever the case and the signs between the words."""
    plain = _plain(query)
    return next((item for name, item in activations().items() if _plain(name) == plain), None)


def scale_of(law: ActivationLaw, slope: Fraction) -> Scalar:
    """The law's scale for a negative slope. Raises ExpressionError."""
    return evaluate(str(law.scale), {"slope": Scalar.of(slope)})


def spellings(
    scale: Scalar, fan: str, frameworks: Sequence[str] = (), numbers: Sequence[Scalar] = ()
) -> list[Spelling]:
    """Every framework's shortest call for each shape of variance ``scale / fan``: a fan_in, fan_out or fan_avg.

    ``numbers`` are what an argument may be besides the scale and its roots, such as a slope.

    ``frameworks`` are names of packages as people call them; all where none are given."""
    ways = {"fan_in": Scalar.of(Dim("in")), "fan_out": Scalar.of(Dim("out"))}
    ways["fan_avg"] = (ways["fan_in"] + ways["fan_out"]) / 2
    found = []
    for title, version, known, layout in _vocabularies(frameworks):
        calls = list(_calls(known, version, layout, (*_numbers(scale), *numbers)))
        for shape in Distribution:
            wanted = VarianceScaling(scale, ways[fan], shape, fan)
            texts = [text for text, meant in calls if equal(meant, wanted)]
            if texts:
                text = min(texts, key=lambda text: (text.count("="), len(text), text))
                found.append(Spelling(title, version, text, distribution(wanted), variance_formula(wanted) or "?"))
    return _join(found)


def spellings_of(query: str, frameworks: Sequence[str] = ()) -> list[Spelling]:
    """What each framework means by a name, as its initializers stand without arguments."""
    plain, found = _plain(query), []
    for title, version, known, layout in _vocabularies(frameworks):
        for name, aliases in _names(known):
            row = known.initializers[name]
            if any(plain in _plain(item.rpartition(".")[2]) for item in (name, *aliases)) and row.code is None:
                try:
                    meant = known.meaning(Call(name), layout)
                except MeaningError:
                    continue
                law = (distribution(meant), variance_formula(meant) or "?")
                public = _public(name, known, parse_version(version) if version else None)
                found.append(Spelling(title, version, _call_text(public, row, ()), *law))
    return _join(found)


def _join(found: Sequence[Spelling]) -> list[Spelling]:
    """Those that differ in nothing but the version as one, in the order of the frameworks."""
    versions: dict[Spelling, list[str]] = {}
    for item in found:
        versions.setdefault(item._replace(version=""), []).append(item.version)
    joined = [item._replace(version=", ".join(dict.fromkeys(known))) for item, known in versions.items()]
    return sorted(joined, key=lambda item: item.framework.lower())


def _names(known: Vocabulary) -> Iterator[tuple[str, Sequence[str]]]:
    """The grammar's own names of the initializers that its version has, with their aliases."""
    for name in known.grammar.initializers:
        if name in known.initializers:
            yield name, known.initializers[name].aliases


def _plain(name: str) -> str:
    return re.sub(r"initiali[sz]er|[^a-z0-9]", "", name.lower())


def _vocabularies(frameworks: Sequence[str]) -> Iterator[tuple[str, str, Vocabulary, Layout]]:
    """Title, version, vocabulary and the axes of a dense kernel, of each grammar that states those axes."""
    for name, head in registry.heads().items():
        if not read(name).get("initializers"):
            continue
        package = head.package or name
        versions: Sequence[Version | None] = registry.usual(package) or (None,)
        if frameworks:
            versions = [version for item in frameworks for version in _versions_of(item, package, versions)]
        for version in versions:
            if version is not None and not (within(version, head.versions) and within(version, head.measured)):
                continue
            known = vocabulary(name, version)
            axes = known.grammar.axes
            if axes is not None and Kind.DENSE in axes.kinds and known.initializers:
                title = known.grammar.title or registry.title(package)
                shown = "" if version is None else ".".join(map(str, version))
                yield title, shown, known, parse_layout(axes.kinds[Kind.DENSE])


def _versions_of(stated: str, package: str, usual: Sequence[Version | None]) -> Sequence[Version | None]:
    """The versions of a package that people mean by a name with or without a version: `tf`, `tf1`, `tf=1.8`."""
    called = re.fullmatch(r"(.*?)[\s=]*v?(\d+(?:\.\d+)*)?", stated.strip())
    assert called is not None
    if _plain(_package(called[1])) not in (_plain(package), _plain(registry.title(package))):
        return ()
    if called[2] is None:
        return usual
    version = parse_version(called[2])
    within_it = [item for item in usual if item is not None and item[: len(version)] == version]
    return within_it or ([version] if usual != (None,) and len(version) > 1 else [])


def _package(name: str) -> str:
    try:
        return registry.find_package(name)
    except KeyError:
        return name


def _public(name: str, known: Vocabulary, version: Version | None) -> str:
    """The name that people write, in this version, for what the grammar calls ``name``; strings stay."""
    package = known.grammar.head.package
    if "." not in name:
        return name
    absent = _absent(package, version)
    own, last = known.initializers[name], name.rpartition(".")[2]
    found = []
    for other, row in known.initializers.items():
        parts = other.split(".")
        public = "python" not in parts and not any(part.startswith("_") for part in parts)
        there = parts[0] != package or absent.isdisjoint((".".join(parts[1:2]), ".".join(parts[1:3])))
        if row is own and public and there and parts[-1] == last:
            found.append((("compat" in parts, other != name, parts[0] != package, len(other)), other))
    return min(found)[1] if found else name


@cache
def _absent(package: str, version: Version | None) -> frozenset[str]:
    """Names of a package that a version does not have."""
    marks = (mark for name, head in registry.heads().items() if head.package == package
             for mark in vocabulary(name).grammar.marks)  # fmt: skip
    return frozenset(name for mark in marks if not within(version, mark.versions) for name in mark.names)


def _short(name: str) -> str:
    return re.sub(r"^tensorflow\.", "tf.", name)


def _calls(
    known: Vocabulary, version: str, layout: Layout, numbers: Sequence[Scalar]
) -> Iterator[tuple[str, Initializer]]:
    """Calls of all functions of a framework, also with one of the numbers as an argument, and their meanings."""
    for name, _ in _names(known):
        row = known.initializers[name]
        if row.code is None and not _draws(row) and "fan" in str(row.means):
            public = _public(name, known, parse_version(version) if version else None)
            for arguments in _arguments(row, numbers):
                try:
                    yield _call_text(public, row, arguments), known.meaning(Call(name, (), arguments), layout)
                except (MeaningError, InexactError):
                    continue


def _draws(row: Function) -> bool:
    return "shape" in row.parameters and row.parameters["shape"] == REQUIRED


def _arguments(row: Function, values: Sequence[Scalar]) -> Iterator[tuple[tuple[str, Argument], ...]]:
    choices = _choices(row.means)
    chosen = [[None, *((name, value) for value in values)] for name, values in choices.items()]
    numbers: list[tuple[str, Scalar] | None] = [None]
    for name, default in row.parameters.items():
        if isinstance(default, int | float) and not isinstance(default, bool) and name not in choices:
            numbers += [(name, value) for value in values]
    for number, *others in product(numbers, *chosen):
        yield tuple(item for item in (number, *others) if item is not None)


def _numbers(scale: Scalar) -> list[Scalar]:
    """What an argument can be for a variance of ``scale``: itself, half or twice of it, and the roots of these."""
    found = [scale, scale * 2, scale / 2]
    return [*found, *(value.sqrt() for value in found)]


def _choices(means: Any) -> dict[str, list[Argument]]:
    """The values among which a row's meaning distinguishes, by parameter."""
    found: dict[str, list[Argument]] = {}
    if isinstance(means, Mapping):
        if "by" in means:
            keys = [key for key in means if key not in ("by", "fold", "else")]
            found[means["by"]] = [Scalar.of(key) if type(key) is int else key for key in keys]
        for value in means.values():
            found.update(_choices(value))
    return found


def _call_text(name: str, row: Function, arguments: Sequence[tuple[str, Argument]]) -> str:
    """A call as it stands in Python; a name without dots and arguments is a string of a config."""
    tensor = [key for key in row.parameters if row.parameters[key] == REQUIRED][:1]
    listed = ", ".join((*tensor, *(f"{key}={_value(value)}" for key, value in arguments)))
    return f"{_short(name)}({listed})" if "." in name or listed else f'"{name}"'


def _value(value: Argument) -> str:
    if isinstance(value, Scalar):
        if value.rational is not None:
            return literal(value.rational)
        return f"math.sqrt({literal(value.square)})"
    return f'"{value}"' if isinstance(value, str) else repr(value)


class Section(NamedTuple):
    """A law, or what a name means: the ``title``, the reason or a remark, and the spellings."""

    title: str
    because: str
    spellings: tuple[Spelling, ...]


def answer(query: str, frameworks: Sequence[str] = (), slope: Fraction = Fraction(1, 100)) -> list[Section]:
    """What there is to say of an activation, or of the name of an initializer.

    Raises LookupError, whose message names what there is, for what is neither, and for an unknown framework."""
    for framework in frameworks:
        _check_framework(framework)
    known = activation(query)
    if known is not None:
        laws = ((law, scale_of(law, slope)) for law in known.laws)
        return [
            Section(f"{known.name}: {law.law}, variance {_scale_text(law.scale)} / {law.fan}", law.because,
                    tuple(spellings(scale, law.fan, frameworks, (Scalar.of(slope),))))
            for law, scale in laws
        ]  # fmt: skip
    found = tuple(spellings_of(query, frameworks))
    if not found:
        names = ", ".join(dict.fromkeys(item.name for item in activations().values()))
        raise LookupError(f"{query!r} is neither an activation ({names}) nor the name of an initializer")
    different = len({(item.distribution, item.variance) for item in found})
    remark = f"{len(found)} initializers have this name; they draw {different} different distributions"
    remark = remark if different > 1 else ""
    return [Section(f"{query}, on a dense kernel", remark, found)]


def _scale_text(scale: int | str) -> str:
    return f"({scale})" if "slope" in str(scale) else str(scale)


def _check_framework(name: str) -> None:
    names = {title for title, _, _, _ in _vocabularies(())}
    if next(_vocabularies((name,)), None) is None:
        raise LookupError(f"no framework is called {name!r}; there are {', '.join(sorted(names))}")


def format_sections(sections: Sequence[Section], output_format: str) -> str:
    """The sections as text, Markdown, CSV or JSON."""
    if output_format == "json":
        import json

        found = [{**section._asdict(), "spellings": [item._asdict() for item in section.spellings]}
                 for section in sections]  # fmt: skip
        return json.dumps(found, indent=2) + "\n"
    if output_format == "csv":
        import csv
        import io

        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(("title", *Spelling._fields))
        writer.writerows((section.title, *item) for section in sections for item in section.spellings)
        return buffer.getvalue()
    write = tables.as_markdown if output_format == "markdown" else tables.as_text
    parts = []
    for section in sections:
        head = f"### {section.title}" if output_format == "markdown" else section.title
        parts.append("\n".join(part for part in (head, section.because) if part) + "\n\n")
        parts.append(write([Spelling._fields, *section.spellings]) + "\n")
    return "".join(parts)
