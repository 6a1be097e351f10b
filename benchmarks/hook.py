"""How long a run over unchanged files takes: as a hook on 30 of them, and over 2,400 with the cache warm.

``python -m benchmarks.hook``: medians of the CPU time of whole processes, the two sides of each pair in turn.
Baselines: `initport --version`; and a program that lists the same files and hashes them. The files are the standard
library's, each tenth with an initializer that needs no change, under a .gitignore of usual length.
"""

import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

RUNS = 11
FILES = 2400
MODERN = (
    b"\nimport tensorflow as tf\nd = tf.keras.layers.Dense(4, kernel_initializer=tf.keras.initializers.he_normal())\n"
)
IGNORED = """
__pycache__/
*.py[cod]
*.so
build/
dist/
.eggs/
*.egg-info/
.venv/
*.log
.cache/
docs/_build/
/site
"""

LIST_AND_HASH = """
import os, sys
from hashlib import sha256
for directory, _, names in os.walk(sys.argv[1]):
    for name in names:
        if name.endswith(".py"):
            with open(os.path.join(directory, name), "rb") as file:
                sha256(file.read()).digest()
"""


def make(root: Path) -> None:
    library = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    texts = [
        path.read_bytes() for path in library if "site-packages" not in path.parts and path.stat().st_size < 60_000
    ]
    (root / ".gitignore").write_text(IGNORED)
    for index in range(FILES):
        path = root / f"p{index // 240}" / f"m{index // 12 % 20}" / f"f{index}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"# %d\n" % index + texts[index % len(texts)] + MODERN * (index % 10 == 0))


def cpu(command: list[str], directory: str) -> float:
    """Seconds of CPU that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INITPORT_")}
    subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(what: str, command: list[str], baseline: str, other: list[str], directory: str) -> None:
    """Print the medians of both commands and of their ratio, run by run."""
    cpu(command, directory), cpu(other, directory)
    pairs = [(cpu(command, directory), cpu(other, directory)) for _ in range(RUNS)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{what}: {ours * 1000:.0f} ms; {baseline}: {theirs * 1000:.0f} ms; ratio {ratio:.2f}")


def main() -> None:
    initport = [sys.executable, "-P", "-m", "initport"]
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        some = [os.path.relpath(path, folder) for path in sorted(Path(folder).rglob("*.py"))[:30]]
        hook = [*initport, "codemod", "--force-exclude", "--diff", *some]
        tree = [*initport, "codemod", "."]
        cpu(tree, folder)
        compare("hook on 30 unchanged files", hook, "initport --version", [*initport, "--version"], folder)
        listing = [sys.executable, "-c", LIST_AND_HASH, "."]
        compare(f"{FILES:,} unchanged files", tree, "listing and hashing them", listing, folder)


if __name__ == "__main__":
    main()
