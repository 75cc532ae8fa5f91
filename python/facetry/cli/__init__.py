"""The `facetry` command."""
