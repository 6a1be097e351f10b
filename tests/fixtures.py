"""The cases of ``fixtures/``, found by their folders."""

from pathlib import Path

from initport.conversion import Reading, convert, plan_for, read
from initport.emit.plan import Plan
from initport.verify.measure import Job

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent for path in (FIXTURES / "convert").glob("*/input.*"))


def source(case: Path) -> Path:
    return next(case.glob("input.*"))


def reading(case: Path) -> Reading:
    return read(source(case).read_bytes(), path=source(case).name)


def plan_of(case: Path, target: str) -> Plan:
    return plan_for(reading(case).model, target)


def emitted(case: Path, target: str) -> str:
    text = convert(source(case).read_bytes(), path=source(case).name, target=target).text
    assert text is not None
    return text


def job(case: Path, target: str) -> Job:
    return Job(case.name, emitted(case, target), plan_of(case, target))
