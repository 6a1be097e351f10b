"""A cfg as its sections. Authority: src/parser.c and src/option_list.c of pjreddie/darknet."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, NoReturn

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

TEXT_LIMIT = 16_000_000
"""Bytes of a cfg at most."""

SECTION_LIMIT = 20_000

_WHOLE = re.compile(r"[+-]?\d{1,9}(?=\Z|[^\d.eE])|[+-]?\d{1,9}(?=\.0*\Z)")
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?")


class SettingError(Exception):
    """A setting that Darknet would take for something else than it says; ``line`` is its line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Section(NamedTuple):
    """``type`` is what stands in brackets; ``settings`` are its texts, ``lines`` the line of each."""

    type: str
    line: int
    settings: Mapping[str, str]
    lines: Mapping[str, int]

    def number(self, name: str, default: int, least: int | None = None) -> int:
        """Raises SettingError for what is not a whole number, or is below the ``least``."""
        text = self.settings.get(name)
        if text is None:
            return default
        found = _WHOLE.match(text)
        if found is None:
            raise SettingError(f"`{name}` is {text[:80]!r}, and an integer is expected", self.lines[name])
        if least is not None and int(found[0]) < least:
            raise SettingError(f"`{name}` is {found[0]}, and {least} or more is expected", self.lines[name])
        return int(found[0])

    def numbers(self, name: str) -> list[int]:
        """Whole numbers between commas. Raises SettingError where there are none."""
        text = self.settings.get(name, "")
        parts = [re.match(r"[+-]?\d{1,9}(?!\d)", part) for part in text.rstrip(",").split(",")]
        found = [int(part[0]) for part in parts if part is not None]
        if len(found) < len(parts):
            raise SettingError(f"`{name}` is {text[:80]!r}, and numbers are expected", self.lines.get(name, self.line))
        return found

    def decimal(self, name: str) -> Fraction | None:
        """None where the section does not have it. Raises SettingError for what is not a number."""
        text = self.settings.get(name)
        if text is None:
            return None
        found = _NUMBER.match(text)
        if found is None:
            raise SettingError(f"`{name}` is {text[:80]!r}, and a number is expected", self.lines[name])
        return Fraction(found[0])


def parse(data: bytes, path: str) -> list[Section]:
    """Darknet leaves blanks out wherever they stand, and takes the first of two settings of one name.

    Raises InputError for a text that does not begin with a section of the network's own settings.
    """
    if len(data) > TEXT_LIMIT:
        _refuse(Code.TOO_LARGE, Location(path), f"the cfg has over {TEXT_LIMIT} bytes")
    sections: list[Section] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n"), 1):
        text = re.sub(r"[ \t\r]", "", line)
        if text.startswith("["):
            if len(sections) > SECTION_LIMIT:
                _refuse(Code.TOO_LARGE, Location(path, number), f"there are over {SECTION_LIMIT} sections")
            name = re.match(r"\[([^\]]*)\]", text)
            sections.append(Section(name[1] if name else text, number, {}, {}))
        elif text and text[0] not in "#;":
            key, sign, value = text.partition("=")
            if not sections or not sign:
                found = f"{text[:80]!r} is not a setting" if sections else "a setting stands before the first section"
                _refuse(Code.SYNTAX, Location(path, number), f"{found}; a cfg of Darknet has sections of `name=value`")
            settings, lines = sections[-1].settings, sections[-1].lines
            assert isinstance(settings, dict)
            assert isinstance(lines, dict)
            settings.setdefault(key, value)
            lines.setdefault(key, number)
    if not sections or sections[0].type not in ("net", "network"):
        _refuse(Code.NO_NETWORK, Location(path), "the first section is not [net], so this is not a cfg of Darknet")
    return sections


def _refuse(code: Code, place: Location, detail: str) -> NoReturn:
    raise InputError(Diagnostic(code, place, detail))
