"""Every search takes the same options: the same names, defaults and messages; limits hold."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import facetry
from facetry import InvalidInputError, SearchOptions
from oracles.streams import network

MODEL, CUBE = network([3, 10, 10, 3])
POINT = np.zeros(3)
TEXT = """
(declare-const X_0 Real) (declare-const X_1 Real) (declare-const X_2 Real)
(declare-const Y_0 Real) (declare-const Y_1 Real) (declare-const Y_2 Real)
(assert (<= X_0 1)) (assert (<= X_1 1)) (assert (<= X_2 1))
(assert (>= X_0 -1)) (assert (>= X_1 -1)) (assert (>= X_2 -1)) (assert (>= Y_0 1000))
"""
NEVER = facetry.Property.parse(TEXT)

LISTS = {
    "partition": lambda **o: facetry.partition(MODEL, CUBE, **o),
    "describe": lambda **o: facetry.describe(MODEL, CUBE, **o),
    "query": lambda **o: facetry.query(MODEL, CUBE, runner_up="any", **o),
    "disagreement": lambda **o: facetry.disagreement(MODEL, network([3, 9, 3], 1)[0], CUBE, **o),
    "iter_regions": lambda **o: facetry.iter_regions(MODEL, CUBE, **o),
}
OTHERS = {
    "maximum": lambda **o: facetry.maximum(MODEL, CUBE, **o),
    "minimum": lambda **o: facetry.minimum(MODEL, CUBE, **o),
    "can_win": lambda **o: facetry.can_win(MODEL, CUBE, 0, **o),
    "boundary_distance": lambda **o: facetry.boundary_distance(MODEL, CUBE, POINT, **o),
    "verify": lambda **o: facetry.verify(MODEL, NEVER, **o),
}
ALL = LISTS | OTHERS


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"thread": 1}, "unknown option 'thread'; did you mean 'threads'"),
        ({"threads": 0}, "threads must be a whole number from 1"),
        ({"time_limit": -1}, "time_limit must be a number of seconds from 0"),
        ({"memory_limit": 0.5}, "memory_limit must be a whole number from 1"),
        ({"exactness": "vague"}, "exactness must be 'float' or 'safe', not 'vague'"),
        ({"cell": "spheres"}, "cell must be 'auto', 'polygons', 'vertices' or 'lp', not 'spheres'"),
        ({"cancel": 3}, "cancel must be a threading.Event"),
        ({"progress": 3}, "progress must be True, False or a function"),
    ],
    ids=str,
)
def test_the_same_mistake_has_the_same_message(name, options, message):
    with pytest.raises(InvalidInputError, match=message):
        ALL[name](**options)


@pytest.mark.parametrize("name", ALL)
def test_none_means_the_default(name):
    found = ALL[name](threads=None, time_limit=None, memory_limit=None, exactness=None)
    if name == "iter_regions":
        with found:
            assert sum(len(part) for part in found) > 100
    else:
        assert found.status == "complete"


@pytest.mark.parametrize("name", OTHERS)
def test_a_limit_of_regions_is_for_lists_of_regions(name):
    with pytest.raises(InvalidInputError, match="unknown option 'max_regions'"):
        OTHERS[name](max_regions=3)


@pytest.mark.parametrize("name", ["partition", "describe", "query", "disagreement"])
def test_lists_stop_at_their_limits(name):
    assert LISTS[name](max_regions=3).status == "region_limit"
    assert LISTS[name](memory_limit=500).status == "memory_limit"


HARD, WIDE = network([8, 40, 40, 3], 2)


@pytest.mark.parametrize("name", ["maximum", "boundary_distance"])
def test_a_cancelled_or_full_search_keeps_what_it_proved(name):
    ask = {
        "maximum": lambda **o: facetry.maximum(HARD, WIDE, **o),
        "boundary_distance": lambda **o: facetry.boundary_distance(HARD, WIDE, np.zeros(8), **o),
    }[name]
    flag = threading.Event()
    flag.set()
    for options, status in (({"cancel": flag}, "cancelled"), ({"time_limit": 0}, "time_limit")):
        found = ask(**options)
        assert found.status in (status, "complete")
        if name == "maximum":
            assert found.bound >= HARD(WIDE.resolve(HARD).interior_point[None, :])[0, 0]
        else:
            assert found.proven <= found.distance


def test_a_maximum_stops_at_its_limit_of_memory():
    model, box = network([10, 40, 40, 1], 3)
    found = facetry.maximum(model, box, memory_limit=2000, time_limit=60)
    assert found.status == "memory_limit"
    X = np.random.default_rng(0).uniform(-1, 1, (2000, 10))
    assert found.bound >= model(X).max()


def test_options_are_frozen_data_with_defaults():
    how = SearchOptions.of({})
    assert (how.exactness, how.cell, how.engine, how.max_regions) == (
        "safe",
        "auto",
        "subdivision",
        None,
    )
    assert how.threads >= 1
    assert SearchOptions.of({}, engine="milp").exactness == "float"
    with pytest.raises(AttributeError):
        how.threads = 3  # type: ignore[misc]


def test_a_partition_takes_no_options_of_a_search():
    found = facetry.partition(MODEL, CUBE)
    with pytest.raises(InvalidInputError, match="time_limit is an option of a search"):
        facetry.describe(MODEL, found, time_limit=3)


def test_numbers_beyond_the_core_s_are_no_limits():
    huge = 10**400
    found = facetry.partition(
        MODEL, CUBE, threads=huge, time_limit=huge, memory_limit=huge, max_regions=huge
    )
    assert found.status == "complete"


@pytest.mark.parametrize("gap", [None, "1", True, -1, float("nan"), float("inf")])
def test_a_gap_is_a_finite_number(gap):
    with pytest.raises(InvalidInputError, match="gap must be a finite number from 0"):
        facetry.maximum(MODEL, CUBE, gap=gap)


def test_a_numpy_false_cancels_too():
    calls = []

    def stop(regions, share):
        calls.append((regions, share))
        return np.bool_(False)

    assert facetry.maximum(HARD, WIDE, progress=stop, time_limit=60).status == "cancelled"
    assert len(calls) == 1


def test_options_are_checked_though_points_decide():
    for options in ({"cancel": True}, {"cancel": threading.Event}, {"progress": 3}):
        with pytest.raises(InvalidInputError, match=next(iter(options))):
            facetry.can_win(MODEL, CUBE, int(MODEL.decide(np.zeros((1, 3)))[0]), **options)


ASKED = {
    "partition": facetry.partition,
    "iter_regions": facetry.iter_regions,
    "query": facetry.query,
    "maximum": facetry.maximum,
    "bounds": facetry.bounds,
    "can_win": lambda model, region: facetry.can_win(model, region, 0),
    "boundary_distance": lambda model, region: facetry.boundary_distance(model, region, POINT),
    "validity_regions": lambda model, region: facetry.validity_regions(model, region, [POINT]),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_no_region_or_no_model_says_so(name):
    for region in (None, "box", facetry.partition(MODEL, CUBE)):
        with pytest.raises(InvalidInputError, match=r"the region must be a facetry\.Analysis"):
            ASKED[name](MODEL, region)
    for model in (None, [([[1.0]], [0.0])], "net.onnx"):
        with pytest.raises(InvalidInputError, match=r"the model must be one from facetry\.load"):
            ASKED[name](model, CUBE)
