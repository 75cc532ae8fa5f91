"""The README says what is true: its commands and its Python run, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

import facetry
from facetry.cli.main import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_two_lines_are_there() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert "pip install . && facetry demo" in lines
    assert "pip install '.[test]' && pytest" in lines


def test_the_python_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("pandas")
    mpl.use("Agg")
    shutil.copytree(ROOT / "python" / "examples", tmp_path / "python" / "examples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    first, summed, streamed, saved, asked = blocks("python")
    exec(compile(first, "README.md", "exec"), names)
    assert "Explanation of malignant over" in capsys.readouterr().out
    exec(compile(summed, "README.md", "exec"), names)
    shares = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in shares) == ["benign", "malignant"]
    assert sum(float(line.split()[1]) for line in shares) == pytest.approx(1.0)
    for _ in range(2):  # the second time everything is done already
        exec(compile(streamed, "README.md", "exec"), names)
        words = capsys.readouterr().out.split()
        assert words[-2:] == ["complete", str(len(names["partition"]))]  # type: ignore[arg-type]
    exec(compile(saved, "README.md", "exec"), names)
    assert len(names["again"]) == len(names["partition"])  # type: ignore[arg-type]
    explanation = names["explanation"]
    assert names["weights"].shape == (len(names["partition"]), 1, 30)  # type: ignore[attr-defined, arg-type]
    assert np.array_equal(names["weights"], names["slopes"] * explanation.factors)  # type: ignore[attr-defined, operator]
    assert names["leader"] in explanation.feature_names  # type: ignore[attr-defined]
    assert (names["A"] @ names["data"].data[0] <= names["b"] + 1e-6).all()  # type: ignore[attr-defined, operator]
    assert len(names["explained"]) == len(names["partition"])  # type: ignore[arg-type]
    assert str(names["patients"]).startswith("Explanation of 2 outputs at 3 points")
    exec(compile(asked, "README.md", "exec"), names)
    assert str(names["query"]).startswith("Explanation of malignant - benign over")


def test_the_region_files_are_read() -> None:
    layers = [([[1.0, 2.0, 0.1]], [0.0])]
    model = facetry.load(layers, feature_names=["age", "dose", "weight"])
    (regions,) = blocks("json")
    low = []
    for text in regions.splitlines():
        found = facetry.partition(model, facetry.AnalysisRegion.from_json(text))
        low.append(found.coverage)
    assert low == [1.0] * 4


def test_one_logit_reads_as_it_says() -> None:
    layers = [([[1.0, 2.0]], [0.0])]
    model = facetry.load(layers, output_names=["yes"], decision=0.0)
    box = facetry.AnalysisRegion.box([-1, -1], [1, 1])
    found = facetry.query(model, box, top="not yes")
    assert found.choice_names == ("not yes", "yes")
    assert found.output_names == ("yes",) and found.coef[0, 0].tolist() == [1.0, 2.0]
    with pytest.raises(facetry.InvalidInputError, match=r"ask for top= alone, 'not yes' or 'yes'"):
        facetry.query(model, box, runner_up="any")
    assert np.log(0.9 / 0.1) == pytest.approx(2.197, abs=1e-3)


def test_the_commands_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "python" / "examples" / "wine.onnx", "model.onnx")
    np.savetxt("train.csv", np.random.default_rng(0).uniform(0, 10, size=(20, 13)), delimiter=",")
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [line for line in commands if line.startswith("facetry ")]
    assert len(commands) >= 3
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    assert "Explanation of" in capsys.readouterr().out
    assert Path("map.png").exists()
    assert Path("regions.csv").exists()


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / link).exists(), link
