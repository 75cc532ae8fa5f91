"""Models with a schema: tables with categories at every entry point, in any order of columns."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion, Feature, FileFormatError, InvalidInputError, Schema
from facetry.files.model_file import model_from_bytes, model_to_bytes
from oracles.labelled_table import COUNT, INPUTS, LAYERS, LINE, ROWS, SCHEMA, SHUFFLED, encoded_rows

pandas = pytest.importorskip("pandas")


@pytest.fixture(scope="module")
def plain():
    return facetry.load(LAYERS)


@pytest.fixture(scope="module")
def model(plain):
    return plain.with_schema(SCHEMA)


@pytest.fixture(scope="module")
def encoded():
    return encoded_rows()


# The same answers as with arrays of inputs --------------------------------------------------------

WIDE = AnalysisRegion.box([0, 0, 0, 0, 0, 0, 0], [100, 1, 1, 2, 1, 1, 2])


def first(X):
    return X.iloc[0] if hasattr(X, "iloc") else X[0]


USES = {
    "call": lambda m, X: m(X),
    "points": lambda m, X: m.points(X),
    "predict": lambda m, X: m.predict(X),
    "decide": lambda m, X: m.decide(X),
    "a row": lambda m, X: m(first(X)),
    "explain_points": lambda m, X: facetry.explain_points(m, X).coef,
    "explain_points of an explainer": lambda m, X: (
        facetry.Explainer(m, data=X).explain_points(X, scale="range").weights
    ),
    "ranges of data": lambda m, X: facetry.Explainer(m, data=X).scales.ranges,
    "sigmas of data": lambda m, X: facetry.Explainer(m, data=X).scales.sigmas,
    "FeatureScales": lambda m, X: facetry.FeatureScales.of(m, data=X).ranges,
    "locate": lambda m, X: facetry.partition(
        m, AnalysisRegion.cut(first(X), LINE), threads=1
    ).locate(first(X)),
    "validity_regions": lambda m, X: facetry.validity_regions(m, WIDE, X).coef,
    "boundary_distance": lambda m, X: (
        facetry.boundary_distance(m, WIDE, first(X), threads=1).distance
    ),
    "cut": lambda m, X: AnalysisRegion.cut(first(X), LINE).resolve(m).origin,
    "point": lambda m, X: AnalysisRegion.point(first(X)).resolve(m).origin,
    "around": lambda m, X: AnalysisRegion.around(X).resolve(m).origin,
    "around, dimension": lambda m, X: AnalysisRegion.around(X).resolve(m).dimension,
    "around a row": lambda m, X: AnalysisRegion.around(first(X)).resolve(m).origin,
}


@pytest.mark.parametrize("use", USES)
def test_tables_are_taken_by_name_and_label(plain, model, encoded, use):
    expected = USES[use](plain, encoded)
    assert np.allclose(USES[use](model, encoded), expected)
    assert np.allclose(USES[use](model, ROWS), expected)
    assert np.allclose(USES[use](model, SHUFFLED), expected)


@pytest.mark.parametrize("use", USES)
def test_misspelt_missing_and_doubled_columns_everywhere(model, use):
    with pytest.raises(facetry.FacetryError, match=r"did you mean 'sex' by 'Sexe'\?"):
        USES[use](model, ROWS.rename(columns={"sex": "Sexe"}))
    with pytest.raises(facetry.FacetryError, match="'size' is missing"):
        USES[use](model, ROWS.drop(columns="size"))
    with pytest.raises(facetry.FacetryError, match="several columns 'age'"):
        USES[use](model, pandas.concat([ROWS, ROWS[["age"]]], axis=1))


WRONG = [
    ("sex", "Q", r"'Q'.*'sex'.*none of the categories 'F', 'M'"),
    ("sex", None, r"(a missing value|NaN).*'sex'"),
    ("rate", np.nan, r"NaN.*'rate'"),
    ("code", 3, r"3.*'code'.*none of the categories 1, 2, 4"),
    ("age", 30.5, r"30\.5.*'age'.*integer feature"),
]
NOT_LOOKED_AT = {
    "cut": ("age", "rate"),  # these vary: their values do not count, if they are numbers
    "locate": ("age", "rate"),
    "around": ("age",),  # the ends of a box need be no values
    "around, dimension": ("age",),
}


@pytest.mark.parametrize(
    ("use", "column", "value", "message"),
    [(use, *case) for use in USES for case in WRONG if case[0] not in NOT_LOOKED_AT.get(use, ())],
)
def test_values_that_are_wrong_are_named_everywhere(model, use, column, value, message):
    wrong = ROWS.astype({"age": float})
    wrong[column] = [value, *wrong[column][1:]]
    with pytest.raises(facetry.FacetryError, match=message):
        USES[use](model, wrong)


def test_rows_and_columns_of_errors(model):
    wrong = ROWS.assign(sex=[*ROWS.sex[:7], "male", *ROWS.sex[8:]])
    with pytest.raises(InvalidInputError) as error:
        model(wrong[SHUFFLED.columns])
    assert str(error.value) == (
        "X holds 'male' in row 7, column 'sex' (rows are counted from 0): it is none of the "
        "categories 'F', 'M' of 'sex'"
    )
    with pytest.raises(InvalidInputError, match="X holds 'male' at 'sex': it is none"):
        model(wrong.iloc[7])
    with pytest.raises(InvalidInputError, match="data holds 'male' in row 7, column 'sex'"):
        facetry.Explainer(model, data=wrong)
    with pytest.raises(InvalidInputError, match="column 'when'"):
        facetry.load([([[1.0]], [0.0])], feature_names=["when"])(
            pandas.DataFrame({"when": [pandas.Timestamp("2020")]})
        )


# Other tables -----------------------------------------------------------------------------------


def test_mappings_records_and_rows_without_names(model, encoded):
    expected = model(encoded)
    assert np.array_equal(model(SHUFFLED.to_dict("list")), expected)
    assert np.array_equal(model(SHUFFLED.to_dict("records")), expected)
    assert np.array_equal(model(SHUFFLED.iloc[3].to_dict()), expected[3:4])
    assert np.array_equal(model(ROWS.to_numpy()), expected)  # objects, in the schema's order
    assert np.array_equal(model(ROWS.to_numpy().tolist()), expected)
    assert np.array_equal(model(list(ROWS.iloc[3])), expected[3:4])
    assert np.array_equal(model(ROWS.set_axis(range(6), axis=1)), expected)


def test_numbers_in_rows_of_features(plain):
    schema = Schema([Feature("a"), Feature("c", "categorical", categories=list(range(6)))])
    found = plain.with_schema(schema)
    inputs = np.eye(7)[[3, 1]]
    inputs[:, 0] = 0.5, 0.25
    assert np.array_equal(found([[0.5, 2], [0.25, 0]]), plain(inputs))
    with pytest.raises(InvalidInputError, match="3 values per point, but the model has 7"):
        found([[1, 2, 3]])


@pytest.mark.parametrize("package", ["pyarrow", "polars"])
def test_tables_of_other_packages(model, encoded, package):
    module = pytest.importorskip(package)
    pytest.importorskip("narwhals")
    table = module.Table.from_pandas if package == "pyarrow" else module.from_pandas
    assert np.array_equal(model(table(SHUFFLED)), model(encoded))
    named = facetry.load(LAYERS, feature_names=INPUTS)
    inputs = pandas.DataFrame(encoded, columns=INPUTS)[[*INPUTS[3:], *INPUTS[:3]]]
    assert np.array_equal(named(table(inputs)), named(encoded))
    expected = AnalysisRegion.around(encoded).resolve(named).origin
    assert np.allclose(AnalysisRegion.around(table(inputs)).resolve(named).origin, expected)
    with pytest.raises(InvalidInputError, match="did you mean 'age' by 'agee'"):
        model(table(SHUFFLED.rename(columns={"age": "agee"})))
    with pytest.raises(InvalidInputError, match="in row 1, column 'rate'"):
        model(table(SHUFFLED.assign(rate=[0.5, None, *SHUFFLED.rate[2:]])))
    if package == "polars":
        with pytest.raises(InvalidInputError, match=r"collect\(\) it first"):
            model(table(SHUFFLED).lazy())
    extra = table(SHUFFLED.assign(city="Rome"))
    with pytest.raises(InvalidInputError, match="Drop what is no feature: ") as error:
        model(extra)
    code = str(error.value).rpartition(": ")[2]
    assert np.array_equal(model(eval(code, {"frame": extra})), model(encoded))


def test_a_table_of_inputs_is_held_against_the_schema(model, encoded):
    inputs = pandas.DataFrame(encoded, columns=INPUTS)
    assert np.array_equal(model(inputs[[*INPUTS[3:], *INPUTS[:3]]]), model(encoded))
    for column, value, message in (
        ("sex_M", 1.0, "2 ones in row 3, columns 'sex_F', 'sex_M'"),
        ("sex_F", 0.5, "one is 1 and the others are 0"),
        ("age", 2.5, r"2\.5 in row 3, column 'age'"),
        ("code", 5.0, "5 in row 3, column 'code'.*no category of 'code' has this code"),
    ):
        wrong = inputs.copy()
        wrong.loc[3, ["sex_F", "sex_M"]] = [1.0, 0.0]
        wrong.loc[3, column] = value
        with pytest.raises(InvalidInputError, match=message):
            model(wrong)
    half = inputs.assign(sex_F=0.5, sex_M=0.5).to_numpy()
    assert np.isfinite(model(half)).all()  # arrays are inputs, as searches find them


def test_dummies_of_bools_as_scikit_learn_takes_them():
    neural = pytest.importorskip("sklearn.neural_network")
    people = pandas.DataFrame({"age": [20.0, 30, 60, 70], "sex": ["f", "m", "f", "m"]})
    dummies = pandas.get_dummies(people)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = neural.MLPClassifier((4,), max_iter=20, random_state=0).fit(dummies, [0, 1, 0, 1])
    model = facetry.load(fitted)
    assert np.allclose(model.predict(dummies), fitted.predict_proba(dummies))
    assert AnalysisRegion.around(dummies).resolve(model).dimension == 3
    described = facetry.load(fitted, data=people[["sex", "age"]])
    assert described.schema.feature("sex").categories == ("f", "m")
    assert described.schema.input_names == model.feature_names
    assert np.allclose(described.predict(people[["sex", "age"]]), fitted.predict_proba(dummies))
    assert np.allclose(described.predict(dummies), fitted.predict_proba(dummies))


# Giving a schema to a model ---------------------------------------------------------------------


def test_a_model_takes_names_and_ranges_of_its_schema(plain, model):
    assert model.feature_names == INPUTS and plain.schema is None
    assert model.schema == SCHEMA
    expected = [[18, 99], [0, 1], [0, 1], [0, 2], [0, 1], [0, 1], [0, 2]]
    assert model.feature_ranges.tolist() == expected
    assert facetry.Explainer(model).scales.ranges.tolist() == expected
    assert model.with_schema(None).schema is None
    assert model.with_schema(None).feature_names == plain.feature_names
    loose = SCHEMA.with_feature(Feature("rate"))
    assert plain.with_schema(loose).feature_ranges is None


def test_inputs_are_matched_by_name(encoded):
    order = [5, 1, 0, 6, 2, 4, 3]
    names = [INPUTS[place] for place in order]
    moved = [(LAYERS[0][0][:, order], LAYERS[0][1]), LAYERS[1]]
    model = facetry.load(moved, feature_names=names, schema=SCHEMA)
    assert model.feature_names == tuple(names) == model.schema.input_names
    assert np.allclose(model(SHUFFLED), facetry.load(LAYERS)(encoded))
    assert model.feature_index("age") == 2
    region = AnalysisRegion.cut(ROWS.iloc[0], {"age": (20, 60)})
    assert np.allclose(region.resolve(model).origin[2], 40)


def test_another_schema_for_the_same_model(model, encoded, tmp_path):
    """Names that a first schema gave bind no second one; names of the model's own do."""
    other = model.schema.with_feature(Feature("sex", "categorical", categories=["F", "M"],
                                              inputs=["woman", "man"]))  # fmt: skip
    again = model.with_schema(other)
    assert again.feature_names[1:3] == ("woman", "man")
    assert np.array_equal(again(SHUFFLED), model(encoded))
    again.save(tmp_path / "m.facetry-model")
    opened = facetry.open(tmp_path / "m.facetry-model")
    assert Schema.from_table(ROWS, opened).feature("sex").input_count == 2
    assert opened.with_schema(SCHEMA).feature_names == INPUTS
    named = facetry.load(LAYERS, feature_names=INPUTS, schema=SCHEMA)
    with pytest.raises(InvalidInputError, match="no input 'woman'"):
        named.with_schema(other)


def test_a_schema_for_another_model(plain):
    small = facetry.load([([[1.0, 2.0]], [0.0])])
    with pytest.raises(InvalidInputError, match=r"6 features have 7 inputs \('sex' 2\), but the "):
        small.with_schema(SCHEMA)
    named = facetry.load(LAYERS, feature_names=["years", *INPUTS[1:]])
    with pytest.raises(InvalidInputError, match=r"no input 'age'; .*'years'.*matched by name"):
        named.with_schema(SCHEMA)
    with pytest.raises(InvalidInputError, match="but the model has 7 inputs, and none called 'id'"):
        near = facetry.load(LAYERS, feature_names=INPUTS)
        near.with_schema(Schema([*SCHEMA.features, Feature("id")]))
    near = facetry.load(LAYERS, feature_names=["ages", *INPUTS[1:]])
    with pytest.raises(InvalidInputError, match=r"no input 'age'; did you mean 'ages'\?"):
        near.with_schema(SCHEMA)
    own = SCHEMA.with_feature(Feature("age", inputs=["years"]))
    assert named.with_schema(own).feature_index("age") == 0
    with pytest.raises(InvalidInputError, match=r"must be a facetry\.Schema"):
        plain.with_schema("schema")


def test_loading_with_data(encoded):
    model = facetry.load(LAYERS, data=ROWS.drop(columns="code").assign(code=ROWS.code))
    assert model.schema.feature("sex").encoding == "one-hot"
    assert "Guessed" in str(model.schema)
    numbers = encoded.copy()
    numbers[:, 6] = ROWS.code  # guessed to be an integer
    assert np.allclose(model(SHUFFLED), model(numbers))
    assert facetry.load(LAYERS, schema=SCHEMA, data=SHUFFLED).schema == SCHEMA
    with pytest.raises(InvalidInputError, match="data holds 'Q' in row 0, column 'sex'"):
        facetry.load(LAYERS, schema=SCHEMA, data=ROWS.assign(sex="Q"))
    with pytest.raises(InvalidInputError, match=r"for another model: its 5 features have 6 inputs"):
        facetry.load(LAYERS, data=ROWS.drop(columns="rate"))
    with pytest.raises(InvalidInputError, match="made from a table whose columns have names"):
        facetry.load(LAYERS, data=encoded)


def test_without_a_schema_categories_are_refused_with_advice(plain):
    named = facetry.load([([[1.0, 2.0]], [0.0])], feature_names=["age", "sex"])
    table = ROWS[["sex", "age"]]
    with pytest.raises(InvalidInputError, match="column 'sex' of type text") as error:
        named(table)
    code = "model.with_schema(facetry.Schema.from_table(frame, model))"
    assert code in str(error.value)
    found = eval(code, {"model": named, "facetry": facetry, "frame": table})
    assert np.array_equal(found(table)[:, 0], ROWS.age + 2.0 * (ROWS.sex == "M"))
    with pytest.raises(
        InvalidInputError, match=r"6 columns .* but the model has 7 inputs"
    ) as error:
        plain(ROWS)
    assert code in str(error.value)


def test_names_of_features_and_inputs(model):
    assert model.feature_index("sex_M") == 2 and model.feature_index("size") == 3
    with pytest.raises(InvalidInputError, match="feature 'sex' has 2 inputs; name one of them"):
        model.feature_index("sex")
    with pytest.raises(InvalidInputError, match="has 2 inputs"):
        AnalysisRegion.cut(ROWS.iloc[0], {"sex": (0, 1)}).resolve(model)


# Kept -------------------------------------------------------------------------------------------


def test_a_schema_is_saved_with_its_model(model, encoded, tmp_path):
    path = tmp_path / "m.facetry-model"
    model.save(path)
    again = facetry.open(path)
    assert again.schema == model.schema and again.feature_names == model.feature_names
    assert np.array_equal(again(SHUFFLED), model(encoded))
    again.save(tmp_path / "n.facetry-model")
    assert path.read_bytes() == (tmp_path / "n.facetry-model").read_bytes()
    found = facetry.partition(model, AnalysisRegion.cut(ROWS.iloc[0], LINE), threads=1)
    found.save(tmp_path / "p.facetry")
    opened = facetry.open(tmp_path / "p.facetry")
    assert opened.model.schema == model.schema
    assert np.array_equal(opened.locate(ROWS.iloc[[0]]), found.locate(ROWS.iloc[0]))
    both = facetry.join(model, model)
    assert both.schema == model.schema and both(ROWS).shape == (COUNT, 4)


def test_a_saved_schema_that_does_not_fit_is_damage():
    data = model_to_bytes(facetry.load([([[1.0, 2.0]], [0.0])]).with_schema(
        Schema([Feature("a"), Feature("b")])))  # fmt: skip
    assert model_from_bytes(data, "m").schema.names == ("a", "b")
    other = Schema([Feature("a"), Feature("c")])
    for wrong in ({"schema": other}, {"made_up_names": ("x0",)}):
        damaged = model_to_bytes(replace(model_from_bytes(data, "m"), **wrong))
        with pytest.raises(FileFormatError, match=r"m is damaged: .* not fit its inputs"):
            model_from_bytes(damaged, "m")
