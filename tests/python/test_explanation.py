"""Explanations as data: weights, ranks, shapes, the written form, and how they are shown."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import facetry
from facetry.errors import FileFormatError, InvalidInputError, MissingDependencyError
from facetry.regions.analysis_region import AnalysisRegion
from facetry.results.explanation import Explanation
from facetry.results.ranking import ranks_of
from facetry.search.region_arrays import Halfspaces
from facetry.show.text import partition_text

GOLDEN = Path(__file__).parent / "golden"


def make(**changes: Any) -> Explanation:
    """Two regions, two outputs, three features, with a tie, a zero and names that need escaping."""
    values: dict[str, Any] = {
        "subject": "region",
        "feature_names": ("age", "dose <mg> & more", "weight"),
        "output_names": ("no", "yes"),
        "scale": "range",
        "factors": np.array([40.0, 0.5, 1.0]),
        "coef": np.array(
            [[[0.1, 1 / 3, -4.0], [0.0, 0.0, 0.0]], [[0.01, -2.0, 0.3], [1e-9, 2e6, -5.0]]]
        ),
        "intercept": np.array([[0.1, 0.2], [0.3, -0.4]]),
        "interior_points": np.array([[30.0, 0.1, 70.0], [50.0, 0.2, 80.0]]),
        "volumes": np.array([1.0, 3.0]),
        "free_features": (0, 1),
        "one_sided": np.array([True, False]),
        "region": AnalysisRegion.cut([0, 0, 70], {"age": (20, 60), 1: (0, 0.5)}),
        "undecided": 2,
        "validity": Halfspaces(
            np.array([0, 2, 3]),
            np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 1 / 3]]),
            np.array([0.1, 0.2, 0.3]),
        ),
    }
    return Explanation(**(values | changes))


def points() -> Explanation:
    """The same numbers at two points, without a region."""
    unknown = np.full(2, np.nan)
    return make(
        subject="point", volumes=unknown, region=None, validity=None, undecided=0,
        one_sided=np.zeros(2, dtype=bool), output_names=("yes",), scale="sigma",
        coef=make().coef[:, :1], intercept=make().intercept[:, :1],
    )  # fmt: skip


# Weights and ranks ------------------------------------------------------------------------------


def test_weights_are_coefficients_times_factors() -> None:
    explanation = make()
    np.testing.assert_array_equal(explanation.weights[0, 0], [4.0, (1 / 3) * 0.5, -4.0])


def test_equal_magnitudes_share_a_rank() -> None:
    explanation = make()
    assert explanation.ranks[0, 0].tolist() == [1, 3, 1]
    assert explanation.ranks[0, 1].tolist() == [1, 1, 1]
    assert explanation.ranking(0) == ("age", "weight", "dose <mg> & more")


def test_ranks_against_the_definition() -> None:
    weights = np.random.default_rng(0).integers(-3, 4, size=(50, 2, 7)).astype(float)
    size = np.abs(weights)
    larger = size[..., None, :] > size[..., :, None]
    np.testing.assert_array_equal(ranks_of(weights), 1 + larger.sum(axis=-1))


def test_halfspaces_are_those_of_the_region() -> None:
    A, b = make().halfspaces(1)
    assert A.tolist() == [[-1, 0, 1 / 3]]
    assert b.tolist() == [0.3]


def test_halfspaces_that_were_not_asked_for_are_an_error() -> None:
    with pytest.raises(InvalidInputError, match="validity="):
        points().halfspaces(0)


# Frozen and checked -----------------------------------------------------------------------------


def test_it_is_frozen() -> None:
    explanation = make()
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.scale = "none"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        explanation.coef[0, 0, 0] = 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scale": "percent"}, "scale must be one of range, sigma, none"),
        ({"subject": "cloud"}, "subject must be one of region, point"),
        ({"factors": np.ones(2)}, r"factors must have shape \(3,\)"),
        ({"intercept": np.ones((2, 3))}, r"intercept must have shape \(2, 2\)"),
        ({"volumes": np.ones(3)}, "volumes must have shape"),
        ({"free_features": (3,)}, "free_features must lie between 0 and 2"),
        (
            {"validity": Halfspaces(np.array([0, 1]), np.ones((1, 3)), np.ones(1))},
            "validity.offsets",
        ),
        ({"validity": Halfspaces(np.array([0, 2, 1]), np.ones((1, 3)), np.ones(1))}, "ascend"),
        ({"validity": Halfspaces(np.array([0, 1, 1]), np.ones((1, 2)), np.ones(1))}, "validity.A"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        make(**changes)


# Written form -----------------------------------------------------------------------------------


@pytest.mark.parametrize("build", [make, points])
def test_json_reads_back_exactly(build: Callable[[], Explanation]) -> None:
    explanation = build()
    again = Explanation.from_json(explanation.to_json())
    assert again == explanation
    assert again.to_json() == explanation.to_json()
    for name in ("factors", "coef", "intercept", "interior_points", "weights"):
        assert getattr(again, name).tobytes() == getattr(explanation, name).tobytes()


def test_json_of_an_empty_result_reads_back() -> None:
    empty = make(
        coef=np.zeros((0, 2, 3)), intercept=np.zeros((0, 2)), interior_points=np.zeros((0, 3)),
        volumes=np.zeros(0), one_sided=np.zeros(0, dtype=bool), validity=None, status="cancelled",
        coverage=float("nan"),
    )  # fmt: skip
    assert Explanation.from_json(empty.to_json()) == empty
    assert "0 linear regions" in str(empty)
    assert "0 linear regions" in empty._repr_html_()


def test_json_holds_weights_and_ranks_for_other_programs() -> None:
    document = json.loads(make().to_json())
    assert document["ranks"][0][0] == [1, 3, 1]
    assert document["weights"][0][0][2] == -4.0


def test_other_values_are_not_equal() -> None:
    assert make() != make(undecided=0)
    assert make() != make(factors=np.array([40.0, 0.5, np.nextafter(1.0, 2)]))


def changed(**changes: Any) -> str:
    return json.dumps(json.loads(make().to_json()) | changes)


def without(key: str) -> str:
    document = json.loads(make().to_json())
    del document[key]
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not an explanation"),
        ('{"format": "something"}', "not an explanation"),
        (changed(version=2), "format version 2"),
        (changed(factors=[1.0, 1.0, 1.0]), "not coef times factors"),
        (changed(weights=[]), "damaged"),
        (changed(coef=3), "damaged"),
        (changed(scale="percent"), "damaged: scale"),
        (changed(coef=[[1.0]]), "damaged"),
        (changed(region={"sphere": {}}), "damaged.*sphere"),
        (changed(volumes=["a", "b"]), "damaged"),
        (without("coef"), "'coef' is missing"),
        (without("weights"), "'weights' is missing"),
    ],
)
def test_damaged_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(FileFormatError, match=message) as caught:
        Explanation.from_json(text)
    assert "\n" not in str(caught.value)


# Tables -----------------------------------------------------------------------------------------


def test_data_frame_has_a_row_per_region_output_and_feature() -> None:
    pytest.importorskip("pandas")
    explanation = make()
    frame = explanation.to_pandas()
    assert list(frame.columns) == [
        "region", "output", "feature", "weight", "rank", "coefficient", "intercept", "volume",
    ]  # fmt: skip
    assert len(frame) == 12
    row = frame[(frame.region == 1) & (frame.output == "yes") & (frame.feature == "weight")]
    assert row.weight.tolist() == [-5.0]
    assert row["rank"].tolist() == [2]
    assert row.intercept.tolist() == [-0.4]
    assert row.volume.tolist() == [3.0]


def test_data_frame_of_points_counts_points() -> None:
    pytest.importorskip("pandas")
    frame = points().to_pandas()
    assert frame.columns[0] == "point"
    assert "volume" not in frame


def test_data_frame_without_pandas_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'facetry\[pandas\]'"):
        make().to_pandas()


# Shown form -------------------------------------------------------------------------------------


def many_features() -> Explanation:
    """So many long names that not all fit on a line; stopped early."""
    random = np.random.default_rng(3)
    return make(
        feature_names=tuple(f"a rather long name of feature {i:02d}" for i in range(20)),
        output_names=("risk",),
        scale="none",
        factors=np.ones(20),
        coef=random.normal(size=(12, 1, 20)).round(3),
        intercept=np.zeros((12, 1)),
        interior_points=np.zeros((12, 20)),
        volumes=np.arange(12.0),
        one_sided=np.zeros(12, dtype=bool),
        region=None,
        validity=None,
        undecided=0,
        status="time_limit",
        coverage=0.25,
    )


SHOWN = {"regions": make, "points": points, "many": many_features}


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("kind", ["txt", "html"])
def test_it_is_shown_as_in_the_golden_file(name: str, kind: str) -> None:
    explanation = SHOWN[name]()
    shown = str(explanation) if kind == "txt" else explanation._repr_html_()
    golden = GOLDEN / f"explanation_{name}.{kind}"
    assert shown + "\n" == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("html", [False, True])
def test_what_it_means_that_nothing_was_found(html: bool) -> None:
    def shown(explanation: Explanation) -> str:
        return explanation._repr_html_() if html else str(explanation)

    def choosing(bias: float) -> facetry.Model:
        return facetry.load([([[1.0], [0.0]], [bias, 0.0])], output_names=["up", "down"])

    box = facetry.AnalysisRegion.box(-1, 1)
    none = facetry.disagreement(choosing(0.0), choosing(0.0), box)
    assert "no disagreement: both models choose alike in all of the analysis region" in shown(none)
    assert "alike" not in shown(facetry.disagreement(choosing(0.0), choosing(0.5), box))
    assert "there is no such region" in shown(facetry.query(choosing(2.0), box, top="down"))
    assert "no such region" not in shown(facetry.query(choosing(0.0), box, top="down"))
    stopped = dataclasses.replace(none, status="time_limit", coverage=0.5)
    assert "none was found before the search stopped" in shown(stopped)
    assert "alike" not in shown(stopped)


def test_points_say_how_their_regions_were_decided() -> None:
    model = facetry.load([([[1.0]], [0.0]), ([[2.0]], [0.0])])  # relu(x) * 2: a boundary at 0
    alone = facetry.explain_points(model, [[0.0]])
    assert alone.exactness == "float" and "on a boundary of regions" in str(alone)
    within = facetry.explain_points(model, [[0.0]], validity=facetry.AnalysisRegion.box(-1, 1))
    assert within.exactness == "safe" and "region is decided exactly" in str(within)
    assert Explanation.from_json(within.to_json()).exactness == "safe"


def test_one_of_a_kind_is_not_many() -> None:
    model = facetry.load([([[1.0]], [0.0])])
    found = facetry.partition(model, facetry.AnalysisRegion.box(0, 1))
    assert repr(found).startswith("Partition(1 region in 1 dimension, complete")
    assert repr(facetry.describe(model, found)) == (
        "<Explanation: 1 region, 1 output, 1 feature, scale 'none'>"
    )
    assert partition_text(found).startswith("1 linear region in 1 dimension: complete")
    assert "<Explanation: 2 points, 2 outputs," in repr(
        facetry.explain_points(facetry.load([(np.eye(2), np.zeros(2))]), np.eye(2))
    )


def test_html_escapes_names() -> None:
    html = make(output_names=("<script>", "b"))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "dose &lt;mg&gt; &amp; more" in html


def test_text_fits_a_page() -> None:
    assert max(map(len, str(many_features()).splitlines()[4:])) <= 100


def test_text_says_what_is_missing() -> None:
    text = str(many_features())
    assert "incomplete: the time limit stopped the search; 25.0% is covered" in text
    assert "and 2 more regions" in text


def test_plot_without_a_partition_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="no partition to draw"):
        points().plot()
