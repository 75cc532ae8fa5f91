"""Sums over regions, volumes kept by a search, columns of streams: against partitions and numpy."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import facetry

RNG = np.random.default_rng(5)


def network(inputs, hidden, outputs, seed=0):
    rng = np.random.default_rng(seed)
    first = (rng.normal(size=(hidden, inputs)), rng.normal(size=hidden) * 0.3)
    second = (rng.normal(size=(hidden, hidden)) / 2, rng.normal(size=hidden) * 0.3)
    last = (rng.normal(size=(outputs, hidden)), rng.normal(size=outputs))
    return facetry.load([first, second, last])


MODEL = network(3, 7, 2, seed=1)
BOX = facetry.AnalysisRegion.box([-1, 0, -2], [1, 3, 2])
FOUND = facetry.partition(MODEL, BOX)


def test_a_fold_is_the_sum_over_the_partition():
    sums = facetry.fold(MODEL, BOX)
    (group,) = sums.groups
    volumes = FOUND.volumes[:, None, None]
    assert (sums.status, group.regions, group.key) == ("complete", len(FOUND), None)
    assert group.volume == pytest.approx(24.0, rel=1e-12)
    np.testing.assert_allclose(group.weights, (volumes * FOUND.coef).sum(0), rtol=1e-9)
    np.testing.assert_allclose(
        group.absolute_weights, (volumes * np.abs(FOUND.coef)).sum(0), rtol=1e-9
    )
    np.testing.assert_allclose(group.lowest_weights, FOUND.coef.min(0), rtol=1e-9)
    np.testing.assert_allclose(group.highest_weights, FOUND.coef.max(0), rtol=1e-9)
    assert group.outputs is None
    assert group.products is None
    assert group.histograms is None


def test_integrals_are_those_of_many_points():
    (group,) = facetry.fold(MODEL, BOX, integrals=True).groups
    points = BOX.low + (BOX.high - BOX.low) * RNG.random((200_000, 3))
    values = MODEL(points)
    scale = 24.0 * np.abs(values).max()
    np.testing.assert_allclose(group.outputs, 24.0 * values.mean(0), atol=0.01 * scale)
    expected = 24.0 * values.T @ values / len(values)
    np.testing.assert_allclose(group.products, expected, rtol=0.03)
    assert group.products[0, 1] == group.products[1, 0]


def test_groups_by_choice_and_by_feature_are_named_and_add_up():
    whole = facetry.fold(MODEL, BOX).groups[0]
    for by, names in (("choice", MODEL.output_names), ("top_feature", MODEL.feature_names)):
        sums = facetry.fold(MODEL, BOX, by=by, output=1)
        assert {group.key for group in sums.groups} <= set(names)
        assert len(sums.groups) > 1, by
        assert sums.volume == pytest.approx(24.0, rel=1e-12)
        total = sum(group.weights for group in sums.groups)
        np.testing.assert_allclose(total, whole.weights, rtol=1e-9)
    top = np.abs(FOUND.coef[:, 1] * [5.0, 1.0, 0.1]).argmax(1)
    scaled = facetry.fold(MODEL, BOX, by="top_feature", output=1, scales=[5.0, 1.0, 0.1])
    for group in scaled.groups:
        own = top == MODEL.feature_names.index(group.key)
        assert group.regions == own.sum()
        assert group.volume == pytest.approx(FOUND.volumes[own].sum(), rel=1e-9)


def test_a_threshold_names_both_sides():
    model = facetry.load([([[1.0]], [0.0])], decision=0.25)
    sums = facetry.fold(model, facetry.AnalysisRegion.box(0, 1), by="choice")
    assert [(group.key, group.volume) for group in sums.groups] == [("not y0", 0.25), ("y0", 0.75)]


def test_histograms_hold_all_of_the_volume():
    edges = [-1.0, 0.0, 0.5]
    (group,) = facetry.fold(MODEL, BOX, edges=edges).groups
    assert group.histograms.shape == (2, 3, 4)
    np.testing.assert_allclose(group.histograms.sum(-1), 24.0, rtol=1e-12)
    below = (FOUND.volumes[:, None, None] * (FOUND.coef < -1.0)).sum(0)
    np.testing.assert_allclose(group.histograms[:, :, 0], below, rtol=1e-9, atol=1e-12)


def test_sums_are_the_same_for_any_number_of_threads():
    one = facetry.fold(MODEL, BOX, threads=1, integrals=True, by="top_feature")
    two = facetry.fold(MODEL, BOX, threads=2, integrals=True, by="top_feature")
    for a, b in zip(one.groups, two.groups, strict=True):
        assert (a.key, a.regions, a.volume) == (b.key, b.regions, b.volume)
        assert np.array_equal(a.weights, b.weights)
        assert np.array_equal(a.products, b.products)


def test_fixed_features_have_no_weight_and_a_point_has_volume_one():
    cut = facetry.AnalysisRegion.cut([0.1, 0.2, 0.3], {0: (-1, 1)})
    (group,) = facetry.fold(MODEL, cut).groups
    assert np.all(group.weights[:, 1:] == 0)
    assert group.volume == pytest.approx(2.0, rel=1e-12)
    (point,) = facetry.fold(MODEL, facetry.AnalysisRegion.point([0.1, 0.2, 0.3])).groups
    assert (point.regions, point.volume) == (1, 1.0)


def test_a_cancelled_fold_says_so():
    stop = threading.Event()
    stop.set()
    sums = facetry.fold(
        network(5, 24, 1), facetry.AnalysisRegion.box([-1] * 5, [1] * 5), cancel=stop
    )
    assert sums.status == "cancelled"
    assert sums.volume < 32.0


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"by": "size"}, "by must be"),
        ({"output": "y9"}, "y9"),
        ({"scales": [1.0]}, "one number for each of the 3 features"),
        ({"edges": [1.0]}, "edges must be"),
        ({"edges": "ab"}, "edges must be"),
        ({"thread": 1}, "did you mean 'threads'"),
    ],
)
def test_what_does_not_fit_is_said(keywords, message):
    with pytest.raises(facetry.InvalidInputError, match=message):
        facetry.fold(MODEL, BOX, **keywords)


def test_a_choice_needs_a_model_that_chooses():
    model = facetry.load([([[1.0]], [0.0])])
    with pytest.raises(facetry.InvalidInputError, match="decision"):
        facetry.fold(model, facetry.AnalysisRegion.box(0, 1), by="choice")


def test_seven_dimensions_are_refused_and_volumes_can_be_left_out():
    model = network(7, 3, 1)
    box = facetry.AnalysisRegion.box([-1] * 7, [1] * 7)
    for ask in (
        lambda: facetry.fold(model, box),
        lambda: facetry.partition(model, box, volumes=True),
        lambda: facetry.iter_regions(model, box, columns=["volumes"]),
    ):
        with pytest.raises(facetry.InvalidInputError, match="6 free dimensions"):
            ask()
    assert np.isnan(facetry.describe(model, box).volumes).all()


def test_kept_volumes_are_those_that_are_found_later(tmp_path):
    kept = facetry.partition(MODEL, BOX, volumes=True)
    assert np.array_equal(kept.volumes, FOUND.volumes)
    assert kept[5].volume == FOUND[5].volume == FOUND.volumes[5]
    kept.save(tmp_path / "kept.facetry")
    assert np.array_equal(facetry.open(tmp_path / "kept.facetry").volumes, FOUND.volumes)
    assert np.array_equal(facetry.describe(MODEL, BOX).volumes, FOUND.volumes)


@pytest.mark.parametrize("ordered", [True, False])
def test_a_stream_carries_the_columns_it_is_asked_for(ordered):
    columns = ["volumes", "halfspaces", "coef", "corners"]
    stream = facetry.iter_regions(MODEL, BOX, batch=50, ordered=ordered, columns=columns)
    parts = list(stream)
    assert sum(len(part) for part in parts) == len(FOUND)
    for part in parts:
        for column in ("volumes", "halfspaces", "corners"):
            assert column in part.__dict__
        places = FOUND.locate(part.interior_points)
        assert np.array_equal(part.volumes, FOUND.volumes[places])
        assert np.array_equal(part.coef, FOUND.coef[places])


def test_unknown_columns_are_refused():
    for columns, message in ((["volume"], "a column must be"), ("volumes", "list of names")):
        with pytest.raises(facetry.InvalidInputError, match=message):
            facetry.iter_regions(MODEL, BOX, columns=columns)
