#!/usr/bin/env bash
# PyTorch 2.13.0, two processes with the gloo backend: a weight that is split over processes (`fully_shard`, FSDP's second
# edition; any DTensor with Shard) is drawn by each process for its own rows. On CUDA the processes share one seed and each
# takes its part of one stream; on a CPU mesh there is no such stream, and each draws from its own generator:
#
#   - With the same `torch.manual_seed` in every process, which reproducible training asks for, every process draws the
#     SAME numbers: the lower half of a 64 x 64 weight equals the upper half, row for row. Half of the units compute what
#     the other half computes, and with the same gradients go on doing so.
#   - Mean and deviation are right (Xavier's 0.125 here), for `nn.init` takes the fans of the whole weight: a check of
#     moments cannot see it. A warning says that "random operators may not have complete support on cpu device mesh".
#   - A seed of its own for each process makes the shards independent (of each other: anything that is replicated would
#     then differ).
#
# Seen:
#   one seed for all: deviation 0.125, halves equal: True
#   a seed for each:  deviation 0.125, halves equal: False
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 numpy
cat > "$folder/look.py" <<'PYTHON'
import os
import sys

import torch
import torch.distributed as dist
import torch.multiprocessing as processes
from torch.distributed.fsdp import fully_shard


def run(rank: int, count: int, folder: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=count)
    mesh = dist.device_mesh.init_device_mesh("cpu", (count,))
    for words, seed in (("one seed for all:", 1), ("a seed for each: ", 1 + rank)):
        with torch.device("meta"):
            layer = torch.nn.Linear(64, 64, bias=False)
        fully_shard(layer, mesh=mesh)
        layer.to_empty(device="cpu")
        torch.manual_seed(seed)
        torch.nn.init.xavier_uniform_(layer.weight)
        weight = layer.weight.full_tensor()
        upper, lower = weight.chunk(2)
        equal = torch.equal(upper, lower)
        if rank == 0:
            print(f"{words} deviation {weight.std():.3f}, halves equal: {equal}")
        assert equal == words.startswith("one"), "the shards are drawn otherwise"
        # 2,048 independent draws estimate the deviation to 1 % (one standard error); these are six
        assert abs(float(weight.std()) / 0.125 - 1) < 0.06, "the deviation is another"
    dist.destroy_process_group()


if __name__ == "__main__":
    processes.spawn(run, (2, sys.argv[1]), nprocs=2)
PYTHON
"$folder/env/bin/python" -W ignore "$folder/look.py" "$folder" 2>/dev/null
