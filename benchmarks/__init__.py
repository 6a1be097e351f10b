"""What the README's claims of speed are measured with; never part of the test suite."""
