"""Emitted code, run in the real framework and measured: the check behind the proof.

The framework runs in a subprocess (``programs/``), so that nothing of initport itself ever imports it.

The room itself can be called: ``initport.verify(text)`` is `initport.verify.measure.verify`.
"""

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from initport.verify.measure import verify

        return verify(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
