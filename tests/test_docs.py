"""The pages of the documentation site: every mark is known, every example runs, every page is in the navigation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs import hooks

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "docs")))
def test_pages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    written = hooks.rendered(path.read_text(encoding="utf-8"))
    assert not re.search(r"<!-- (output|table|help|codes)", written)
    assert "Traceback" not in written


def pages(nav: Any) -> Iterator[str]:
    for item in nav if isinstance(nav, list) else [nav]:
        if isinstance(item, str):
            yield item
        else:
            for value in item.values():
                yield from pages(value)


def test_every_page_is_in_the_navigation() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert sorted(pages(nav)) == sorted(str(path.relative_to(ROOT / "docs")) for path in PAGES)


def test_an_unusable_command_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="no-such-command"):
        hooks.output("no-such-command")
