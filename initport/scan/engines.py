"""Who works on the parts: processes of this machine, or a Ray cluster."""

import gc
import json
import logging
import multiprocessing
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

import pyarrow as pa

from initport.project import worker_start
from initport.scan.parts import Counts, Task, process, take_back
from initport.scan.sources import Columns, Part, SourceError

Result = tuple[int, Counts | None, str | None]
"""The number of a part with its counts, or with what went wrong."""

_STARTS = 3
"""How often processes are started again that end before they work on anything."""


def local(parts: Mapping[int, Part], task: Task, jobs: int) -> Iterator[Result]:
    """In ``jobs`` processes, as they are done. A process that ends by itself is started again."""
    left, failed, known = dict(parts), 0, None
    while failed < _STARTS:
        try:
            for result in _pool(left, task, jobs):
                left.pop(result[0])
                yield result
            return
        except BrokenProcessPool:
            before, known = known, (len(left), _journal_size(task.out))
            failed = failed + 1 if before == known else 0
    yield from ((number, None, f"{part.source}: {UNSTARTED}") for number, part in left.items())


UNSTARTED = (
    "the processes that are to read it end as soon as they start; in a program of yours, call this under "
    '`if __name__ == "__main__":`, and see whether memory suffices'
)


def _journal_size(out: str) -> int:
    """How much is known of processes that ended while they worked: it grows with each."""
    with os.scandir(out) as entries:
        return sum(entry.stat().st_size for entry in entries if entry.name.endswith(".at"))


def _start() -> None:
    worker_start.start(take_back)
    use_system_memory()


def use_system_memory() -> None:
    """Let Arrow take memory of the system's allocator: its own keeps pages of every part, and the process grows."""
    pa.set_memory_pool(pa.system_memory_pool())


def _pool(parts: Mapping[int, Part], task: Task, jobs: int) -> Iterator[Result]:
    """Raises BrokenProcessPool. No more parts are handed out than can be worked on, so that memory stays flat."""
    context = multiprocessing.get_context("spawn")  # pyarrow has threads, which a fork would lose
    pool = ProcessPoolExecutor(min(jobs, len(parts)) or 1, mp_context=context, initializer=_start)
    try:
        waiting = iter(list(parts.items()))
        running: dict[Future[Result], int] = {}
        while True:
            for number, part in waiting:
                running[pool.submit(attempt, number, part, task)] = number
                if len(running) >= 2 * jobs:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                running.pop(future)
                yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def attempt(number: int, part: Part, task: Task) -> Result:
    """Work on a part; what cannot be read is a result, too."""
    try:
        return number, process(number, part, task), None
    except (SourceError, OSError) as error:
        return number, None, str(error)
    finally:
        gc.collect()  # `worker_start` lets so much garbage gather that a process of many parts would grow


def ray(parts: Mapping[int, Part], task: Task, address: str | None = None) -> Iterator[Result]:
    """On a Ray cluster, through Ray Data: the one at ``address``, or one of this machine. The sources and the output
    must be where all its machines see them under the same paths. Parts of a machine that is lost go to another.

    Raises ImportError where Ray is not installed.
    """
    import ray as cluster

    if not cluster.is_initialized():
        cluster.init(address=address, logging_level="ERROR", log_to_driver=False)  # it greets with warnings
        logging.getLogger("ray").setLevel(logging.WARNING)
    items = [{"number": number, "part": json.dumps(part)} for number, part in parts.items()]
    if not items:
        return
    cluster.data.DataContext.get_current().enable_progress_bars = False  # initport shows its own
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    logging.getLogger("ray.data._internal.progress").setLevel(logging.ERROR)
    data = cluster.data.from_items(items, override_num_blocks=len(items))
    noted = json.dumps(task)
    done = data.map_batches(_attempt_rows, batch_size=1, batch_format="pyarrow", fn_kwargs={"task": noted})
    for row in done.iter_rows():
        counts = None if row["counts"] is None else Counts(**json.loads(row["counts"]))
        yield row["number"], counts, row["error"]


def _attempt_rows(batch: pa.Table, task: str) -> pa.Table:
    """`attempt` of rows of Ray Data, which hold what can be moved between machines."""
    use_system_memory()
    out, columns, settings = json.loads(task)
    results = []
    for row in batch.to_pylist():
        kind, source, items = json.loads(row["part"])
        part = Part(kind, source, tuple(items))
        number, counts, error = attempt(row["number"], part, Task(out, Columns(*columns), settings))
        noted = None if counts is None else json.dumps(counts._asdict(), sort_keys=True)
        results.append({"number": number, "counts": noted, "error": error})
    return pa.Table.from_pylist(results, _RESULT)


_RESULT = pa.schema([("number", pa.int64()), ("counts", pa.string()), ("error", pa.string())])
