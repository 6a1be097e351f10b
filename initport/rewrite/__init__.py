"""Edit source code in place: initializers of legacy frameworks become exactly equal ones of a target framework.

Outside the replaced expressions and the import lines nothing of a file changes, not by a byte.
"""
