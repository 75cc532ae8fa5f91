"""Single points: linear models and validity regions without a search."""

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion, InvalidInputError, _core
from oracles.networks import FUNCTIONS, model_of, random_network, table_network


@pytest.mark.parametrize("seed", range(15))
def test_regions_around_points_are_those_of_the_partition(seed):
    rng = np.random.default_rng(seed)
    inputs = int(rng.integers(1, 6))
    kinds = [*FUNCTIONS, "maximum"]
    layers = random_network(rng, inputs, [5, 4], kinds=kinds, integer=seed % 3 == 0)
    model, region = model_of(layers, inputs), AnalysisRegion.box([-1] * inputs, [1] * inputs)
    found = facetry.partition(model, region)
    points = rng.uniform(-1, 1, (40, inputs))
    around = facetry.validity_regions(model, region, points)
    where = found.locate(points)
    assert np.array_equal(around.states, found.states[where])
    for i, j in enumerate(where):
        assert np.allclose(around[i].coef, found[int(j)].coef, rtol=0, atol=1e-12)
        assert facet_rows(around[i]) == facet_rows(found[int(j)])


def facet_rows(region):
    """The halfspaces as rounded rows, without regard to their order or label."""
    A, b = region.halfspaces
    return sorted(map(tuple, np.round(np.column_stack([A, b]), 7).tolist()))


def test_a_point_on_a_boundary_gets_a_region_that_touches_it():
    model = model_of(table_network((2, 8, 8, 1)), 2)
    region = AnalysisRegion.box([-1, -1], [1, 1])
    found = facetry.partition(model, region)
    corners = np.vstack([r.vertices for r in found])
    around = facetry.validity_regions(model, region, corners)
    known = {tuple(state) for state in found.states.tolist()}
    for corner, piece in zip(corners, around, strict=True):
        assert tuple(piece.state.tolist()) in known
        A, b = piece.halfspaces
        assert (A @ corner <= b + 1e-8).all()


def test_linear_models_at_points():
    model = model_of(table_network((5, 32, 32, 1)), 5)
    points = np.random.default_rng(0).uniform(0, 1, (500, 5))
    coef, intercept = _core.explain_points(model.form, points, 2)
    assert np.allclose(np.einsum("knm,km->kn", coef, points) + intercept, model(points), atol=1e-12)
    step = 1e-7
    for i in range(5):
        moved = points + step * np.eye(5)[i]
        same = (model.form.states(moved) == model.form.states(points)).all(axis=1)
        slope = (model(moved) - model(points)) / step
        assert same.sum() > 400
        assert np.allclose(slope[same], coef[same, :, i], atol=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_linear_models_at_points_of_every_kind_of_unit(seed):
    rng = np.random.default_rng(100 + seed)
    inputs, integer = int(rng.integers(1, 6)), seed % 3 == 0
    layers = random_network(
        rng, inputs, [9, 5, 4], kinds=[*FUNCTIONS, "maximum"], integer=integer, skip=seed % 2 == 0
    )
    model = model_of(layers, inputs)
    points = rng.integers(-3, 4, (333, inputs)) / 2 if integer else rng.normal(0, 1, (333, inputs))
    coef, intercept = _core.explain_points(model.form, points, 2)
    values = np.einsum("knm,km->kn", coef, points) + intercept
    assert np.allclose(values, model(points), rtol=0, atol=1e-11)
    one_by_one = [_core.explain_points(model.form, point[None], 1) for point in points[::37]]
    assert np.array_equal(np.concatenate([c for c, _ in one_by_one]), coef[::37])
    assert np.array_equal(np.concatenate([i for _, i in one_by_one]), intercept[::37])


@pytest.mark.parametrize("seed", range(6))
def test_points_regions_and_where_points_are_agree(seed):
    rng = np.random.default_rng(200 + seed)
    layers = random_network(rng, 3, [7, 5], kinds=[*FUNCTIONS, "maximum"], integer=seed % 3 == 0)
    model = model_of(layers, 3)
    found = facetry.partition(model, AnalysisRegion.box([-1] * 3, [1] * 3))
    assert np.array_equal(found.locate(found.interior_points), np.arange(len(found)))
    points = rng.uniform(-1.2, 1.2, (500, 3))
    where = found.locate(points)
    assert np.array_equal(where >= 0, (np.abs(points) <= 1).all(axis=1))
    inside = where >= 0
    coef, intercept = _core.explain_points(model.form, points[inside], 1)
    assert np.allclose(coef, found.coef[where[inside]], rtol=0, atol=1e-12)
    assert np.allclose(intercept, found.intercept[where[inside]], rtol=0, atol=1e-12)


def test_points_outside_and_wrong_shapes():
    model = model_of(table_network((2, 8, 8, 1)), 2)
    region = AnalysisRegion.box([-1, -1], [1, 1])
    with pytest.raises(InvalidInputError, match="not in the analysis region"):
        facetry.validity_regions(model, region, [[0, 0], [2, 0]])
    with pytest.raises(InvalidInputError):
        facetry.validity_regions(model, region, [[0, 0, 0]])
    point = AnalysisRegion.box([0, 0], [0, 0])
    with pytest.raises(InvalidInputError, match="single point"):
        facetry.validity_regions(model, point, [[0, 0]])


def test_a_model_without_units_has_the_whole_region_around_every_point():
    model = facetry.load([([[1.0, -2.0]], [0.5])])
    square = AnalysisRegion.box([-1, -1], [1, 1])
    for exactness in ("safe", "float"):
        found = facetry.validity_regions(model, square, [[0, 0], [1, 1]], exactness=exactness)
        assert len(found) == 2
        assert found.volumes.tolist() == [4.0, 4.0]
    made = facetry.explain_points(model, [[0.0, 0.0]], validity=square)
    assert made.coef.tolist() == [[[1.0, -2.0]]]


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 2.0), (-2.0, 1.0)])
def test_on_a_boundary_the_model_and_the_halfspaces_are_of_one_region(low, high):
    model = facetry.load([([[1.0]], [0.0]), ([[1.0]], [0.0])])
    line = AnalysisRegion.box([low], [high])
    made = facetry.explain_points(model, [[0.0]], validity=line)
    ends = made.validity.b / made.validity.A.ravel()
    middle = ends.mean()
    explained = made.coef[0, 0, 0] * middle + made.intercept[0, 0]
    assert explained == pytest.approx(model([[middle]])[0, 0], abs=1e-12)
    whole = facetry.partition(model, line)
    lowest = whole[int(whole.locate([[0.0]])[0])]
    assert made.coef[0].tolist() == lowest.coef.tolist()
