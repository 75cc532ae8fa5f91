"""Searches for linear regions: partitions, streams, folds, and how a search is done."""
