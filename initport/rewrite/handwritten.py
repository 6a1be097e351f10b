"""Hand-written initializers: the law that one follows, or the popular mistake that it holds."""

from collections.abc import Iterable, Iterator, Mapping

from initport.diagnostics import Code
from initport.grammar.mistakes import rows, value_at, variance_of
from initport.ir.initializers import Initializer
from initport.ir.scalar import Scalar
from initport.python.sites import Left, Site
from initport.python.sites.formula import Formula, formula

_CODES = {code.code: code for code in Code}


def mistaken(sites: Iterable[Site]) -> Iterator[Left]:
    """The sites that hold a mistake. What they become has it too: the distribution is kept as it is."""
    for site in sites:
        found = formula(site)
        mistake = found.recognition.mistake if found is not None else None
        if found is not None and mistake is not None:
            detail = f"{_factor(found.recognition.factor)} times the variance of {_law(found)}: {mistake.says}"
            yield Left(site.line, site.column, site.source, detail, code=_CODES[mistake.code])


def law(found: Formula | None) -> str:
    """The law in a few words, nothing where none is known."""
    if found is None:
        return ""
    known = found.recognition
    missed = "" if known.mistake is None else f" x {_factor(known.factor)}, {known.mistake.code}"
    return f"{_law(found)}{missed}"


def library_law(initializer: Initializer | None, fans: Mapping[str, Scalar]) -> str:
    """The law that an initializer of a library follows on a weight of these fans, with the number that it has beside
    the law's where one hides in it; nothing where none is known."""
    found = None if initializer is None else variance_of(initializer)
    if found is None:
        return ""
    ratios: list[tuple[float, str]] = []
    for known in rows().laws[:PLAIN]:
        wanted = value_at(known.variance, fans)
        ratio = None if wanted is None else (found / wanted).evaluate({})
        if ratio is not None:
            ratios.append((ratio, f"{known.name} ({known.variance})"))
    ratio, words = min(ratios, key=lambda item: abs(item[0] - 1), default=(0.0, ""))
    if ratio == 1:
        return words
    return f"{words} x {ratio:.4g}" if _NEAR[0] < ratio < _NEAR[1] else ""


PLAIN = 5
"""The laws of He, Glorot and LeCun, which come first."""

_NEAR = (0.7, 1.4)
"""How far a library's variance may be from a law that it is said to follow."""


def _law(found: Formula) -> str:
    fans = f", taking {' and '.join(f'`{fan}`' for fan in found.fans)} for the fan" if found.fans else ""
    known = found.recognition.law
    return f"{known.name} ({known.variance}{fans})"


def _factor(factor: Scalar) -> str:
    value = factor.evaluate({})
    return str(factor) if value is None else f"{value:.3g}"
