"""The rows of source code: every initializer that is written out, and those that layer calls leave to a default."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from initport.diagnostics import Code, Diagnostic
from initport.emit import targets
from initport.emit.decision import Keep, Refuse, Replace
from initport.emit.plan import plan
from initport.emit.settings import Settings
from initport.explain.model_rows import row as model_row
from initport.explain.row import Row, Table, law_of
from initport.grammar.load import vocabulary
from initport.ir.initializers import Initializer, Unsupported, elementwise
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight
from initport.lexis import one_line
from initport.program.network import ClassStarts, Filled, Filling, class_starts
from initport.python.implicit import BY_VERSION, default_layers
from initport.python.sites import Form, Left, Site
from initport.python.sites.formula import formula
from initport.python.stack import Cell
from initport.python.text import Text
from initport.rewrite import caffe_programs, premise
from initport.rewrite.decide import decide
from initport.rewrite.encoding import decode
from initport.rewrite.file import hidden_sites, parse_any
from initport.rewrite.handwritten import law, library_law, mistaken
from initport.rewrite.inventory import meaning, where


def table(data: bytes, settings: Settings, path: str) -> Table:
    """Raises EncodingError, SyntaxError."""
    if path.endswith(".ipynb"):
        from initport.rewrite.notebook import code, without_magics

        content = code(data)
        tree, python2 = parse_any(content, without_magics)
    else:
        content = decode(data).text
        tree, python2 = parse_any(content)
    text = Text(content)
    sites, settings = premise.read(tree, text, settings)
    own = class_starts(tree, text, settings, path)
    found = [_after_filling(_site(site, replace(settings, python2=python2), path), site, own) for site in sites.found]
    left = [item for item in sites.left if item.modern != targets.target(settings.target).grammar]
    left += hidden_sites(content, settings) if python2 else ()
    found += [(_row_of_left(item, path), _finding(item, path)) for item in left]
    found += [(None, _finding(item, path)) for item in mistaken(sites.found)]
    found += _defaults(tree, text, settings, {site.node: site for site in sites.found}, own, path)
    found += _network_rows(tree, text, settings.target, path)
    rows = sorted((row for row, _ in found if row is not None), key=lambda row: row["line"] or 0)
    return Table(rows, sorted((item for _, item in found if item is not None), key=_place))


_Found = tuple[Row | None, Diagnostic | None]


def _place(item: Diagnostic) -> tuple[int, int]:
    return item.location.line or 0, item.location.column or 0


def _row(path: str, line: int, source: str, initializer: Initializer | None) -> Row:
    """What is known of every row."""
    return Row(
        path=path, line=line, key=None, layer="", kind="", weight="", place="", shape=None, fan_in=None, fan_out=None,
        source=source, implicit=False, statistics=False, **law_of(initializer, {}), law="", target=None, exact=None,
        reason=None,
    )  # fmt: skip


def _site(site: Site, settings: Settings, path: str) -> _Found:
    meant, layout = meaning(site, settings)
    row = _row(path, site.line, one_line(site.source), meant)
    row["layer"], row["kind"], row["weight"], row["place"] = where(site.place)
    if site.form is Form.DRAW:
        changed = ", then computed with" if site.scaling is None else ""
        row["place"] = f"{row['place']} (drawn at once{changed})".strip()
    row["law"] = law(formula(site)) or library_law(meant, site.named.vocabulary.names(layout))
    finding = None
    match decide(site, settings):
        case Keep():
            row["exact"] = True
        case Refuse(reason, code, assume):
            row["exact"], row["reason"] = False, reason
            finding = Diagnostic(code, Location(path, site.line, site.column), f"{row['source']}: {reason}", assume)
        case Replace(text=text):
            row["target"], row["exact"] = text, True
    return row, finding


def _row_of_left(item: Left, path: str) -> Row:
    row = _row(path, item.line, one_line(item.source), item.meaning)
    row["exact"], row["reason"] = False, item.reason
    return row


def _finding(item: Left, path: str) -> Diagnostic:
    source = one_line(item.source)
    return Diagnostic(item.code, Location(path, item.line, item.column), f"{source}: {item.reason}", item.assume)


def _defaults(
    tree: ast.Module, text: Text, settings: Settings, sites: dict[ast.expr, Site], own: ClassStarts, path: str
) -> Iterator[_Found]:
    """The weights that no argument starts, each with its line in the target where its distribution is known."""
    target = targets.target(settings.target).vocabulary
    for layer, known in (
        *default_layers(tree, text, settings.names, sites, path),
        *((parameter, None) for parameter in own.parameters),
    ):
        layer = layer._replace(weights=tuple(_with_fillings(layer, own.fillings)))
        for entry in plan(Model("", settings.target, layer.location, (layer,)), target).entries:
            row = model_row(entry, known)
            row["layer"] = layer.type
            initializer = entry.weight.initializer
            if isinstance(initializer, Unsupported):
                row.update(law_of(None, {}))  # type: ignore[typeddict-item]
                row["exact"] = row["reason"] = None
                if initializer.name:
                    code = Code.NEEDS_VERSION if initializer.name == BY_VERSION else Code.UNSUPPORTED_INITIALIZER
                    row["exact"], row["reason"] = False, initializer.reason
                    detail = f"the {row['weight']} of {layer.type}: {initializer.reason}"
                    yield row, Diagnostic(code, entry.weight.location, detail)
                    continue
            elif entry.weight.layout is None and not elementwise(initializer):
                row["target"] = row["exact"] = row["reason"] = None  # its axes in the target are not known
            failed = row["exact"] is False and entry.finding is not None
            yield row, entry.finding if failed else None


def _after_filling(found: _Found, site: Site, own: ClassStarts) -> _Found:
    """The row of a layer's initializer, where the weight is filled after the layer was made: that starts it."""
    row, finding = found
    call, layer = site.place.call, site.place.layer
    if row is None or call is None or layer is None:
        return found
    roles = {item.role for item in layer.row.weights if item.argument == site.place.argument}
    place = (call.lineno, call.col_offset + 1)
    filled = [item for key, item in own.fillings.items() if (key.line, key.column) == place and key.role in roles]
    if filled:
        row.update(law_of(filled[0].initializer, {}))  # type: ignore[typeddict-item]
        row["line"], row["source"], row["law"] = filled[0].location.line, f"filled: {filled[0].source}", ""
        row["target"] = row["exact"] = row["reason"] = None
    return row, finding


def _with_fillings(layer: Layer, filled: Mapping[Filled, Filling]) -> Iterator[Weight]:
    """The weights of a layer, those that are filled after it was made with what fills them."""
    where, cell = layer.location, Cell(layer.wrapper, layer.cell)
    for weight in layer.weights:
        filling = filled.get(Filled(where.line, where.column, cell, weight.role))
        if filling is None:
            yield weight
        else:
            known = filling.initializer or Unsupported("", "what fills it is known only when the program runs")
            source = f"filled: {filling.source}"
            yield weight._replace(initializer=known, location=filling.location, source=source, implicit=False)


def _network_rows(tree: ast.Module, text: Text, target: str, path: str) -> Iterator[_Found]:
    """The weights of Caffe networks that the program builds."""
    caffe = vocabulary("caffe")
    for entry in caffe_programs.entries(tree, text, target):
        row = model_row(entry, caffe)
        row["path"] = path
        refused = row["exact"] is False
        place = entry.weight.location._replace(path=path)
        yield row, Diagnostic(Code.UNSUPPORTED_INITIALIZER, place, row["reason"] or "") if refused else None
    yield from ((None, _finding(item, path)) for item in caffe_programs.kept_fillers(tree, text))
