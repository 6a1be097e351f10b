"""What the names of one framework mean: `grammars/`, loaded and checked."""
