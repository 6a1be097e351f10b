#!/usr/bin/env bash
# MLX 0.32.4 (on the CPU of Linux) and Objax 1.8.0: what they call He's or Kaiming's initialization has variance
# 1 / fan_in. The 2 that makes it He's is a `gain` that neither fills in: `he_normal` and `he_uniform` of MLX, and
# `kaiming_normal` and `kaiming_truncated_normal` of Objax, are everybody else's LeCun. Objax gives that to every
# convolution by default, and counts the outputs for the inputs where the convolution is transposed.
#
# He's value needs gain=sqrt(2) in both. Where it is given to Objax's truncated one the deviation is that of the values
# drawn (the cut is corrected for), as in Keras and not as in TensorFlow 1's truncated normal.
#
# Seen, as variance x fan_in:
#   mlx    he_normal 1, he_uniform 1, he_normal(gain=sqrt(2)) 2
#   objax  kaiming_normal 1, kaiming_truncated_normal 1, Conv2D 1, ConvTranspose2D with fan_in 9 x 40: 0.4 (= 40 / 100)
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q "mlx[cpu]==0.32.4" objax==1.8.0 jax==0.10.2 scipy six parameterized tensorboard
cat > "$folder/look.py" <<'PYTHON'
import jax
import mlx.core as mx
import mlx.nn
import objax

mx.random.seed(1)
objax.random.DEFAULT_GENERATOR.seed(1)


def show(name, values, fan_in):
    print(name, f"{float(values.var()) * fan_in:.1f}")


shape = mx.zeros((1000, 400))
show("mlx he_normal", mlx.nn.init.he_normal()(shape), 400)
show("mlx he_uniform", mlx.nn.init.he_uniform()(shape), 400)
show("mlx he_normal with gain", mlx.nn.init.he_normal()(shape, gain=2**0.5), 400)
show("objax kaiming_normal", objax.nn.init.kaiming_normal((400, 1000)), 400)
show("objax kaiming_truncated_normal", objax.nn.init.kaiming_truncated_normal((400, 1000)), 400)
show("objax Conv2D", objax.nn.Conv2D(40, 100, 3).w.value, 9 * 40)
show("objax ConvTranspose2D", objax.nn.ConvTranspose2D(40, 100, 3).w.value, 9 * 40)
PYTHON
"$folder/env/bin/python" "$folder/look.py" 2>/dev/null | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
mlx he_normal 1.0
mlx he_uniform 1.0
mlx he_normal with gain 2.0
objax kaiming_normal 1.0
objax kaiming_truncated_normal 1.0
objax Conv2D 1.0
objax ConvTranspose2D 0.4
SEEN
