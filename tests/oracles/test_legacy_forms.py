"""The measured calls in other forms: what is said of them must not depend on how a call gives its arguments.

Every call of `test_legacy` is written anew with each argument by its name, and with the names that its module imports:
both must say the same of the same weights.
"""

import ast
from collections.abc import Sequence
from dataclasses import replace

import pytest

from initport.grammar.load import vocabulary
from initport.grammar.version import parse_version
from initport.ir.initializers import Unsupported, equal
from tests.oracles.measured import Case
from tests.oracles.test_legacy import ALL, NAMES, everything

CALLS = [(framework, case) for framework, case in ALL if not vocabulary(framework).grammar.head.language]
CALL_NAMES = [name for name, (framework, case) in zip(NAMES, ALL, strict=True) if (framework, case) in CALLS]


class _ByName(ast.NodeTransformer):
    """Positional arguments as keywords, where the grammar states the names of all of them."""

    def __init__(self, framework: str, version: str) -> None:
        self.known = vocabulary(framework, parse_version(version))
        self.changed = False

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        names = self._parameters(ast.unparse(node.func))
        if node.args and len(names) >= len(node.args) and not any(isinstance(arg, ast.Starred) for arg in node.args):
            self.changed = True
            given = [ast.keyword(name, value) for name, value in zip(names, node.args, strict=False)]
            return ast.Call(node.func, [], [*given, *node.keywords])
        return node

    def _parameters(self, path: str) -> Sequence[str]:
        rows = self.known.variants.get(path)
        if rows:
            lists = {tuple(row.parameters) for row in rows}
            return min(lists, key=len) if len(lists) == 1 else ()
        if path in self.known.initializers:
            row = self.known.initializers[path]
            ends = {name for pair in row.pairs.values() for name in pair}
            return [name for name in row.parameters if name not in ends]
        return ()


class _Imported(ast.NodeTransformer):
    """Each function under a name that the module imports for it."""

    def __init__(self) -> None:
        self.imports: list[ast.stmt] = []

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        path = ast.unparse(node.func)
        if not isinstance(node.func, ast.Attribute) or not path.replace(".", "").isidentifier():
            return node
        module, _, name = path.rpartition(".")
        short = f"made_{len(self.imports)}"
        self.imports.append(ast.ImportFrom(module, [ast.alias(name, short)], 0))
        return ast.Call(ast.Name(short, ast.Load()), node.args, node.keywords)


def laws(framework: str, case: Case) -> list[tuple[object, object]]:
    """What is said, with the reason of what is refused."""
    found: list[tuple[object, object]] = []
    for item in everything(framework, case):
        if isinstance(item, str):
            found.append(("refused", item))
        else:
            initializer, sizes = item
            found.append((initializer, tuple(sorted(sizes.items()))))
    return found


def alike(first: Sequence[tuple[object, object]], second: Sequence[tuple[object, object]]) -> bool:
    def same(one: tuple[object, object], other: tuple[object, object]) -> bool:
        if isinstance(one[0], str) or isinstance(other[0], str):
            return one == other
        refused = isinstance(one[0], Unsupported) or isinstance(other[0], Unsupported)
        return one[0] == other[0] if refused else equal(one[0], other[0])  # type: ignore[arg-type]

    return len(first) == len(second) and all(map(same, first, second))


@pytest.mark.parametrize(("framework", "case"), CALLS, ids=CALL_NAMES)
def test_arguments_by_name(framework: str, case: Case) -> None:
    forms = _ByName(framework, case.version)
    written = ast.unparse(ast.fix_missing_locations(forms.visit(ast.parse(case.api))))
    if forms.changed:
        assert alike(laws(framework, case), laws(framework, replace(case, api=written))), written


@pytest.mark.parametrize(("framework", "case"), CALLS, ids=CALL_NAMES)
def test_names_that_are_imported(framework: str, case: Case) -> None:
    forms = _Imported()
    tree = ast.fix_missing_locations(forms.visit(ast.parse(case.api)))
    tree.body[:0] = forms.imports
    written = ast.unparse(ast.fix_missing_locations(tree))
    assert alike(laws(framework, case), laws(framework, replace(case, api=written))), written


@pytest.mark.parametrize("framework", sorted({framework for framework, _ in CALLS}))
def test_enough_are_written_anew(framework: str) -> None:
    """Of every framework some call is: the test above says nothing of one that is not."""
    cases = [case for name, case in CALLS if name == framework]

    def changed(case: Case) -> bool:
        forms = _ByName(framework, case.version)
        forms.visit(ast.parse(case.api))
        return forms.changed

    assert any(map(changed, cases))
