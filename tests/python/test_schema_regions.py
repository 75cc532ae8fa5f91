"""Analysis regions from tables with categories, and models with a schema."""

from __future__ import annotations

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion, Feature, RegionError, Schema
from oracles.labelled_table import INPUTS, LAYERS, LINE, ROWS, SCHEMA, SHUFFLED, encoded_rows

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


def test_regions_of_labels_are_written_and_read(model):
    for region in (
        AnalysisRegion.cut(SHUFFLED.iloc[0], LINE),
        AnalysisRegion.around(SHUFFLED, 0.5),
        AnalysisRegion.from_data(SHUFFLED),
        AnalysisRegion.point(SHUFFLED.iloc[0]),
    ):
        again = AnalysisRegion.from_json(region.to_json())
        assert again == region and hash(again) == hash(region)
        assert np.array_equal(again.resolve(model).origin, region.resolve(model).origin)
        assert repr(ROWS.sex.iloc[0]) in repr(again)
    for labels in ([], {"sex": []}, {"sex": "F"}, {"city": ["F"]}, {"sex": [None]}):
        body = {"low": [0], "high": [1], "columns": ["sex"], "labels": labels}
        if labels:
            with pytest.raises(RegionError, match="labels"):
                AnalysisRegion.from_dict({"box": body})


def test_regions_hold_the_categories_of_their_table(model):
    region = AnalysisRegion.around(ROWS.assign(sex="F", size="S", code=4, age=30, rich=True))
    domain = region.resolve(model)
    assert domain.dimension == 1
    assert np.allclose(np.delete(domain.origin, 4), [30, 1, 0, 0, 1, 2])
    margin = AnalysisRegion.around(ROWS.assign(sex="F", size="S", code=4, rate=0.5), 1.0)
    assert margin.resolve(model).dimension == 3  # age and rate, and rich with its margin
    three = AnalysisRegion.around(ROWS.assign(code=[1, 2, 4] * 13 + [1]), 0.5).resolve(model)
    assert three.origin[6] == 1.0
    floats = ROWS.assign(code=[1.0, 2.0, 4.0] * 13 + [1.0])
    with pytest.raises(RegionError, match="which categories of feature 'code' are meant"):
        AnalysisRegion.around(floats).resolve(model)
    with pytest.raises(RegionError, match=r"no category of feature 'code' is from 6\.5 to 8"):
        AnalysisRegion.around(floats.assign(code=[6.5, 8] * 20)).resolve(model)
    with pytest.raises(RegionError, match="7 in column 'code': it is none of the categories 1"):
        AnalysisRegion.around(ROWS.assign(code=[7, 8] * 20)).resolve(model)
    with pytest.raises(RegionError, match=r"2\.5 in column 'age': 'age' is an integer feature"):
        AnalysisRegion.point(dict(ROWS.iloc[0], age=2.5)).resolve(model)
    with pytest.raises(RegionError, match="a hull needs numbers, but column 'sex'"):
        AnalysisRegion.around(ROWS, hull=True)


def test_hulls_of_features(plain, encoded):
    schema = Schema([Feature(name) for name in INPUTS])
    few = pandas.DataFrame(encoded[:4], columns=INPUTS)
    model = plain.with_schema(schema)
    expected = AnalysisRegion.around(encoded[:4], hull=True).resolve(plain)
    found = AnalysisRegion.around(few[[*INPUTS[3:], *INPUTS[:3]]], hull=True).resolve(model)
    assert found.dimension == expected.dimension
    coded = schema.with_feature(Feature("code", "categorical", categories=[0, 1, 2]
                                        , codes=[5, 6, 7]))  # fmt: skip
    with pytest.raises(RegionError, match=r"feature 'code' is encoded.*model\.points\(frame\)"):
        AnalysisRegion.around(few, hull=True).resolve(plain.with_schema(coded))
    codes = pandas.DataFrame(encoded[:4], columns=INPUTS).astype({"code": int})
    codes["code"] = [0, 1, 2, 0]
    other = plain.with_schema(coded)
    assert AnalysisRegion.around(other.points(codes), hull=True).resolve(other).dimension > 0


def test_labels_need_a_schema(plain):
    named = facetry.load([([[1.0, 2.0]], [0.0])], feature_names=["age", "sex"])
    region = AnalysisRegion.point({"age": 30, "sex": "F"})
    with pytest.raises(RegionError, match=r"column 'sex' holds 'F'.*with_schema"):
        region.resolve(named)
    with pytest.raises(RegionError, match="column 'sex' holds"):
        AnalysisRegion.around(ROWS).resolve(plain)
    with pytest.raises(RegionError, match="around: points holds a missing value in row 0, column"):
        AnalysisRegion.around(ROWS.assign(sex=[None, *ROWS.sex[1:]]))
    with pytest.raises(RegionError, match="or categories, not column 'when' of type Datetime"):
        AnalysisRegion.around(ROWS.assign(when=pandas.Timestamp("2020")))
