"""What the targets on JAX share: their weights are the leaves of a tree, and a key is given to each draw."""
