"""Networks for streams, and what makes two lists of regions the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import facetry


def network(sizes, seed=0):
    """A random ReLU network and the cube [-1, 1]^m."""
    rng = np.random.default_rng(seed)
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        W = rng.normal(0, np.sqrt(2 / fan_in), (fan_out, fan_in))
        layers.append((W, rng.normal(0, 0.1, fan_out)))
    return facetry.load(layers), facetry.AnalysisRegion.box([-1] * sizes[0], [1] * sizes[0])


def keys(part):
    """Each region as bytes: its state and its facets, in order."""
    raw = part._core.raw()
    states = raw["states"].reshape(len(part), -1)
    facets, ends = raw["facets"], raw["facet_offsets"]
    return [states[i].tobytes() + facets[ends[i] : ends[i + 1]].tobytes() for i in range(len(part))]
