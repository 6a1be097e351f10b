"""What is emitted for these targets, and what runs it: programs, never imported."""
