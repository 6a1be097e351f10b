"""What a target framework declares of itself: all that the rest of initport knows of it.

A target is a folder of `initport/emit/targets` whose package holds one ``TARGET``, and the grammar of the folder's
name. Nothing else lists it: see `initport.emit.targets`. What the folder holds beside it is imported, or run, only
when it is asked for:

- ``module``: ``emit(model, plan, vocabulary)``, the text of a module for a network;
- ``site``: what takes the place of an initializer in source code (`Sites`);
- ``programs/stubs.py``: runs emitted modules and sums what they draw (`initport.verify.measure` says what is asked);
- ``programs/models.py``: what is known of the framework's models (`initport.verify.programs.build_program`);
- ``nearest`` and ``programs/signals.py``: what a report compares with, where reports are about the target.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from initport.records import NamedTuple

if TYPE_CHECKING:  # a network's module is emitted without what reads source code
    from pathlib import Path

    from initport.emit.decision import Keep, Replace, Weights
    from initport.emit.plan import Plan
    from initport.emit.settings import Settings
    from initport.grammar.meaning import Vocabulary
    from initport.ir.model import Model
    from initport.python.sites import Site
    from initport.python.vocabulary import Names


class Sites(Protocol):
    """What the module ``site`` of a target offers."""

    def decide(self, site: "Site", settings: "Settings") -> "Replace | Keep":
        """What takes the site's place. Raises RefusedError, MeaningError."""

    def weights(self, site: "Site", assumed: frozenset[str]) -> "Weights":
        """The weights that a site may start, where this is assumed of them."""

    def names_written(self) -> "Names":
        """What rewritten source is read with."""


class Nearest(Protocol):
    """What the module ``nearest`` of a target offers."""

    NAMES: Mapping[str, str]
    DEFAULT: str


def name_of(folder: str) -> str:
    """What the target of a folder is called."""
    return folder.replace("_", "-")


class Target(NamedTuple):
    """One target.

    ``package`` is the dotted name of its folder, ``aliases`` are what `--to` takes beside its name. ``libraries`` are
    the packages that must be installed to run what is emitted, and ``extra`` the extra of initport that installs them.
    ``layers`` are the grammars of the framework's own layers, which say how they start by themselves, and ``strings``
    the grammar of the names that they look up. ``leaking`` are the backends (as the program names them) that draw a few
    values beyond the bounds of a truncated normal. ``shared`` is the package that holds the programs of targets that
    are alike; ``rewrites`` is whether source code is rewritten for it. ``nested`` is whether a layer's parameter may be
    held by a module within it, as its dotted name shows; ``seeding`` is what seeds its generator where that is not the
    one that the source seeds. ``fills`` is whether its initializers fill a tensor and do not give the values;
    ``methods`` are what its initializers have.
    """

    package: str
    title: str
    libraries: tuple[str, ...]
    layers: str
    strings: str
    leaking: frozenset[str] = frozenset()
    extra: str = "verify"
    aliases: tuple[str, ...] = ()
    shared: str = ""
    rewrites: bool = True
    nested: bool = False
    seeding: str = ""
    fills: bool = False
    methods: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What `--to` takes."""
        return name_of(self.grammar)

    @property
    def grammar(self) -> str:
        """The name of its grammar."""
        return self.package.rpartition(".")[2]

    @property
    def vocabulary(self) -> "Vocabulary":
        """What its grammar says."""
        from initport.grammar.load import vocabulary

        return vocabulary(self.grammar)

    def emit(self, model: "Model", plan: "Plan") -> str:
        """The text of a module that starts the weights of a network as the plan says."""
        text: str = self._part("module").emit(model, plan, self.vocabulary)
        return text

    @property
    def sites(self) -> Sites:
        """What becomes of initializers in source code."""
        return cast(Sites, self._part("site"))

    def _part(self, name: str) -> Any:
        return import_module(f"{self.package}.{name}")

    @property
    def nearest(self) -> Nearest:
        """What a port by names would write."""
        return cast(Nearest, self._part("nearest"))

    def program(self, name: str) -> "Path":
        """What runs in a process of its own: `stubs` runs emitted modules, `signals` sends signals through layers."""
        from pathlib import Path

        (folder,) = import_module(self.shared or self.package).__path__
        return Path(folder) / "programs" / f"{name}.py"
