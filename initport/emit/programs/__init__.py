"""What emitted modules end with, as programs of the targets."""
