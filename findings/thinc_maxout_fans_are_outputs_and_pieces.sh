#!/usr/bin/env bash
# thinc 9.1.1 (the layers under spaCy): the Glorot law of `Maxout` does not depend on the number of its inputs.
#
# `glorot_uniform_init` takes the first two axes of the weight for the fans. A Maxout's weight is (outputs, pieces,
# inputs), so its fans are the outputs and the pieces: with 300 outputs and 3 pieces the variance is 2 / 303, be there 20
# inputs or 2,000. Glorot's own would be 2 / (300 + 200) = 0.0040 for 200 inputs; what is drawn has 0.0066. `Linear`,
# whose weight is (outputs, inputs), has the law that its name promises.
#
# Seen (variance times 303, rounded): 2.0 for 20, for 200 and for 2,000 inputs; Linear, variance times 500: 2.0
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q thinc==9.1.1
"$folder/env/bin/python" - <<'PYTHON' | tee "$folder/seen"
from thinc.api import Linear, Maxout


def variance(layer):
    layer.initialize()
    return float(layer.get_param("W").var())


for inputs in (20, 200, 2000):
    print("Maxout", inputs, round(variance(Maxout(nO=300, nI=inputs, nP=3)) * 303, 1))
print("Linear", 200, round(variance(Linear(nO=300, nI=200)) * 500, 1))
PYTHON
diff "$folder/seen" - <<'SEEN'
Maxout 20 2.0
Maxout 200 2.0
Maxout 2000 2.0
Linear 200 2.0
SEEN
