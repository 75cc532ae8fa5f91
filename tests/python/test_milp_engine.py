"""The MILP engine against the subdivision engine, and the encoding against the network itself."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

import facetry
from facetry import _core
from facetry.search.milp_program import encode_model
from facetry.search.ortools_solver import load_library
from oracles.engines import compare_engines
from oracles.networks import (
    FUNCTIONS,
    hard_network,
    model_of,
    random_network,
    rounded_copies,
    table_network,
)
from oracles.region_checks import check_partition

KINDS = [*FUNCTIONS, "maximum"]


@pytest.fixture(scope="module")
def library():
    return load_library()


def cube(k, half=1.0):
    return facetry.AnalysisRegion.box([-half] * k, [half] * k)


# Solving for units of many pieces in many dimensions takes long.
AGREE = [
    pytest.param(kind, k, marks=pytest.mark.slow if kind == "stairs" and k > 2 else ())
    for kind in KINDS
    for k in (1, 2, 3, 4)
]


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize(("kind", "k"), AGREE)
def test_both_engines_agree(kind, k, integer):
    rng = np.random.default_rng(KINDS.index(kind) * 100 + k * 10 + integer)
    for _ in range(3):
        hidden = [4, 3] if k < 4 else [3, 3]
        layers = random_network(
            rng, k, hidden, kinds=[kind, "relu"], integer=integer, skip=bool(rng.integers(2))
        )
        compare_engines(model_of(layers, k), cube(k))


@pytest.mark.parametrize("seed", range(4))
def test_copies_dead_and_constant_units(seed):
    compare_engines(model_of(hard_network(seed, seed, 2, 2), 2), cube(2))


@pytest.mark.parametrize("k", [1, 2])
def test_copies_of_a_hyperplane_but_for_rounding(k):
    compare_engines(model_of(rounded_copies(3, k, 3), k), cube(k))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_regions_below_the_resolution_are_found_and_counted(k, tmp_path):
    width = 3e-6
    first = np.eye(k)[[0, 0]]
    rest = np.ones((1, k)) / k
    layers = [([*first.tolist(), *rest.tolist()], [0.0, -width, 0.1]), ([[1.0, 1.0, 1.0]], [0.0])]
    model = facetry.load(layers)
    found = compare_engines(model, cube(k))
    assert found.below_resolution >= 1
    strip = (found.states[:, 0] == 1) & (found.states[:, 1] == 0)
    assert found.volumes[strip].sum() == pytest.approx(width * 2.0 ** (k - 1), rel=1e-6)
    assert facetry.partition(model, cube(k)).below_resolution == 0
    found.save(tmp_path / "thin.facetry")
    assert facetry.open(tmp_path / "thin.facetry").below_resolution == found.below_resolution


def test_cuts_flat_units_and_polytopes():
    rng = np.random.default_rng(5)
    for integer in (False, True):
        model = model_of(random_network(rng, 4, [5, 4], kinds=KINDS, integer=integer), 4)
        compare_engines(
            model, facetry.AnalysisRegion.cut([0.5, 0, -0.5, 0], {0: (-1, 1), 2: (-1, 1)})
        )
        compare_engines(model, facetry.AnalysisRegion.cut([0.0] * 4, {1: (-1, 1)}))
        simplex = facetry.AnalysisRegion.polytope(
            np.vstack([-np.eye(4), np.ones(4)]), [0, 0, 0, 0, 1]
        )
        compare_engines(model, simplex)


def test_the_result_is_a_partition():
    model = model_of(table_network([2, 8, 8, 1]), 2)
    found = facetry.partition(model, cube(2), engine="milp")
    assert len(found) == 102
    assert found.exactness == "float"
    check_partition(found)


def options(threads):
    return _core.SearchOptions(threads=threads, exactness="float")


def test_the_result_depends_on_neither_threads_nor_window_nor_samples(library):
    model = model_of(table_network([2, 6, 6, 1]), 2)
    domain = cube(2).resolve(model)
    results = []
    for threads, window, samples in [(1, 2, 100), (2, 2, 100), (1, 1, 0), (2, 3, 0), (1, 12, 0)]:
        found = _core.enumerate_by_milp(
            model.form, domain, library, options(threads), window=window, samples=samples
        )
        assert found.rejected <= found.solves
        if samples == 0 and window > 1:
            assert found.solves > len(found.partition) / 2  # the solver itself finds them
        results.append(found.partition.raw())
    for other in results[1:]:
        for name in ("states", "facets", "interior"):
            assert np.array_equal(results[0][name], other[name]), name


def test_the_solver_alone_finds_all(library):
    rng = np.random.default_rng(8)
    for kind in KINDS:
        model = model_of(random_network(rng, 2, [4, 3], kinds=[kind, "relu"]), 2)
        usual = facetry.partition(model, cube(2))
        found = _core.enumerate_by_milp(
            model.form, usual.domain, library, options(1), window=4, samples=0
        ).partition
        assert np.array_equal(found.states(0, len(found)), usual.states)


def test_a_region_limit_gives_the_first_ones():
    model = model_of(table_network([2, 8, 8, 1]), 2)
    usual = facetry.partition(model, cube(2))
    for limit in (1, 7, 50):
        found = facetry.partition(model, cube(2), engine="milp", max_regions=limit)
        assert found.status == "region_limit"
        assert np.array_equal(found.states, usual.states[:limit])
    found = facetry.partition(model, cube(2), engine="milp", max_regions=102)
    assert (found.status, len(found)) == ("complete", 102)


def test_limits_and_cancellation():
    model = model_of(table_network([3, 24, 24, 1]), 3)
    usual = {s.tobytes() for s in facetry.partition(model, cube(3)).states}

    def run(**options):
        start = time.perf_counter()
        found = facetry.partition(model, cube(3), engine="milp", **options)
        assert time.perf_counter() - start < 20.0
        assert {s.tobytes() for s in found.states} <= usual
        assert len(found) < len(usual)
        return found.status

    assert run(time_limit=1.0) == "time_limit"
    assert run(memory_limit=2_000) == "memory_limit"
    calls = []
    status = run(progress=lambda regions, share: calls.append((regions, share)) or len(calls) < 10)
    assert status == "cancelled"
    assert all(0 <= share <= 1 for _, share in calls)
    flag = threading.Event()
    threading.Timer(0.5, flag.set).start()
    assert run(cancel=flag) == "cancelled"


def test_a_single_point_and_a_network_without_units():
    model = model_of(table_network([2, 4, 1]), 2)
    point = facetry.AnalysisRegion.box([0.5, 0.5], [0.5, 0.5])
    found = facetry.partition(model, point, engine="milp")
    assert np.array_equal(found.states, facetry.partition(model, point).states)
    affine = facetry.load([([[1.0, 2.0]], [0.0])])
    found = facetry.partition(affine, cube(2), engine="milp")
    assert (len(found), found.volumes.tolist()) == (1, [4.0])


def test_bad_options_end_in_one_error(library):
    model = model_of(table_network([2, 4, 1]), 2)
    with pytest.raises(facetry.InvalidInputError, match="engine must be"):
        facetry.partition(model, cube(2), engine="cplex")
    with pytest.raises(facetry.InvalidInputError, match="options of engine='subdivision'"):
        facetry.partition(model, cube(2), engine="milp", exactness="safe")
    with pytest.raises(facetry.RegionError):
        facetry.partition(model, cube(3), engine="milp")
    domain = cube(2).resolve(model)
    for window, samples, message in [(0, 1, "window"), (1, -1, "samples")]:
        with pytest.raises(facetry.InvalidInputError, match=message):
            _core.enumerate_by_milp(
                model.form, domain, library, options(1), window=window, samples=samples
            )


def test_without_ortools_the_error_says_what_to_install(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    model = model_of(table_network([2, 4, 1]), 2)
    with pytest.raises(facetry.MissingDependencyError, match="pip install 'ortools"):
        facetry.partition(model, cube(2), engine="milp")
    assert len(facetry.partition(model, cube(2))) > 1


@pytest.mark.parametrize("form", ["big_m", "indicators"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_encoding_at_a_point_is_the_network(kind, form, library):
    rng = np.random.default_rng(KINDS.index(kind))
    layers = random_network(rng, 3, [4, 3], kinds=[kind, "relu"], skip=bool(rng.integers(2)))
    model = model_of(layers, 3)
    for point in rng.uniform(-1, 1, (4, 3)):
        encoding = encode_model(model, cube(3), form=form)
        program = encoding.program
        for variable, value in zip(encoding.inputs.tolist(), point, strict=True):
            program.add_row([(variable, 1.0)], value, value)
        expected = model(point[None])[0]
        for output, value in zip(encoding.outputs.tolist(), expected, strict=True):
            for maximize in (False, True):
                program.set_objective([(output, 1.0)], 0.0, maximize)
                status, objective, _, values, _ = library.solve(program)
                assert status == "optimal"
                assert objective == pytest.approx(value, abs=1e-5)
                assert np.allclose(values[encoding.inputs], point, atol=1e-6)
        assert encoding.state_of(values).tolist() == model.form.states(point[None])[0].tolist()


@pytest.mark.parametrize("form", ["big_m", "indicators"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_maximum_of_an_output_is_that_of_the_partition(kind, form, library):
    rng = np.random.default_rng(50 + KINDS.index(kind))
    model = model_of(random_network(rng, 2, [4, 3], kinds=[kind, "relu"]), 2)
    found = facetry.partition(model, cube(2))
    offsets, corners = found.corners
    owner = np.repeat(np.arange(len(found)), np.diff(offsets))
    values = np.einsum("cm,cm->c", found.coef[owner, 0], corners) + found.intercept[owner, 0]
    encoding = encode_model(model, cube(2), form=form)
    encoding.program.set_objective([(int(encoding.outputs[0]), 1.0)], 0.0, True)
    status, objective, *_ = library.solve(encoding.program)
    assert status == "optimal"
    assert objective == pytest.approx(values.max(), rel=1e-3, abs=1e-5)


def test_encoding_refuses_other_forms():
    model = model_of(table_network([2, 4, 1]), 2)
    with pytest.raises(facetry.InvalidInputError, match="'big_m' or 'indicators'"):
        encode_model(model, cube(2), form="convex")
    encoding = encode_model(model, cube(2))
    with pytest.raises(facetry.InvalidInputError, match="a value for every variable"):
        encoding.state_of([0.0])
    assert encoding.program.row_count > 0
    assert encoding.program.indicator_count == 0
    assert encode_model(model, cube(2), form="indicators").program.indicator_count > 0
