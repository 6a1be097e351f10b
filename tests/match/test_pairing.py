"""Which weights are paired, and by what."""

import pytest

from initport.match.pairing import Named, Pair, Pairing, pair

KERNEL, BIAS = (8, 3, 5, 5), (8,)


def named(*weights: tuple[str, tuple[int | None, ...] | None]) -> list[Named]:
    return [Named(*weight) for weight in weights]


@pytest.mark.parametrize(
    ("expected", "found", "how"),
    [
        (("conv1.weight", KERNEL), ("conv1.weight", KERNEL), "name"),
        (("conv1.weight", None), ("conv1.weight", KERNEL), "name"),
        (("conv1/7x7_s2.weight", KERNEL), ("conv1_7x7_s2.weight", KERNEL), "name but for punctuation"),
        (("conv1.weight", KERNEL), ("features.0.weight", KERNEL), "order and shape"),
        (("conv1.weight", (8, None, 5, 5)), ("features.0.weight", KERNEL), "order and shape"),
        (("ip.weight", (7, 4)), ("fc.weight", (4, 7)), "order, axes permuted"),
        (("a.weight", KERNEL), ("b.weight", BIAS), None),
        (("a.weight", (8, None)), ("b.weight", BIAS), None),
    ],
)
def test_one_weight(
    expected: tuple[str, tuple[int | None, ...]], found: tuple[str, tuple[int | None, ...]], how: str | None
) -> None:
    result = pair(named(expected), named(found))
    assert result == (Pairing((), (0,), (0,)) if how is None else Pairing((Pair(0, 0, how),), (), ()))


def test_nothing_to_pair() -> None:
    assert pair([], []) == Pairing((), (), ())


def test_order_skips_what_one_side_has_alone() -> None:
    ours = named(("a.w", (3, 3)), ("b.w", (5, 5)), ("c.w", (7, 7)))
    theirs = named(("x.w", (3, 3)), ("extra.w", (9,)), ("y.w", (7, 7)))
    result = pair(ours, theirs)
    assert [(item.expected, item.found) for item in result.pairs] == [(0, 0), (2, 2)]
    assert (result.missing, result.extra) == ((1,), (1,))


def test_names_stand_before_order() -> None:
    ours = named(("a.weight", (3, 3)), ("b.weight", (3, 3)))
    result = pair(ours, named(("b.weight", (3, 3)), ("other.weight", (3, 3))))
    assert [(item.expected, item.found, item.how) for item in result.pairs] == [
        (0, 1, "order and shape"), (1, 0, "name"),
    ]  # fmt: skip


def test_a_name_that_is_there_twice_without_punctuation_shows_nothing() -> None:
    result = pair(named(("a/b.w", (2,)), ("a_b.w", (3,))), named(("ab.w", (3,))))
    assert [(item.expected, item.found, item.how) for item in result.pairs] == [(1, 0, "order and shape")]
