"""What a .gitignore leaves out.

Authority: gitignore(5), and git itself, with which a test compares every rule. Own code, because importing a library
for it and matching with that takes as long as all else that a run over unchanged files does together.
"""

import re
from functools import cache

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": " \\t", "digit": "0-9", "lower": "a-z", "space": "\\s",
    "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_SET = re.compile(r"\[([!^]?)(\]?(?:\[:\w+:\]|\\.|[^\]\\])*)\]", re.DOTALL)
_MEMBER = re.compile(r"\[:(\w+):\]|\\(.)|(-)|(.)", re.DOTALL)


class Ignore:
    """The rules of one .gitignore, the last of which that fits decides.

    All rules make two expressions, one on names and one on paths below the file's directory; the later a rule stands,
    the earlier it is tried.
    """

    def __init__(self, text: str) -> None:
        names: list[tuple[int, str]] = []
        paths: list[tuple[int, str]] = []
        self._excludes: list[bool] = []
        for line in text.removeprefix("\ufeff").split("\n"):
            excludes, glob = _rule(line)
            expression = _expression(glob) if glob else None
            if expression is not None:
                (paths if "/" in glob.rstrip("/") else names).append((len(self._excludes), expression))
                self._excludes.append(excludes)
        self._names, self._name_rules = _union(names)
        self._paths, self._path_rules = _union(paths)

    def excludes(self, path: str, name: str, is_directory: bool) -> bool | None:
        """Whether a path, relative to the file's directory, is left out; None where no rule speaks of it."""
        end = "/" if is_directory else ""
        rule = -1
        if self._names is not None and (found := self._names.fullmatch(name + end)):
            rule = self._name_rules[(found.lastindex or 1) - 1]
        if self._paths is not None and (found := self._paths.fullmatch(path + end)):
            rule = max(rule, self._path_rules[(found.lastindex or 1) - 1])
        return None if rule < 0 else self._excludes[rule]


@cache
def ignore(text: str) -> Ignore:
    """The rules of a text, which projects like to repeat in many directories."""
    return Ignore(text)


def _rule(line: str) -> tuple[bool, str]:
    """Whether a line's rule leaves out or takes in again, and its pattern, empty where the line holds none."""
    line = re.sub(r"(?<!\\) +$", "", line.removesuffix("\r"))
    if line.startswith("#"):
        return True, ""
    return (False, line[1:]) if line.startswith("!") else (True, line)


def _union(rules: list[tuple[int, str]]) -> tuple[re.Pattern[str] | None, list[int]]:
    """One expression with a group a rule, the last rule first, and the rule that each group stands for."""
    rules = rules[::-1]
    whole = "|".join(f"({expression})" for _, expression in rules)
    return re.compile(whole, re.DOTALL) if rules else None, [index for index, _ in rules]


def _expression(glob: str) -> str | None:
    """What matches a name or path, that of a directory with a slash at its end; None where nothing can match."""
    end = "/" if glob.endswith("/") else "/?"
    parts = glob.removesuffix("/").removeprefix("/").split("/")
    made = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**" and len(parts) > 1:
            made += ".+" if last else "(?:.*/)?"
            continue
        translated = "[^/]+" if part and not part.strip("*") else _part(part)
        if not translated:
            return None
        made += translated + ("" if last else "/")
    return made + end


def _part(glob: str) -> str | None:
    """A pattern without slashes."""
    made, index = "", 0
    while index < len(glob):
        match glob[index]:
            case "*":
                made += "" if made.endswith("[^/]*") else "[^/]*"
            case "?":
                made += "[^/]"
            case "[":
                found = _SET.match(glob, index)
                members = found and _members(found)
                if found is None or members is None:
                    return None
                made += members
                index = found.end() - 1
            case "\\":
                index += 1
                if index == len(glob):
                    return None
                made += re.escape(glob[index])
            case letter:
                made += re.escape(letter)
        index += 1
    return made


def _members(found: re.Match[str]) -> str | None:
    """A set of letters; None where git knows none of its classes. A range that runs backwards is its first letter."""
    made, tokens = "", _MEMBER.findall(found[2])
    while tokens:
        name, *letters = tokens.pop(0)
        first = "".join(letters)
        if name:
            if name not in _CLASSES:
                return None
            made += _CLASSES[name]
        elif len(tokens) > 1 and tokens[0][2] and not tokens[1][0]:
            last = "".join(tokens[1])
            made += re.escape(first) + (f"-{re.escape(last)}" if first <= last else "")
            del tokens[:2]
        else:
            made += re.escape(first)
    return f"(?!/)[{'^' if found[1] else ''}{made}]"
