"""Two models are compared by the names of their choices and features, not by places."""

from __future__ import annotations

import numpy as np
import pytest

import facetry

RNG = np.random.default_rng(7)
FIRST = [(RNG.normal(size=(5, 2)), RNG.normal(size=5)), (RNG.normal(size=(3, 5)), -np.ones(3))]
SECOND = [(W + 0.8 * RNG.normal(size=W.shape), b) for W, b in FIRST]
SQUARE = facetry.AnalysisRegion.box([-3, -3], [3, 3])
NAMES = ["cat", "dog", "owl"]
ORDER = [2, 0, 1]


def load(layers, names=None, **options):
    return facetry.load(layers, output_names=names, decision="highest", **options)


def moved(layers, order):
    *rest, (W, b) = layers
    return [*rest, (W[order], b[order])]


def test_choices_are_matched_by_name():
    plain = facetry.disagreement(load(FIRST, NAMES), load(SECOND, NAMES), SQUARE)
    names = [NAMES[i] for i in ORDER]
    found = facetry.disagreement(load(FIRST, NAMES), load(moved(SECOND, ORDER), names), SQUARE)
    assert len(found) == len(plain) > 0
    assert found.volumes.sum() == pytest.approx(plain.volumes.sum())
    assert np.array_equal(found.top, plain.top)
    assert np.array_equal(found.other_choice, plain.other_choice)
    assert np.allclose(found.coef, plain.coef)
    unnamed = facetry.disagreement(load(FIRST, NAMES), load(moved(SECOND, ORDER)), SQUARE)
    assert unnamed.volumes.sum() > 1.5 * plain.volumes.sum()  # by place: other choices


def test_features_are_matched_by_name():
    swapped = [(SECOND[0][0][:, ::-1], SECOND[0][1]), SECOND[1]]
    first = load(FIRST, NAMES, feature_names=["age", "dose"])
    second = load(SECOND, NAMES, feature_names=["age", "dose"])
    turned = load(swapped, NAMES, feature_names=["dose", "age"])
    X = RNG.normal(size=(20, 2))
    joined = facetry.join(first, turned)
    assert joined.feature_names == ("age", "dose")
    assert np.allclose(joined(X), np.hstack([first(X), second(X)]))
    identity = facetry.load([(np.eye(2), np.zeros(2))], feature_names=["dose", "age"])
    assert np.allclose(facetry.join(first, identity)(X)[:, 3:], X[:, ::-1])
    expected = facetry.disagreement(first, second, SQUARE)
    found = facetry.disagreement(first, turned, SQUARE)
    assert found.volumes.sum() == pytest.approx(expected.volumes.sum())


def test_names_that_do_not_fit_are_refused():
    first = load(FIRST, NAMES, feature_names=["age", "dose"])
    with pytest.raises(facetry.InvalidInputError, match="none called 'owl'"):
        facetry.disagreement(first, load(SECOND, ["cat", "dog", "bat"]), SQUARE)
    with pytest.raises(facetry.InvalidInputError, match="none called 'height'"):
        facetry.join(first, load(SECOND, feature_names=["age", "height"]))
    logit = [(np.ones((1, 2)), np.zeros(1))]
    yes = facetry.load(logit, output_names=["yes"], decision=0.0)
    no = facetry.load(logit, output_names=["not yes"], decision=0.0)
    with pytest.raises(facetry.InvalidInputError, match="none called 'yes'"):
        facetry.disagreement(yes, no, SQUARE)


def test_messages_speak_of_what_was_asked():
    silent = facetry.load([(np.eye(2), np.zeros(2))], decision="none")
    one = facetry.load([(np.ones((1, 2)), np.zeros(1))])
    calls = {
        "can_win": lambda model: facetry.can_win(model, SQUARE, 0),
        "boundary_distance": lambda model: facetry.boundary_distance(model, SQUARE, [0, 0]),
        "disagreement": lambda model: facetry.disagreement(model, model, SQUARE),
        "top": lambda model: facetry.query(model, SQUARE, top=0),
    }
    for name, call in calls.items():
        for model, advice in ((silent, "'highest' or 'lowest'"), (one, "a number: the threshold")):
            with pytest.raises(facetry.InvalidInputError, match=f"^{name} needs a model") as caught:
                call(model)
            assert advice in str(caught.value)
            assert ("conditions=" in str(caught.value)) == (name == "top")
    with pytest.raises(facetry.InvalidInputError, match="choice must be one of not y0, y0"):
        facetry.can_win(facetry.load([(np.ones((1, 2)), np.zeros(1))], decision=0.0), SQUARE, "no")
    with pytest.raises(facetry.InvalidInputError, match=r"scales=FeatureScales\.of"):
        facetry.describe(silent, SQUARE, scale="range")
    scales = facetry.FeatureScales.of(silent, feature_ranges=[(0, 1), (0, 2)])  # as it says
    found = facetry.describe(silent, SQUARE, scale="range", scales=scales)
    assert found.factors.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: facetry.Explanation.from_json(None), "must be a text, not None"),
        (lambda: facetry.AnalysisRegion.from_json(None), "must be a text, not None"),
        (lambda: facetry.open(None), "must be a path, not None"),
        (lambda: facetry.FeatureScales(ranges=[1, 2]), "a \\(low, high\\) for each feature"),
        (lambda: facetry.OutputCondition({"y0": 1.0}), "a low or a high limit"),
        (lambda: facetry.query(load(FIRST), SQUARE, conditions=3), "conditions must map outputs"),
        (lambda: facetry.describe(load(FIRST), SQUARE, scales=[1]), "must be a FeatureScales"),
        (lambda: facetry.partition(load(FIRST), SQUARE)[99], "out of range"),
    ],
)
def test_what_used_to_end_in_bare_errors(call, message):
    with pytest.raises(facetry.FacetryError, match=message):
        call()


def test_scales_of_lists():
    scales = facetry.FeatureScales(ranges=[[0, 1], [0, 2]], sigmas=[1, 2])
    found = facetry.describe(load(FIRST), SQUARE, scale="range", scales=scales)
    assert found.factors.tolist() == [1.0, 2.0]
    with pytest.raises(facetry.InvalidInputError, match="of 3 features, but the model has 2"):
        facetry.describe(load(FIRST), SQUARE, scales=facetry.FeatureScales(sigmas=[1, 2, 3]))
