#!/usr/bin/env bash
# PyTorch 2.13.0: all layers of an `nn.TransformerEncoder` start with the same numbers.
#
# `nn.TransformerEncoder(layer, n)` and `nn.TransformerDecoder(layer, n)` are made of n deep copies of the one layer
# that they are given, which keep its weights: no layer is drawn again. `nn.Transformer` draws anew what has more than one
# axis, in a loop of its own, so that the same layers are independent there and start by another law
# (xavier_uniform_ for the feed-forward layers, too, in place of nn.Linear's own).
#
# Seen: pairs of the 15 among 6 layers whose linear1.weight is equal: TransformerEncoder 15, TransformerDecoder 15,
# the encoder in nn.Transformer 0
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/env/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import combinations

import torch
from torch import nn


def equal(stack):
    weights = [layer.linear1.weight for layer in stack.layers]
    return sum(torch.equal(one, two) for one, two in combinations(weights, 2))


print("TransformerEncoder", equal(nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64), 6)))
print("TransformerDecoder", equal(nn.TransformerDecoder(nn.TransformerDecoderLayer(32, 4, 64), 6)))
print("Transformer", equal(nn.Transformer(32, 4, 6, 6, 64).encoder))
PYTHON
diff "$folder/seen" - <<'SEEN'
TransformerEncoder 15
TransformerDecoder 15
Transformer 0
SEEN
