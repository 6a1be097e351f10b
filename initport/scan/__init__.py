"""A corpus of source code through the codemod, into Parquet: planned in parts, resumable, on one machine or many."""
