"""Models with a schema in the command line: files with categories, by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facetry.cli.files import read_points
from facetry.cli.main import main
from facetry.errors import InvalidInputError
from facetry.models.feature import Feature
from facetry.models.load import load
from facetry.models.model import Model
from facetry.models.schema import Schema

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")

Capture = pytest.CaptureFixture[str]
FEATURES = [
    Feature("age", "integer", range=(18, 99)),
    Feature("sex", "categorical", categories=["F", "M"]),
    Feature("rich", "binary", categories=[False, True]),
    Feature("grade", "ordinal", categories=[1, 2, 3], codes=[10, 20, 30]),
]
TEXT = "grade,sex,rich,age\n1,F,True,30\n3.0, M ,false,41\n2,F,1,52\n"
ROWS = [[30.0, 1.0, 0.0, 1.0, 10.0], [41.0, 0.0, 1.0, 0.0, 30.0], [52.0, 1.0, 0.0, 1.0, 20.0]]


@pytest.fixture
def model() -> Model:
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(4, 5)), rng.normal(size=4)), (rng.normal(size=(2, 4)), np.zeros(2))]
    made = load(layers, schema=Schema(FEATURES))
    made.save("m.facetry-model")
    return made


def read(text: str, model: Model, name: str = "t.csv") -> list[list[float]]:
    Path(name).write_text(text)
    found: list[list[float]] = read_points(Path(name), model).tolist()
    return found


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_features_by_their_labels(model: Model, mark: str) -> None:
    assert read(TEXT.replace(",", mark), model) == ROWS


def test_inputs_by_their_names_or_in_order(model: Model) -> None:
    head = "grade,sex_M,sex_F,rich,age\n"
    assert read(f"{head}10,0,1,1,30\n", model) == ROWS[:1]
    assert read("30,1,0,1,10\n", model) == ROWS[:1]
    with pytest.raises(InvalidInputError, match="line 2, 'sex_F', 'sex_M': 2 ones"):
        read(f"{head}10,1,1,1,30\n", model)


def test_json_by_name(model: Model) -> None:
    records = [{"grade": 1, "sex": "F", "rich": True, "age": 30}]
    assert read(json.dumps(records), model, "t.json") == ROWS[:1]
    assert read(json.dumps(records[0]), model, "t.json") == ROWS[:1]
    assert read(json.dumps(ROWS), model, "t.json") == ROWS
    assert read(json.dumps(ROWS[0]), model, "t.json") == ROWS[:1]
    with pytest.raises(InvalidInputError, match=r"rows of different lengths \(row 1 has 1 value,"):
        read(json.dumps([[1, 2, 3, 4, 5], [1]]), model, "t.json")
    with pytest.raises(InvalidInputError, match=r"row 1 .* has other names than row 0"):
        read(json.dumps([*records, {"age": 1}]), model, "t.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grade,sex,rich,age\n1,F,True,30\n1,Q,True,30\n", r"line 3, 'sex': 'Q': it is none of"),
        ("grade,sex,rich,age\n1,m,True,30\n", r"line 2, 'sex': 'm': .*did you mean 'M'\?"),
        ("grade,sex,rich,age\n1,,True,30\n", "line 2, 'sex': a missing value: fill it in"),
        ("grade,sex,rich,age\n4,F,True,30\n", "line 2, 'grade': '4': it is none of the categories"),
        ("grade,sex,rich,age\n1,F,yes,30\n", "line 2, 'rich': 'yes': it is none of the categories"),
        ("grade,sex,rich,age\n1,F,True,30.5\n", r"line 2, 'age': 30\.5: 'age' is an integer"),
        ("grade,sex,rich,age\n1,F,True,x\n", "line 2, 'age': 'x' is no number"),
        ("grade,sex,rich,age\n1,F,True,\n", "line 2, 'age': there is no value"),
        ("grade,sex,rich,age\n1,F,True\n", "line 2: 3 values, not 4"),
        ("grade,sex,rich,age\n", "is empty"),
        ("grade,sex,rich,agee\n1,F,True,30\n", r"did you mean 'age' by 'agee'.*Rename the columns"),
        ("grade,sex,sex,rich,age\n1,F,F,True,30\n", "several columns 'sex'"),
        ("grade,sex,rich\n1,F,True\n", "'age' is missing"),
        ("id,grade,sex,rich,age\n1,1,F,True,3\n", "--drop-columns id leaves out"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(model: Model, text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as error:
        read(text, model)
    assert str(error.value).startswith("t.csv")
    assert "--feature-names" not in str(error.value)


@pytest.mark.usefixtures("in_an_empty_directory", "model")
def test_commands_take_such_files(capsys: Capture) -> None:
    Path("t.csv").write_text(TEXT)
    Path("row.csv").write_text("".join(TEXT.splitlines(keepends=True)[:2]))
    assert main(["explain", "m.facetry-model", "--points", "t.csv", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["interior_points"] == ROWS
    cut = ["--cut", "age=20:60", "--base", "row.csv"]
    assert main(["explain", "m.facetry-model", *cut, "--data", "t.csv", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert all(point[1:] == ROWS[0][1:] for point in found["interior_points"])
    assert main(["explain", "m.facetry-model", "--cut", "sex=0:1", "--base", "row.csv"]) == 1
    assert "feature 'sex' has 2 inputs; name one of them" in capsys.readouterr().err
    names = ["--feature-names", "a,b,c,d,e"]
    assert main(["explain", "m.facetry-model", "--points", "t.csv", *names]) == 1
    assert "leave --feature-names out" in capsys.readouterr().err


def test_advice_for_texts_without_a_schema(capsys: Capture) -> None:
    load([([[1.0, 2.0]], [0.0])], feature_names=["age", "sex"]).save("p.facetry-model")
    Path("t.json").write_text('[{"age": 30, "sex": "F"}]')
    assert main(["explain", "p.facetry-model", "--points", "t.json"]) == 1
    error = capsys.readouterr().err
    assert "column 'sex' of type text" in error and "saved with a schema" in error
    assert "with_schema" not in error
    region = {"box": {"low": [30, 0], "high": [30, 0], "columns": ["age", "sex"],
                      "labels": {"sex": ["F"]}}}  # fmt: skip
    Path("r.json").write_text(json.dumps(region))
    assert main(["partition", "p.facetry-model", "--region", "r.json"]) == 1
    error = capsys.readouterr().err
    assert "column 'sex' holds 'F'" in error and "with_schema" not in error


def test_bools_in_files_are_numbers() -> None:
    plain = load([([[1.0, 2.0]], [0.0])], feature_names=["age", "rich"])
    assert read("rich,age\nTrue,30\nfalse,31\n", plain) == [[30.0, 1.0], [31.0, 0.0]]
