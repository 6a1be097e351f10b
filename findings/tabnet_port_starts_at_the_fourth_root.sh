#!/usr/bin/env bash
# pytorch-tabnet 4.1.0, the usual PyTorch port of TabNet, calls `xavier_normal_` on its linear layers with a gain of its
# own in which the outputs cancel. What is left is a variance of 1 / sqrt(inputs), twice that in the gated (GLU) layers.
# Glorot's, which the TensorFlow original takes by leaving its dense layers alone, is 2 / (inputs + outputs).
#
# With 400 inputs and 100 outputs the values vary 12.5 and 25 times as much as Glorot's; the sum of a layer's inputs
# grows with the fourth root of their number at every layer instead of keeping its size. The name of the function that
# is called says nothing of it, and a checker that looks for `xavier` is content.
#
# Seen, as variance over Glorot's:
#   400 -> 100   non-GLU 12.5, GLU 25.0
#   100 -> 400   non-GLU 25.0, GLU 50.0
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/env/bin/pip" install -q pytorch-tabnet==4.1.0
cat > "$folder/look.py" <<'PYTHON'
import torch
from pytorch_tabnet.tab_network import initialize_glu, initialize_non_glu

torch.manual_seed(1)
for inputs, outputs in ((400, 100), (100, 400)):
    seen = []
    for initialize in (initialize_non_glu, initialize_glu):
        values = []
        for _ in range(20):
            layer = torch.nn.Linear(inputs, outputs)
            initialize(layer, inputs, outputs)
            values.append(layer.weight.detach().flatten())
        ratio = torch.cat(values).var().item() * (inputs + outputs) / 2
        seen.append(f"{round(ratio * 2) / 2:.1f}")
    print(inputs, outputs, *seen)
PYTHON
"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
400 100 12.5 25.0
100 400 25.0 50.0
SEEN
