#!/usr/bin/env bash
# scikit-learn 1.9.1: `MLPClassifier` and `MLPRegressor` start a network with `activation="logistic"` *smaller* than
# one with tanh, by 1.73 in every bound. Glorot and Bengio's own advice for the sigmoid is the opposite, 4 times larger.
#
# For every activation but one a layer is uniform within sqrt(6 / (inputs + outputs)); for "logistic" it is
# sqrt(2 / (inputs + outputs)), a third of the variance. Three things do not show in the name:
#   - the layer in front of the output follows the hidden activation as well, though its own is a softmax or identity;
#   - the biases are drawn within the same bounds, no intercept starts at zero;
#   - whoever ports such a model as "Glorot uniform, biases zero" is right about none of its vectors.
#
# Seen, as the largest absolute value over the bound of Glorot, for layers 300 -> 200 -> 1:
#   relu, tanh, identity   weights 1.0 and 1.0, first intercepts 1.0
#   logistic               weights 0.58 and 0.58, first intercepts 0.58
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q scikit-learn==1.9.1
cat > "$folder/look.py" <<'PYTHON'
import warnings

import numpy
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore")  # one step never converges
inputs, labels = numpy.zeros((4, 300)), numpy.array([0, 1, 0, 1])
for activation in ("relu", "tanh", "identity", "logistic"):
    network = MLPClassifier((200,), activation=activation, random_state=0, learning_rate_init=1e-300, alpha=0, max_iter=1)
    network.fit(inputs, labels)  # a step of no length: what it holds is what it started with
    first, second = ((6 / fans) ** 0.5 for fans in (500, 201))
    values = (network.coefs_[0], first), (network.coefs_[1], second), (network.intercepts_[0], first)
    print(activation, *(f"{abs(value).max() / bound:.2f}" for value, bound in values))
PYTHON
"$folder/env/bin/python" "$folder/look.py" | sed 's/0\.99/1.00/g' | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
relu 1.00 1.00 1.00
tanh 1.00 1.00 1.00
identity 1.00 1.00 1.00
logistic 0.58 0.58 0.58
SEEN
