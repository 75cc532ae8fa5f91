"""Models: loading from any source, names, tails and decisions."""
