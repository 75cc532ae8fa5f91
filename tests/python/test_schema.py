"""Features and schemas: what they check, how they encode and decode, and their written forms."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facetry import Feature, InvalidInputError, ReadLimits, Schema

SEX = Feature("sex", "categorical", categories=["F", "M"])
AGE = Feature("age", "integer", range=(18, 99), unit="years", action="increase")
SIZE = Feature("size", "ordinal", categories=["S", "M", "L"])
RATE = Feature("rate", range=(0, 1), unit="%", action="decrease")
RICH = Feature("rich", "binary", categories=[False, True])
SCHEMA = Schema([AGE, SEX, SIZE, RATE, RICH])
ROW = {"age": 30, "sex": "M", "size": "L", "rate": 0.5, "rich": True}


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "name is empty"),
        ({"name": 3}, "name must be a text"),
        ({"kind": "nominal"}, "kind must be 'continuous', 'integer'"),
        ({"action": "rise"}, "action must be 'free', 'immutable'"),
        ({"unit": 3}, "unit must be a text"),
        ({"range": (2, 1)}, r"range is upside down: low 2 is above high 1"),
        ({"range": (2,)}, r"range must be \(low, high\)"),
        ({"range": "ab"}, "range must hold real numbers"),
        ({"range": (0, np.nan)}, "range holds NaN"),
        ({"kind": "integer", "range": (0, 1.5)}, "whole ends"),
        ({"kind": "binary", "range": (0, 1)}, "leave range out"),
        ({"step": 2}, "only integer features have a step"),
        ({"kind": "integer", "step": 0}, "step must be a whole number from 1"),
        ({"kind": "integer", "step": 0.5}, "step must be a whole number from 1"),
        ({"categories": ["a"]}, "has no categories"),
        ({"kind": "categorical"}, "needs its categories"),
        ({"kind": "categorical", "categories": "abc"}, "categories must be a list"),
        ({"kind": "categorical", "categories": ["a", "a"]}, "two categories 'a'"),
        ({"kind": "categorical", "categories": [1, True]}, "1, 1.0 and True are the same"),
        ({"kind": "categorical", "categories": ["a", None]}, "a category is a text, a finite"),
        ({"kind": "categorical", "categories": [np.nan]}, "a category is a text, a finite"),
        ({"kind": "binary", "categories": ["a"]}, "has two values, not 1"),
        ({"kind": "binary", "categories": list("abc")}, "there is kind 'categorical'"),
        ({"kind": "binary", "encoding": "one-hot"}, "encoding must be 'codes'"),
        ({"encoding": "codes"}, "encoding must be 'value'"),
        ({"kind": "categorical", "categories": ["a", "b"], "drop": "c"}, "drop must be one of"),
        ({"kind": "ordinal", "categories": ["a"], "drop": "a"}, "no input is left"),
        ({"kind": "ordinal", "categories": ["a"], "encoding": "codes", "drop": "a"}, "drop goes"),
        ({"kind": "ordinal", "categories": ["a", "b"], "codes": [1]}, "codes must have a number"),
        ({"kind": "ordinal", "categories": ["a", "b"], "codes": [1, 1]}, "the same codes"),
        ({"kind": "ordinal", "categories": ["a", "b"], "codes": [0, -0.0]}, "the same codes"),
        ({"kind": "categorical", "categories": ["a"], "action": "increase"}, "do not increase"),
        ({"inputs": ["a", "b"]}, "has 2 names, but it is encoded in 1 input"),
        ({"inputs": "ab"}, "inputs must be a list of texts"),
        ({"kind": "categorical", "categories": ["a", "b"], "inputs": ["x", "x"]}, "more than once"),
    ],
)
def test_wrong_features(given, message):
    with pytest.raises(InvalidInputError, match=message):
        Feature(**{"name": "a", **given})


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([], "at least one feature"),
        (AGE, "needs a list of features"),
        (["age"], "a schema holds facetry.Feature"),
        ([AGE, AGE], "two features 'age'"),
        ([SEX, Feature("sex_F")], "input 'sex_F' belongs to two features"),
    ],
)
def test_wrong_schemas(features, message):
    with pytest.raises(InvalidInputError, match=message):
        Schema(features)


def test_wrong_inputs_and_guesses_of_schemas():
    with pytest.raises(InvalidInputError, match="'sex_M' is missing"):
        Schema([SEX], inputs=["sex_F"])
    with pytest.raises(InvalidInputError, match="'age' belongs to no feature"):
        Schema([SEX], inputs=["sex_F", "sex_M", "age"])
    for guesses in ([("age",)], [("age", 1)], 3):
        with pytest.raises(InvalidInputError, match="guesses are pairs of texts"):
            Schema([AGE], guesses=guesses)
    with pytest.raises(InvalidInputError, match=r"no feature named 'siez'; did you mean 'size'\?"):
        SCHEMA.feature("siez")
    with pytest.raises(InvalidInputError, match="no feature named 3; the features are 'age'"):
        SCHEMA.feature(3)
    with pytest.raises(InvalidInputError, match="did you mean 'rate'"):
        SCHEMA.with_feature(Feature("ratio"))


# Encoding ---------------------------------------------------------------------------------------


def test_each_kind_is_encoded_and_decoded():
    rows = SCHEMA.encode(ROW)
    assert SCHEMA.input_names == ("age", "sex_F", "sex_M", "size", "rate", "rich")
    assert rows.tolist() == [[30.0, 0.0, 1.0, 2.0, 0.5, 1.0]]
    found = {name: values.tolist() for name, values in SCHEMA.decode(rows[0]).items()}
    assert found == {name: [value] for name, value in ROW.items()}
    assert found["rich"] == [True] and isinstance(found["rich"][0], bool)
    assert SCHEMA.decode(rows)["age"].dtype == np.int64


def test_encodings_by_hand():
    grade = Feature("g", "ordinal", categories=[1, 2, 4], codes=[-1, 0.5, 2])
    assert grade.encode([4, 1.0, np.int64(2)]).tolist() == [[2.0], [-1.0], [0.5]]
    word = Feature("w", "categorical", categories=["a", "b"], codes=[[0.1, 0.2], [0.3, 0.4]])
    assert word.input_names == ("w_0", "w_1") and word.encoding == "codes"
    assert word.encode(["b", "a"]).tolist() == [[0.3, 0.4], [0.1, 0.2]]
    assert word.decode([[0.3, 0.4]]).tolist() == ["b"]
    assert word.bounds().tolist() == [[0.1, 0.3], [0.2, 0.4]]
    steps = Feature("s", "ordinal", categories=["S", "L"], encoding="one-hot", drop="S")
    assert steps.encode(["S", "L"]).tolist() == [[0.0], [1.0]]
    assert steps.decode([[0], [1]]).tolist() == ["S", "L"]
    signs = Feature("x", "binary", categories=["no", "yes"], codes=[-1, 1])
    assert signs.decode(signs.encode(["no", "yes"])).tolist() == ["no", "yes"]
    dose = Feature("d", "integer", range=(5, 50), step=5)
    assert dose.encode([5, 20]).tolist() == [[5.0], [20.0]]


def test_inputs_of_a_model_in_another_order():
    schema = Schema([SEX, AGE], inputs=["sex_M", "age", "sex_F"])
    rows = schema.encode({"sex": ["F", "M"], "age": [20, 30]})
    assert rows.tolist() == [[0.0, 20.0, 1.0], [1.0, 30.0, 0.0]]
    assert schema.places == ((2, 0), (1,))
    assert schema.decode(rows)["sex"].tolist() == ["F", "M"]
    assert np.array_equal(schema.ranges, [[0, 1], [18, 99], [0, 1]])
    assert np.isnan(Schema([Feature("a")]).ranges).all()


@pytest.mark.parametrize(
    ("feature", "values", "message"),
    [
        (SEX, ["F", "Q"], r"holds 'Q' in row 1, column 'sex' .*none of the categories 'F', 'M'"),
        (SEX, ["m"], r"did you mean 'M'\?"),
        (SEX, ["F", None], "a missing value in row 1, column 'sex'"),
        (SEX, ["F", float("nan"), None], r"a missing value in row 1.*\(and 1 more such value\)"),
        (SEX, [1, 2], r"holds 1 in row 0, column 'sex'"),
        (SEX, [["F"], "M"], r"holds \['F'\] in row 0"),
        (AGE, [30, 2.5], r"holds 2\.5 in row 1, column 'age'.*integer feature; give whole numbers"),
        (AGE, [30, None], "holds NaN in row 1, column 'age'"),
        (AGE, [30, np.inf], "holds an infinite value in row 1"),
        (AGE, [30, 10**400], "holds an infinite value in row 1"),
        (AGE, [30, "x"], "holds 'x' in row 1, column 'age'.*no number.*an integer feature"),
        (RATE, ["x"], "no number, and 'rate' is a continuous feature"),
        (Feature("d", "integer", range=(5, 50), step=5), [10, 12], "whole steps of 5 from 5"),
        (RICH, [True, 2], "holds 2 in row 1"),
        (Feature("g", "ordinal", categories=[1, 2]), ["1"], r"did you mean 1\?"),
        (SEX, "F", "must be a list"),
        (SEX, 3, "must be a list"),
        (SEX, np.zeros((2, 2)), "must be a list"),
    ],
)
def test_values_that_a_feature_does_not_have(feature, values, message):
    with pytest.raises(InvalidInputError, match=message):
        feature.encode(values)


@pytest.mark.parametrize(
    ("feature", "inputs", "message"),
    [
        (SEX, [[1, 0], [1, 1]], "2 ones in row 1, columns 'sex_F', 'sex_M'.*only one can be 1"),
        (SEX, [[0, 0]], "no one in row 0.*one must be 1"),
        (SEX, [[0.5, 0.5]], "0.5, 0.5 in row 0.*one is 1 and the others are 0"),
        (SEX, [0, 1], r"must have shape \(N, 2\)"),
        (SEX, [[0, np.nan]], "holds NaN"),
        (SIZE, [0, 3], "holds 3 in row 1, column 'size'.*no category of 'size' has this code"),
        (AGE, [[30], [2.5]], r"2\.5 in row 1, column 'age'"),
        (RICH, [0.5], "no category of 'rich'"),
    ],
)
def test_inputs_that_encode_nothing(feature, inputs, message):
    with pytest.raises(InvalidInputError, match=message):
        feature.decode(inputs)


def test_inputs_of_a_schema_that_encode_nothing():
    good = SCHEMA.encode(ROW)
    for place, value, column in ((0, 2.5, "age"), (1, 1.0, "sex_F"), (3, 5.0, "size")):
        bad = np.vstack([good, good])
        bad[1, place] = value
        with pytest.raises(InvalidInputError, match=f"the array holds .* in row 1.*'{column}'"):
            SCHEMA.decode(bad)


# Against other encoders -------------------------------------------------------------------------

LABELS = st.lists(
    st.text("abcdefxyz -_", min_size=1, max_size=5), min_size=1, max_size=6, unique=True
)


@given(LABELS, st.data())
@settings(max_examples=60, deadline=None)
def test_one_hot_is_that_of_pandas_and_scikit_learn(labels, data):
    pandas = pytest.importorskip("pandas")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    labels = sorted(labels)
    values = [*labels, *data.draw(st.lists(st.sampled_from(labels), max_size=10))]
    frame = pandas.DataFrame({"c": values})
    drops = [None] if len(labels) < 2 else [None, "first"]
    for drop in drops:
        feature = Feature("c", "categorical", categories=labels, drop=drop and labels[0])
        dummies = pandas.get_dummies(frame, drop_first=drop is not None)
        other = preprocessing.OneHotEncoder(drop=drop, sparse_output=False).fit(frame)
        assert np.array_equal(feature.encode(values), dummies.to_numpy(dtype=float))
        assert np.array_equal(feature.encode(values), other.transform(frame))
        assert feature.input_names == tuple(dummies.columns)
        assert feature.input_names == tuple(other.get_feature_names_out())
        assert feature.decode(feature.encode(values)).tolist() == values


@given(LABELS, st.data())
@settings(max_examples=60, deadline=None)
def test_ordinal_codes_are_those_of_scikit_learn(labels, data):
    pandas = pytest.importorskip("pandas")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    values = data.draw(st.lists(st.sampled_from(labels), min_size=1, max_size=10))
    frame = pandas.DataFrame({"c": values})
    other = preprocessing.OrdinalEncoder(categories=[labels]).fit(frame)
    feature = Feature("c", "ordinal", categories=labels)
    assert np.array_equal(feature.encode(values), other.transform(frame))
    assert feature.decode(feature.encode(values)).tolist() == values


# Written forms ----------------------------------------------------------------------------------

NAMES = st.text(min_size=1, max_size=8).filter(str.isprintable)
LABEL = st.one_of(
    st.text(max_size=5), st.integers(-9, 9), st.booleans(), st.floats(-9, 9).map(lambda x: x + 0.25)
)


@st.composite
def features(draw, name):
    kind = draw(st.sampled_from(["continuous", "integer", "binary", "categorical", "ordinal"]))
    given = {"unit": draw(st.sampled_from(["", "kg"])), "kind": kind}
    given["action"] = draw(st.sampled_from(["free", "immutable"]))
    if kind == "continuous":
        ends = draw(st.one_of(st.none(), st.tuples(st.floats(-9, 0), st.floats(0, 9))))
        return Feature(name, range=ends, **given)
    if kind == "integer":
        ends = draw(st.one_of(st.none(), st.tuples(st.integers(-9, 0), st.integers(0, 9))))
        return Feature(name, range=ends, step=draw(st.integers(1, 3)), **given)
    size = (2, 2) if kind == "binary" else (1, 5)
    keys = st.lists(LABEL, min_size=size[0], max_size=size[1], unique=True)
    labels = draw(keys)
    if kind == "binary":
        return Feature(name, categories=draw(st.sampled_from([[], labels])), **given)
    how = draw(st.sampled_from(["one-hot", "codes", "rows", "drop"]))
    if how == "rows":
        codes = [[float(i), -float(i)] for i in range(len(labels))]
        return Feature(name, categories=labels, codes=codes, **given)
    if how == "drop" and len(labels) > 1:
        return Feature(name, categories=labels, drop=draw(st.sampled_from(labels)), **given)
    return Feature(name, categories=labels, encoding="one-hot" if how == "drop" else how, **given)


@st.composite
def schemas(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    made = [draw(features(name)) for name in names]
    owned = [name for entry in made for name in entry.input_names]
    if len(set(owned)) < len(owned):
        made, owned = made[:1], list(made[0].input_names)
    if len(set(owned)) < len(owned):  # two labels of one text, such as 1 and "1"
        return Schema([Feature(names[0])])
    order = draw(st.permutations(owned))
    return Schema(made, order, [(made[0].name, "a guess")])


@given(schemas())
@settings(max_examples=200, deadline=None)
def test_schemas_come_back_from_json(schema):
    again = Schema.from_json(schema.to_json())
    assert again == schema and hash(again) == hash(schema)
    assert again.to_json() == schema.to_json() and str(again) == str(schema)
    assert repr(again.features) == repr(schema.features)
    assert pickle.loads(pickle.dumps(schema)) == copy.deepcopy(schema) == schema
    for feature in schema.features:
        assert eval(repr(feature), {"Feature": Feature}) == feature
        assert f"  {feature.name}" in str(schema)


@given(schemas(), st.data())
@settings(max_examples=100, deadline=None)
def test_rows_come_back_from_inputs(schema, data):
    def value(feature):
        if feature.is_labelled:
            return data.draw(st.sampled_from(list(feature.categories)))
        start = feature.range[0] if feature.range else 0
        whole = data.draw(st.integers(-5, 5))
        return start + whole * feature.step if feature.kind == "integer" else float(whole)

    rows = [[value(feature) for feature in schema.features] for _ in range(3)]
    columns = dict(zip(schema.names, map(list, zip(*rows, strict=True)), strict=True))
    inputs = schema.encode(columns)
    assert inputs.shape == (3, len(schema.input_names))
    found = schema.decode(inputs)
    assert {name: values.tolist() for name, values in found.items()} == columns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("[]", "a schema is written as a mapping"),
        ("{}", "a schema needs 'features'"),
        ('{"features": {}}', "features of a schema are a list"),
        ('{"features": [], "x": 1}', "a schema has no 'x'"),
        ('{"features": [{"kind": "integer"}]}', "a feature needs 'name'"),
        ('{"features": [{"name": "a", "colour": 1}]}', "a feature has no 'colour'"),
        ('{"features": [{"name": "a", "range": 3}]}', "range must be a list"),
        ('{"features": [{"name": "a", "name": "b"}]}', "'name' is given twice"),
        ('{"features": ["a"]}', "a feature is written as a mapping"),
        ('{"features": [{"name": "a"}], "guesses": []}', "guesses of a schema are a mapping"),
        ('{"features": [{"name": "a"}], "guesses": {"a": 1}}', "guesses are pairs of texts"),
        ('{"features": [{"name": "a"}], "inputs": ["b"]}', "'a' is missing"),
        ('{"features": [{"name": "a", "step": true}]}', "step must be a whole number"),
        (3, "must be a text"),
    ],
)
def test_json_that_is_no_schema(text, message):
    with pytest.raises(InvalidInputError, match=message) as error:
        Schema.from_json(text)
    assert "\n" not in str(error.value)
    with pytest.raises(InvalidInputError, match="limit of 3 words"):
        Schema.from_json(SCHEMA.to_json(), limits=ReadLimits(words=3))


def test_json_holds_what_is_said():
    assert Schema([SEX, Feature("a")]).to_dict() == {
        "features": [
            {"name": "sex", "kind": "categorical", "categories": ["F", "M"]},
            {"name": "a", "kind": "continuous"},
        ]
    }


def test_the_text_of_a_schema():
    many = Feature("many", "categorical", categories=list(range(9)), unit="x")
    own = Feature("own", "categorical", categories=["a", "b"], drop="a", inputs=["o"])
    code = Feature("word", "ordinal", categories=["a", "b"], codes=[[1, 2], [3, 4]])
    dose = Feature("dose\x1b", "integer", step=5, action="immutable")
    text = str(Schema([*SCHEMA.features, many, own, code, dose], guesses=[("age", "why")]))
    assert text.splitlines() == [
        "Schema of 9 features in 19 inputs",
        "  age       integer      18 to 99 years; increase only",
        "  sex       categorical  'F', 'M' (one-hot)",
        "  size      ordinal      'S' < 'M' < 'L' (coded 0, 1, 2)",
        "  rate      continuous   0 to 1 %; decrease only",
        "  rich      binary       False, True (coded 0, 1)",
        "  many      categorical  0, 1, 2, 3, 4, 5, ... (9 in all) x (one-hot)",
        "  own       categorical  'a', 'b' (one-hot without 'a'); inputs o",
        "  word      ordinal      'a' < 'b' (coded in 2 inputs)",
        "  dose\\x1b  integer       in steps of 5; immutable",
        "Guessed (change with Schema.with_feature, or overrides= of Schema.from_table):",
        "  age: why",
    ]
    assert repr(SCHEMA) == "Schema(5 features, 6 inputs: 'age', 'sex', 'size', 'rate', 'rich')"


def test_equality_is_of_what_counts():
    assert Schema([AGE], guesses=[("age", "why")]) == Schema([AGE])
    assert Schema([AGE]) != Schema([Feature("age", "integer")])
    assert Feature("a", "ordinal", categories=["x"]) == Feature(
        "a", "ordinal", ["x"], encoding="codes", codes=[0]
    )
    with pytest.raises(AttributeError):
        AGE.name = "b"


def test_features_are_replaced_one_by_one():
    schema = Schema([AGE, SEX], inputs=["sex_M", "sex_F", "age"], guesses=[("age", "x")])
    again = schema.with_feature(Feature("age", unit="months"))
    assert again.feature("age").unit == "months" and not again.guesses
    assert again.input_names == schema.input_names
    coded = schema.with_feature(Feature("sex", "binary", categories=["F", "M"]))
    assert coded.input_names == ("age", "sex")
    with pytest.raises(InvalidInputError, match=r"with_feature needs a facetry\.Feature"):
        schema.with_feature("age")
