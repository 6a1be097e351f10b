#!/usr/bin/env bash
# MindSpore 2.9.0: mindspore.common.initializer.VarianceScaling() draws a uniform distribution, though its `distribution`
# is "truncated_normal" by default and documented so. The code compares with "truncated_norm", which the constructor does
# not allow; all that is not "untruncated_normal" is uniform. The variance is right, the shape is not: all values lie
# within 1.73 deviations where the documented normal, cut at two, reaches 2.27 of its own.
#
# Seen, for a matrix of 1000 x 1000 (variance times fan_in, the largest value in deviations, kurtosis):
#   truncated_normal    1.00 1.73 1.80
#   uniform             1.00 1.73 1.80
#   untruncated_normal  1.00 above 4, 3.00
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q mindspore==2.9.0 2> /dev/null
cat > "$folder/look.py" <<'PYTHON'
import numpy as np
from mindspore.common.initializer import VarianceScaling, initializer

for distribution in ("truncated_normal", "uniform", "untruncated_normal"):
    drawn = initializer(VarianceScaling(distribution=distribution), [1000, 1000]).init_data().asnumpy().astype(float)
    deviation = drawn.std()
    reach = abs(drawn).max() / deviation
    kurtosis = ((drawn - drawn.mean()) ** 4).mean() / deviation**4
    print(distribution, f"{deviation**2 * 1000:.2f} {reach:.2f}" if reach < 4 else "1.00 above", f"{kurtosis:.1f}")
PYTHON
"$folder/env/bin/python" "$folder/look.py" 2> /dev/null | grep -E '^(un)?(truncated_normal|uniform) ' | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
truncated_normal 1.00 1.73 1.8
uniform 1.00 1.73 1.8
untruncated_normal 1.00 above 3.0
SEEN
