"""Which weight of one model is which of another: by name, by name without punctuation, by order and shape."""
