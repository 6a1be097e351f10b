#!/usr/bin/env bash
# PyTorch 2.13.0: `torch.ao.nn.quantizable.LSTM`, made to stand in for `torch.nn.LSTM`, starts otherwise.
#
# nn.LSTM draws every weight from U(+-1 / sqrt(hidden)). The quantizable one is built of two Linear layers a cell and
# keeps what those start with: the weights and the bias of the input gates are U(+-1 / sqrt(inputs)). With 16 inputs
# and 1,024 hidden units that bound is 0.25 instead of 0.03125, a variance 64 times as large. `from_float` copies the
# weights of an nn.LSTM and so hides it; a network that is built with it and trained from the start is another one.
#
# Seen (bounds, two digits): LSTM 0.031 0.031; quantizable 0.25 0.031 (input gates, hidden gates)
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/env/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import torch

plain = dict(torch.nn.LSTM(16, 1024).named_parameters())
other = dict(torch.ao.nn.quantizable.LSTM(16, 1024).named_parameters())


def bound(parameter):
    return f"{parameter.abs().max().item():.2g}"


print("LSTM", bound(plain["weight_ih_l0"]), bound(plain["weight_hh_l0"]))
cell = "layers.0.layer_fw.cell."
print("quantizable", bound(other[f"{cell}igates.weight"]), bound(other[f"{cell}hgates.weight"]))
PYTHON
diff "$folder/seen" - <<'SEEN'
LSTM 0.031 0.031
quantizable 0.25 0.031
SEEN
