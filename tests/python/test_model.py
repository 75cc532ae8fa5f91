"""The model itself: evaluation, names, decisions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from facetry.errors import InvalidInputError
from facetry.models.load import load

LAYERS = [
    ([[1.0, 2.0], [-1.0, 0.5], [0.0, 1.0]], [0.5, 0.0, -1.0]),
    ([[1.0, -1.0, 2.0], [0.5, 1.0, 1.0]], [0.0, 0.25]),
]
MODEL = load(LAYERS, feature_names=["age", "income"], output_names=["no", "yes"])


def test_values() -> None:
    X = np.random.default_rng(0).normal(size=(20, 2))
    (W1, b1), (W2, b2) = ((np.array(W), np.array(b)) for W, b in LAYERS)
    expected = np.maximum(X @ W1.T + b1, 0) @ W2.T + b2
    np.testing.assert_allclose(MODEL(X), expected, atol=1e-14)
    np.testing.assert_array_equal(MODEL.predict(X), MODEL(X))
    np.testing.assert_array_equal(MODEL.decide(X), expected.argmax(axis=1))
    assert MODEL(X).dtype == np.float64
    np.testing.assert_array_equal(MODEL(X.tolist()), MODEL(X))


def test_description() -> None:
    assert (MODEL.input_size, MODEL.output_size, MODEL.input_shape) == (2, 2, (2,))
    assert repr(MODEL) == "Model(2 inputs, 2 outputs, 3 units; tail none, decision highest)"
    assert MODEL.unit_names == ("relu1[0]", "relu1[1]", "relu1[2]")
    assert (MODEL.feature_names, MODEL.output_names) == (("age", "income"), ("no", "yes"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        MODEL.tail = None  # type: ignore[misc, assignment]


def test_features_and_outputs_by_name_or_index() -> None:
    assert [MODEL.feature_index(f) for f in ("age", "income", 1, np.int64(0))] == [0, 1, 1, 0]
    assert [MODEL.output_index(o) for o in ("yes", 0)] == [1, 0]


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("agee", "did you mean 'age'"),
        ("zzz", "the names are age, income"),
        (2, "0 to 1"),
        (-1, "out of range"),
        (1.0, "a name or an index"),
        (True, "a name or an index"),
        (None, "a name or an index"),
    ],
)
def test_unknown_feature(key: object, part: str) -> None:
    with pytest.raises(InvalidInputError, match=part):
        MODEL.feature_index(key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("points", "part"),
    [
        ([[1.0, 2.0, 3.0]], "3 values per point, but the model has 2"),
        ([[1.0, float("nan")]], "NaN"),
        ([[1.0, float("inf")]], "infinite"),
        ([["a", "b"]], "real numbers"),
        (3.0, "one point per row"),
    ],
)
def test_bad_points(points: object, part: str) -> None:
    with pytest.raises(InvalidInputError, match=part):
        MODEL(points)  # type: ignore[arg-type]


def test_no_decision() -> None:
    with pytest.raises(InvalidInputError, match="decision="):
        load(LAYERS, decision="none").decide([[0.0, 0.0]])
    point = [[1.0, 1.0]]
    assert load(LAYERS, decision="lowest").decide(point)[0] == 1 - MODEL.decide(point)[0]


def test_ties_go_to_the_lowest_index() -> None:
    tied = [(np.ones((3, 2)), np.zeros(3))]
    for kind in ("highest", "lowest"):
        assert load(tied, decision=kind).decide([[1.0, 2.0]]).tolist() == [0]


def test_check_needs_a_file() -> None:
    with pytest.raises(InvalidInputError, match="ONNX"):
        MODEL.check()
