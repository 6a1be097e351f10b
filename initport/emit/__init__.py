"""From the model to code of a target framework: propose the target's idioms, prove them, print them."""
