"""What is emitted for Haiku alone: never imported."""
