"""What people are told of hand-written initializers: the law that one follows, or the popular mistake that it holds."""

from collections.abc import Iterable, Iterator

from initport.diagnostics import Code
from initport.ir.scalar import Scalar
from initport.python.sites.formula import Formula, formula
from initport.python.sites.site import Left, Site

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


def _law(found: Formula) -> str:
    fans = f", taking {' and '.join(f'`{fan}`' for fan in found.fans)} for the fan" if found.fans else ""
    known = found.recognition.law
    return f"{known.name} ({known.variance}{fans})"


def _factor(factor: Scalar) -> str:
    value = factor.evaluate({})
    return str(factor) if value is None else f"{value:.3g}"
