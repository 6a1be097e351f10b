"""Emitted code, run in the real framework and measured: the check behind the proof.

The framework runs in a subprocess (``programs/``), so that nothing of initport itself ever imports it.
"""
