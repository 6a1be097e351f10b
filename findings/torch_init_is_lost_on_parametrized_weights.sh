#!/usr/bin/env bash
# PyTorch 2.13.0: an initializer that is applied to a parametrized or pruned weight does nothing, without a word.
#
# `nn.init.constant_(layer.weight, 7)` fills the tensor that `weight` is at that moment. Under weight_norm (the
# parametrization), spectral_norm and orthogonal it is computed anew at each access, and under pruning at each forward
# pass: what was filled is thrown away, and the layer starts as it would have without the line. No error, no warning.
# The usual `model.apply(init)` over Linear layers so skips all of them, since they are still instances of Linear.
#
# Seen (does the weight hold a 7 after a forward pass?):
#   plain True, weight_norm False, spectral_norm False, orthogonal False, pruned False
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/env/bin/python" -W error - <<'PYTHON' | tee "$folder/seen"
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

ways = {
    "plain": lambda layer: layer,
    "weight_norm": parametrizations.weight_norm,
    "spectral_norm": parametrizations.spectral_norm,
    "orthogonal": parametrizations.orthogonal,
    "pruned": lambda layer: prune.l1_unstructured(layer, "weight", amount=0.1),
}
for name, wrap in ways.items():
    layer = wrap(nn.Linear(20, 10))
    nn.init.constant_(layer.weight, 7)
    layer(torch.zeros(1, 20))
    print(name, bool((layer.weight == 7).any()))
PYTHON
diff "$folder/seen" - <<'SEEN'
plain True
weight_norm False
spectral_norm False
orthogonal False
pruned False
SEEN
