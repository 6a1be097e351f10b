#!/usr/bin/env bash
# The first layer of the usual graph attention network (1,433 features, 8 heads of 8 channels, as on Cora), "Glorot
# uniform" by default in both: Spektral 1.3.1 (TensorFlow 2.21.0, tf_keras 2.21.0) starts its kernel with a fifteenth of
# the variance that PyTorch Geometric 2.8.1 (PyTorch 2.13.0) gives it, and its attention vectors with less than a fourth.
#
# Keras takes the last two axes for inputs and outputs and multiplies both by all axes before them. Spektral stores the
# kernel as (features, heads, channels), so the features count as positions of a convolution: the fans are 1433 x 8 and
# 1433 x 8 instead of 1433 and 64. Its attention vectors, (channels, heads, 1), have fans 64 and 8. PyTorch Geometric
# keeps the kernel as a matrix (fans 1433 and 64) and the vectors as (1, heads, channels), whose last two axes it adds: 8
# and 8. The vectors' law so depends on the number of heads in both, and in neither as it would for one head by itself.
#
# Seen, as 2 / variance, i.e. the sum of the two fans (within 2 %):
#   spektral  kernel 22928, attention 72
#   pyg       kernel 1497, attention 16
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/spektral"
"$folder/spektral/bin/pip" install -q tensorflow==2.21.0 tf_keras==2.21.0 spektral==1.3.1
python3 -m venv "$folder/pyg"
"$folder/pyg/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/pyg/bin/pip" install -q torch_geometric==2.8.1
cat > "$folder/report.py" <<'PYTHON'
def report(name, draw, layers):
    """The nearest of the two candidates to 2 / variance, pooled over many layers, where it is within 2 %."""
    drawn = [draw() for _ in range(layers)]
    sums = []
    for role, candidates in enumerate(((22928, 1497), (72, 16))):
        squares = [float((pair[role] ** 2).mean()) for pair in drawn]
        total = 2 / (sum(squares) / len(squares))
        nearest = min(candidates, key=lambda candidate: abs(candidate - total))
        sums.append(nearest if abs(total / nearest - 1) < 0.02 else round(total))
    print(name, *sums)
PYTHON
cat > "$folder/look_spektral.py" <<'PYTHON'
import numpy as np
from report import report
from spektral.layers import GATConv


def draw():
    layer = GATConv(8, attn_heads=8)
    layer.build([(None, 1433), (None, None)])
    return np.asarray(layer.kernel), np.asarray(layer.attn_kernel_self)


report("spektral", draw, 1000)
PYTHON
cat > "$folder/look_pyg.py" <<'PYTHON'
from report import report
from torch_geometric.nn import GATConv


def draw():
    layer = GATConv(1433, 8, heads=8)
    return layer.lin.weight.detach().numpy(), layer.att_src.detach().numpy()


report("pyg", draw, 1000)
PYTHON
{
  TF_USE_LEGACY_KERAS=1 "$folder/spektral/bin/python" "$folder/look_spektral.py"
  "$folder/pyg/bin/python" "$folder/look_pyg.py"
} 2> /dev/null | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
spektral 22928 72
pyg 1497 16
SEEN
