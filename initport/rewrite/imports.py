"""Which imports a rewritten module needs, which it no longer needs, and where the new ones go.

LibCST edits the statements, and keeps their comments, parentheses and order. Authority for the order: isort's default
profile (sections, `import` before `from`, module names without regard to case, names of one module in one statement).
"""

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, repeat
from typing import TYPE_CHECKING

from initport.emit.route import bodies, comes_first, leading_imports
from initport.python.text import Span, Text
from initport.rewrite.edits import Edit

if TYPE_CHECKING:
    from libcst import (
        BaseParenthesizableWhitespace,
        BaseSmallStatement,
        Import,
        ImportAlias,
        ImportFrom,
        ParenthesizedWhitespace,
    )

Imports = ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class Group:
    """Statements of a block that stand on one line, parted by semicolons; mostly one."""

    nodes: tuple[ast.stmt, ...]

    @property
    def line(self) -> int:
        """The first, with decorators."""
        first = self.nodes[0]
        return min((item.lineno for item in getattr(first, "decorator_list", ())), default=first.lineno)

    @property
    def end(self) -> int:
        return self.nodes[-1].end_lineno or self.nodes[-1].lineno

    def span(self, text: Text) -> Span:
        return Span(text.offset(self.nodes[0].lineno, self.nodes[0].col_offset), _end(self.nodes[-1], text))

    @property
    def is_import(self) -> bool:
        return all(isinstance(node, Imports) and _root(node) != "__future__" for node in self.nodes)

    @property
    def key(self) -> "Key":
        first = self.nodes[0]
        assert isinstance(first, Imports)
        return _key(first)


def groups(body: Iterable[ast.stmt]) -> list[Group]:
    found: list[list[ast.stmt]] = []
    for node in body:
        if found and found[-1][-1].end_lineno == node.lineno:
            found[-1].append(node)
        else:
            found.append([node])
    return [Group(tuple(nodes)) for nodes in found]


def edits(
    tree: ast.Module,
    text: Text,
    unused: Collection[str],
    statements: Collection[str],
    definitions: Collection[str],
    line: int,
    roots: Collection[str],
) -> list[Edit]:
    """The edits that take out imports of names that are ``unused``, add imports, and add functions of our own.

    What is added comes before the ``line`` that needs it first; ``roots`` are the names by which the replaced
    expressions reached what they named."""
    if not unused and not statements and not definitions:
        return []
    module = _Module(tree, text, line, frozenset(roots))
    merged: dict[ast.stmt, list[ast.alias]] = {}
    inserted: dict[_Place, list[Imports]] = {}
    for statement in sorted(map(_parse, statements), key=_key):
        home = module.home(statement, unused)
        if home is not None:
            merged.setdefault(home, []).extend(statement.names)
        else:
            inserted.setdefault(module.place(statement), []).append(statement)
    added = [module.insertion(place, found) for place, found in inserted.items()]
    if definitions:
        imports = [*merged, *leading_imports(tree, line)]
        ends = [node.end_lineno or 0 for node in imports] + [module.last_before(place) for place in inserted]
        added.append(module.definitions(definitions, max(ends, default=0)))
    return list(_insert_within([*_changes(tree, text, unused, merged)], list(_join(added)), text))


def _parse(statement: str) -> Imports:
    (node,) = ast.parse(statement).body
    assert isinstance(node, Imports)
    return node


def _join(added: Iterable[Edit]) -> Iterator[Edit]:
    """What is inserted at one place, in one edit."""
    by_place: dict[Span, list[str]] = {}
    for edit in added:
        by_place.setdefault(edit.span, []).append(edit.text)
    return (Edit(span, "".join(texts)) for span, texts in by_place.items())


def _insert_within(changes: Iterable[Edit], added: Sequence[Edit], text: Text) -> Iterator[Edit]:
    """The edits, where what is added behind the statements that must come first lies within a line that changes: those
    statements are the start of the line before and after."""
    inside: set[Edit] = set()
    for change in changes:
        words = change.text
        for edit in added:
            start = text.content[change.span.start : edit.span.start]
            if change.span.start < edit.span.start < change.span.end and words.startswith(start):
                words = start + edit.text + words[len(start) :]
                inside.add(edit)
        yield Edit(change.span, words)
    yield from (edit for edit in added if edit not in inside)


@dataclass(frozen=True, slots=True)
class _Place:
    """Before a group of a module's statements, or behind it."""

    index: int
    behind: bool = False


@dataclass(frozen=True)
class _Module:
    """Where imports of a module can go. ``line`` is the first that needs them."""

    tree: ast.Module
    text: Text
    line: int
    roots: frozenset[str]

    @cached_property
    def groups(self) -> list[Group]:
        return groups(self.tree.body)

    @cached_property
    def start(self) -> int:
        """The number of groups that must come first."""
        firsts = [index for index, group in enumerate(self.groups) if self._first(group)]
        return max(firsts, default=-1) + 1

    @cached_property
    def known(self) -> list[Group]:
        """The groups before the line."""
        return [group for group in self.groups if group.end < self.line]

    def _first(self, group: Group) -> list[ast.stmt]:
        return [node for node in group.nodes if comes_first(node, self.tree)]

    def home(self, statement: Imports, unused: Collection[str]) -> ast.ImportFrom | None:
        """The statement that already imports other names from the same module."""
        if not isinstance(statement, ast.ImportFrom) or statement.names[0].asname:
            return None
        for node in (node for group in self.known for node in group.nodes):
            if isinstance(node, ast.ImportFrom) and (node.module, node.level) == (statement.module, 0):
                plain = all(alias.asname is None and alias.name != "*" for alias in node.names)
                if plain and any(alias.name not in unused for alias in node.names):
                    return node
        return None

    def place(self, statement: Imports) -> _Place:
        """Where an import of the same package stands, else where the import stands that it replaces, else among the
        first ones; never above what sets the environment, which packages read when they are imported, nor above an
        `import *` that may bring another thing of that name."""
        root = _root(statement)
        hidden = max((index + 1 for index, group in enumerate(self.known) if _may_hide(group, root)), default=0)
        floor = max(self.start, hidden)
        same = [index for index in range(hidden, len(self.known)) if root in _packages(self.known[index])]
        if not same and root not in sys.stdlib_module_names:
            floor = max([floor, *(index + 1 for index, group in enumerate(self.known) if _sets_environment(group))])
        plain = [index for index in range(floor, len(self.known)) if self.known[index].is_import]
        replaced = [index for index in plain if self.roots & _bindings(self.known[index])]
        anchor = next(iter((*same, *replaced, *plain)), None)
        if anchor is None:
            return _Place(floor - 1, behind=True) if floor > self.start else _Place(min(floor, len(self.known)))
        return self._sorted_place(statement, anchor, floor) if self.known[anchor].is_import else _Place(anchor)

    def _sorted_place(self, statement: Imports, anchor: int, floor: int) -> _Place:
        """Among the imports around one of them: where isort would put it, or beside that where they are in no order."""
        low, high = self._block(anchor, floor)
        keys, new = [self.groups[index].key for index in range(low, high)], _key(statement)
        section = [key for key in keys if key[0] == new[0]]
        if section != sorted(section):
            return _Place(anchor, behind=new > self.groups[anchor].key)
        at = sum(key < new for key in keys)
        if at and (keys[at - 1][0] == new[0] or at == len(keys)):
            return _Place(low + at - 1, behind=True)
        return _Place(low + at)

    def _block(self, anchor: int, floor: int) -> tuple[int, int]:
        low, high = anchor, anchor + 1
        while low > floor and self.known[low - 1].is_import:
            low -= 1
        while high < len(self.known) and self.known[high].is_import:
            high += 1
        return low, high

    def insertion(self, place: _Place, statements: Sequence[Imports]) -> Edit:
        """The edit that puts imports at a place, in the order of their keys."""
        newline, beside = self.text.newline, self.groups[place.index] if place.index < len(self.groups) else None
        if beside is not None and not place.behind and self._first(beside):
            at = _end(self._first(beside)[-1], self.text)
            return Edit(Span(at, at), "".join(f"; {ast.unparse(item)}" for item in statements))
        spaced = beside is not None and beside.is_import and self._is_spaced(place.index)
        around: list[Imports | Group] = [*statements]
        if spaced and beside is not None:
            around = [beside, *around] if place.behind else [*around, beside]
        lines: list[str] = []
        for index, item in enumerate(around):
            if spaced and index and _key_of(around[index - 1])[0] != _key_of(item)[0]:
                lines.append("")
            if isinstance(item, Imports):
                lines.append(ast.unparse(item))
        return self._lines(place, "".join(f"{line}{newline}" for line in lines))

    def last_before(self, place: _Place) -> int:
        """The last line before a place."""
        index = place.index if place.behind else place.index - 1
        return self.groups[index].end if index >= 0 else 0

    def _lines(self, place: _Place, lines: str) -> Edit:
        if place.index >= len(self.groups):
            at = len(self.text.content)
        else:
            group = self.groups[place.index]
            at = self.text.after(group.end) if place.behind else self.text.starts[group.line - 1]
        ended = at == 0 or self.text.content[at - 1] in "\r\n"
        return Edit(Span(at, at), lines if ended else self.text.newline + lines)

    def _is_spaced(self, index: int) -> bool:
        """Whether blank lines part the sections of the imports around."""
        low, high = self._block(index, self.start) if index < len(self.known) else (index, index + 1)
        block = self.groups[low:high]
        return all(one.key[0] == two.key[0] or two.line - one.end > 1 for one, two in pairwise(block))

    def definitions(self, codes: Collection[str], last: int) -> Edit:
        """The edit that puts functions behind a line, or before all else where it is none."""
        newline = self.text.newline
        body = "".join(f"{newline * 2}{code.rstrip().replace(chr(10), newline)}{newline}" for code in codes)
        if last == 0 and self.start < len(self.groups):
            at = self.text.starts[self.groups[self.start].line - 1]
            return Edit(Span(at, at), f"{body}{newline * 2}")
        at = self.text.after(last) if last else len(self.text.content)
        behind = self.text.content[at : at + 2 * len(newline)]
        return Edit(Span(at, at), body + ("" if behind.isspace() else newline * (2 - behind.count(newline))))


Key = tuple[int, bool, str]


def _key(node: Imports) -> Key:
    """What isort sorts by: the section, `import` before `from`, and the module."""
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        section = 2 if node.level else _section(module)
        return section, True, module.lower()
    return _section(node.names[0].name), False, node.names[0].name.lower()


def _key_of(item: "Imports | Group") -> Key:
    return item.key if isinstance(item, Group) else _key(item)


def _section(module: str) -> int:
    root = module.partition(".")[0]
    return -1 if root == "__future__" else 0 if root in sys.stdlib_module_names else 1


def _root(node: Imports) -> str:
    return (node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name).partition(".")[0]


def _within(group: Group, kinds: "tuple[type[ast.AST], ...]") -> Iterator[ast.AST]:
    """The nodes of some kinds that run where the group stands, not those of functions."""
    stack: list[ast.AST] = list(group.nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, kinds):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            stack.extend(ast.iter_child_nodes(node))


def _may_hide(group: Group, package: str) -> bool:
    """Whether a group holds an `import *` that may bring something else of the name that is imported from a package:
    of another one, as nobody calls a thing like the package that it is in."""
    found = (node for node in _within(group, (ast.ImportFrom,)) if isinstance(node, ast.ImportFrom))
    stars = (node.module or "." for node in found if any(name.name == "*" for name in node.names))
    return any(_section(module) > 0 and module.partition(".")[0] != package for module in stars)


def _packages(group: Group) -> set[str]:
    """The packages that a group imports, be it in a branch."""
    found: set[str] = set()
    for node in _within(group, (ast.Import, ast.ImportFrom)):
        if isinstance(node, ast.ImportFrom) and not node.level:
            found.add(_root(node))
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
    return found


def _bindings(group: Group) -> set[str]:
    """The names that the imports of a group bind."""
    names = (alias for node in group.nodes if isinstance(node, Imports) for alias in node.names)
    return {(alias.asname or alias.name).partition(".")[0] for alias in names}


def _sets_environment(group: Group) -> bool:
    """Whether a statement may change what packages read of the environment: it names `environ` or `putenv`."""
    for node in _within(group, (ast.Name, ast.Attribute)):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in ("environ", "putenv"):
            return True
    return False


def _end(node: ast.stmt, text: Text) -> int:
    return text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)


def _changes(
    tree: ast.Module, text: Text, unused: Collection[str], merged: Mapping[ast.stmt, Sequence[ast.alias]]
) -> Iterator[Edit]:
    """The edits of statements that are there: names that go, and names that are ``merged`` into them. What is all of a
    block stays."""
    for body in bodies(tree) if unused or merged else ():
        gone = {node: _unused_names(node, unused) for node in body}
        if not any(gone.values()) and not merged.keys() & gone.keys():
            continue
        if all(len(names) == _size(node) for node, names in gone.items()):
            gone = {node: () for node in body}
        for group in groups(body):
            touched = [node for node in group.nodes if gone[node] or node in merged]
            edit = _edit(group, text, gone, merged) if touched else None
            if edit is not None:
                yield edit


def _size(node: ast.stmt) -> int:
    return len(node.names) if isinstance(node, Imports) else 1


def _unused_names(node: ast.stmt, unused: Collection[str]) -> tuple[int, ...]:
    """Which of the names that a statement gives to modules and functions are no longer needed."""
    if _is_alias(node, unused):
        return (0,)
    if not isinstance(node, Imports):
        return ()
    return tuple(
        index
        for index, alias in enumerate(node.names)
        if (alias.asname or alias.name) in unused and _binds_itself(node, alias)
    )


def _edit(
    group: Group,
    text: Text,
    gone: Mapping[ast.stmt, Sequence[int]],
    merged: Mapping[ast.stmt, Sequence[ast.alias]],
) -> Edit | None:
    """None where the line cannot be read by itself (it is Python 2), or where a comment keeps all that would go."""
    import libcst

    span = group.span(text)
    source = text.content[span.start : span.end]
    try:
        line = libcst.parse_statement(source, libcst.PartialParserConfig(default_newline=text.newline))
    except libcst.ParserSyntaxError:
        return None
    if not isinstance(line, libcst.SimpleStatementLine) or len(line.body) != len(group.nodes):
        return None
    kept: list[BaseSmallStatement] = []
    for node, small in zip(group.nodes, line.body, strict=True):
        if len(gone[node]) == _size(node) and node not in merged:
            continue
        kept.append(_alter(small, gone[node], merged.get(node, ())))
    if not kept:
        return _whole(group, span, text)
    if len(kept) < len(line.body):
        kept[-1] = kept[-1].with_changes(semicolon=libcst.MaybeSentinel.DEFAULT)
    code = libcst.Module([], default_newline=text.newline).code_for_node(line.with_changes(body=kept))
    code = code.removesuffix(text.newline)
    return Edit(span, code) if code != source else None


def _whole(group: Group, span: Span, text: Text) -> Edit | None:
    """The edit that takes out the lines of a group, with the comment behind it."""
    first = text.starts[group.nodes[0].lineno - 1]
    after = text.after(group.end)
    rest = text.content[span.end : after].strip().removeprefix(";").lstrip()
    alone = not text.content[first : span.start].strip() and (not rest or rest.startswith("#"))
    return Edit(Span(first, after), "") if alone else None


def _alter(small: "BaseSmallStatement", gone: Sequence[int], added: Sequence[ast.alias]) -> "BaseSmallStatement":
    """An import without some of its names, and with others. One that has a comment of its own stays."""
    import libcst

    if not isinstance(small, libcst.Import | libcst.ImportFrom) or isinstance(small.names, libcst.ImportStar):
        return small
    names = _Names.of(small)
    names.remove({index for index in gone if not names.has_comment(index)})
    for alias in added:
        names.add(libcst.ImportAlias(libcst.Name(alias.name)))
    return names.into(small)


@dataclass(slots=True)
class _Names:
    """The names of an import, and the ``gaps`` before each and behind the last, in which comments stand; ``comma`` is
    whether one follows the last name."""

    names: "list[ImportAlias]"
    gaps: "list[BaseParenthesizableWhitespace]"
    comma: bool

    @classmethod
    def of(cls, small: "Import | ImportFrom") -> "_Names":
        import libcst

        nothing = libcst.SimpleWhitespace("")
        names = [*small.names] if not isinstance(small.names, libcst.ImportStar) else []
        left = small.lpar if isinstance(small, libcst.ImportFrom) else None
        right = small.rpar if isinstance(small, libcst.ImportFrom) else None
        commas = [name.comma for name in names if isinstance(name.comma, libcst.Comma)]
        gaps = [nothing if left is None else left.whitespace_after, *(comma.whitespace_after for comma in commas)]
        if len(commas) < len(names):
            gaps.append(nothing if right is None else right.whitespace_before)
        elif right is not None and not right.whitespace_before.empty:
            gaps[-1] = right.whitespace_before
        return cls(names, gaps, len(commas) == len(names))

    def has_comment(self, index: int) -> bool:
        """Whether a comment stands above a name, or behind it."""
        above, behind = _over_lines(self.gaps[index]), _over_lines(self.gaps[index + 1])
        lines = () if above is None else above.empty_lines
        after = behind is not None and behind.first_line.comment is not None
        return after or any(line.comment is not None for line in lines)

    def remove(self, indices: Collection[int]) -> None:
        for index in sorted(indices, reverse=True):
            del self.names[index]
            self.gaps[index : index + 2] = [_gap(*self.gaps[index : index + 2], last=index == len(self.names))]

    def add(self, name: "ImportAlias") -> None:
        """Where isort has it, or behind all others where those are in no order."""
        import libcst

        keys = [_name_key(item.evaluated_name) for item in self.names]
        new = _name_key(name.evaluated_name)
        at = sum(key < new for key in keys) if keys == sorted(keys) else len(keys)
        lines = next((found for gap in (*self.gaps[1:-1], self.gaps[0]) if (found := _over_lines(gap))), None)
        space: BaseParenthesizableWhitespace = libcst.SimpleWhitespace(" ")
        if lines is not None:
            space = lines.with_changes(first_line=libcst.TrailingWhitespace(), empty_lines=[])
        end = _over_lines(self.gaps[-1])
        if at < len(keys):
            self.gaps.insert(at + 1, space)
        elif lines is None or end is None or end.first_line.comment is None:
            self.gaps.insert(at, space)
        else:
            self.gaps[-1:] = [
                end.with_changes(empty_lines=[], last_line=lines.last_line),
                end.with_changes(first_line=libcst.TrailingWhitespace()),
            ]
        self.names.insert(at, name)

    def into(self, small: "Import | ImportFrom") -> "Import | ImportFrom":
        import libcst

        nothing, names = libcst.SimpleWhitespace(""), []
        for index, name in enumerate(self.names):
            comma = name.comma if isinstance(name.comma, libcst.Comma) else libcst.Comma()
            last = index == len(self.names) - 1
            comma = comma.with_changes(whitespace_after=nothing if last else self.gaps[index + 1])
            names.append(name.with_changes(comma=libcst.MaybeSentinel.DEFAULT if last and not self.comma else comma))
        if isinstance(small, libcst.Import) or small.lpar is None or small.rpar is None:
            return small.with_changes(names=names)
        left = small.lpar.with_changes(whitespace_after=self.gaps[0])
        right = small.rpar.with_changes(whitespace_before=self.gaps[-1])
        return small.with_changes(names=names, lpar=left, rpar=right)


def _name_key(name: str) -> tuple[int, str]:
    """isort's: constants, classes, and all else."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name.lower()


def _over_lines(gap: "BaseParenthesizableWhitespace") -> "ParenthesizedWhitespace | None":
    """A gap that goes over lines."""
    import libcst

    return gap if isinstance(gap, libcst.ParenthesizedWhitespace) else None


def _gap(
    before: "BaseParenthesizableWhitespace", after: "BaseParenthesizableWhitespace", *, last: bool
) -> "BaseParenthesizableWhitespace":
    """What is left of the gaps around a name that goes: with all comments."""
    import libcst

    one, two = _over_lines(before), _over_lines(after)
    lines = [*(one.empty_lines if one else ()), *(two.empty_lines if two else ())]
    commented = one is not None and one.first_line.comment is not None
    if one is None or not (commented or any(line.comment for line in lines)):
        return after if last or (two and any(line.comment for line in lines)) else before
    end = two.last_line if two else libcst.SimpleWhitespace("") if last else one.last_line
    return one.with_changes(empty_lines=lines, last_line=end)


def _is_alias(node: ast.stmt, unused: Collection[str]) -> bool:
    """Whether a statement only gives these names to modules or functions: ``slim = tf.contrib.slim``."""
    match node:
        case ast.Assign(targets=[ast.Name() as target], value=value):
            return _names(target, value, unused)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            return len(targets) == len(values) and all(map(_names, targets, values, repeat(unused)))
    return False


def _names(target: ast.expr, value: ast.expr, unused: Collection[str]) -> bool:
    base = value
    while isinstance(base, ast.Attribute):
        base = base.value
    named = isinstance(target, ast.Name) and target.id in unused
    return named and base is not value and isinstance(base, ast.Name)


def _binds_itself(node: Imports, alias: ast.alias) -> bool:
    """Whether the import is good for its own name only: ``import a.b`` also makes ``a.b`` there for others."""
    return isinstance(node, ast.ImportFrom) or alias.asname is not None or "." not in alias.name
