"""Model.to_yaml texts, by PyYAML's safe loader and the two tags that Keras 1 and 2 wrote.

Nothing else that a tag can ask for is built: an unknown one is an error.
"""

from typing import Any

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

YAML_LIMIT = 1_500_000
MARK_LIMIT = 200_000
"""Characters at most, and marks among them that may start a value: the YAML parser is slow, and no model of
keras.applications comes near."""

_MARKS = ",:-[{\n"


def parse_yaml(text: str, path: str) -> Any:
    """The plain data of a YAML text; an anchor's data are shared, not copied. Raises InputError."""
    import yaml

    if len(text) > YAML_LIMIT:
        _refuse(Code.TOO_LARGE, Location(path), f"the YAML text has over {YAML_LIMIT} characters")
    if sum(map(text.count, _MARKS)) > MARK_LIMIT:
        _refuse(Code.TOO_LARGE, Location(path), f"the YAML text has over {MARK_LIMIT} marks of values")
    try:
        return yaml.load(text, _loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Location(path, mark.line + 1, mark.column + 1) if mark else Location(path)
        _refuse(Code.SYNTAX, place, f"neither JSON nor YAML: {error.problem or error.context}")
    except yaml.YAMLError as error:
        _refuse(Code.SYNTAX, Location(path), f"neither JSON nor YAML: {str(error).splitlines()[0]}")
    except RecursionError:
        _refuse(Code.TOO_LARGE, Location(path), "the config is nested too deeply")
    except (ValueError, TypeError) as error:
        _refuse(Code.SYNTAX, Location(path), f"not a YAML value: {error}")


def _refuse(code: Code, place: Location, detail: str) -> None:
    raise InputError(Diagnostic(code, place, detail))


def _loader() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        """A class of its own, so that the constructors are added to no other loader."""

        def flatten_mapping(self, node: Any) -> None:
            """Merged mappings could hold each other without end; Keras writes none."""
            for key, _ in node.value:
                if key.tag == "tag:yaml.org,2002:merge":
                    raise yaml.constructor.ConstructorError(None, None, "`<<` is not read", key.start_mark)

    Loader.add_constructor("tag:yaml.org,2002:python/tuple", lambda loader, node: loader.construct_sequence(node, True))
    Loader.add_constructor("tag:yaml.org,2002:python/unicode", lambda loader, node: loader.construct_scalar(node))
    return Loader
