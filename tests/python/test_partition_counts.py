"""Counts of regions: the published table, and exact arithmetic on networks that are hard."""

import numpy as np
import pytest

import facetry
from oracles.exact_subdivision import exact_states
from oracles.networks import (
    RELU,
    hard_network,
    model_of,
    random_network,
    rounded_copies,
    table_network,
)
from oracles.region_checks import check_partition, check_sample

TABLE = [
    ((2, 16, 16, 1), 412),
    ((2, 64, 64, 64, 1), 14_353),
    ((3, 32, 32, 1), 40_141),
    ((4, 16, 16, 1), 25_009),
    ((5, 32, 32, 1), 183_518),
    ((6, 16, 16, 1), 935_763),
]


def table_partition(sizes, **options):
    model = model_of(table_network(sizes), sizes[0])
    low = 0.0 if sizes == (5, 32, 32, 1) else -1.0
    box = facetry.AnalysisRegion.box([low] * sizes[0], [1.0] * sizes[0])
    return facetry.partition(model, box, **options)


@pytest.mark.parametrize(("sizes", "count"), TABLE)
def test_count_of_the_table(sizes, count):
    found = table_partition(sizes)
    assert len(found) == count
    assert found.status == "complete"
    assert found.undecided == 0


@pytest.mark.slow
def test_count_of_the_table_in_eight_dimensions():
    assert len(table_partition((8, 16, 16, 1), cell="vertices")) == 8_281_118


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "count"), TABLE[:4])
def test_every_region_of_the_table(sizes, count):
    found = table_partition(sizes)
    assert len(found) == count
    check_partition(found)


@pytest.mark.slow
def test_sample_of_a_large_table():
    found = table_partition((5, 32, 32, 1))
    check_partition(found, membership=20)


@pytest.mark.slow
def test_sample_of_the_largest_table():
    check_sample(table_partition((6, 16, 16, 1)))


def exact_and_found(layers, inputs, low=-1.0, high=1.0, **options):
    box = facetry.AnalysisRegion.box([low] * inputs, [high] * inputs)
    found = facetry.partition(model_of(layers, inputs), box, **options)
    return exact_states(layers, [low] * inputs, [high] * inputs), found


def assert_same_states(expected, found):
    assert [tuple(state) for state in found.states.tolist()] == expected


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("integer", [False, True])
def test_two_layers_of_twelve_against_exact_arithmetic(seed, integer):
    rng = np.random.default_rng([seed, integer])
    layers = random_network(rng, 2, [12, 12], kinds=["relu"], integer=integer)
    expected, found = exact_and_found(layers, 2)
    assert_same_states(expected, found)
    check_partition(found)


@pytest.mark.parametrize("seed", range(8))
def test_duplicates_dead_units_and_ties_against_exact_arithmetic(seed):
    layers = hard_network(seed, copies=seed % 4, dead=seed % 3, zero=(seed + 1) % 3)
    expected, found = exact_and_found(layers, 2)
    assert_same_states(expected, found)
    check_partition(found)


@pytest.mark.parametrize("seed", range(3))
def test_ties_in_three_dimensions_against_exact_arithmetic(seed):
    rng = np.random.default_rng(seed)
    layers = random_network(rng, 3, [5, 4], kinds=["relu", "abs"], integer=True)
    expected, found = exact_and_found(layers, 3)
    assert_same_states(expected, found)
    check_partition(found)


def test_rounded_copies_of_one_hyperplane_are_reported_as_undecided():
    """Slivers between rounded copies: exact arithmetic counts them, a tolerance cannot."""
    layers = rounded_copies(3, 2)
    W, b = layers[0][1][:6], layers[0][2][:6]
    expected, found = exact_and_found(layers, 2, exactness="float")
    assert len(found) < len(expected)
    assert found.undecided > 0
    assert found.exactness == "float"
    assert all(0 < cut.reach <= 1e-9 for cut in found.undecided_cuts)
    once = [("affine", W, b), ("piecewise", [RELU] * 6), ("affine", np.ones((1, 6)), np.zeros(1))]
    assert len(found) == len(exact_states(once, [-1, -1], [1, 1]))


def test_exact_copies_are_not_undecided():
    rng = np.random.default_rng(4)
    W, b = rng.normal(size=(6, 2)), rng.normal(0, 0.3, 6)
    layers = [
        ("affine", np.vstack([W, -2.0 * W, W]), np.concatenate([b, -2.0 * b, b])),
        ("piecewise", [RELU] * 18),
        ("affine", rng.normal(size=(1, 18)), np.zeros(1)),
    ]
    expected, found = exact_and_found(layers, 2, exactness="float")
    assert_same_states(expected, found)
    assert found.undecided == 0
