"""A scan on a real Ray cluster of two nodes on this machine: the bytes of a local one, whatever is killed."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: extra `scan`")
ray = pytest.importorskip("ray", reason="Ray is not installed: extra `ray`")

from initport.scan.corpus import Summary, scan  # noqa: E402
from tests.scan import corpora  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

SETTINGS = {"to": "keras"}
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two nodes of a processor each; the first holds what keeps the cluster together."""
    from ray.cluster_utils import Cluster

    os.environ["PYTHONPATH"] = str(ROOT)
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    found.second = found.add_node(num_cpus=1)
    ray.init(address=found.address, logging_level="ERROR", log_to_driver=False)
    yield found
    ray.shutdown()
    found.shutdown()


def on_ray(source: Path, out: Path) -> Summary:
    return scan([str(source)], str(out), settings=SETTINGS, engine="ray")


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.glob("part-*"))}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    texts = [corpora.LEGACY.format(n) if n % 3 == 0 else "x = 1\n" for n in range(3000)]
    return corpora.table(tmp_path / "c.parquet", texts, group=100)


def test_the_bytes_are_those_of_a_local_scan(cluster: Any, corpus: Path, tmp_path: Path) -> None:
    local = scan([str(corpus)], str(tmp_path / "local"), settings=SETTINGS)
    assert on_ray(corpus, tmp_path / "ray").counts == local.counts
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


@pytest.mark.parametrize("loss", ["worker", "node"])
def test_what_is_killed_in_the_middle_costs_nothing(loss: str, cluster: Any, corpus: Path, tmp_path: Path) -> None:
    local = scan([str(corpus)], str(tmp_path / "local"), settings=SETTINGS)
    out = tmp_path / "ray"
    lost: list[str] = []
    over = threading.Event()

    def strike() -> None:
        while len(list(out.glob("part-*"))) < 3:
            time.sleep(0.01)
        if loss == "node":
            cluster.remove_node(cluster.second, allow_graceful=False)
            lost.append("node")
            return
        while not lost and not over.is_set():  # between two parts a worker writes none
            for pid in {int(path.name.split(".")[2]) for path in out.glob(".part-*.unfinished")}:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    lost.append(str(pid))

    thread = threading.Thread(target=strike)
    thread.start()
    summary = on_ray(corpus, out)
    over.set()
    thread.join()
    assert lost, "the scan was over before anything was killed"
    assert summary.counts == local.counts
    assert summary.failed == ()
    assert contents(out) == contents(tmp_path / "local")
