"""The two engines on the same question."""

from __future__ import annotations

import numpy as np

import facetry


def compare_engines(model, region):
    """Both engines list the same regions, models and halfspaces; the MILP engine's result."""
    usual = facetry.partition(model, region, exactness="float")
    other = facetry.partition(model, region, engine="milp")
    assert other.status == "complete"
    assert np.array_equal(other.states, usual.states)
    assert np.array_equal(other.coef, usual.coef)
    assert np.array_equal(other.intercept, usual.intercept)
    for name in ("offsets", "unit", "boundary", "neighbor", "changes"):
        assert np.array_equal(getattr(other.facets, name), getattr(usual.facets, name)), name
    for ours, theirs in zip(other.halfspaces, usual.halfspaces, strict=True):
        assert np.array_equal(ours, theirs)
    return other
