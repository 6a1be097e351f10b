"""What is emitted for this target, and what runs it: programs, never imported."""
