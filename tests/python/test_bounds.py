"""Bounds of outputs and pre-activations: sound at points and corners, and in the stated order."""

from __future__ import annotations

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion
from oracles.networks import FUNCTIONS, model_of, random_network, table_network

KINDS = [*FUNCTIONS, "maximum"]
METHODS = ("interval", "forward", "backward", "combined")


def cube(k, half=1.0):
    return AnalysisRegion.box([-half] * k, [half] * k)


def pre_activations(layers, X):
    """What the unit layers read, one array for each."""
    values, given, read = X, {-1: X}, []
    for number, (kind, *parts) in enumerate(layers):
        if kind == "affine":
            values = values @ parts[0].T + parts[1]
        elif kind == "join":
            values = np.hstack([values, given[parts[0]]])
        elif kind == "piecewise":
            read.append(values)
            columns = []
            for column, (breaks, slopes, intercepts) in zip(values.T, parts[0], strict=True):
                piece = np.searchsorted(breaks, column)
                columns.append(np.array(slopes)[piece] * column + np.array(intercepts)[piece])
            values = np.array(columns).T
        else:
            read.append(values)
            values = np.array([values[:, group].max(axis=1) for group in parts[0]]).T
        given[number] = values
    return read


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_leaves_the_bounds(kind, method):
    rng = np.random.default_rng(KINDS.index(kind))
    for round_ in range(6):
        k = 1 + round_ % 3
        skip, integer = bool(rng.integers(2)), bool(rng.integers(2))
        layers = random_network(
            rng, k, [5, 4, 3], kinds=[kind, "relu"], integer=integer, skip=skip, outputs=3
        )
        model = model_of(layers, k)
        found = facetry.bounds(model, cube(k), method)
        X = np.vstack([rng.uniform(-1, 1, (2000, k)), rng.choice([-1.0, 1.0], (50, k))])
        Y = model(X)
        slack = 1e-12 * (1.0 + np.abs(Y).max())  # of the evaluation, not of the bounds
        assert (found.output_low <= Y.min(axis=0) + slack).all()
        assert (found.output_high >= Y.max(axis=0) - slack).all()
        read = pre_activations(layers, X)
        assert len(found.low) == len(found.high) == len(read)
        for low, high, own in zip(found.low, found.high, read, strict=True):
            slack = 1e-12 * (1.0 + np.abs(own).max())
            assert (low <= own.min(axis=0) + slack).all()
            assert (high >= own.max(axis=0) - slack).all()


@pytest.mark.parametrize("method", METHODS)
def test_bounds_hold_the_exact_range_and_are_it_without_units(method):
    model = model_of(table_network([2, 8, 8, 1]), 2)
    explainer = facetry.Explainer(model)
    found = facetry.bounds(model, cube(2), method)
    assert found.output_low[0] <= explainer.minimum(cube(2)).value
    assert found.output_high[0] >= explainer.maximum(cube(2)).value
    affine = facetry.load([([[1.0, -2.0]], [0.5])])
    found = facetry.bounds(affine, cube(2), method)
    assert found.output_low == pytest.approx([-2.5], rel=1e-12)
    assert found.output_high == pytest.approx([3.5], rel=1e-12)
    assert (found.low, found.high) == ((), ())


@pytest.mark.parametrize("kind", KINDS)
def test_no_method_is_wider_than_intervals_and_combined_is_tighter(kind):
    rng = np.random.default_rng(20 + KINDS.index(kind))
    tighter = 0
    for round_ in range(6):
        k = 1 + round_ % 3
        layers = random_network(rng, k, [6, 5, 4], kinds=[kind, "relu"], outputs=2)
        model = model_of(layers, k)
        ranges = {}
        for method in METHODS:
            found = facetry.bounds(model, cube(k), method)
            ranges[method] = (
                np.concatenate([*found.low, found.output_low]),
                np.concatenate([*found.high, found.output_high]),
            )
        for method in METHODS[1:]:
            assert (ranges[method][0] >= ranges["interval"][0]).all(), method
            assert (ranges[method][1] <= ranges["interval"][1]).all(), method
        widths = {method: high - low for method, (low, high) in ranges.items()}
        tighter += widths["combined"][-1] < 0.9 * widths["interval"][-1]
    assert tighter >= 1


def test_cuts_polytopes_and_points():
    layers = random_network(np.random.default_rng(3), 3, [6, 5], kinds=KINDS, outputs=2)
    model = model_of(layers, 3)
    cut = AnalysisRegion.cut([0.25, -0.5, 0.0], {1: (-1, 1)})
    simplex = AnalysisRegion.polytope(np.vstack([-np.eye(3), np.ones(3)]), [0, 0, 0, 1])
    rng = np.random.default_rng(0)
    on_cut = np.tile([0.25, -0.5, 0.0], (500, 1))
    on_cut[:, 1] = rng.uniform(-1, 1, 500)
    in_simplex = rng.dirichlet(np.ones(4), 500)[:, :3]
    for method in METHODS:
        whole = facetry.bounds(model, cube(3), method)
        for region, X in ((cut, on_cut), (simplex, in_simplex)):
            found = facetry.bounds(model, region, method)
            Y = model(X)
            assert (found.output_low <= Y.min(axis=0) + 1e-12).all()
            assert (found.output_high >= Y.max(axis=0) - 1e-12).all()
        assert (whole.output_high - whole.output_low > found.output_high - found.output_low).all()
        x = np.array([0.5, -0.25, 0.125])
        at = facetry.bounds(model, AnalysisRegion.point(x), method)
        assert at.output_low == pytest.approx(model(x[None])[0], abs=1e-9)
        assert at.output_high == pytest.approx(model(x[None])[0], abs=1e-9)


def test_shapes_text_and_determinism():
    layers = random_network(np.random.default_rng(1), 2, [5, 4], kinds=["maximum"], outputs=3)
    model = model_of(layers, 2)
    found, again = (facetry.bounds(model, cube(2)) for _ in range(2))
    assert found.method == "combined"
    assert [len(low) for low in found.low] == [11, 9]  # one row for each argument of a maximum
    assert found.output_low.shape == found.output_high.shape == (3,)
    assert repr(found).startswith("Bounds(combined; 3 outputs, widest ")
    assert np.array_equal(found.output_low, again.output_low)
    assert all(map(np.array_equal, found.high, again.high))


def test_errors():
    model = model_of(table_network([2, 4, 1]), 2)
    with pytest.raises(facetry.InvalidInputError, match=r"interval.*combined"):
        facetry.bounds(model, cube(2), "crown")
    with pytest.raises(facetry.RegionError):
        facetry.bounds(model, cube(3))
    with pytest.raises(facetry.RegionError):
        facetry.bounds(model, cube(2).where([[1.0, 0.0]], [-2.0]))
    with pytest.raises(facetry.RegionError):
        facetry.bounds(model, AnalysisRegion.polytope([[1.0, 0.0]], [1.0]))
