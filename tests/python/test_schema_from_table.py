"""Schemas guessed from tables: what is guessed of which column, and what a model's inputs tell."""

from __future__ import annotations

import datetime
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from facetry import Feature, InvalidInputError, MissingDependencyError, Schema

pandas = pytest.importorskip("pandas")
pytest.importorskip("narwhals")


def frame(**columns):
    return pandas.DataFrame(columns)


MIXED = frame(
    flag=[True, False, True],
    maybe=pandas.array([True, None, False], dtype="boolean"),
    sex=["M", "F", "M"],
    town=pandas.array(["Rome", None, "Oslo"], dtype="string"),
    grade=pandas.Categorical(["b", "a", "b"], categories=["a", "b", "c"], ordered=True),
    kind=pandas.Categorical([3, 1, 3], categories=[3, 2, 1]),
    age=[30, 41, 52],
    kids=pandas.array([0, None, 4], dtype="Int64"),
    rate=[0.5, np.nan, 1.5],
    whole=[1.0, 2.0, 3.0],
    small=np.array([0, 1, 1], dtype=np.int8),
    ones=[0.0, 1.0, 0.0],
    const=[1, 1, 1],
    mixed=pandas.Series([True, None, False], dtype=object),
    number=pandas.Series([1, 2.5, None], dtype=object),
)
EXPECTED = {
    "flag": Feature("flag", "binary", categories=[False, True]),
    "maybe": Feature("maybe", "binary", categories=[False, True]),
    "sex": Feature("sex", "categorical", categories=["F", "M"]),
    "town": Feature("town", "categorical", categories=["Oslo", "Rome"]),
    "grade": Feature("grade", "ordinal", categories=["a", "b", "c"]),
    "kind": Feature("kind", "categorical", categories=[3, 2, 1]),
    "age": Feature("age", "integer", range=(30, 52)),
    "kids": Feature("kids", "integer", range=(0, 4)),
    "rate": Feature("rate", range=(0.5, 1.5)),
    "whole": Feature("whole", range=(1, 3)),
    "small": Feature("small", "binary"),
    "ones": Feature("ones", "binary"),
    "const": Feature("const", "integer", range=(1, 1)),
    "mixed": Feature("mixed", "binary", categories=[False, True]),
    "number": Feature("number", range=(1, 2.5)),
}


def test_each_dtype_of_pandas():
    schema = Schema.from_table(MIXED)
    assert {entry.name: entry for entry in schema.features} == EXPECTED
    assert [name for name, _ in schema.guesses] == list(EXPECTED)
    lines = str(schema).splitlines()
    for name in EXPECTED:
        assert any(line.startswith(f"  {name}: ") for line in lines)
    reasons = dict(schema.guesses)
    assert "3 rows, 1 of them without a value" in reasons["town"]
    assert "it may be an integer" in reasons["whole"]
    complete = MIXED.dropna()
    assert np.array_equal(
        schema.encode(complete)[:, :2], complete[["flag", "maybe"]].astype(float).to_numpy()
    )


@pytest.mark.parametrize("package", ["pyarrow", "polars"])
def test_other_tables(package):
    module = pytest.importorskip(package)
    simple = MIXED.drop(columns=["mixed", "number", "kind"])
    other = module.Table.from_pandas(simple) if package == "pyarrow" else module.from_pandas(simple)
    schema = Schema.from_table(other)
    changed = {"grade"} if package == "polars" else set()  # its categories have no order to keep
    for entry in schema.features:
        if entry.name not in changed:
            assert entry == EXPECTED[entry.name]
    complete = simple.dropna()
    other = (
        module.Table.from_pandas(complete, preserve_index=False)
        if package == "pyarrow"
        else module.from_pandas(complete)
    )
    assert np.array_equal(schema.encode(other), schema.encode(complete))


def test_mappings_of_lists_are_tables():
    schema = Schema.from_table({"age": [30, 41], "sex": ["F", "M"]})
    assert schema.features == (
        Feature("age", "integer", range=(30, 41)),
        Feature("sex", "categorical", categories=["F", "M"]),
    )


def test_what_is_known_better():
    known = Feature("age", "integer", range=(0, 120), unit="years", action="increase")
    schema = Schema.from_table(MIXED[["age", "sex"]], overrides={"age": known})
    assert schema.feature("age") == known
    assert [name for name, _ in schema.guesses] == ["sex"]
    assert "  age: " not in str(schema)
    when = frame(age=[1], when=[datetime.datetime(2020, 1, 1)])
    assert Schema.from_table(when, overrides={"when": Feature("when")}).names == ("age", "when")
    for overrides, message in (
        ({"ages": Feature("ages")}, r"no column 'ages'; did you mean 'age'\?"),
        ({"age": Feature("sex")}, "that of 'age' must be a facetry.Feature of this name"),
        ({"age": "integer"}, "that of 'age' must be a facetry.Feature"),
        ([known], "overrides must be a mapping"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            Schema.from_table(MIXED[["age", "sex"]], overrides=overrides)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([datetime.datetime(2020, 1, 1)], "column 'a' is of type Datetime"),
        ([datetime.timedelta(1)], "column 'a' is of type Duration"),
        ([[1]], "column 'a' holds values of type list"),
        (pandas.Series([1, "b"], dtype=object), r"several types \(int, str\)"),
        ([None, None], "column 'a' has no value"),
        ([1.0, np.inf], "column 'a' holds an infinite value"),
        ([], "has no rows"),
    ],
)
def test_columns_of_which_no_feature_is_made(column, message):
    with pytest.raises(InvalidInputError, match=message):
        Schema.from_table(frame(a=column))


@pytest.mark.parametrize("table", [[[1, 2]], np.zeros((2, 2)), None, 3, frame(a=[1]).a, "age"])
def test_what_is_no_table(table):
    with pytest.raises(InvalidInputError, match=r"a table whose columns have names"):
        Schema.from_table(table)


def test_doubled_columns():
    doubled = pandas.concat([MIXED[["age"]], MIXED[["age", "sex"]]], axis=1)
    with pytest.raises(InvalidInputError, match="several columns 'age'"):
        Schema.from_table(doubled)


def test_many_categories_are_said():
    schema = Schema.from_table(frame(name=[f"n{i}" for i in range(30)]))
    assert "perhaps it is no feature" in str(schema)


# With a model -----------------------------------------------------------------------------------

TABLE = frame(age=[30, 41, 52, 60], sex=["M", "F", "M", "F"], size=list("SMLS"))


def for_inputs(*names):
    return Schema.from_table(TABLE, SimpleNamespace(feature_names=names))


def test_names_of_inputs_tell_the_encoding():
    codes = for_inputs("age", "sex", "size")
    assert [entry.encoding for entry in codes.features] == ["value", "codes", "codes"]
    assert "because the model has one input of it" in str(codes)
    first = for_inputs("sex_M", "age", "size_S", "size_M", "size_L")
    assert first.feature("sex").drop == "F" and first.feature("size").drop is None
    assert "one-hot without 'F', because the model has inputs such as 'sex_M'" in str(first)
    years = for_inputs("age_30", "age_41", "age_52", "age_60", "sex", "size")
    assert years.feature("age") == Feature("age", "categorical", categories=[30, 41, 52, 60])
    other = for_inputs("a", "b")
    assert [entry.encoding for entry in other.features] == ["value", "one-hot", "one-hot"]


@pytest.mark.parametrize(
    ("count", "inputs"), [(6, [2, 3]), (5, [1, 3]), (4, [1, 2]), (3, [1, 1]), (9, [2, 3])]
)
def test_the_number_of_inputs_tells_the_encoding(count, inputs):
    schema = for_inputs(*(f"x{i}" for i in range(count)))
    assert [entry.input_count for entry in schema.features[1:]] == inputs
    assert all(name in dict(schema.guesses) for name in schema.names)


def test_something_else_than_a_model():
    with pytest.raises(InvalidInputError, match=r"the model must be one from facetry\.load"):
        Schema.from_table(TABLE, "model")


# Without narwhals -------------------------------------------------------------------------------


@pytest.fixture
def without_narwhals(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "narwhals"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "narwhals", None)
    monkeypatch.setitem(sys.modules, "narwhals.stable.v1", None)


@pytest.mark.usefixtures("without_narwhals")
def test_without_narwhals_pandas_is_read_by_its_own_methods():
    schema = Schema([EXPECTED["sex"], Feature("age", "integer"), EXPECTED["flag"]])
    rows = schema.encode(MIXED[["age", "sex", "flag"]])
    assert rows.tolist() == [[0, 1, 30, 1], [1, 0, 41, 0], [0, 1, 52, 1]]
    with pytest.raises(InvalidInputError, match="a missing value in row 1, column 'sex'"):
        schema.encode(MIXED[["age", "flag"]].assign(sex=MIXED["town"].to_numpy()[[0, 1, 2]])
                      .assign(sex=["F", None, "M"]))  # fmt: skip


@pytest.mark.usefixtures("without_narwhals")
def test_without_narwhals_guesses_say_what_to_install():
    with pytest.raises(MissingDependencyError, match=r"narwhals: pip install 'facetry\[tables\]'"):
        Schema.from_table(MIXED[["age", "sex"]])
    pyarrow = pytest.importorskip("pyarrow")
    with pytest.raises(MissingDependencyError, match="needs narwhals"):
        Schema([Feature("age")]).encode(pyarrow.table({"age": [1]}))
