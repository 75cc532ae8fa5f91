"""The engine's promises: threads, limits, cancellation, cells of both kinds, flat units."""

import itertools
import os
import signal
import threading
import time

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion, InvalidInputError, RegionError
from oracles.networks import FUNCTIONS, RELU, model_of, random_network, table_network
from oracles.region_checks import check_partition


def box(inputs, low=-1.0, high=1.0):
    return AnalysisRegion.box([low] * inputs, [high] * inputs)


@pytest.fixture(scope="module")
def medium():
    return model_of(table_network((3, 16, 16, 1)), 3)


def same(a, b):
    assert a.status == b.status
    assert np.array_equal(a.states, b.states)
    assert np.array_equal(a.interior_points, b.interior_points)
    for left, right in zip(a.halfspaces, b.halfspaces, strict=True):
        assert np.array_equal(left, right)
    assert np.array_equal(a.coef, b.coef)


@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("cell", ["vertices", "lp"])
def test_same_result_for_any_number_of_threads(medium, threads, cell):
    same(
        facetry.partition(medium, box(3), threads=1, cell=cell),
        facetry.partition(medium, box(3), threads=threads, cell=cell),
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("inputs", [1, 2, 3, 4, 5])
def test_both_kinds_of_cell_find_the_same(seed, inputs):
    rng = np.random.default_rng([seed, inputs])
    kinds = [*FUNCTIONS, "maximum"]
    layers = random_network(rng, inputs, [5, 4], kinds=kinds, integer=seed % 3 == 0)
    model = model_of(layers, inputs)
    vertices = facetry.partition(model, box(inputs), cell="vertices")
    programs = facetry.partition(model, box(inputs), cell="lp")
    assert np.array_equal(vertices.states, programs.states)
    assert np.array_equal(vertices.facets.unit, programs.facets.unit)
    assert np.array_equal(vertices.facets.boundary, programs.facets.boundary)
    assert np.array_equal(vertices.facets.neighbor, programs.facets.neighbor)


def test_many_dimensions_with_linear_programs():
    rng = np.random.default_rng(0)
    layers = random_network(rng, 12, [6, 4], kinds=["relu", "clip"])
    found = facetry.partition(model_of(layers, 12), box(12))
    assert found.status == "complete"
    assert np.isnan(found.volumes).all()
    check_partition(found, minimality=5, membership=100)


@pytest.mark.parametrize("limit", [1, 2, 17, 300])
@pytest.mark.parametrize("threads", [1, 3])
def test_a_region_limit_returns_the_first_in_order(medium, limit, threads):
    whole = facetry.partition(medium, box(3))
    part = facetry.partition(medium, box(3), max_regions=limit, threads=threads)
    assert part.status == "region_limit"
    assert np.array_equal(part.states, whole.states[:limit])
    assert 0 < part.coverage < 1


def test_a_limit_that_is_just_enough_is_complete(medium):
    count = len(facetry.partition(medium, box(3)))
    assert facetry.partition(medium, box(3), max_regions=count).status == "complete"
    assert facetry.partition(medium, box(3), max_regions=count - 1).status == "region_limit"


def test_a_time_limit_keeps_what_was_found():
    model = model_of(table_network((6, 64, 64, 1)), 6)
    start = time.monotonic()
    found = facetry.partition(model, box(6), time_limit=0.5)
    assert time.monotonic() - start < 20
    assert found.status == "time_limit"
    assert len(found) > 0
    chosen = np.arange(0, len(found), max(1, len(found) // 50))
    inside = found.interior_points[chosen]
    assert np.array_equal(model.form.states(inside), found.states[chosen])
    assert (found.locate(inside) == chosen).all()


def test_locate_in_an_incomplete_partition_says_so(medium):
    whole = facetry.partition(medium, box(3))
    part = facetry.partition(medium, box(3), max_regions=100)
    points = np.random.default_rng(0).uniform(-1, 1, (3000, 3))
    expected = whole.locate(points)
    expected[expected >= 100] = -1
    assert np.array_equal(part.locate(points), expected)


def test_ctrl_c_reaches_the_caller():
    model = model_of(table_network((6, 64, 64, 1)), 6)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            facetry.partition(model, box(6), time_limit=60)
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)


def test_a_handler_of_ctrl_c_can_keep_what_was_found():
    model = model_of(table_network((6, 64, 64, 1)), 6)
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    timer = threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        found = facetry.partition(model, box(6), time_limit=60, cancel=stop)
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
    assert found.status == "cancelled" and len(found) > 0


def test_a_progress_function_hears_and_cancels():
    model = model_of(table_network((6, 64, 64, 1)), 6)
    heard = []

    def progress(regions, share):
        heard.append((regions, share))
        return len(heard) < 5

    found = facetry.partition(model, box(6), progress=progress, time_limit=60)
    assert found.status == "cancelled"
    assert len(heard) == 5
    assert all(0 <= share <= 1 for _, share in heard)


def test_an_error_in_a_progress_function_reaches_the_caller():
    model = model_of(table_network((6, 64, 64, 1)), 6)

    def progress(_regions, _share):
        raise RuntimeError("from the caller's function")

    with pytest.raises(RuntimeError, match="from the caller's function"):
        facetry.partition(model, box(6), progress=progress, time_limit=60)


def test_other_threads_run_while_it_searches():
    model = model_of(table_network((5, 32, 32, 1)), 5)
    ticks = itertools.count()
    done = threading.Event()

    def count():
        while not done.is_set():
            next(ticks)
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    facetry.partition(model, box(5, 0.0, 1.0))
    done.set()
    counter.join()
    assert next(ticks) > 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_still_works(medium):
    expected = len(facetry.partition(medium, box(3), threads=2))
    pid = os.fork()
    if pid == 0:
        found = facetry.partition(medium, box(3), threads=2)
        os._exit(0 if len(found) == expected else 1)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_network_without_units_is_one_region():
    model = model_of([("affine", np.array([[1.0, 2.0]]), np.array([3.0]))], 2)
    found = facetry.partition(model, box(2))
    assert len(found) == 1
    assert found.states.shape == (1, 0)
    assert found[0].coef.tolist() == [[1.0, 2.0]]
    assert found.volumes.tolist() == [4.0]
    assert found.locate([[0.5, 0.5], [2.0, 0.0]]).tolist() == [0, -1]
    assert [facet.kind for facet in found[0].facets] == ["side"] * 4


def test_a_single_point_is_one_region(medium):
    found = facetry.partition(medium, AnalysisRegion.box([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]))
    assert len(found) == 1
    assert found.dimension == 0
    point = np.array([[0.1, 0.2, 0.3]])
    assert np.allclose(found[0].coef @ point[0] + found[0].intercept, medium(point)[0])
    assert found.volumes.tolist() == [1.0]
    assert np.array_equal(found.interior_points, point)
    assert found.locate(point).tolist() == [0]


def test_a_unit_that_vanishes_on_a_cut_is_flat_and_listed():
    """relu(x1) on the cut x1 = 0: flat, off by definition, with a one-sided weight for x1."""
    layers = [
        ("affine", np.eye(2), np.zeros(2)),
        ("piecewise", [RELU, RELU]),
        ("affine", np.ones((1, 2)), np.zeros(1)),
    ]
    cut = AnalysisRegion.cut([0.0, 0.0], {0: (-1.0, 1.0)})
    found = facetry.partition(model_of(layers, 2), cut)
    assert found.states.tolist() == [[0, 0], [1, 0]]
    assert [region.flat_units.tolist() for region in found] == [[1], [1]]
    assert found.coef.tolist() == [[[0.0, 0.0]], [[1.0, 0.0]]]


def test_a_facet_on_two_hyperplanes_has_both_units():
    """relu(x) and relu(-x) share a hyperplane: crossing it changes both."""
    layers = [
        ("affine", np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros(2)),
        ("piecewise", [RELU, RELU]),
        ("affine", np.ones((1, 2)), np.zeros(1)),
    ]
    found = facetry.partition(model_of(layers, 2), box(2))
    assert found.states.tolist() == [[0, 1], [1, 0]]
    inner = [facet for facet in found[0].facets if facet.kind == "unit"]
    assert len(inner) == 1
    assert [(t.unit, t.from_piece, t.to_piece) for t in inner[0].tight] == [(0, 0, 1), (1, 1, 0)]
    assert inner[0].changes == (0, 1)
    assert inner[0].neighbor == 1
    assert found[0].neighbors.tolist() == [1]


def test_max_pool_after_relus_that_are_off_lists_no_state_twice():
    layers = [  # the join reads the ReLUs too: else they would be applied behind the maximum
        ("affine", np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.zeros(3)),
        ("piecewise", [RELU] * 3),
        ("maximum", [[0, 1, 2]]),
        ("join", 1),
        ("affine", np.ones((1, 4)), np.zeros(1)),
    ]
    found = facetry.partition(model_of(layers, 2), box(2))
    off = [state for state in found.states.tolist() if state[:3] == [0, 0, 0]]
    assert off == [[0, 0, 0, 0]]
    check_partition(found)


def test_relus_before_a_max_pool_are_applied_behind_it():
    layers = [
        ("affine", np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.zeros(3)),
        ("piecewise", [RELU] * 3),
        ("maximum", [[0, 1, 2]]),
        ("affine", np.ones((1, 1)), np.zeros(1)),
    ]
    model = model_of(layers, 2)
    assert model.form.unit_count == 2
    found = facetry.partition(model, box(2))
    assert len(found) == 5  # three winners above zero, two below
    check_partition(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads must be a whole number from 1"),
        ({"threads": 1.5}, "threads"),
        ({"max_regions": 0}, "max_regions must be a whole number from 1"),
        ({"time_limit": -1}, "time_limit must be"),
        ({"time_limit": float("nan")}, "time_limit must be"),
        ({"cell": "cubes"}, "cell must be"),
        ({"progress": 3}, "progress must be"),
    ],
)
def test_bad_options(medium, options, message):
    with pytest.raises(InvalidInputError, match=message):
        facetry.partition(medium, box(3), **options)


def test_a_region_of_another_model(medium):
    with pytest.raises(RegionError):
        facetry.partition(medium, box(2))


def test_indexing(medium):
    found = facetry.partition(medium, box(3), max_regions=5)
    assert [region.index for region in found] == [0, 1, 2, 3, 4]
    assert found[-1].index == 4
    assert [region.index for region in found[1:3]] == [1, 2]
    with pytest.raises(IndexError):
        found[5]


def test_a_region_agrees_with_the_arrays(medium):
    found = facetry.partition(medium, box(3))
    offsets, A, b = found.halfspaces
    for i in (0, 7, len(found) - 1):
        region, part = found[i], slice(offsets[i], offsets[i + 1])
        assert np.array_equal(region.coef, found.coef[i])
        assert np.array_equal(region.intercept, found.intercept[i])
        assert np.array_equal(region.halfspaces[0], A[part])
        assert np.array_equal(region.halfspaces[1], b[part])
        assert region.volume == found.volumes[i]
        assert np.array_equal(region.state, found.states[i])
        assert region.facets == tuple(
            found.facets.facet(f) for f in range(offsets[i], offsets[i + 1])
        )
        assert region.vertices.shape[1] == 3
        assert (A[part] @ region.vertices.T <= b[part][:, None] + 1e-9).all()


def test_polygons_go_round_counter_clockwise():
    model = model_of(table_network((2, 16, 16, 1)), 2)
    for region in facetry.partition(model, box(2))[:50]:
        x, y = region.vertices.T
        assert np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2 == pytest.approx(region.volume)
