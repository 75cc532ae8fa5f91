"""Tiny random networks of every unit kind against all combinations of pieces, by linear programs.

Two tolerances meet here: SciPy's solver is exact to about 1e-7, the engine to 1e-9. A state whose
largest ball has a radius below 1e-6 may be in one list and not in the other; everything else must
agree.
"""

import numpy as np
import pytest

import facetry
from oracles.brute_force import brute_force_radii
from oracles.networks import FUNCTIONS, model_of, random_network
from oracles.region_checks import check_partition

RESOLUTION = 1e-6
KINDS = [*FUNCTIONS, "maximum"]
SHAPES = [(1, [3, 3]), (2, [3, 2]), (3, [3, 2]), (4, [4])]


def combinations(kind, shape):
    """A shape whose number of states stays within what brute force can try."""
    inputs, hidden = shape
    pieces = {"clip": 3, "hard_sigmoid": 3, "stairs": 4, "maximum": 3}.get(kind, 2)
    while pieces ** sum(hidden) > 300:
        hidden = [*hidden[:-1], hidden[-1] - 1] if hidden[-1] > 1 else hidden[:-1]
    return inputs, hidden


def compare(layers, inputs, cell):
    low, high = [-1.0] * inputs, [1.0] * inputs
    radii = brute_force_radii(layers, low, high)
    box = facetry.AnalysisRegion.box(low, high)
    found = facetry.partition(model_of(layers, inputs), box, cell=cell)
    listed = {tuple(state) for state in found.states.tolist()}
    missing = {s for s in radii.keys() - listed if radii[s] > RESOLUTION}
    assert not missing, "regions that brute force found are not listed"
    for state in listed - radii.keys():
        region = found[sorted(listed).index(state)]
        assert thin(region), "a listed region has no interior"
    return found


def thin(region):
    A, b = region.halfspaces
    return (b - A @ region.interior_point).min() < RESOLUTION


@pytest.mark.parametrize(
    "seeds", [(0, 1), pytest.param((2, 3, 4), marks=pytest.mark.slow)], ids=str
)
@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape[0]}d")
def test_every_kind_of_unit(kind, shape, integer, seeds):
    inputs, hidden = combinations(kind, shape)
    for seed in seeds:
        rng = np.random.default_rng([seed, inputs, KINDS.index(kind), integer])
        layers = random_network(
            rng, inputs, hidden, kinds=[kind], integer=integer, skip=seed % 2 == 1
        )
        found = compare(layers, inputs, ["auto", "lp"][seed % 2])
        check_partition(found, seed, minimality=3, membership=50)


@pytest.mark.parametrize("seed", range(20))
def test_mixed_kinds(seed):
    rng = np.random.default_rng(seed)
    inputs = int(rng.integers(1, 5))
    layers = random_network(
        rng, inputs, [2, 2], kinds=["relu", "leaky", "abs", "maximum"], integer=seed % 2 == 0
    )
    found = compare(layers, inputs, "auto")
    check_partition(found, seed, minimality=3, membership=50)
