"""The explainer: weights are those of the network, scaled by what is known of the features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from facetry.errors import InvalidInputError, RegionError
from facetry.explain.explainer import Explainer
from facetry.models.load import load
from facetry.models.model import Model
from facetry.regions.analysis_region import AnalysisRegion
from facetry.search.partition import partition

EXAMPLES = Path(__file__).parents[2] / "python" / "examples"
NAMES = ["x1", "x2", "x3", "x4", "x5"]
CUT = AnalysisRegion.cut(0.5, {"x1": (0.0, 1.0), "x2": (0.0, 1.0)})
Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def model() -> Model:
    """The Piecewise network: 5 features, 32 + 32 ReLUs, 1 output."""
    return load(EXAMPLES / "piecewise.onnx", feature_names=NAMES, output_names=["y"])


@pytest.fixture(scope="module")
def small() -> Model:
    """y = relu(a) + 2 relu(b - 1) and z = -y, of three features; c is not used."""
    hidden = np.array([[1.0, 0, 0], [0, 1, 0]])
    outputs = np.array([[1.0, 2], [-1, -2]])
    layers = [(hidden, np.array([0.0, -1])), (outputs, np.zeros(2))]
    return load(layers, feature_names=["a", "b", "c"], output_names=["y", "z"])


def slopes(model: Model, point: Array) -> Array:
    """Central differences of the network, with the largest step that keeps its state: (n, m)."""
    columns = []
    for direction in np.eye(model.input_size):
        for step in 10.0 ** np.arange(-1, -10, -0.5):
            ends = np.array([point - step * direction, point + step * direction])
            states = model.form.states(np.vstack([point, ends]))
            if (states == states[0]).all():
                break
        low, high = model(ends)
        columns.append((high - low) / (2 * step))
    return np.array(columns).T


# The weights are true -----------------------------------------------------------------------------


def test_coefficients_are_the_slopes_of_the_network(model: Model) -> None:
    explanation = Explainer(model).describe(CUT)
    chosen = np.random.default_rng(0).permutation(len(explanation))[:150]
    for index in chosen:
        point = explanation.interior_points[index]
        expected = slopes(model, point)
        np.testing.assert_allclose(explanation.coef[index], expected, rtol=1e-5, atol=1e-5)
        value = explanation.coef[index] @ point + explanation.intercept[index]
        np.testing.assert_allclose(value, model(point)[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["wine", "diabetes", "breast_cancer"])
def test_coefficients_of_other_kinds_of_units(name: str) -> None:
    network = load(EXAMPLES / f"{name}.onnx")
    random = np.random.default_rng(1)
    data = pytest.importorskip("sklearn.datasets")
    X = getattr(data, f"load_{name}")(**({"scaled": False} if name == "diabetes" else {})).data
    base, free = (
        X.mean(axis=0),
        {0: (X[:, 0].min(), X[:, 0].max()), 1: (X[:, 1].min(), X[:, 1].max())},
    )
    explanation = Explainer(network).describe(AnalysisRegion.cut(base, free))
    assert len(explanation) > 5
    for index in random.permutation(len(explanation))[:40]:
        expected = slopes(network, explanation.interior_points[index])
        scale = np.abs(expected).max()
        np.testing.assert_allclose(explanation.coef[index], expected, rtol=1e-4, atol=1e-4 * scale)


def test_point_explanations_are_the_slopes_there(model: Model) -> None:
    X = np.random.default_rng(2).uniform(size=(60, 5))
    explanation = Explainer(model, feature_ranges=[(0, 2)] * 5).explain_points(X)
    assert explanation.subject == "point"
    for index, point in enumerate(X):
        expected = slopes(model, point)
        np.testing.assert_allclose(explanation.coef[index], expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(explanation.weights[index], 2 * expected, rtol=1e-5, atol=1e-5)
    values = np.einsum("kqm,km->kq", explanation.coef, X) + explanation.intercept
    np.testing.assert_allclose(values, model(X), rtol=1e-9, atol=1e-12)


def test_region_and_point_agree(model: Model) -> None:
    explainer = Explainer(model)
    regions = explainer.describe(CUT)
    there = explainer.explain_points(regions.interior_points)
    np.testing.assert_allclose(there.coef, regions.coef, rtol=1e-9, atol=1e-9)


def test_validity_regions_hold_their_points(model: Model) -> None:
    X = np.full((40, 5), 0.5)
    X[:, :2] = np.random.default_rng(3).uniform(size=(40, 2))
    explanation = Explainer(model).explain_points(X, validity=CUT)
    whole = Explainer(model).describe(CUT, validity=True)
    found = partition(model, CUT).locate(X)
    for index, point in enumerate(X):
        A, b = explanation.halfspaces(index)
        assert (A @ point <= b + 1e-9).all()
        assert len(A) == len(whole.halfspaces(int(found[index]))[0])


def test_describe_with_validity_bounds_each_region(model: Model) -> None:
    explanation = Explainer(model).describe(CUT, validity=True)
    assert Explainer(model).describe(CUT).validity is None
    for index, point in enumerate(explanation.interior_points):
        A, b = explanation.halfspaces(index)
        assert len(A) >= 3
        assert (A @ point < b).all()


# What is described --------------------------------------------------------------------------------


def test_all_outputs_or_one(small: Model) -> None:
    explainer, region = Explainer(small), AnalysisRegion.box(-2, 2)
    both = explainer.describe(region)
    assert both.output_names == ("y", "z")
    for output in ("z", 1):
        one = explainer.describe(region, output)
        assert one.output_names == ("z",)
        np.testing.assert_array_equal(one.coef[:, 0], both.coef[:, 1])


def test_a_partition_is_not_computed_again(small: Model) -> None:
    found = partition(small, AnalysisRegion.box(-2, 2))
    explanation = Explainer(small).describe(found)
    assert explanation.partition is found
    assert explanation == Explainer(small).describe(AnalysisRegion.box(-2, 2))
    assert len(explanation) == 4
    assert explanation.volumes.sum() == pytest.approx(64.0)
    assert explanation.free_features == (0, 1, 2)
    assert explanation.region == AnalysisRegion.box(-2, 2)


def test_a_unit_that_vanishes_on_the_cut_is_marked() -> None:
    # y = relu(a) + relu(c): on the cut c = 0 the slope in c is 1 upwards and 0 downwards
    layers = [(np.array([[1.0, 0], [0, 1]]), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    network = load(layers, feature_names=["a", "c"])
    flat = Explainer(network).describe(AnalysisRegion.cut(0, {"a": (-1, 1)}))
    assert flat.one_sided.tolist() == [True, True]
    assert flat.coef[:, 0, 0].tolist() == [0, 1]
    assert "hold to one side only" in str(flat)
    above = Explainer(network).describe(AnalysisRegion.cut(0.5, {"a": (-1, 1)}))
    assert above.one_sided.tolist() == [False, False]


def test_an_incomplete_partition_says_so(model: Model) -> None:
    explanation = Explainer(model).describe(CUT, max_regions=5)
    assert len(explanation) == 5
    assert explanation.status == "region_limit"
    assert 0 < explanation.coverage < 1
    assert "incomplete" in str(explanation)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"output": "w"}, "no output is named 'w'"),
        ({"output": 2}, "output index 2 is out of range"),
        ({"scale": "percent"}, "scale must be one of range, sigma, none"),
        ({"scale": "range"}, "feature_ranges= or data="),
        ({"scale": "sigma"}, "feature_sigmas= or data="),
    ],
)
def test_a_wrong_question_is_refused(small: Model, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Explainer(small).describe(AnalysisRegion.box(0, 1), **arguments)
    with pytest.raises(InvalidInputError, match=message):
        Explainer(small).explain_points([[0.0, 0, 0]], **arguments)


def test_what_is_not_a_region_is_refused(small: Model) -> None:
    with pytest.raises(InvalidInputError, match="AnalysisRegion or a Partition, not list"):
        Explainer(small).describe([0, 1])  # type: ignore[arg-type]


def test_a_partition_of_another_model_is_refused(small: Model, model: Model) -> None:
    found = partition(small, AnalysisRegion.box(-2, 2))
    with pytest.raises(InvalidInputError, match="another model"):
        Explainer(model).describe(found)


def test_a_region_that_does_not_fit_is_refused(small: Model) -> None:
    with pytest.raises(RegionError, match="3 inputs"):
        Explainer(small).describe(AnalysisRegion.box([0, 0], [1, 1]))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[0.0, 1.0]], "2 values per point, but the model has 3 inputs"),
        ([[0.0, float("nan"), 1.0]], "X holds NaN"),
        (np.zeros((0, 3)), "empty"),
        (1.0, "one point per row"),
    ],
)
def test_wrong_points_are_refused(small: Model, X: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Explainer(small).explain_points(X)


# Scales -------------------------------------------------------------------------------------------

DATA = np.array([[0.0, 10, -1], [4, 10, 1], [8, 40, 0]])


def test_ranges_and_sigmas_come_from_data(small: Model) -> None:
    explainer = Explainer(small, data=DATA)
    assert explainer.scales.ranges is not None
    assert explainer.scales.sigmas is not None
    assert explainer.scales.ranges.tolist() == [[0, 8], [10, 40], [-1, 1]]
    np.testing.assert_allclose(explainer.scales.sigmas, DATA.std(axis=0))
    positive = AnalysisRegion.box([1, 2, 0], [2, 3, 1])
    assert explainer.describe(positive, "y", "range").weights.tolist() == [[[8, 60, 0]]]
    assert explainer.describe(positive, "y", "none").weights.tolist() == [[[1, 2, 0]]]
    weights = explainer.describe(positive, "y", "sigma").weights
    np.testing.assert_allclose(weights[0, 0], [1, 2, 0] * DATA.std(axis=0))


def test_the_sign_is_kept(small: Model) -> None:
    explanation = Explainer(small, data=DATA).describe(AnalysisRegion.box([1, 2, 0], [2, 3, 1]))
    assert explanation.weights[0].tolist() == [[8, 60, 0], [-8, -60, 0]]
    assert explanation.ranks[0].tolist() == [[2, 1, 3], [2, 1, 3]]


def test_declared_ranges_win_over_data(small: Model) -> None:
    explainer = Explainer(small, data=DATA, feature_ranges={"b": (0, 1)}, feature_sigmas={2: 7})
    assert explainer.scales.ranges is not None
    assert explainer.scales.sigmas is not None
    assert explainer.scales.ranges.tolist() == [[0, 8], [0, 1], [-1, 1]]
    assert explainer.scales.sigmas[2] == 7


def test_the_range_is_never_the_width_of_the_cut(small: Model) -> None:
    explainer = Explainer(small, feature_ranges=[(0, 10)] * 3)
    for width in (0.1, 1.0):
        cut = AnalysisRegion.cut([1, 2, 0], {"a": (1, 1 + width)})
        assert explainer.describe(cut, "y").weights.tolist() == [[[10, 20, 0]]]


def test_the_default_scale_is_the_first_that_is_known(small: Model) -> None:
    region = AnalysisRegion.box(1, 2)
    assert Explainer(small, data=DATA).describe(region).scale == "range"
    assert Explainer(small, feature_sigmas=[1, 2, 3]).describe(region).scale == "sigma"
    assert Explainer(small).describe(region).scale == "none"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"feature_ranges": [(0, 1)]}, r"must have shape \(3, 2\), not \(1, 2\)"),
        ({"feature_ranges": {"a": (0, 1)}}, "2 features have none .'b', 'c'."),
        ({"feature_ranges": {"a": (0, 1), "bb": (0, 1)}}, "did you mean 'b'"),
        ({"feature_ranges": {"a": 3, "b": (0, 1), "c": (0, 1)}}, "value of feature 'a'"),
        ({"feature_ranges": [(0, 1), (1, 0), (0, 1)]}, "low of feature 'b' .1. is above high"),
        ({"feature_ranges": [(0, 1), (0, np.inf), (0, 1)]}, "infinite"),
        ({"feature_sigmas": [1, 2]}, r"must have shape \(3,\)"),
        ({"feature_sigmas": [1, -2, 3]}, "that of feature 'b' is negative"),
        ({"data": [[1.0, 2.0]]}, "data has 2 values per point"),
        ({"data": [[1.0, 2.0, np.nan]]}, "data holds NaN"),
    ],
)
def test_wrong_scales_are_refused(small: Model, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Explainer(small, **arguments)


def test_what_is_known_cannot_be_changed(small: Model) -> None:
    explainer = Explainer(small, data=DATA)
    assert explainer.scales.ranges is not None
    with pytest.raises(ValueError, match="read-only"):
        explainer.scales.ranges[0, 0] = 9


def test_an_explainer_says_what_it_knows(model: Model, small: Model) -> None:
    assert repr(Explainer(small)) == (
        "Explainer(Model(3 inputs, 2 outputs, 2 units; tail none, decision highest); "
        "scales: none known; data: none)"
    )
    declared = Explainer(model, feature_ranges=[(0, 1)] * 5)
    assert str(declared).endswith("scales: range; data: none)")
    points = np.random.default_rng(0).uniform(size=(7, 5))
    assert str(Explainer(model, data=points)).endswith("scales: range and sigma; data: 7 points)")
    assert str(Explainer(model, data=points[0])).endswith("data: 1 point)")
