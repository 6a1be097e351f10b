"""Every weight of an input as a row of plain values, and the rows as tables."""
