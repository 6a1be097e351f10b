#!/usr/bin/env bash
# Neural Network Libraries (nnabla 1.39.0, Python 3.10: there are no wheels for later ones) starts every convolution with
# Glorot's uniform law, whose limits `calc_uniform_lim_glorot` makes of the numbers of input and output maps and the
# kernel. `PF.convolution` gives it all maps whatever `group` is, and `PF.depthwise_convolution` the number of channels on
# both sides. A depthwise kernel, each of whose outputs sums 9 products, starts as if it summed 9 times the channels:
#
#   - With 64 channels and a 3 x 3 kernel the bound is 0.0722, that of a full 64 -> 64 convolution. Glorot's bound for the
#     weight that is really there (9 in, 9 out for each channel) is 0.577, eight times as much: the output's variance is
#     a 64th. The factor is the root of the number of groups, so it grows with the width of the network.
#   - `PF.convolution(..., group=64)` and `PF.depthwise_convolution` agree with each other: both start so. Keras starts
#     a DepthwiseConv2D of this size at sqrt(6 / (9 * 64 + 9)) = 0.101, PyTorch a grouped Conv2d at sqrt(1 / 9) = 0.333.
#
# Seen (largest absolute value of 576 or 36,864 draws; the three bounds are one number):
#   full 0.0722, grouped 0.0719, depthwise 0.0721 (the last digits differ from run to run)
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.10}" -m venv "$folder/env"
"$folder/env/bin/pip" install -q nnabla==1.39.0 "numpy<2"
cat > "$folder/look.py" <<'PYTHON'
import math

import nnabla
import nnabla.parametric_functions as PF
import numpy

numpy.random.seed(0)
image = nnabla.Variable((1, 64, 8, 8))
PF.convolution(image, 64, (3, 3), name="full")
PF.convolution(image, 64, (3, 3), group=64, name="grouped")
PF.depthwise_convolution(image, (3, 3), name="depthwise")
weights = nnabla.get_parameters()
full, grouped, depthwise = (
    float(abs(weights[f"{name}/W"].d).max()) for name in ("full/conv", "grouped/conv", "depthwise/depthwise_conv")
)
print(f"full {full:.4f}, grouped {grouped:.4f}, depthwise {depthwise:.4f}")
bound = math.sqrt(6 / (2 * 64 * 9))
assert weights["grouped/conv/W"].d.shape == (64, 1, 3, 3)
# of 576 uniform draws the largest is within 2 % of the bound but for one case in 100,000
assert all(0.98 * bound < seen <= bound for seen in (full, grouped, depthwise)), "the bounds are not one"
PYTHON
"$folder/env/bin/python" "$folder/look.py" 2>/dev/null
