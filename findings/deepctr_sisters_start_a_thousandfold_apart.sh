#!/usr/bin/env bash
# DeepCTR 0.9.4 (TensorFlow 2.21.0 with tf_keras 2.21.0) and DeepCTR-Torch 0.3.0 (PyTorch 2.13.0) are one author's two
# editions of the same models, with the same names of classes and arguments. One and the same DeepFM starts otherwise:
#
#   - The hidden layers are Glorot normal under TensorFlow and N(0, 0.0001 ** 2) under PyTorch: the embeddings' deviation
#     (`init_std`) is given to them too. A kernel 256 -> 128 starts about 720 times smaller. The biases, zero in the one,
#     keep PyTorch's default in the other, so that the network's first output hardly depends on its input.
#   - Under TensorFlow every feature's embedding is drawn with one fixed seed. Two features with equally many values have
#     EQUAL tables, row for row; under PyTorch they are independent.
#   - The linear part starts at zero there and as N(0, 0.0001 ** 2) here.
#
# Seen, for two features of 1,000 values and hidden layers of 256 and 128 (Glorot's deviation is 0.0722):
#   tensorflow  second kernel 0.07, its bias zero: True,  tables equal: True,  linear zero: True
#   torch       second kernel 0.0001, its bias zero: False, tables equal: False, linear zero: False
#
# Exits 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q torch==2.13.0 tensorflow==2.21.0 tf_keras==2.21.0
"$folder/env/bin/pip" install -q deepctr==0.9.4 deepctr-torch==0.3.0 # the latter imports what the former requires
cat > "$folder/look_tensorflow.py" <<'PYTHON'
import numpy as np
from deepctr.feature_column import SparseFeat
from deepctr.models import DeepFM

features = [SparseFeat(name, 1000, embedding_dim=8) for name in ("user", "item")]
model = DeepFM(features, features, dnn_hidden_units=(256, 128))
weights = {weight.name.split(":")[0]: np.asarray(weight) for weight in model.weights}
user, item = (weights[f"sparse_emb_{name}/embeddings"] for name in ("user", "item"))
linear = weights["linear0sparse_emb_user/embeddings"]
print(
    "tensorflow", f"{weights['dnn/kernel1'].std():.1g}", not weights["dnn/bias1"].any(), np.array_equal(user, item),
    not linear.any(),
)
PYTHON
cat > "$folder/look_torch.py" <<'PYTHON'
from deepctr_torch.inputs import SparseFeat
from deepctr_torch.models import DeepFM

features = [SparseFeat(name, 1000, embedding_dim=8) for name in ("user", "item")]
model = DeepFM(features, features, dnn_hidden_units=(256, 128))
weights = {name: weight.detach().numpy() for name, weight in model.named_parameters()}
user, item = (weights[f"embedding_dict.{name}.weight"] for name in ("user", "item"))
linear = weights["linear_model.embedding_dict.user.weight"]
print(
    "torch", f"{weights['dnn.linears.1.weight'].std():.1g}", not weights["dnn.linears.1.bias"].any(),
    bool((user == item).all()), not linear.any(),
)
PYTHON
{
  TF_USE_LEGACY_KERAS=1 "$folder/env/bin/python" "$folder/look_tensorflow.py"
  "$folder/env/bin/python" "$folder/look_torch.py"
} 2> /dev/null | grep -E '^(tensorflow|torch) ' | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
tensorflow 0.07 True True True
torch 0.0001 False False False
SEEN
