"""What surrounds a source file: which files there are, what their project pins, the cache, runs over many files."""
