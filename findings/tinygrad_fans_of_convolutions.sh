#!/usr/bin/env bash
# tinygrad 0.14.0 offers the layers of PyTorch and, by its own link, the `glorot_uniform` of Keras. Both start
# convolutions otherwise:
#
#   - `Tensor.glorot_uniform` takes the first axis as the outputs and all others together as the inputs. A 3x3 kernel
#     16 -> 8 has fans 144 and 8 there; Keras (and PyTorch's xavier) count the positions on both sides: 144 and 72.
#   - `nn.Conv2d(groups=g)` divides by all input channels, not by those of one group. A depthwise 3x3 convolution of 25
#     channels starts five times too small, 25 times in variance; with g groups the variance is always g times too small.
#   - `nn.ConvTranspose2d` divides by its inputs, PyTorch by what lies on axis 1, its outputs.
#
# A model that is ported to tinygrad layer by layer keeps names, shapes and defaults in writing, and starts elsewhere.
#
# Seen, as the largest value over the bound that the other library has:
#   glorot_uniform(8, 16, 3, 3)             1.19 of Keras's
#   Conv2d(25, 25, 3, groups=25)            0.20 of PyTorch's
#   ConvTranspose2d(16, 4, 3)               0.50 of PyTorch's
#   Conv2d(16, 16, 3), Linear(300, 10)      1.0
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q tinygrad==0.14.0 numpy==2.4.6
cat > "$folder/look.py" <<'PYTHON'
from tinygrad import Tensor, nn


def over(weight, bound):
    return f"{abs(weight.numpy()).max() / bound:.1f}"


Tensor.manual_seed(1)
print("glorot_uniform", over(Tensor.glorot_uniform(8, 16, 3, 3), (6 / (9 * (8 + 16))) ** 0.5))
print("depthwise", over(nn.Conv2d(25, 25, 3, groups=25).weight, (1 / 9) ** 0.5))
print("transposed", over(nn.ConvTranspose2d(16, 4, 3).weight, (1 / (4 * 9)) ** 0.5))
print("one group", over(nn.Conv2d(16, 16, 3).weight, (1 / (16 * 9)) ** 0.5))
print("linear", over(nn.Linear(300, 10).weight, (1 / 300) ** 0.5))
PYTHON
# The interpreter as the device: nothing is compiled.
DEV=PYTHON "$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
glorot_uniform 1.2
depthwise 0.2
transposed 0.5
one group 1.0
linear 1.0
SEEN
