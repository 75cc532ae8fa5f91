"""Points in files of the command line: columns by name, and advice that works when followed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from facetry.cli.csv_points import ColumnOptions
from facetry.cli.files import read_points
from facetry.cli.main import main
from facetry.errors import InvalidInputError
from facetry.models.load import load
from facetry.models.model import Model
from facetry.regions.analysis_region import AnalysisRegion
from facetry.search.partition import partition
from oracles.command_lines import MODEL, PIECEWISE

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def model() -> Model:
    return load(PIECEWISE, feature_names=["x1", "x2", "x3", "x4", "x5"])


def refused(text: str, model: Model) -> str:
    Path("t.csv").write_text(text)
    with pytest.raises(InvalidInputError, match=r"t\.csv") as error:
        read_points(Path("t.csv"), model)
    return str(error.value)


# What is wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x1,x2,x3,x4\n1,2,3,4\n", "'x5' is missing; the model's"),
        ("x1,x2,x3,x4,x6\n1,2,3,4,5\n", "'x5' is missing and 'x6' is unknown"),
        ("x5,id,x4,x3,x2,x1\n5,7,4,3,2,1\n", "'id' is unknown"),
        (",x1,x2,x3,x4,x5\n0,1,2,3,4,5\n", "'' is unknown"),
        ("a,b,c,d,e\n1,2,3,4,5\n", "'x1', 'x2', 'x3', 'x4', 'x5' are missing and 'a', 'b', 'c',"),
        ("X1,X2,X3,X4,X5\n1,2,3,4,5\n", "are missing"),
        ("x1,x2,x3,x4,x5,x5\n1,2,3,4,5,6\n", "several columns 'x5'"),
        ("x1,x2,x3,x4,5\n1,2,3,4,5\n", "'5' is unknown"),
        ("x1|x2|x3|x4|x5\n1|2|3|4|5\n", "'x1|x2|x3|x4|x5' is unknown"),
        ("x1,x2,x3,x4,x5\n1,2,3,4,5\n1,2,3,4\n", "line 3: 4 values, not 5"),
        ("x1,x2,x3,x4,x5\n\n1,2,3,4,5,6\n", "line 3: 6 values, not 5"),
        ("x1,x2,x3,x4,x5\n1,2,3,,5\n", "line 2, 'x4': there is no value"),
        ("x5,x4,x3,x2,x1\n1,2,3,nan,5\n", "line 2, 'x2': nan is no finite number"),
        ("1,2,3,4,5\n1,2,-inf,4,5\n", "line 2, 'x3': -inf is no finite number"),
        ("1,2,3,4,5\n1,2,three,4,5\n", "line 2, 'x3': 'three' is no number"),
        ("1,2,3,4,5\n,,,,\n", "line 2, 'x1': there is no value"),
        ("x1;x2;x3;x4;x5\n1;2;3;4,5;5\n", "line 2, 'x4': '4,5' is no number: write it with a dec"),
        ("x1,x2,x3,x4,x5\n", "is empty"),
        ("1,2,3,4\n", "4 values per point"),
        ("1;2;3;4\n", "4 values per point"),
    ],
)
def test_columns_of_csv_are_never_guessed(model: Model, text: str, message: str) -> None:
    assert message in refused(text, model)


@pytest.mark.parametrize("ending", ["npy", "json"])
def test_places_in_arrays_are_rows_and_features(model: Model, ending: str) -> None:
    rows = np.ones((3, 5))
    rows[2, 1] = np.nan
    path = Path(f"t.{ending}")
    if ending == "npy":
        np.save(path, rows)
    else:
        path.write_text(json.dumps(rows.tolist()))
    with pytest.raises(InvalidInputError, match=r"NaN in row 2, column 'x2' \(rows are counted"):
        read_points(path, model)


# Separators -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("head", ["x5{0}x4{0}x3{0}x2{0}x1\n", "x5 {0} x4{0}x3{0}x2{0} x1\n", ""])
def test_the_separator_is_seen_in_the_first_line(model: Model, mark: str, head: str) -> None:
    Path("t.csv").write_text(head.format(mark) + mark.join("12345") + "\n")
    found = read_points(Path("t.csv"), model).tolist()
    assert found == [[1.0, 2.0, 3.0, 4.0, 5.0][:: -1 if head else 1]]


def test_a_separator_within_names_is_none() -> None:
    model = load([([[1.0, -1.0]], [0.0])], feature_names=["a;b", "c\td"])
    Path("t.csv").write_text("c\td,a;b\n1,2\n")
    assert read_points(Path("t.csv"), model).tolist() == [[2.0, 1.0]]
    model = load([([[1.0, -1.0]], [0.0])], feature_names=["a,b", "c"])
    Path("t.csv").write_text('c;"a,b"\n1;2\n')
    assert read_points(Path("t.csv"), model).tolist() == [[2.0, 1.0]]
    one = load([([[1.0]], [0.0])], feature_names=["a"])
    Path("t.csv").write_text("a\n1\n2\n")
    assert read_points(Path("t.csv"), one).tolist() == [[1.0], [2.0]]


# Advice that works ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "x5,id,x4,x3,x2,x1\n5,7,4,3,2,1\n",
        ",x1,x2,x3,x4,x5\n0,1,2,3,4,5\n",
        "the day;x1;x2;x3;it's;x4;x5\nmonday;1;2;3;x;4;5\n",
        '"a, b",x1,x2,x3,x4,x5\n0,1,2,3,4,5\n',
    ],
)
def test_columns_that_are_no_features_are_left_out(
    model: Model, text: str, capsys: Capture
) -> None:
    message = refused(text, model)
    assert "is unknown" in message or "are unknown" in message
    Path("FILE.json").write_text('["a, b"]')
    advice = re.search(r"--drop-columns (.*) leaves out", message)
    assert advice
    options = ["--drop-columns", *shlex.split(advice[1].replace("(a list of names)", ""))]
    assert main(["explain", *MODEL, "--points", "t.csv", "--format", "json", *options]) == 0
    assert json.loads(capsys.readouterr().out)["interior_points"] == [[1.0, 2.0, 3.0, 4.0, 5.0]]
    assert main(["partition", *MODEL, "--cut", "x1=0:1", "--base", "t.csv", *options]) == 0
    assert main(["explain", *MODEL, "--box", "0:1", "--max-regions", "1", "--data", "t.csv",
                 *options]) == 3  # fmt: skip


def test_columns_to_leave_out_may_be_features_of_no_model(model: Model) -> None:
    Path("t.csv").write_text("x1,x2,x3,x4,x5\n1,2,3,4,5\n")
    assert read_points(Path("t.csv"), model, None, ColumnOptions(["id"])).tolist() == [
        [1.0, 2.0, 3.0, 4.0, 5.0]
    ]
    with pytest.raises(InvalidInputError, match="'x2' is missing"):
        read_points(Path("t.csv"), model, None, ColumnOptions(["x2"]))


def test_names_that_were_made_up_are_names_too(capsys: Capture) -> None:
    model = load([([[1.0, -1.0]], [0.0])])
    message = refused("debt,age\n1,2\n", model)
    assert "--feature-names" in message
    assert "'x0', 'x1' are missing and 'debt', 'age' are unknown" in message
    Path("t.csv").write_text("x1,x0\n1,2\n")
    assert read_points(Path("t.csv"), model).tolist() == [[2.0, 1.0]]
    Path("t.csv").write_text("e,d,c,b,a\n.5,.4,.3,.2,.1\n")
    arguments = ["explain", PIECEWISE, "--points", "t.csv", "--format", "json"]
    assert main(arguments) == 1
    assert "are unknown" in capsys.readouterr().err
    assert main([*arguments, "--feature-names", "a,b,c,d,e"]) == 0
    assert json.loads(capsys.readouterr().out)["interior_points"] == [[0.1, 0.2, 0.3, 0.4, 0.5]]


@pytest.fixture
def saved(model: Model) -> list[str]:
    """A saved partition and a saved model of the same network."""
    found = partition(model, AnalysisRegion.cut(np.full(5, 0.5), {"x1": (0, 1), "x2": (0, 0.2)}))
    found.save("p.facetry")
    model.save("m.facetry-model")
    return ["p.facetry", "m.facetry-model"]


@pytest.mark.parametrize("which", [0, 1])
def test_renamed_columns_with_something_saved(
    which: int, saved: list[str], capsys: Capture
) -> None:
    Path("rows.csv").write_text("e,d,c,b,a\n.5,.4,.3,.2,.1\n")
    arguments = ["explain", saved[which], "--points", "rows.csv", "--format", "json"]
    assert main(arguments) == 1
    assert "--feature-names gives the features other names" in capsys.readouterr().err
    assert main([*arguments, "--feature-names", "a,b,c,d,e"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["feature_names"] == ["a", "b", "c", "d", "e"]
    assert first["interior_points"] == [[0.1, 0.2, 0.3, 0.4, 0.5]]
    Path("rows.csv").write_text(".1,.2,.3,.4,.5\n")  # the other advice: no line of names
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["coef"] == first["coef"]


def test_renamed_columns_of_data_for_a_saved_partition(saved: list[str], capsys: Capture) -> None:
    """The partition has its names; what --feature-names would do is not offered."""
    Path("data.csv").write_text("e,d,c,b,a\n.5,.4,.3,.2,.1\n1,1,1,1,1\n")
    assert main(["explain", saved[0], "--data", "data.csv"]) == 1
    error = capsys.readouterr().err
    assert "--feature-names" not in error and "Rename the columns in the first line" in error
    Path("data.csv").write_text("x5,x4,x3,x2,x1\n.5,.4,.3,.2,.1\n1,1,1,1,1\n")
    assert main(["explain", saved[0], "--data", "data.csv"]) == 0


def test_a_region_with_columns_that_are_no_features(model: Model, capsys: Capture) -> None:
    written = {"box": {"low": [0] * 6, "high": [0.1] * 6, "columns": [*model.feature_names, "id"]}}
    Path("region.json").write_text(json.dumps(written))
    arguments = ["partition", *MODEL, "--region", "region.json", "--max-regions", "5"]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert "'id' is unknown" in error and "Its columns must be the features alone" in error
    assert "frame" not in error


def test_features_without_names_of_their_own(capsys: Capture) -> None:
    load([(np.ones((2, 3)), np.zeros(2)), ([[1.0, -1.0]], [0.0])]).save("plain.facetry-model")
    arguments = ["partition", "plain.facetry-model", "--cut", "age=0:1"]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert "no feature is named 'age'; the model has none but made-up names (x0, x1, ...)" in error
    assert "load it with --feature-names" in error
    assert main([*arguments, "--feature-names", "age,dose,weight"]) == 0
    assert main(["explain", "plain.facetry-model", "--box", "0:1", "--output-name", "risk"]) == 1
    assert "load it with --output-names" in capsys.readouterr().err
    assert main(["explain", "plain.facetry-model", "--box", "0:1", "--output-name", "risk",
                 "--output-names", "risk"]) == 0  # fmt: skip


# Saved models, and names that begin with a minus sign ---------------------------------------------


@pytest.mark.parametrize("ending", ["facetry-model", "net"])
def test_every_command_takes_a_saved_model(model: Model, ending: str, capsys: Capture) -> None:
    path = f"m.{ending}"
    model.save(path)
    Path("p.vnnlib").write_text(
        "".join(f"(declare-const X_{i} Real)\n" for i in range(5))
        + "(declare-const Y_0 Real)\n"
        + "".join(f"(assert (>= X_{i} 0.4))(assert (<= X_{i} 0.5))\n" for i in range(5))
        + "(assert (>= Y_0 100))\n"
    )
    cut = ["--cut", "x1=0:1", "--cut", "x2=0:0.2"]
    for command in (
        ["partition", path, *cut],
        ["explain", path, *cut],
        ["plot", path, *cut, "-o", "t.png"],
        ["regions", path, *cut],
        ["milp", path, *cut, "-o", "t.lp"],
        ["verify", path, "p.vnnlib"],
    ):
        assert main(command) == 0, command
        capsys.readouterr()
        if command[0] != "regions":
            with pytest.raises(SystemExit):
                main([command[0], "--help"])
            assert "facetry-model file" in " ".join(capsys.readouterr().out.split())
    assert main(["explain", path, *cut, "--inputs", "x"]) == 1
    assert "--inputs names tensors of ONNX graphs" in capsys.readouterr().err


def test_names_that_begin_with_a_minus_sign(capsys: Capture) -> None:
    layers = [([[1.0, 1.0], [1.0, -1.0]], [0.0, -0.5]), ([[1.0, 2.0]], [0.0])]
    load(layers, feature_names=["-1", "--x"], output_names=["-y"]).save("m.facetry-model")
    question = ["m.facetry-model", "--cut", "-1=-1:1", "--cut=--x=-1:1"]
    assert main(["explain", *question, "--output-name", "-y", "--range", "-1=-1:1",
                 "--range=--x=0:1", "--format", "json"]) == 0  # fmt: skip
    assert json.loads(capsys.readouterr().out)["feature_names"] == ["-1", "--x"]
    assert main(["plot", *question, "--color", "weight", "--feature", "-1", "-o", "t.png"]) == 0
    assert main(["milp", *question, "--maximize", "-y", "-o", "t.lp"]) == 0
    with pytest.raises(SystemExit):
        main(["explain", "--help"])
    assert "write --cut=-name=0:1" in " ".join(capsys.readouterr().out.split())
