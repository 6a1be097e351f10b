"""Whatever a program says, a vocabulary answers with a meaning or a `MeaningError`, and nothing else."""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from initport.grammar.call import Argument, Call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.ir import initializers as ir
from initport.ir.moments import moments
from initport.ir.scalar import Scalar, Verbatim

FRAMEWORKS = [
    ("tensorflow", (1, 9)), ("tensorflow", (2, 21)), ("tf_contrib", (1, 15)),
    ("tflearn", None), ("sonnet", (2, 0)), ("torch", None), ("numpy", None), ("keras", None), ("caffe", None),
]  # fmt: skip

F = Scalar.of(Verbatim("f(x)"))
VALUES: list[Argument] = [
    None, True, False, "", "fan_in", "FAN_AVG", "uniform", "int32",
    *(Scalar.of(number) for number in (0, 1, -1, 2, Fraction(1, 3), 10**30)),
    Scalar.of(2).sqrt(), F, -F, F * F, F.sqrt(),
]  # fmt: skip
LAYOUTS = [None, *map(parse_layout, ("", "out", "*kernel, in, out", "*rest"))]
SIZES = {"in": 5, "out": 7, "kernel": 3, "rest": 11}


def _calls(speaker: Vocabulary) -> Iterator[Call]:
    for name in speaker.grammar.initializers:
        if name not in speaker.initializers:
            continue
        parameters = list(speaker.function(name).parameters)
        yield Call(name)
        yield Call(name, (None,) * (len(parameters) + 1))
        yield Call(name, named=(("no_such_argument", None),))
        for value in VALUES:
            yield Call(name, (value,) * len(parameters))
            yield from (Call(name, named=((parameter, value),)) for parameter in parameters)


@pytest.mark.parametrize(("framework", "version"), FRAMEWORKS)
def test_answers(framework: str, version: tuple[int, ...] | None) -> None:
    speaker = vocabulary(framework, version)
    for index, call in enumerate(_calls(speaker)):
        for layout in (LAYOUTS[index % len(LAYOUTS)], LAYOUTS[(index + 1) % len(LAYOUTS)]):
            try:
                meaning = speaker.meaning(call, layout)
            except MeaningError:
                continue
            assert isinstance(meaning, ir.Unsupported) or ir.equal(meaning, meaning)
            if not isinstance(meaning, ir.PositiveUnitball):  # an integral: slow
                moments(meaning, SIZES)
