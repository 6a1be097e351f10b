"""What frameworks call the layers that a program gives no name: rows of their grammars (`Grammar.naming`)."""

from typing import NamedTuple

from initport.grammar.load import vocabulary
from initport.grammar.registry import heads
from initport.grammar.version import within
from initport.grammar.versions import Versions
from initport.program.scopes import snake_case


class Naming(NamedTuple):
    """``argument`` gives a layer its name, ``proposal`` one that is made different from others; ``counts`` is what
    numbers are counted in: the scope, or the program, from ``first`` on (None: versions differ), or those of its
    class; ``by_module`` is whether each class of the program counts by itself."""

    argument: str
    proposal: str
    counts: str
    first: int | None
    names: tuple[tuple[str, str], ...]
    by_module: bool = False

    def default(self, path: str) -> str:
        last = path.rpartition(".")[2]
        return dict(self.names).get(last, last if self.counts == "class" else snake_case(last))


def naming_of(framework: str, path: str, versions: Versions) -> Naming | None:
    """None where a framework gives no names: its layers are called by the attributes that hold them."""
    rows = vocabulary(framework).grammar.naming
    own = [row for row in rows if any(path.startswith(f"{module}.") for module in row.modules)]
    if not own:
        return None
    package = heads()[framework].package
    exact = versions.exact(package) or package not in versions.known
    candidates = versions.of(package) if exact else versions.candidates(package) or versions.of(package)
    fitting = [row for row in own if any(within(version, row.versions) for version in candidates)]
    if not fitting:
        return None
    row = fitting[0]
    if package not in versions.known and not versions.exact(package) and len(own) > 1:
        fitting = own
    firsts = {item.first for item in fitting}
    names = tuple(row.names.items())
    return Naming(
        row.argument, row.proposal, row.counts, firsts.pop() if len(firsts) == 1 else None, names, row.by_module
    )


def is_label(framework: str, path: str, versions: Versions) -> bool:
    """Whether what is stated as a layer's name is a label: its framework calls it by the attribute that holds it."""
    return bool(vocabulary(framework).grammar.attributes) and naming_of(framework, path, versions) is None
