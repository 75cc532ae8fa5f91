"""A table of every kind of feature, a schema for it, and its inputs as pandas alone makes them."""

from __future__ import annotations

import numpy as np
import pytest

from facetry import Feature, Schema

pandas = pytest.importorskip("pandas")

RNG = np.random.default_rng(5)
SCHEMA = Schema(
    [
        Feature("age", "integer", range=(18, 99)),
        Feature("sex", "categorical", categories=["F", "M"]),
        Feature("size", "ordinal", categories=["S", "M", "L"]),
        Feature("rate", range=(0.0, 1.0)),
        Feature("rich", "binary", categories=[False, True]),
        Feature("code", "categorical", categories=[1, 2, 4], codes=[0, 1, 2]),
    ]
)
INPUTS = ("age", "sex_F", "sex_M", "size", "rate", "rich", "code")
COUNT = 40
ROWS = pandas.DataFrame(
    {
        "age": RNG.integers(18, 60, COUNT),
        "sex": RNG.choice(["F", "M"], COUNT),
        "size": pandas.Categorical(RNG.choice(["S", "L"], COUNT), ["S", "M", "L"], ordered=True),
        "rate": RNG.uniform(size=COUNT).round(3),
        "rich": RNG.choice([True, False], COUNT),
        "code": RNG.choice([1, 4], COUNT),
    }
)
SHUFFLED = ROWS[["code", "rich", "sex", "age", "rate", "size"]]
LAYERS = [
    (RNG.normal(size=(6, 7)) / [10, 1, 1, 1, 1, 1, 1], RNG.normal(size=6)),
    (RNG.normal(size=(2, 6)), np.zeros(2)),
]
LINE = {0: (20, 60), 4: (0, 1)}  # age and rate


def encoded_rows():
    """The inputs of ROWS: float64 (COUNT, 7)."""
    columns = [
        ROWS.age,
        ROWS.sex == "F",
        ROWS.sex == "M",
        ROWS["size"].cat.codes,
        ROWS.rate,
        ROWS.rich,
        ROWS.code.map({1: 0, 2: 1, 4: 2}),
    ]
    return np.column_stack([column.to_numpy(dtype=float) for column in columns])
