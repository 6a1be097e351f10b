#!/usr/bin/env bash
# DeepXDE 1.15.0 on its TensorFlow backend (TensorFlow 2.21.0, Keras 3.15.1): all layers of one size start EQUAL.
#
# dde.nn.FNN([300, 300, 300, 300], "tanh", "Glorot normal") looks the initializer up once and gives the one object to
# every layer. An unseeded initializer object of Keras 3 gives the same values each time it is called, so the three
# kernels are identical to the bit. On the PyTorch backend the same line draws three independent kernels; there the
# name also means another law: not cut, where TensorFlow's is cut at two deviations (2.27 standard deviations of the
# weights), so that the largest of 90,000 values lies beyond four.
#
# Seen:
#   pytorch     equal pairs 0 of 3, largest value over 4 standard deviations: True
#   tensorflow  equal pairs 3 of 3, largest value over 4 standard deviations: False
#
# About 1.5 GB of downloads. Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0
"$folder/env/bin/pip" install -q deepxde==1.15.0 tensorflow==2.21.0 keras==3.15.1 tf_keras==2.21.0 \
  tensorflow_probability==0.25.0
cat > "$folder/look.py" <<'PYTHON'
from itertools import combinations

import deepxde
import numpy

backend = deepxde.backend.backend_name
network = deepxde.nn.FNN([300, 300, 300, 300], "tanh", "Glorot normal")
if backend == "pytorch":
    kernels = [layer.weight.detach().numpy().T for layer in network.linears]
else:
    network(numpy.zeros((1, 300), "float32"))
    kernels = [weight.numpy() for weight in network.trainable_weights if len(weight.shape) == 2]
equal = sum(bool((first == second).all()) for first, second in combinations(kernels, 2))
far = max(float(abs(kernel).max()) for kernel in kernels) / (2 / 600) ** 0.5 > 4
print(f"{backend:11} equal pairs {equal} of 3, largest value over 4 standard deviations: {far}")
PYTHON
for backend in pytorch tensorflow; do
  DDE_BACKEND=$backend "$folder/env/bin/python" "$folder/look.py" 2>/dev/null | tail -n 1
done | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
pytorch     equal pairs 0 of 3, largest value over 4 standard deviations: True
tensorflow  equal pairs 3 of 3, largest value over 4 standard deviations: False
SEEN
