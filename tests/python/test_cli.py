"""The command line: results in every format, and the region it asks about."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from facetry.cli.demo import demo_explanation
from facetry.cli.files import read_points
from facetry.cli.main import main
from facetry.cli.minus_signs import joined_negatives
from facetry.explain.explainer import Explainer
from facetry.models.load import load
from facetry.models.model import Model
from facetry.regions.analysis_region import AnalysisRegion
from facetry.results.explanation import Explanation
from facetry.search.partition import partition
from facetry.show.text import partition_text
from oracles.command_lines import EXAMPLES, MODEL, PIECEWISE, QUESTION, ZEROS, command

GOLDEN = Path(__file__).parent / "golden" / "partition.txt"

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def model() -> Model:
    return load(PIECEWISE, feature_names=["x1", "x2", "x3", "x4", "x5"])


# Results ----------------------------------------------------------------------------------------


def test_explain_prints_a_table(capsys: Capture) -> None:
    assert main(["explain", *QUESTION, "--range", "0:1"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("Explanation of y")
    assert "its whole expected range" in shown.out
    assert shown.err == ZEROS


def test_explain_json_is_the_explanation(capsys: Capture, model: Model) -> None:
    Path("base.json").write_text("[0.5, 0.5, 0.5, 0.5, 0.5]")
    arguments = ["--base", "base.json", "--range", "0:1", "--format", "json"]
    assert main(["explain", *QUESTION, *arguments]) == 0
    read = Explanation.from_json(capsys.readouterr().out)
    region = AnalysisRegion.cut(np.full(5, 0.5), {"x1": (0, 1), "x2": (0.2, 0.4)})
    expected = Explainer(model, feature_ranges=[(0, 1)] * 5).describe(region, validity=True)
    assert read == expected


def test_explain_csv_holds_the_same_numbers(model: Model) -> None:
    assert main(["explain", *QUESTION, "-o", "e.csv"]) == 0
    with Path("e.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    region = AnalysisRegion.cut(0, {"x1": (0, 1), "x2": (0.2, 0.4)})
    expected = Explainer(model).describe(region)
    assert [float(row["weight"]) for row in rows] == expected.weights.ravel().tolist()
    assert [int(row["rank"]) for row in rows] == expected.ranks.ravel().tolist()
    assert {row["feature"] for row in rows} == set(model.feature_names)


def test_explain_parquet_holds_the_same_numbers(model: Model) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    assert main(["explain", *QUESTION, "-o", "e.parquet"]) == 0
    region = AnalysisRegion.cut(0, {"x1": (0, 1), "x2": (0.2, 0.4)})
    frame = pandas.read_parquet("e.parquet")
    assert frame.weight.tolist() == Explainer(model).describe(region).weights.ravel().tolist()


def test_explain_html(capsys: Capture) -> None:
    assert main(["explain", *QUESTION, "--format", "html"]) == 0
    assert capsys.readouterr().out.startswith("<table>")


def test_explain_points(capsys: Capture, model: Model) -> None:
    X = np.random.default_rng(0).uniform(size=(4, 5))
    np.save("points.npy", X)
    arguments = ["--points", "points.npy", "--data", "points.npy", "--scale", "sigma"]
    assert main(["explain", *MODEL, *arguments, "--format", "json"]) == 0
    read = Explanation.from_json(capsys.readouterr().out)
    assert read == Explainer(model, data=X).explain_points(X, scale="sigma")


def test_explain_points_with_their_validity(capsys: Capture) -> None:
    X = np.random.default_rng(0).uniform(size=(3, 5))
    np.save("points.npy", X)
    arguments = ["--points", "points.npy", "--box", "0:1", "--format", "json"]
    assert main(["explain", *MODEL, *arguments]) == 0
    read = Explanation.from_json(capsys.readouterr().out)
    for index, point in enumerate(X):
        A, b = read.halfspaces(index)
        assert len(A) > 5
        assert (A @ point <= b + 1e-9).all()


def test_partition_prints_a_table(capsys: Capture) -> None:
    assert main(["partition", *QUESTION]) == 0
    assert "linear regions in 2 dimensions: complete" in capsys.readouterr().out


def test_the_table_of_a_partition() -> None:
    layers = [([[1.0, 0.0]], [0.0]), ([[1.0]], [0.0])]
    found = partition(load(layers, feature_names=["a", "b"]), AnalysisRegion.box([-1, 0], [3, 1]))
    shown = partition_text(found).splitlines()
    assert shown[0].startswith("2 linear regions in 2 dimensions: complete, 100.0% covered")
    assert [line.split()[:3] for line in shown[3:]] == [
        ["region", "volume", "halfspaces"], ["1", "3", "4"], ["0", "1", "4"],
    ]  # fmt: skip
    assert partition_text(found) == GOLDEN.read_text(encoding="utf-8").rstrip("\n")


def test_partition_json_holds_models_and_halfspaces(model: Model) -> None:
    assert main(["partition", *QUESTION, "-o", "p.json"]) == 0
    document = json.loads(Path("p.json").read_text())
    assert document["status"] == "complete"
    assert document["coverage"] == pytest.approx(1.0)
    assert AnalysisRegion.from_dict(document["region"]).kind == "cut"
    assert sum(entry["volume"] for entry in document["regions"]) == pytest.approx(0.2)
    for entry in document["regions"]:
        point = np.array(entry["interior_point"])
        assert (np.array(entry["A"]) @ point < np.array(entry["b"])).all()
        value = np.array(entry["coef"]) @ point + entry["intercept"]
        np.testing.assert_allclose(value, model(point)[0], rtol=1e-9, atol=1e-12)


def test_partition_csv_has_a_row_per_region(capsys: Capture) -> None:
    assert main(["partition", *QUESTION, "--format", "csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert len(rows) > 10
    assert {"region", "output", "volume", "intercept", "d(x1)", "at(x5)"} <= set(rows[0])
    assert {float(row["at(x5)"]) for row in rows} == {0.0}


def test_plot_writes_a_picture_named_after_the_model(capsys: Capture) -> None:
    assert main(["plot", *QUESTION, "--color", "rank", "--feature", "x3"]) == 0
    assert Path("piecewise.png").read_bytes().startswith(b"\x89PNG")
    assert "wrote piecewise.png" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["partition", "explain", "plot"])
def test_every_command_writes_svg(name: str) -> None:
    assert main([name, *QUESTION, "-o", "picture.svg"]) == 0
    assert "<svg" in Path("picture.svg").read_text()


def test_the_format_wins_over_the_ending() -> None:
    assert main(["explain", *QUESTION, "-o", "result.data", "--format", "json"]) == 0
    Explanation.from_json(Path("result.data").read_text())
    assert main(["plot", *QUESTION, "-o", "picture", "--format", "svg"]) == 0
    assert "<svg" in Path("picture").read_text()


def test_a_saved_partition_is_explained_and_drawn_like_a_new_one(capsys: Capture) -> None:
    arguments = ["--range", "0:1", "--format", "json"]
    assert main(["explain", *QUESTION, *arguments]) == 0
    new = capsys.readouterr().out
    assert main(["partition", *QUESTION, "-o", "saved.facetry"]) == 0
    assert main(["explain", "saved.facetry", *arguments]) == 0
    assert capsys.readouterr().out == new
    assert main(["plot", "saved.facetry", "--color", "region"]) == 0
    assert Path("saved.png").exists()


def test_progress_is_one_line_on_the_standard_error(capsys: Capture) -> None:
    assert main(["partition", *MODEL, "--box", "0.4:0.6", "--progress", "--format", "csv"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("region,output")
    assert shown.err.count("\n") <= 1
    assert "Traceback" not in shown.err


# Regions ----------------------------------------------------------------------------------------


def region_of(capsys: Capture, *arguments: str) -> AnalysisRegion:
    assert main(["partition", *MODEL, *arguments, "--format", "json"]) == 0
    return AnalysisRegion.from_dict(json.loads(capsys.readouterr().out)["region"])


def test_one_box_for_all_with_features_of_their_own(capsys: Capture) -> None:
    region = region_of(capsys, "--box", "0.50:0.51", "--box", "x2=0.1:0.2", "--box", "4=0.3:0.3")
    low, high = [0.5, 0.1, 0.5, 0.5, 0.3], [0.51, 0.2, 0.51, 0.51, 0.3]
    assert region == AnalysisRegion.box(low, high)


def test_negative_limits_need_no_equals_sign(capsys: Capture) -> None:
    region = region_of(capsys, "--box", "-0.01:0.01")
    assert region == AnalysisRegion.box(np.full(5, -0.01), np.full(5, 0.01))
    assert joined_negatives(["-o", "-x", "--box", "-.5:1"]) == ["-o", "-x", "--box=-.5:1"]


def test_a_region_file(capsys: Capture) -> None:
    region = AnalysisRegion.cut(0.5, {"x1": (0, 0.1)}).where([1, 1, 0, 0, 0], 0.55)
    Path("region.json").write_text(region.to_json())
    assert region_of(capsys, "--region", "region.json") == region


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("base.csv", "0.1,0.2,0.3,0.4,0.5\n"),
        ("base.csv", "x1,x2,x3,x4,x5\n0.1,0.2,0.3,0.4,0.5\n"),
        ("base.csv", " x5 ,x4,x3,x2,x1\r\n0.5,0.4,0.3,0.2,0.1\r\n"),
        ("base.csv", '\ufeff"x5","x4","x3","x2","x1"\n\n0.5,0.4,0.3,0.2,0.1\n \n'),
        ("base.json", "[0.1, 0.2, 0.3, 0.4, 0.5]"),
        ("base.json", "[[0.1, 0.2, 0.3, 0.4, 0.5]]"),
    ],
)
def test_base_points_are_read(model: Model, name: str, text: str) -> None:
    Path(name).write_bytes(text.encode())
    assert read_points(Path(name), model).tolist() == [[0.1, 0.2, 0.3, 0.4, 0.5]]


@pytest.mark.parametrize(
    ("name", "text"), [("n.txt", "a\nb\n\nc, d\ne\nf\n"), ("n.json", '["a","b","c, d","e","f"]')]
)
def test_names_are_read_from_files(capsys: Capture, name: str, text: str) -> None:
    Path(name).write_text(text)
    arguments = [PIECEWISE, "--feature-names", name, "--cut", "c, d=0:1", "--format", "csv"]
    assert main(["explain", *arguments]) == 0
    rows = csv.DictReader(capsys.readouterr().out.splitlines())
    assert [row["feature"] for row in rows][:5] == ["a", "b", "c, d", "e", "f"]


def test_names_that_the_terminal_cannot_show_are_no_error() -> None:
    arguments = command("explain", PIECEWISE, "--feature-names", "ä,β,c,d,e", "--cut", "β=0:1")
    result = subprocess.run(
        arguments, capture_output=True, timeout=60, check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert b"\\u03b2" in result.stdout


def test_graph_cut_decision_and_names(capsys: Capture) -> None:
    arguments = [str(EXAMPLES / "wine.onnx"), "--decision", "lowest", "--output-names", "a,b,c"]
    assert main(["explain", *arguments, "--cut", "0=11:15", "--output-name", "b"]) == 0
    assert "Explanation of b over" in capsys.readouterr().out


# Demo -------------------------------------------------------------------------------------------


def test_demo_shows_the_table_and_writes_the_picture() -> None:
    result = subprocess.run(
        command("demo"), capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{demo_explanation()}\n")
    assert result.stdout.endswith(
        "wrote facetry_demo.png: which feature matters most where, and the rank of x3\n"
    )
    assert result.stderr == ""
    picture = plt.imread("facetry_demo.png")
    height, width, _ = picture.shape
    assert width > 1.5 * height > 300  # two maps side by side
    halves = picture[:, : width // 2, :3], picture[:, width // 2 :, :3]
    for half in halves:  # regions of many colours on white
        assert len(np.unique(half.reshape(-1, 3), axis=0)) > 4
    assert not np.array_equal(halves[0][:, :100], halves[1][:, :100])


def test_the_demo_shows_what_the_network_learned() -> None:
    """What matters in a quadrant of (x1, x2) is what the learned function uses there."""
    learned = demo_explanation()
    assert learned.partition is not None
    points = np.full((2, 5), 0.5)
    points[:, :2] = [0.2, 0.8], [0.2, 0.3]  # top left: only x5; bottom left: x1 and x3
    rows = learned.partition.locate(points)
    assert learned.ranking(int(rows[0]))[0] == "x5"
    assert set(learned.ranking(int(rows[1]))[:2]) == {"x1", "x3"}
