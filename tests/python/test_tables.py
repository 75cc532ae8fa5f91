"""Data frames and series: columns by name, bools as numbers, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import facetry

pandas = pytest.importorskip("pandas")

FEATURES = ["age", "income", "debt"]
RNG = np.random.default_rng(3)
LAYERS = [(RNG.normal(size=(5, 3)), RNG.normal(size=5)), (RNG.normal(size=(2, 5)), np.zeros(2))]
ROWS = pandas.DataFrame(RNG.normal(size=(40, 3)) * [1, 10, 100], columns=FEATURES)
SHUFFLED = ROWS[["debt", "age", "income"]]


@pytest.fixture(scope="module")
def model():
    return facetry.load(LAYERS, feature_names=FEATURES)


USES = {
    "call": lambda m, X: m(X),
    "predict": lambda m, X: m.predict(X),
    "decide": lambda m, X: m.decide(X),
    "explain_points": lambda m, X: facetry.explain_points(m, X).coef,
    "data of an explainer": lambda m, X: facetry.Explainer(m, data=X).scales.ranges,
    "sigmas of data": lambda m, X: facetry.Explainer(m, data=X).scales.sigmas,
    "around": lambda m, X: facetry.AnalysisRegion.around(X).resolve(m).origin,
    "hull": lambda m, X: (
        facetry.partition(
            m, facetry.AnalysisRegion.around(X, hull=True), max_regions=5
        ).interior_points
    ),
    "from_data": lambda m, X: facetry.AnalysisRegion.from_data(X).resolve(m).origin,
    "locate": lambda m, X: facetry.partition(m, facetry.AnalysisRegion.around(ROWS)).locate(X),
    "validity_regions": lambda m, X: (
        facetry.validity_regions(m, facetry.AnalysisRegion.around(ROWS, 500), X).coef
    ),
    "base of a cut": lambda m, X: (
        facetry.AnalysisRegion.cut(X.mean(), {"age": (0, 1)}).resolve(m).origin
    ),
    "a point": lambda m, X: facetry.AnalysisRegion.point(X.iloc[0]).resolve(m).origin,
    "a row": lambda m, X: m(X.iloc[0]),
    "limits": lambda m, X: facetry.AnalysisRegion.box(X.min(), X.max()).resolve(m).origin,
    "ranges by name": lambda m, X: (
        facetry.Explainer(
            m, feature_ranges=pandas.DataFrame({"low": X.min(), "high": X.max()})
        ).scales.ranges
    ),
    "sigmas by name": lambda m, X: facetry.Explainer(m, feature_sigmas=X.std()).scales.sigmas,
    "boundary_distance": lambda m, X: [
        facetry.boundary_distance(m, facetry.AnalysisRegion.around(ROWS, 500), X.iloc[0]).distance
    ],
}


@pytest.mark.parametrize("use", USES)
def test_columns_are_taken_by_name(model, use):
    expected = USES[use](model, ROWS)
    assert np.allclose(USES[use](model, SHUFFLED), expected)
    assert not np.allclose(expected, USES[use](model, SHUFFLED.set_axis(FEATURES, axis=1)))


@pytest.mark.parametrize("use", set(USES) - {"locate", "ranges by name", "sigmas by name"})
def test_names_that_are_not_the_model_s_are_refused(model, use):
    wrong = ROWS.rename(columns={"debt": "depth"})
    with pytest.raises(facetry.FacetryError, match=r"'debt' is missing and 'depth' is unknown"):
        USES[use](model, wrong)


def test_missing_unknown_and_repeated_columns(model):
    with pytest.raises(facetry.InvalidInputError, match="'city' is unknown"):
        model(ROWS.assign(city=1.0))
    with pytest.raises(facetry.InvalidInputError, match="'age', 'debt' are missing"):
        model(ROWS[["income"]].assign(a=1.0, b=2.0))
    with pytest.raises(facetry.InvalidInputError, match="several columns 'age'"):
        model(pandas.concat([ROWS, ROWS[["age"]]], axis=1))
    with pytest.raises(facetry.InvalidInputError, match=r"column 'debt' of type"):
        model(ROWS.assign(debt="x"))
    with pytest.raises(facetry.InvalidInputError, match=r"not 'x' at 'debt'"):
        model(ROWS.assign(debt="x").iloc[0])


def advice(action) -> str:
    """The expression that an error advises, after its last colon."""
    with pytest.raises(facetry.InvalidInputError) as error:
        action()
    return str(error.value).rpartition(": ")[2].removesuffix(", before the region is made of it")


@pytest.mark.parametrize("extra", [["city"], ["a", "b"], list("abcdefgh")])
@pytest.mark.parametrize("value", [1.0, "Rome"])
def test_extra_columns_are_named_and_can_be_dropped_as_the_error_says(model, extra, value):
    frame = SHUFFLED.assign(**dict.fromkeys(extra, value))
    code = advice(lambda: model(frame))
    assert code == (f"frame.drop(columns={extra})" if len(extra) < 5 else
                    "frame[list(model.feature_names)]")  # fmt: skip
    names = {"frame": frame, "model": model}
    assert np.array_equal(model(eval(code, names)), model(ROWS))
    series = frame.iloc[0]
    code = advice(lambda: model(series))
    assert code.startswith("series")
    found = model(eval(code, {"series": series, "model": model}))
    assert np.array_equal(found, model(ROWS.iloc[0]))


@pytest.mark.parametrize(
    "region",
    [
        facetry.AnalysisRegion.around,
        lambda frame: facetry.AnalysisRegion.around(frame, hull=True),
        lambda frame: facetry.AnalysisRegion.cut(frame.mean(), {"age": (0, 1)}),
        lambda frame: facetry.AnalysisRegion.box(frame.min(), frame.max()),
    ],
)
def test_regions_of_tables_with_other_columns(model, region):
    frame = SHUFFLED.assign(city=RNG.normal(size=40))
    code = advice(lambda: region(frame).resolve(model))
    assert code == "frame.drop(columns=['city'])"
    found = region(eval(code, {"frame": frame})).resolve(model)
    assert np.array_equal(found.origin, region(ROWS[SHUFFLED.columns]).resolve(model).origin)


def test_renamed_columns_can_be_given_as_an_array(model):
    frame = ROWS.set_axis(["Age", "Income", "Debt"], axis=1)
    code = advice(lambda: model(frame))
    assert code == "frame.to_numpy()"
    assert np.array_equal(model(eval(code, {"frame": frame})), model(ROWS))
    assert "Add what is missing" in advice(lambda: model(ROWS[["age", "debt"]]))


def test_more_columns_than_a_model_without_names_has():
    plain = facetry.load(LAYERS)
    with pytest.raises(facetry.InvalidInputError, match=r"4 columns \('debt', .*give just its col"):
        plain(SHUFFLED.assign(city=1.0))


def test_one_row_is_needed_where_a_point_is(model):
    cut = facetry.AnalysisRegion.cut
    for make, what in (
        (lambda frame: cut(frame, {"age": (0, 1)}), "cut: base"),
        (facetry.AnalysisRegion.point, "point: x"),
        (lambda frame: facetry.AnalysisRegion.box(frame, 999), "box: low"),
        (lambda frame: facetry.AnalysisRegion.box(-999, frame), "box: high"),
    ):
        with pytest.raises(facetry.RegionError, match=f"{what}: one row is needed") as error:
            make(ROWS)
        assert "has 40; give a row, frame.iloc[0]" in str(error.value)
        make(ROWS.head(1))
    mixed = SHUFFLED.assign(city="Rome")
    with pytest.raises(facetry.RegionError, match="one row is needed") as error:
        cut(mixed, {"age": (0, 1)})
    summary = re.search(r"frame\.mean\(.*?\)", str(error.value))
    base = eval(summary[0], {"frame": mixed})
    expected = cut(ROWS.mean(), {"age": (0, 1)}).resolve(model).origin
    assert np.allclose(cut(base, {"age": (0, 1)}).resolve(model).origin, expected)
    with pytest.raises(facetry.RegionError, match=r"give one point, such as a row, rows\[0\]"):
        cut(ROWS.to_numpy(), {"age": (0, 1)}).resolve(model)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_bad_values_are_named_by_row_and_column(model, value):
    frame = SHUFFLED.copy()
    frame.loc[7, "income"] = value
    what = "NaN" if np.isnan(value) else "an infinite value"
    place = rf"X holds {what} in row 7, column 'income' \(rows are counted from 0\); give finite"
    with pytest.raises(facetry.InvalidInputError, match=place):
        model(frame)
    with pytest.raises(facetry.InvalidInputError, match=place):
        model(frame[FEATURES].to_numpy())
    with pytest.raises(facetry.InvalidInputError, match=f"X holds {what} at 'income'"):
        model(frame.iloc[7])
    with pytest.raises(facetry.InvalidInputError, match=r"data holds .* row 7, column 'income'"):
        facetry.Explainer(model, data=frame)
    with pytest.raises(facetry.RegionError, match=r"points holds .* row 7, column 'income'"):
        facetry.AnalysisRegion.around(frame)
    with pytest.raises(facetry.RegionError, match=r"row 7, column 1 \(both counted from 0\)"):
        facetry.AnalysisRegion.around(frame[FEATURES].to_numpy())
    with pytest.raises(facetry.RegionError, match=r"cut: base holds .* at 'income'"):
        facetry.AnalysisRegion.cut(frame.iloc[7], {"age": (0, 1)})
    frame.loc[9, "debt"] = value
    with pytest.raises(facetry.InvalidInputError, match=r"\(and 1 more such values?\)"):
        model(frame)
    images = np.zeros((2, 1, 3))
    images[1, 0, 2] = value
    with pytest.raises(facetry.InvalidInputError, match=r"at position \(1, 0, 2\)"):
        model(images)


def test_a_model_without_names_takes_columns_in_order():
    plain = facetry.load(LAYERS)
    assert np.array_equal(plain(SHUFFLED), plain(SHUFFLED.to_numpy()))
    region = facetry.AnalysisRegion.around(SHUFFLED)
    assert np.array_equal(region.resolve(plain).origin, region.low / 2 + region.high / 2)
    ours = SHUFFLED.set_axis(["x2", "x0", "x1"], axis=1)
    assert np.array_equal(plain(ours), plain(ours[["x0", "x1", "x2"]].to_numpy()))


def test_columns_without_names_are_taken_in_order(model):
    plain = ROWS.set_axis([0, 1, 2], axis=1)
    assert np.array_equal(model(plain), model(ROWS.to_numpy()))


def test_a_region_from_a_table_is_written_with_its_columns(model):
    for region in (
        facetry.AnalysisRegion.around(SHUFFLED),
        facetry.AnalysisRegion.cut(SHUFFLED.mean(), {"age": (0, 1)}),
        facetry.AnalysisRegion.around(SHUFFLED, hull=True),
    ):
        again = facetry.AnalysisRegion.from_json(region.to_json())
        assert again.columns == ("debt", "age", "income")
        assert np.array_equal(again.resolve(model).origin, region.resolve(model).origin)
    for columns in (["a"], "abc", [1, 2, 3], None):
        with pytest.raises(facetry.RegionError, match="columns must be a list of 3 names"):
            facetry.AnalysisRegion.from_dict(
                {"box": {"low": [0, 0, 0], "high": [1, 1, 1], "columns": columns}}
            )


def test_constraints_on_a_region_from_a_table(model):
    box = facetry.AnalysisRegion.around(SHUFFLED).where([1, 0, 0], 0.0)  # as the model has them
    points = facetry.partition(model, box, max_regions=50).interior_points
    assert (points[:, 0] <= 0).all()
    with pytest.raises(facetry.RegionError, match="an array with a column per input"):
        facetry.AnalysisRegion.around(SHUFFLED).where(SHUFFLED.head(1), 0.0)
    hull = facetry.AnalysisRegion.around(SHUFFLED, hull=True)
    with pytest.raises(facetry.RegionError, match="give A as a data frame"):
        hull.where([1, 0, 0], 0.0)
    age = pandas.DataFrame([[1.0, 0.0, 0.0]], columns=FEATURES)
    points = facetry.partition(model, hull.where(age, 0.0), max_regions=50).interior_points
    assert (points[:, 0] <= 1e-9).all()
    with pytest.raises(facetry.RegionError, match="different names or order"):
        facetry.AnalysisRegion.box(ROWS.min(), SHUFFLED.max())


def test_bools_are_numbers(model):
    frame = pandas.DataFrame({"age": [0.5, 1.5], "income": [True, False], "debt": [1, 2]})
    expected = model([[0.5, 1, 1], [1.5, 0, 2]])
    assert np.array_equal(model(frame), expected)
    assert np.array_equal(model(frame.astype({"income": "boolean", "debt": "Int64"})), expected)
    assert facetry.Explainer(model, data=frame).scales.ranges.tolist() == [
        [0.5, 1.5],
        [0, 1],
        [1, 2],
    ]
    holes = frame.assign(debt=pandas.array([1, None], dtype="Int64"))
    with pytest.raises(facetry.InvalidInputError, match="NaN"):
        model(holes)
    with pytest.raises(facetry.InvalidInputError, match="NaN"):
        model(frame.assign(income=pandas.array([True, None], dtype="boolean")))
