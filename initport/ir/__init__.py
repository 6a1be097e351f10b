"""The shared intermediate representation: what a weight's distribution *is*, whatever framework said it.

Imports the standard library only.
"""
