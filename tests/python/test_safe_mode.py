"""`exactness="safe"`: what exact arithmetic on the stored numbers says, for every kind of cell."""

import numpy as np
import pytest

import facetry
from oracles.exact_subdivision import exact_states
from oracles.networks import hard_network, model_of, random_network, rounded_copies
from oracles.region_checks import check_partition

KINDS = ["relu", "leaky", "abs", "clip", "stairs", "maximum"]


def exact_and_safe(layers, inputs, **options):
    box = facetry.AnalysisRegion.box([-1.0] * inputs, [1.0] * inputs)
    found = facetry.partition(model_of(layers, inputs), box, exactness="safe", **options)
    assert found.exactness == "safe"
    assert found.status == "complete"
    assert found.undecided == 0
    return exact_states(layers, [-1] * inputs, [1] * inputs), found


def assert_same(layers, inputs, **options):
    expected, found = exact_and_safe(layers, inputs, **options)
    assert [tuple(state) for state in found.states.tolist()] == expected
    return found


def cells_for(inputs):
    return ["vertices", "lp"] if inputs > 2 else ["polygons", "vertices", "lp"]


@pytest.mark.parametrize("cell", ["polygons", "vertices", "lp"])
def test_rounded_copies_of_one_hyperplane(cell):
    layers = rounded_copies(3, 2)
    found = assert_same(layers, 2, cell=cell)
    box = facetry.AnalysisRegion.box([-1.0] * 2, [1.0] * 2)
    plain = facetry.partition(model_of(layers, 2), box, cell=cell, exactness="float")
    assert len(plain) < len(found)
    assert plain.undecided > 0


@pytest.mark.parametrize("cell", ["vertices", "lp"])
def test_rounded_copies_in_three_dimensions(cell):
    assert_same(rounded_copies(5, 3, 3), 3, cell=cell)


@pytest.mark.parametrize("seed", range(12))
def test_ties_in_the_plane(seed):
    layers = hard_network(seed, copies=seed % 4, dead=seed % 3, zero=(seed + 1) % 3)
    for cell in cells_for(2):
        assert_same(layers, 2, cell=cell)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]
)
def test_all_kinds_of_units(seed, integer, k):
    rng = np.random.default_rng([seed, k])
    for kind in KINDS:
        layers = random_network(rng, k, [5, 4] if k < 3 else [4, 3], kinds=[kind], integer=integer)
        for cell in cells_for(k):
            assert_same(layers, k, cell=cell)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_facets_are_minimal_where_many_hyperplanes_meet(seed):
    for cell in cells_for(2):
        layers = hard_network(seed, copies=seed % 4, dead=seed % 3, zero=(seed + 1) % 3)
        check_partition(exact_and_safe(layers, 2, cell=cell)[1])
    rng = np.random.default_rng(seed)
    for kind in KINDS:
        layers = random_network(rng, 3, [5, 4], kinds=[kind], integer=True)
        for cell in cells_for(3):
            check_partition(exact_and_safe(layers, 3, cell=cell)[1])


def test_what_follows_from_regions_that_are_thinner_than_rounding():
    _, found = exact_and_safe(rounded_copies(3, 2), 2)
    assert found.volumes.sum() == pytest.approx(4.0)
    assert (found.volumes >= 0).all()
    assert all(len(region.facets) >= 3 for region in found)
    assert (found.locate(found.interior_points) >= 0).all()


@pytest.mark.parametrize("layers", [rounded_copies(3, 2), hard_network(5, 2, 2, 1)])
def test_streams_and_threads_give_the_same(layers):
    model = model_of(layers, 2)
    box = facetry.AnalysisRegion.box([-1.0] * 2, [1.0] * 2)
    whole = facetry.partition(model, box, exactness="safe", threads=1)
    for threads in (2, 4):
        found = facetry.partition(model, box, exactness="safe", threads=threads)
        assert np.array_equal(found.states, whole.states)
        assert np.array_equal(found.interior_points, whole.interior_points)
    states, left = [], None
    while left is None or not left.complete:
        with facetry.iter_regions(
            model, box, exactness="safe", batch=7, frontier=left, max_regions=20
        ) as stream:
            states += [part.states for part in stream]
        left = stream.frontier
    assert np.array_equal(np.concatenate(states), whole.states)


def test_a_frontier_belongs_to_one_level():
    model = model_of(rounded_copies(3, 2), 2)
    box = facetry.AnalysisRegion.box([-1.0] * 2, [1.0] * 2)
    with facetry.iter_regions(model, box, exactness="safe", max_regions=5) as stream:
        for _ in stream:
            pass
    with pytest.raises(facetry.FileFormatError, match="exactness"):
        facetry.iter_regions(model, box, exactness="float", frontier=stream.frontier)


def test_an_unknown_level():
    model = model_of(rounded_copies(3, 2), 2)
    box = facetry.AnalysisRegion.box([-1.0] * 2, [1.0] * 2)
    with pytest.raises(facetry.InvalidInputError, match="'float' or 'safe'"):
        facetry.partition(model, box, exactness="exact")


def test_saved_partitions_keep_their_level(tmp_path):
    _, found = exact_and_safe(rounded_copies(3, 2), 2)
    found.save(tmp_path / "found.facetry")
    assert facetry.open(tmp_path / "found.facetry").exactness == "safe"


@pytest.mark.parametrize("kind", KINDS)
def test_regions_that_are_one_point(kind):
    rng = np.random.default_rng(1)
    for _ in range(5):
        layers = random_network(rng, 2, [6, 5], kinds=[kind], integer=True)
        model = model_of(layers, 2)
        point = rng.integers(-2, 3, 2) / 2.0
        box = facetry.AnalysisRegion.box(point, point)
        (region,) = facetry.partition(model, box, exactness="safe")
        plain = facetry.partition(model, box, exactness="float")[0]  # nothing is rounded here
        assert region.state.tolist() == plain.state.tolist()
