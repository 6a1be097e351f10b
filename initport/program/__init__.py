"""Python source as the program that builds a network: which layers it makes, under which names, and how they start.

The program is never run. Its statements are gone through with values that are known and values that are not: what the
network is depends on must be known, and all else is refused with its line.
"""
