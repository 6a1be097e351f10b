"""The shapes of a grammar file's rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from initport.grammar.row_tables import Table
from initport.ir.weights import Kind, Role, Wrapper
from initport.records import NamedTuple


class Requirement(NamedTuple):
    """A comparison that must not be false, and what to say where it is."""

    that: str
    because: str


class Fans(NamedTuple):
    """The fan rule for weights of ``rank`` axes (``2+``: two or more).

    ``where`` restricts it to calls with these arguments, ``given`` standing for any value but null. An argument that is
    a list of axes stands in the formulas for the product of their sizes; ``axes`` are the arguments that may be one
    axis as well."""

    rank: int | str
    fan_in: int | str
    fan_out: int | str
    versions: str = ""
    where: Mapping[str, Any] = {}
    axes: Sequence[str] = ()

    def applies(self, rank: int | None, min_rank: int, arguments: Mapping[str, object]) -> bool | None:
        """None where that depends on the rank, which is not known beyond ``min_rank``."""
        for name, wanted in self.where.items():
            value = arguments.get(name)
            if value is None or wanted not in ("given", value):
                return False
        if isinstance(self.rank, int):
            return rank == self.rank if rank is not None or self.rank < min_rank else None
        return min_rank >= int(self.rank.removesuffix("+")) or (None if rank is None else False)


class Function(NamedTuple):
    """What a call means: parameters in order with their defaults, conditions, and the initializer as a template.

    ``aliases`` are other names of the same thing, ``strings`` those naming it as an argument; ``versions`` are
    those of the framework for which the row holds. The function fails where one of the arguments ``nonzero`` is 0: a
    spelling gives them no value that is known only at run time. ``raises`` says of arguments why the framework fails
    where they are given. A ``direct`` function is an initializer itself and does not give one. An argument of
    ``pairs`` may be two values, which are those of the parameters beside it, that no call names."""

    parameters: Mapping[str, Any]
    means: Mapping[Any, Any]
    authority: str
    examples: Sequence[Any]
    requires: Sequence[Requirement] = ()
    code: str | None = None
    aliases: Sequence[str] = ()
    strings: Sequence[str] = ()
    versions: str = ""
    nonzero: Sequence[str] = ()
    raises: Mapping[str, str] = {}
    direct: bool = False
    pairs: Mapping[str, Sequence[str]] = {}

    @property
    def named(self) -> list[str]:
        """The parameters that a call names, in order: all but those that `pairs` are of."""
        ends = {parameter for pair in self.pairs.values() for parameter in pair}
        return [parameter for parameter in self.parameters if parameter not in ends]


class Addition(NamedTuple):
    """What a layer adds to the ``part`` with this number, of ``parts`` that the weight's last axis has, each time that
    it runs: its ``argument``, else the default ``value``. The ``name`` is what people call the part; the numbers are
    those of the target's layers, which hold it in the weight."""

    argument: str
    value: Any
    name: str
    part: int
    parts: int


class SourceWeight(NamedTuple):
    """A weight of a source layer: the ``argument`` (or field) that sets it, its default, and the flag that makes it
    exist.

    ``passes`` are arguments that the layer hands to whatever initializer it is given, where that takes them. ``blocks``
    are initializers of equal parts along the last axis, null for a part that the weight's own initializer sets.

    In a call the field is an argument, and ``key`` the entry of it where it holds initializers by name. ``shared``: the
    argument may start any number of weights. ``scoped``: an enclosing scope's initializer stands before the default;
    ``by_network``: one that the program gives the network does. A
    default's ``type`` is a name of the vocabulary, a dotted path of another one, or a string that the call could take.
    ``whole`` is the default where the call's dtype is one of integers or booleans. ``today`` are the axes that newer
    versions of the framework give the weight, where they are others. ``any_rank``: an operation takes weights of other
    ranks in its place too, which are none of this kind. ``joint`` are the layouts of the weights that one of the source
    is, side by side along its first axis, by role; where it holds some of their gates, ``gates`` are the first, the
    one behind the last, and how many there are. ``adds`` is what the layer itself adds to a part of the weight when it
    runs: `Addition`. ``zeroed`` is the argument with the number of a row that the layer then sets to zero.
    """

    role: Role
    layout: str
    argument: str | None = None
    default: Mapping[str, Any] = {"type": "constant"}
    when: str | None = None
    unless: str | None = None
    passes: Mapping[str, Any] = {}
    blocks: Sequence[Any] = ()
    key: str | None = None
    shared: bool = False
    scoped: bool = False
    by_network: bool = False
    today: str | None = None
    whole: Mapping[str, Any] = {}
    any_rank: bool = False
    joint: Mapping[Role, str] = {}
    gates: Sequence[int] = ()
    adds: Addition | None = None
    zeroed: str | None = None


class Stack(NamedTuple):
    """What makes a layer several, each on the outputs of the one before: ``number`` and ``both`` are the settings that
    say how many there are, and whether each runs both ways; ``gives`` are the roles of the outputs' size, of which the
    first counts that is not 0."""

    number: str
    both: str
    gives: Sequence[str]


class SourceLayer(NamedTuple):
    """A layer type of a source framework, or the call that makes such a layer.

    The row holds ``where`` the layer's settings have these values; ``defaults`` are those that the framework gives to
    settings that a layer leaves out. ``parameters`` are a call's in positional order, up to the last that holds
    initializers. ``fork`` says what a layer type outside the framework is taken for. ``sizes`` names the setting that
    is the size of each role; the size of a kernel may be one for all of its axes. What ``holds`` names is the argument
    with the initializer of a call that makes no weights: a layer is given the call in the initializer's place.
    ``unused`` are arguments that it takes and never uses, ``rejects`` such as layers like it take and it does not.
    ``stack`` is there where the layer may be several, one on the other."""

    kind: Kind
    weights: Sequence[SourceWeight]
    authority: str
    message: str = ""
    defaults: Mapping[str, Any] = {}
    where: Mapping[str, Any] = {}
    parameters: Sequence[str] = ()
    aliases: Sequence[str] = ()
    fork: str | None = None
    versions: str = ""
    sizes: Mapping[str, str] = {}
    holds: str = ""
    unused: Sequence[str] = ()
    rejects: Sequence[str] = ()
    stack: Stack | None = None

    @property
    def arguments(self) -> set[str]:
        """The settings that say how its weights start."""
        inner = (block.get("argument") for weight in self.weights for block in weight.blocks if block is not None)
        return {name for name in (*(weight.argument for weight in self.weights), *inner) if name is not None}


class TargetWeight(NamedTuple):
    """Where a weight lives in the target: its attribute, constructor argument and axes; or why it has no place.

    ``alike`` names further parameters that hold the weight's other slices, side by side on the axes ``whole``; ``zero``
    names such as must start at zero, whose axes are ``zero_layout`` where they are others. A
    weight of which ``part`` is [i, n] is the i-th of n parts of the parameter, which are equal but where they are
    ``rows`` of it: then these are the numbers of rows of all of them, in order. ``start`` is how a statistic starts in
    the target itself. ``gates`` are what people call its equal parts, in order; ``order`` is where the source's stand
    here, and ``adds`` what the layer adds to one of them here when it runs."""

    name: str | None = None
    layout: str | None = None
    argument: str | None = None
    companion: str = ""
    zero: Sequence[str] = ()
    zero_layout: str | None = None
    also: Mapping[str, Any] = {}
    absent: str | None = None
    statistics: str | None = None
    alike: Sequence[str] = ()
    whole: str | None = None
    part: Sequence[int] = ()
    start: Mapping[str, Any] = {}
    gates: Sequence[str] = ()
    rows: Sequence[str] = ()
    order: Sequence[int] = ()
    adds: Addition | None = None


class TargetLayer(NamedTuple):
    """How the target stores a kind of layer; ``assumes`` says what it expects where it has no such layer, ``requires``
    what must hold of the sizes. What it lacks is reported where the source's layer has it: groups, or more elements
    than the target's weight. ``classes`` are the target's own layers of the kind."""

    weights: Mapping[Role, TargetWeight]
    authority: str
    assumes: str | None = None
    lacks_groups: str | None = None
    lacks_elements: str | None = None
    requires: Sequence[Requirement] = ()
    classes: Sequence[str] = ()


class Joint(NamedTuple):
    """How the target writes an initializer that is made of others: ``call`` with ``{parts}``, each written as ``part``
    (with ``{text}``), or as the function's name where it reads ``bare`` (with ``{function}``), side by side along
    ``axis``; ``code`` defines what is called."""

    call: str
    part: str
    axis: int
    code: str
    bare: str = ""


class Slices(NamedTuple):
    """How the target writes one of the equal parts along the last axis of what an initializer draws: ``call`` with
    ``{whole}``, the part's ``{index}`` and their ``{number}``; ``code`` defines what is called."""

    call: str
    code: str


class Insertion(NamedTuple):
    """How a name changes: what ``at`` (a pattern) finds in it gives way to ``put``; ``assumes`` says what is expected
    where the target has no such thing itself."""

    at: str
    put: str
    assumes: str | None = None


class Synonym(NamedTuple):
    """Another module that offers what a module offers, in some ``versions`` of the framework."""

    name: str
    versions: str = ""


class Offer(NamedTuple):
    """A Python module that has the initializers of the grammar whose names hold no dot, in some ``versions``.

    ``before`` are the parameters that its functions have in front of those that the rows state."""

    name: str
    versions: str = ""
    before: Sequence[str] = ()


class Speaker(NamedTuple):
    """The grammar that says what a string means which a layer is given, in some ``versions`` of the layer's package."""

    grammar: str
    versions: str = ""


class Former(NamedTuple):
    """Arguments that ``layers`` of a module take under former ``names`` as well, in some ``versions``."""

    module: str
    layers: Sequence[str]
    names: Mapping[str, str]
    versions: str = ""


class Releases(NamedTuple):
    """What is known of a Python package: what people call it (``title``, and ``short`` in options), the
    ``distributions`` on the package index that install it, the ``usual`` versions, in which a name is looked up
    where nothing decides, the likeliest first, and the ranges of numbers that no release has (``unreleased``), or that
    lie between measured versions which differ (``unmeasured``)."""

    title: str
    distributions: Sequence[str]
    usual: Sequence[str]
    short: str = ""
    unreleased: Sequence[str] = ()
    unmeasured: Sequence[str] = ()


class Head(NamedTuple):
    """What a grammar says of itself to the rest of the program (`registry`).

    ``package`` is the Python package whose source the grammar reads; its ``releases`` stand in one of its grammars.
    ``roots`` are the packages that its names are imported from, the package itself if none are given; ``versions`` are
    those in which its rows hold.
    ``gives`` is what its functions give where their parameters do not show it: ``initializers``, ``values`` drawn at
    once, or ``filled`` tensors. ``triggers`` say when a file may hold something of the grammar: by what that is, sets
    of patterns that must all be found, of which ``import NAME`` is a package that is imported; the roots, imported,
    where none are given. ``string_ends`` are the ends of the strings that name its initializers. ``current`` is whether
    people write such code today: it is rewritten where its version is stated with the command, not in passing.
    ``objects`` are classes, and calls, whose result has a path of its own: theirs, with ``()`` behind it. A library of
    another ``language`` than Python is not read: it is named where a text ``uses`` it (a pattern). ``own`` is the
    grammar of the calls that its layers start with by default: they take no initializers."""

    package: str = ""
    releases: Releases | None = None
    roots: Sequence[str] = ()
    versions: str = ""
    measured: str = ""
    gives: str = "initializers"
    triggers: Mapping[str, Sequence[Sequence[str]]] = {}
    string_ends: Sequence[str] = ()
    current: bool = False
    objects: Sequence[str] = ()
    language: str = ""
    uses: str = ""
    own: str = ""


class Axes(NamedTuple):
    """The axes of weights of which nothing is visible: ``ranks`` are the layouts that take in all of them, and
    ``kinds`` those of the kernels that such a weight can be; in both, those that take in most come first."""

    ranks: Sequence[str]
    kinds: Mapping[Kind, str] = {}


class Mark(NamedTuple):
    """``names`` of the package, in dotted form and without it, that only some ``versions`` have, and ``words`` of code
    that is for those only: methods and arguments."""

    versions: str
    names: Sequence[str] = ()
    words: Sequence[str] = ()


class Gain(NamedTuple):
    """A function, of these ``parameters``, whose value is the gain of another's: the root of the scale of ``of``, which
    gets the arguments under the names that ``passes`` gives them."""

    name: str
    parameters: Mapping[str, Any]
    of: str
    passes: Mapping[str, str]


class Naming(NamedTuple):
    """How layers of some ``modules`` are called in some ``versions``: as the ``argument`` says, else, if ``counts`` is
    ``scope``, by what ``proposal`` says or a default, with a number behind it that makes it different from the others
    in its scope; if it is ``program``, by a default and a number that the program counts from ``first`` on; if it is
    ``class``, by the class and a number, from 0 on. A default is the layer's own in ``names``, else its function's in
    snake case. Where each class of the program counts by itself, ``by_module`` is set."""

    modules: Sequence[str]
    argument: str
    counts: str
    proposal: str = ""
    first: int = 0
    by_module: bool = False
    names: Mapping[str, str] = {}
    versions: str = ""


class Grammar(NamedTuple):
    """One grammar file.

    ``layers`` are the layer types of a source by name, ``kinds`` the layers of a target by what they compute. Both, and
    ``initializers``, may hold several rows under one name, each for other ``versions``. ``sizes`` are pairs (spelling
    in code, its value); ``idioms`` are spellings by initializer. ``blocks`` writes several initializers as one, of
    equal parts, and ``stacks`` those of weights that are rows of one parameter.
    ``wrappers`` say how a weight of a wrapped layer is called, ``{name}`` being its name in the layer itself,
    ``directions`` what is expected of one that has two, and ``stacked`` how that of a cell in a stack is, ``{index}``
    being the cell's number. ``refused`` are layers that hold weights of which nothing can be said, and why.
    ``modules`` holds the synonyms of a module by its name in this file, ``offers`` those that have names without dots.
    ``former`` are names of arguments that were kept from older versions.
    ``repeats`` are the modules whose initializer objects give the same values at every call, seeded or not, and
    ``advances`` those whose seeded objects give other values each time; all other objects draw afresh without a seed,
    and repeat themselves with one.
    ``marks`` are names that show the version of the package that a source was written for.
    ``operations`` are functions that compute with a weight which they are given: that shows what kind it is, and its
    axes; ``unchanged`` are those that give what they are given, as far as that goes, and
    ``transforms`` those that give a function which builds what theirs does.
    ``strings`` is ``lower`` where a string that names nothing is looked up in lower case, ``pair`` where a string is
    the first of a pair, of which the second holds its arguments by name; ``numbers`` is the function
    whose first argument a number is that a layer is given in an initializer's place, and ``none`` is ``default`` where
    None stands for the layer's own default there; ``speakers`` are those for the
    strings that layers are given, by the module that the layer is in. ``suffixes`` are ends of parameters' names
    that decide how these start, whatever initializer a network is given: the name of a call, null where it is that
    initializer; ``network`` is a pattern of code that gives it one. A grammar with a ``base`` states what differs
    from that grammar.
    ``axes`` are those of weights whose layer is not visible. ``hosts`` are the frameworks whose layers call a target's
    initializers, on axes of their own.
    ``imports`` are what the names in the functions' ``code`` stand for, ``gains`` functions that compute an argument.
    ``layerless`` are the beginnings of names of the package whose calls make no layers, ``opaque`` patterns of how
    names begin, of this package or one beside it, whose calls make layers that no row knows. ``naming`` says what
    layers are called that a program makes. ``called`` are the parameters that an initializer is called with.
    ``attributes`` are the names under which a layer keeps its weights, by their roles: a program may give one of them
    other values after the layer was made. ``stored`` is the argument with the dtype of a layer's weights; ``biased``
    are the dtypes in which what is drawn has not the law that it has in others, with what was measured. ``scoped``
    are settings that scopes give to layers whose calls do not, or the object that a layer is made for; ``methods``
    are the layers that methods of such an object make, by the function that gives it.
    """

    framework: str
    fans: Sequence[Fans]
    initializers: Table[str, Sequence[Function]]
    layers: Table[str, Sequence[SourceLayer]]
    operations: Table[str, Sequence[SourceLayer]]
    kinds: Table[Kind, TargetLayer]
    head: Head = Head()
    title: str = ""
    base: str | None = None
    weightless: Sequence[str] = ()
    sizes: Sequence[Any] = ()
    idioms: Mapping[str, Sequence[str]] = {}
    examples: Sequence[Any] = ()
    blocks: Joint | None = None
    stacks: Joint | None = None
    slices: Slices | None = None
    wrappers: Mapping[Wrapper, str] = {}
    directions: str | None = None
    stacked: Insertion | None = None
    refused: Mapping[str, str] = {}
    modules: Mapping[str, Sequence[Synonym]] = {}
    offers: Sequence[Offer] = ()
    former: Sequence[Former] = ()
    repeats: Sequence[Synonym] = ()
    advances: Sequence[Synonym] = ()
    marks: Sequence[Mark] = ()
    unchanged: Sequence[str] = ()
    transforms: Sequence[str] = ()
    strings: str = "exact"
    numbers: str = ""
    none: str = ""
    axes: Axes | None = None
    hosts: Sequence[str] = ()
    imports: Mapping[str, str] = {}
    gains: Sequence[Gain] = ()
    layerless: Sequence[str] = ()
    opaque: Sequence[str] = ()
    speakers: Mapping[str, Sequence[Speaker]] = {}
    suffixes: Mapping[str, str | None] = {}
    network: str = ""
    naming: Sequence[Naming] = ()
    called: Sequence[str] = ("shape",)
    attributes: Mapping[str, Sequence[Role]] = {}
    stored: str = "dtype"
    biased: Mapping[str, str] = {}
    scoped: Sequence[str] = ()
    methods: Mapping[str, Mapping[str, str]] = {}

    def name_in(self, name: str, wrapper: Wrapper | None, cell: int | None) -> str:
        """What a weight of this name is called where its layer is wrapped, or one of a stack."""
        if cell is not None and self.stacked is not None:
            name = re.sub(self.stacked.at, self.stacked.put.format(index=cell), name, count=1)
        pattern = self.wrappers.get(wrapper) if wrapper is not None else None
        return name if pattern is None else pattern.format(name=name)
