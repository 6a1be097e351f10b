"""Prints the Keras config in the HDF5 file on standard input, and the version beside it, as JSON.

It runs in a process of its own, because a broken file can keep the HDF5 library busy without end or make it ask for any
amount of memory: the process that starts it limits the time, and this one its memory. Arguments: bytes of memory, and
of the config, at most.
"""

import json
import sys


def limit_memory(size: int) -> None:
    """Where the system can: an allocation beyond the limit then fails."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def read(largest: int) -> dict[str, object]:
    """``config``, ``version`` and ``backend``, None where there is none, or the ``error`` that reading met."""
    import h5py

    try:
        with h5py.File(open(0, "rb", closefd=False), "r") as file:
            values = [file.attrs.get(name) for name in ("model_config", "keras_version", "backend")]
    except Exception as error:  # whatever the library raises for a broken file
        return {"error": str(error) or type(error).__name__}
    decoded = [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in values]
    config, version, backend = (item if isinstance(item, str) else None for item in decoded)
    return {
        "config": config and config[: largest + 1],
        "version": version and version[:100],
        "backend": backend and backend[:100],
    }


if __name__ == "__main__":
    limit_memory(int(sys.argv[1]))
    json.dump(read(int(sys.argv[2])), sys.stdout)
