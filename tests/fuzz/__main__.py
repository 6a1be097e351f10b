"""The long run: `python -m tests.fuzz CASES [PROPERTY ...]`, so many cases of each property, or of all.

A case is made of its number alone: `--first N` begins with another, `--show` prints the traceback of the first case.
"""

import argparse
import time
from random import Random

from tests.fuzz.properties import PROPERTIES, run

parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
parser.add_argument("cases", type=int)
parser.add_argument("properties", nargs="*", choices=[[], *PROPERTIES], metavar="PROPERTY")
parser.add_argument("--first", type=int, default=0, metavar="N")
parser.add_argument("--show", action="store_true")
asked = parser.parse_args()

failures = 0
for name in asked.properties or PROPERTIES:
    if asked.show:
        PROPERTIES[name](Random(asked.first))
        continue
    start = time.process_time()
    found = run(name, asked.first, asked.cases)
    seconds = time.process_time() - start
    print(f"{name:60} {asked.cases:>9,} cases {seconds:>8.1f} s {len(found):>4} kinds of failure", flush=True)
    for kind, number in found.items():
        print(f"    {kind}: python -m tests.fuzz 1 {name} --first {number} --show", flush=True)
    failures += len(found)
raise SystemExit(failures > 0)
