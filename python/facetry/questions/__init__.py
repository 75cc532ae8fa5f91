"""Questions to a model on a region: a function each."""
