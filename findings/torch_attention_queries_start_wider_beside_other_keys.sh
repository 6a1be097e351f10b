#!/usr/bin/env bash
# PyTorch 2.13.0: the size of the keys decides how wide the queries of `nn.MultiheadAttention` start.
#
# Where keys and values have the size of the queries, one matrix of (3 * embed, embed) holds all three projections and
# is drawn by xavier_uniform_ as a whole: variance 2 / (4 * embed). Where `kdim` or `vdim` is another size, there are
# three matrices, each drawn by itself: the query projection, whose own shape is still (embed, embed), has a variance of
# 2 / (2 * embed), twice as much, and so has the value projection if only the keys differ. The documentation names no
# initialization. A module whose keys come from another encoder starts with scores of twice the variance.
#
# Seen (variance of queries and values, times 512): 0.5 0.5 where all sizes are 512; 1.0 1.0 with kdim=256
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/env/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import torch

torch.manual_seed(0)
same = torch.nn.MultiheadAttention(512, 8)
other = torch.nn.MultiheadAttention(512, 8, kdim=256)


def times(weight):
    return f"{weight.var().item() * 512:.1f}"


print("one size", times(same.in_proj_weight[:512]), times(same.in_proj_weight[1024:]))
print("other keys", times(other.q_proj_weight), times(other.v_proj_weight))
assert same.in_proj_weight[:512].shape == other.q_proj_weight.shape
PYTHON
diff "$folder/seen" - <<'SEEN'
one size 0.5 0.5
other keys 1.0 1.0
SEEN
