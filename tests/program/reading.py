"""Networks out of programs, for tests."""

from collections.abc import Mapping
from textwrap import dedent

from initport.conversion import Reading, plan_for, read
from initport.emit.plan import Entry
from initport.formats.read_options import Options
from initport.grammar.version import parse_version
from initport.grammar.versions import Versions

TF1 = {"tensorflow": "1.15.5"}
TF2 = {"tensorflow": "2.21.0", "keras": "3.15.0"}


def reading(text: str | bytes, network: str | None = None, versions: Mapping[str, str] = TF1) -> Reading:
    data = text if isinstance(text, bytes) else dedent(text).encode()
    chosen = Versions({package: parse_version(version) for package, version in versions.items()})
    return read(data, source="python", path="net.py", options=Options(versions=chosen, network=network))


def entries(found: Reading, target: str = "torch") -> dict[tuple[str, str], Entry]:
    """By layer and role."""
    return {(item.layer.name, item.weight.role.value): item for item in plan_for(found.model, target).entries}


def lines(text: str, target: str = "torch", **asked: Mapping[str, str] | str | None) -> dict[str, str | None]:
    """The target's line by the layer and the role; running statistics are left out."""
    found = entries(reading(text, **asked), target)  # type: ignore[arg-type]
    return {
        f"{layer} {role}": item.spelling.text if item.spelling else None
        for (layer, role), item in found.items()
        if not role.startswith("moving_")
    }


def told(text: str, **asked: Mapping[str, str] | str | None) -> list[str]:
    """The findings as `LINE CODE DETAIL`."""
    found = reading(text, **asked).diagnostics  # type: ignore[arg-type]
    return [f"{item.location.line} {item.code.code} {item.detail}" for item in found]
