"""Every weight of an input as a row of plain values, and the rows as tables.

The room itself can be called: ``initport.explain(text)`` is `initport.explain.any_input.explain`.
"""

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from initport.explain.any_input import explain

        return explain(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
