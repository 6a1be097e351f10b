"""Fillers: from a FillerParameter message to the distribution that it gives a weight."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from initport.diagnostics import Code, Diagnostic
from initport.formats.caffe.tree import Message
from initport.grammar.call import Argument, Call, default_call
from initport.grammar.meaning import MeaningError, RejectedError, UnknownCallError, UnknownLayoutError, Vocabulary
from initport.grammar.version import Version
from initport.ir.initializers import Bilinear, Unsupported
from initport.ir.location import Location
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout
from initport.source_initializer import SourceInitializer

CENTRED = (2017, 10)
"""Since when `bilinear` centres kernels whose width is 2 or 3 above a multiple of 4. Caffe's last release is 1.0; what
was built of later sources is known by its year and month. Authority: filler.hpp of BVLC/caffe."""


class _VersionError(MeaningError):
    """What a filler means depends on Caffe's version."""


_CODES = {
    _VersionError: Code.NEEDS_VERSION,
    UnknownCallError: Code.UNKNOWN_INITIALIZER,
    RejectedError: Code.REJECTED_INITIALIZER,
    UnknownLayoutError: Code.UNKNOWN_SHAPE,
}


_DIGITS = Context(prec=40)
"""Digits of a number that are kept: Caffe's own floats have 9."""


class Fillers:
    """Reads the fillers of one file, of a version of Caffe where that is known, and remembers the fields that they gave
    in vain, to be reported once a file."""

    def __init__(self, vocabulary: Vocabulary, version: Version | None = None) -> None:
        self.vocabulary = vocabulary
        self.version = version
        self.ignored: dict[tuple[str, str], Location] = {}
        self.times: Counter[tuple[str, str]] = Counter()

    def default(self, row: Mapping[str, Argument], layout: Layout | None, location: Location) -> SourceInitializer:
        """What a weight gets whose layer gives no filler: ``row`` is the grammar's default."""
        call, source = _default(tuple(row.items()))
        return SourceInitializer(self.vocabulary.meaning(call, layout), source, location)

    def read(self, filler: Message, whose: str, layout: Layout | None, sizes: Mapping[str, int]) -> SourceInitializer:
        """What the filler gives a weight of that layout and those sizes; ``whose`` names the weight to people."""
        if filler.descriptor is None:
            reason = f"{whose}: its fields are not those of Caffe's fillers; initialize this weight yourself"
            finding = Diagnostic(Code.UNKNOWN_INITIALIZER, filler.location, reason)
            return SourceInitializer(Unsupported("filler", reason), "", filler.location, finding)
        name = filler.string("type")
        arguments = self._arguments(filler, name)
        source = _words(name, arguments)
        call = Call(name, (), tuple(sorted(arguments, key=lambda item: item[0])))
        place = filler.place("type")
        try:
            _forks_field(filler)
            initializer = self.vocabulary.meaning(call, layout)
            violated = self.vocabulary.violation(call, layout, sizes)
            if violated is not None:
                raise RejectedError(violated)
            if isinstance(initializer, Bilinear):
                self._check_centre(sizes.get("width"))
            return SourceInitializer(initializer, source, filler.location)
        except MeaningError as error:
            subject = "" if isinstance(error, UnknownCallError) else f"{source}: "
            reason = f"{whose}: {subject}{error}{_suggestion(name, self.vocabulary)}"
            finding = Diagnostic(_CODES.get(type(error), Code.UNSUPPORTED_INITIALIZER), place, reason)
            return SourceInitializer(Unsupported(name, str(error)), source, filler.location, finding)

    def _check_centre(self, width: int | None) -> None:
        """Raises MeaningError where a bilinear kernel of that width depends on the version."""
        if width is None or width % 4 < 2 or (self.version is not None and self.version >= CENTRED):
            return
        if self.version is None:
            raise _VersionError(
                f"Caffe centres a kernel of width {width} differently since October 2017, and which Caffe this was "
                "written for is not known; pass `--source-version 1.0`, or a later source's year and month, as 2018.1"
            )
        raise MeaningError(
            f"Caffe before October 2017 centres a kernel of width {width} elsewhere, and nothing in the target does "
            "that; initialize this weight yourself"
        )

    def _arguments(self, filler: Message, name: str) -> list[tuple[str, Argument]]:
        row = self.vocabulary.initializers.get(name)
        arguments: list[tuple[str, Argument]] = []
        for key in filler.fields:
            if key == "type":
                continue
            if row is not None and key not in row.parameters:
                self.ignored.setdefault((name, key), filler.place(key))
                self.times[name, key] += 1
            else:
                arguments.append((key, _argument(filler, key)))
        return arguments

    def findings(self) -> list[Diagnostic]:
        """One for each pair of filler type and ignored field."""
        return [
            Diagnostic(
                Code.IGNORED_FIELD,
                place,
                f"Caffe ignores `{key}` in a filler of type {name or 'constant'!r} ({_times(self.times[name, key])})",
            )
            for (name, key), place in self.ignored.items()
        ]


def _times(count: int) -> str:
    return "once in this file" if count == 1 else f"{count} times in this file"


def _argument(filler: Message, key: str) -> Argument:
    return filler.enum(key) if key == "variance_norm" else _exact(filler.fields[key][-1].value)


@lru_cache(maxsize=4096)
def _default(row: tuple[tuple[str, Argument], ...]) -> tuple[Call, str]:
    """The call that a default of the grammar stands for, and its words."""
    call = default_call(dict(row))
    assert call is not None, "every weight of Caffe has a default"
    return call, _words(call.name, call.named)


@lru_cache(maxsize=4096)
def _exact(value: object) -> Scalar:
    if isinstance(value, Decimal):
        return Scalar.of(_DIGITS.plus(value))
    assert isinstance(value, int | float)
    return Scalar.of(Fraction(str(value)))


def _forks_field(filler: Message) -> None:
    """A field that BVLC's fillers do not have may change what a fork's filler means."""
    for entry in filler.unknown:
        known = ", ".join(filler.descriptor.fields_by_name) if filler.descriptor else ""
        raise UnknownCallError(f"Caffe's fillers have no field {entry.name!r}, only {known}")


def _suggestion(name: str, vocabulary: Vocabulary) -> str:
    if name in vocabulary.initializers:
        return ""
    from initport.formats.similar import similar_name

    close = similar_name(name, vocabulary.initializers)
    return f"; did you mean {close!r}?" if close else "; write what it does as one of these and convert again"


def _words(name: str, arguments: Iterable[tuple[str, Argument]]) -> str:
    return " ".join([name, *(f"{key}: {value}" for key, value in arguments)])
