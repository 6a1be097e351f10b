"""What the emitted modules of all targets share: the header, the helpers they define, and the notes on refusals."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from initport import __version__
from initport.diagnostics import Code
from initport.emit.alike import lines_of
from initport.emit.code import WIDTH, comment, literal
from initport.emit.idioms import BLOCKS, SLICE, Spelling, join
from initport.emit.plan import Entry, Plan
from initport.emit.shapes import Shape, shape_in_target
from initport.folders import read_source
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.grammar.rows import Joint, TargetWeight
from initport.ir.identity import by_identity
from initport.ir.model import Model
from initport.ir.weights import Kind, Layout


def header(model: Model, docstring: str) -> str:
    """The module's docstring, and a comment that says what was converted and by what.

    The comment never comes first: on the first lines of a file Python takes `coding:` in a comment at its word.
    """
    name = comment(f"{model.name} ({model.location.path})" if model.name else model.location.path)
    title = vocabulary(model.framework, model.version).grammar.title
    version = "" if model.version is None else f", {title} {'.'.join(map(str, model.version))}"
    return f'"""{docstring}"""\n\n# From {name}{version}\n# by initport {__version__}.\n\n'


def helpers(plan: Plan, target: Vocabulary) -> str:
    """The definitions of those functions of ours that the plan's spellings call."""
    used = {function for spelling in plan.spellings for function in _functions(spelling)}
    rows = [target.function(name).code for name in target.grammar.initializers if name in used]
    joints = [_joint(entry, target) for entry in plan.examples if entry.spelling is not None and entry.place.part]
    joints += [target.grammar.blocks] if BLOCKS in used else []
    slices = target.grammar.slices
    rows += [slices.code] if SLICE in used and slices is not None else []
    rows += dict.fromkeys(joint.code for joint in joints if joint is not None)
    return "".join(f"\n\n{code}" for code in rows if code)


def by_parameter(entries: Iterable[Entry]) -> list[list[Entry]]:
    """The entries by parameter: those that are parts of one stand together, in the order of the parts."""
    found: list[list[Entry]] = []
    parts: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        if not (entry.place.part and entry.spelling):
            found.append([entry])
        elif (key := (entry.module, entry.place.name)) in parts:
            parts[key].append(entry)
        else:
            parts[key] = [entry]
            found.append(parts[key])
    for members in parts.values():
        members.sort(key=lambda entry: [*entry.place.part])
    return found


def spelling_of(entries: Sequence[Entry], target: Vocabulary) -> Spelling | None:
    """What starts a parameter that these entries are the parts of."""
    if len(entries) == 1:
        return entries[0].spelling
    return join(_joint(entries[0], target), [entry.spelling for entry in entries])


def _joint(entry: Entry, target: Vocabulary) -> Joint | None:
    """What puts the parts of a parameter together."""
    return target.grammar.stacks if entry.place.rows else target.grammar.blocks


def _functions(spelling: Spelling) -> Iterator[str]:
    yield spelling.function
    for part in spelling.parts:
        yield from _functions(part)


def imports_math(plan: Plan, target: Vocabulary) -> str:
    texts = (helpers(plan, target), *(spelling.text for spelling in plan.spellings))
    return "import math\n" if any("math." in text for text in texts) else ""


def note(entry: Entry) -> list[str]:
    """The comment in place of a weight's line, where a reader of the module would miss that line."""
    if entry.spelling is not None or (entry.refusal is not None and entry.refusal[0] is Code.STATISTICS):
        return []
    if entry.finding is not None:
        return [comment(f"{entry.finding.code.code}: {entry.finding.detail}")]
    reason = getattr(entry.weight.initializer, "reason", "")
    return [comment(f"not initialized: {entry.layer.name!r} {entry.weight.role}: {reason}")]


def expectation(key: str, entry: Entry, name: str) -> str:
    """The line that says what a weight was proved for: the source's type of layer, its kind where the layer is one of
    the target's own, and the shape."""
    layer, weight, place = entry[:3]
    own = not place.companion and not layer.wrapper and "." not in name
    shape = _shape_text(weight.layout, weight.dims, weight.shape, place)
    values = _values(layer.type, layer.kind if own else None, shape)
    one = f"    {key}: ({', '.join(values)}),\n"
    return one if len(one) <= WIDTH + 1 else _row(key, values)


@lru_cache(maxsize=4096)
def _values(type_: str, kind: Kind | None, shape: str) -> tuple[str, ...]:
    return literal(comment(type_)), literal("" if kind is None else kind.value), shape


def expectations(plan: Plan, file: str, key_of: Callable[[Entry, str], str]) -> Iterator[str]:
    """Those lines, of each parameter that a table names."""

    def write(entries: Sequence[Entry]) -> Iterable[str]:
        lines: dict[str, str] = {}
        for entry in (entry for entry in entries if entry.spelling is not None):
            place = entry.place
            for name in (place.name or "", *place.alike, *place.zero):
                key = key_of(entry, name)
                if key not in lines:
                    lines[key] = expectation(key, entry.beside if name in place.zero else entry, name)
        return lines.values()

    return lines_of(plan, file, write)


def _row(key: str, values: Sequence[str]) -> str:
    """An entry of a dict that is a tuple, on lines of their own where it is long."""
    one = f"    {key}: ({', '.join(values)}{',' * (len(values) == 1)}),\n"
    return (
        one
        if len(one) <= WIDTH + 1
        else "".join((f"    {key}: (\n", *(f"        {item},\n" for item in values), "    ),\n"))
    )


@by_identity
def _shape_text(
    layout: Layout | None, dims: Mapping[str, int], shape: tuple[int | None, ...] | None, place: TargetWeight
) -> str:
    """The weight's shape in the target."""
    return _shape(shape_in_target(layout, dims, shape, place))


def _shape(shape: Shape | None) -> str:
    if shape is None:
        return "None"
    sizes = ["..." if size is ... else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"


def classes_table(plan: Plan, target: Vocabulary, name: str, base: str) -> str:
    """The target's layers of the kinds that the plan has."""
    kinds = dict.fromkeys(entry.layer.kind for entry in plan.examples if entry.spelling is not None)
    rows = {kind: target.grammar.kinds[kind].classes for kind in kinds}
    lines = []
    for kind, classes in rows.items():
        if classes:
            lines.append(_row(literal(kind.value), classes))
    rows_text = "".join(("{\n", *lines, "}")) if lines else "{}"
    return f"\n# kind: the classes of its layers\n{name}: dict[str, tuple[type[{base}], ...]] = {rows_text}\n"


_START = "# The emitted text starts below this line.\n"


def ending(plan: Plan, *own: str) -> str:
    """The functions that an emitted module ends with, ``own`` being the dotted names of the target's programs."""
    pairs = {layer.name: layer.normalization for layer, outcomes in plan.layers if outcomes.companions}
    table = "".join(f"    {literal(name)}: {literal(other)},\n" for name, other in pairs.items() if other)
    programs = "initport.emit.programs"
    renaming = f"{programs}.{'normalization' if table else 'rename'}"
    return (_NORMALIZATIONS.format(table) if table else "") + program(f"{programs}.names", renaming, *own)


_NORMALIZATIONS = """
# layer: the normalization before it, which is one layer with it here, under either name
NORMALIZATIONS: dict[str, str] = {{
{}}}
"""


@cache
def program(*names: str) -> str:
    places = (name.rpartition(".") for name in names)
    texts = (read_source(package, name) for package, _, name in places)
    return "\n" + "\n\n".join(text.partition(_START)[2] for text in texts)
