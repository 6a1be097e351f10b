// One text of each kind to begin with.
export const EXAMPLES = {
  caffe: `name: "Example"
input: "data"
input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }
layer {
  name: "conv1"
  type: "Convolution"
  bottom: "data"
  top: "conv1"
  convolution_param {
    num_output: 32
    kernel_size: 5
    weight_filler { type: "xavier" }
  }
}
layer {
  name: "fc"
  type: "InnerProduct"
  bottom: "conv1"
  top: "fc"
  inner_product_param {
    num_output: 10
    weight_filler { type: "msra" }
  }
}
`,
  keras: `{"class_name": "Sequential", "keras_version": "2.1.6", "config": [
  {"class_name": "Dense", "config": {
    "name": "hidden", "units": 64, "activation": "relu", "batch_input_shape": [null, 20], "use_bias": true,
    "kernel_initializer": "he_normal", "bias_initializer": "zeros"}},
  {"class_name": "Dense", "config": {"name": "out", "units": 10, "activation": "softmax", "use_bias": true}}
]}
`,
  python: `import tensorflow as tf

def network(images):
    h = tf.layers.dense(
        images, 256, kernel_initializer=tf.contrib.layers.variance_scaling_initializer(factor=2.0))
    w = tf.get_variable("w", [256, 10], initializer=tf.truncated_normal_initializer(stddev=0.1))
    return tf.matmul(h, w)
`,
};
