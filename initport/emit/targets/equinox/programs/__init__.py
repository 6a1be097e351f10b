"""What is emitted for Equinox alone: never imported."""
