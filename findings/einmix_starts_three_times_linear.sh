#!/usr/bin/env bash
# einops 0.8.2: `einops.layers.torch.EinMix`, offered as a more readable `nn.Linear` (and more), starts its weight with
# three times the variance of nn.Linear (PyTorch 2.13.0): 1 / fan_in for 1 / (3 fan_in). The bias is the same in both,
# U(+-1 / sqrt(fan_in)), so the two parts of one layer follow different rules, and a comparison of the biases finds no
# difference. A network whose layers are rewritten one for one keeps its shapes and starts 1.73 times larger a layer.
#
# Seen, as variance x fan_in, two digits, for 400 -> 500:
#   Linear  weight 0.33, bias 0.33
#   EinMix  weight 1.0, bias 0.33
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 numpy==2.4.6 einops==0.8.2
cat > "$folder/look.py" <<'PYTHON'
import torch
from einops.layers.torch import EinMix

torch.manual_seed(1)
for name, make in (
    ("Linear", lambda: torch.nn.Linear(400, 500)),
    ("EinMix", lambda: EinMix("b i -> b o", weight_shape="i o", bias_shape="o", i=400, o=500)),
):
    layers = [make() for _ in range(50)]
    for role in ("weight", "bias"):
        values = torch.cat([getattr(layer, role).detach().flatten() for layer in layers])
        print(name, role, f"{values.square().mean().item() * 400:.2g}")
PYTHON
"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
Linear weight 0.33
Linear bias 0.33
EinMix weight 1
EinMix bias 0.33
SEEN
