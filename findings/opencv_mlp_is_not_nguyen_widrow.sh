#!/usr/bin/env bash
# OpenCV 4.10.0's multi-layer perceptron (`cv2.ml.ANN_MLP`; the module `ml` left the wheels with 5.0) says that it starts
# by Nguyen and Widrow's algorithm. That gives the weights of each hidden unit the Euclidean length 0.7 H ** (1 / N), for H
# units and N inputs. What it does is another law:
#
#   - The ABSOLUTE weights of each hidden unit sum to 1, whatever H is: each is uniform draws divided by the sum of their
#     absolute values. The deviation is close to 2 / (sqrt(3) N), so variance times N falls as 1 / N instead of staying.
#     With 1,000 inputs of deviation 1 a unit's sum has deviation 0.036, where Nguyen and Widrow give it 0.70, Glorot 1.38.
#   - The output layer is uniform on [-1, 1] however many units it sums: deviation 0.577 for 50 as for 500.
#   - Weights can be read after training only: a single pass with a step of 1e-30 leaves them as they started.
#
# Seen (hidden units; inputs; sum of absolute weights; length, and Nguyen and Widrow's; deviation of the output layer):
#   50 of 100:  sums 1.000000  length 0.115, not 0.728  output 0.57
#   50 of 1000: sums 1.000000  length 0.036, not 0.703  output 0.58
#   500 of 10:  sums 1.000000  length 0.364, not 1.303  output 0.58
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q opencv-python-headless==4.10.0.84 "numpy<3"
cat > "$folder/look.py" <<'PYTHON'
import math

import cv2
import numpy as np


def start(inputs: int, units: int) -> list[np.ndarray]:
    net = cv2.ml.ANN_MLP_create()
    net.setLayerSizes(np.array([inputs, units, 10]))
    net.setActivationFunction(cv2.ml.ANN_MLP_SIGMOID_SYM)
    net.setTrainMethod(cv2.ml.ANN_MLP_BACKPROP)
    net.setBackpropWeightScale(1e-30)
    net.setBackpropMomentumScale(0)
    net.setTermCriteria((cv2.TERM_CRITERIA_MAX_ITER, 1, 1e-9))
    samples = np.random.default_rng(0).normal(size=(8, inputs)).astype(np.float32)
    net.train(cv2.ml.TrainData_create(samples, cv2.ml.ROW_SAMPLE, np.full((8, 10), 0.1, np.float32)))
    return [np.asarray(net.getWeights(layer)) for layer in (1, 2)]


for inputs, units in ((100, 50), (1000, 50), (10, 500)):
    hidden, output = start(inputs, units)
    weights = hidden[:-1]  # the last row is the bias
    sums = np.abs(weights).sum(axis=0)
    lengths = np.linalg.norm(weights, axis=0)
    said = 0.7 * units ** (1 / inputs)
    print(
        f"{f'{units} of {inputs}:':11} sums {sums.mean():.6f}  length {lengths.mean():.3f}, not {said:.3f}"
        f"  output {output.std():.2f}"
    )
    assert np.allclose(sums, 1, atol=1e-6) and lengths.max() < said / 2, "the hidden layer starts otherwise"
    # 510 draws estimate the deviation of a uniform law to 2 % (one standard error); these are five
    assert abs(output.std() * math.sqrt(3) - 1) < 0.1, "the output layer starts otherwise"
PYTHON
"$folder/env/bin/python" "$folder/look.py"
