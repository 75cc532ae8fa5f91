"""`--read-limit`: reaches every file that a command reads; its advice can be followed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import facetry
from facetry.cli.main import main
from oracles.command_lines import MODEL, PIECEWISE

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")

PROPERTY = "".join(
    f"(declare-const X_{i} Real)(assert (>= X_{i} 0))(assert (<= X_{i} 1))" for i in range(5)
)
PROPERTY += "(declare-const Y_0 Real)(assert (>= Y_0 1000))"


def write_files():
    Path("p.vnnlib").write_text(PROPERTY)
    Path("or.vnnlib").write_text(PROPERTY + "(assert (or (>= Y_0 1) (>= Y_0 2)))")
    Path("long.csv").write_text("0.5" + "0" * 1000)
    Path("long.json").write_text("[0.5]" + " " * 1000)
    Path("long.txt").write_text("age" + "\n" * 1000)
    box = facetry.AnalysisRegion.box([0.5] * 5, [0.6] * 5)
    Path("region.json").write_text(box.to_json())
    Path("small.nnet").write_text(
        "// y = relu(x)\n2,1,1,1,\n1,1,1,\n0,\n-1,\n1,\n0,0,\n1,1,\n1,\n0,\n1,\n0,\n"
    )


# What reads a file, and a limit that is too low for it.
READING = {
    "model": (["partition", PIECEWISE, "--cut", "0=0:1"], "nodes=1"),
    "bytes of a model": (["partition", PIECEWISE, "--cut", "0=0:1"], "bytes=100"),
    "words of .nnet": (["partition", "small.nnet", "--box", "0:1"], "words=5"),
    "region": (["partition", *MODEL, "--region", "region.json"], "nesting=1"),
    "entries": (["partition", *MODEL, "--region", "region.json"], "words=2"),
    "property": (["verify", PIECEWISE, "p.vnnlib"], "words=20"),
    "comparisons": (["verify", PIECEWISE, "or.vnnlib"], "comparisons=3"),
    "milp": (["milp", PIECEWISE, "--box", "0:1", "-o", "p.lp"], "values=2"),
    "regions": (["regions", PIECEWISE, "--cut", "0=0:1"], "elements=3"),
}
# The example is larger than these files, so a network of one unit is asked about them.
SMALL = {
    "base": ["partition", "small.nnet", "--cut", "0=0:1", "--base", "long.csv"],
    "points": ["explain", "small.nnet", "--points", "long.csv"],
    "json": ["explain", "small.nnet", "--points", "long.json"],
    "data": ["explain", "small.nnet", "--box", "0:1", "--data", "long.csv"],
    "names": ["partition", "small.nnet", "--box", "0:1", "--feature-names", "long.txt"],
}


def refused(arguments, capsys):
    """The one line of a refusal; the name of the limit that it advises to raise."""
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "ReadLimits" not in error and "limits=" not in error
    return re.search(r"read it with --read-limit (\w+)=N$", error.strip())[1]


@pytest.mark.parametrize("kind", READING)
def test_a_lower_limit_refuses_and_a_higher_one_reads(kind, capsys):
    write_files()
    arguments, limit = READING[kind]
    name = refused([*arguments, "--read-limit", limit], capsys)
    assert name == limit.partition("=")[0]
    assert main([*arguments, "--read-limit", f"{name}=100000"]) == 0


@pytest.mark.parametrize("kind", SMALL)
def test_every_file_that_is_read_obeys(kind, capsys):
    write_files()
    arguments = SMALL[kind]
    assert refused([*arguments, "--read-limit", "bytes=900"], capsys) == "bytes"
    assert main([*arguments, "--read-limit", "bytes=1100"]) == 0


def test_several_limits_hold_together(capsys):
    arguments = ["partition", PIECEWISE, "--cut", "0=0:1", "--read-limit", "nodes=1000"]
    assert refused([*arguments, "--read-limit", "values=3"], capsys) == "values"
    assert main([*arguments, "--read-limit", "values=3000"]) == 0


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (["node=3"], "not NAME=N with a name of bytes, nodes, elements"),
        (["nodes"], "not NAME=N"),
        (["nodes=0"], "not a whole number above 0"),
        (["nodes=1e6"], "not a whole number above 0"),
        (["nodes=" + "9" * 5000], "not a whole number above 0"),
        (["nodes=3", "nodes=4"], "--read-limit nodes is given twice"),
    ],
)
def test_wrong_limits_are_wrong_command_lines(limits, message, capsys):
    words = [word for limit in limits for word in ("--read-limit", limit)]
    with pytest.raises(SystemExit) as stopped:
        main(["partition", PIECEWISE, "--box", "0:1", *words])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("limits", [3, {"nodes": 3}, "nodes=3", facetry.ReadLimits])
def test_limits_of_python_are_checked(limits, tmp_path):
    (tmp_path / "p.vnnlib").write_text(PROPERTY)
    model = facetry.load(PIECEWISE)
    model.save(tmp_path / "saved.facetry-model")
    box = facetry.AnalysisRegion.box([0.0] * 5, [1.0] * 5).to_json()
    for call in (
        lambda: facetry.load(PIECEWISE, limits=limits),
        lambda: facetry.load([([[1.0]], [0.0])], limits=limits),
        lambda: facetry.open(tmp_path / "saved.facetry-model", limits=limits),
        lambda: facetry.Property.read(tmp_path / "p.vnnlib", limits=limits),
        lambda: facetry.Property.parse(PROPERTY, limits=limits),
        lambda: facetry.AnalysisRegion.from_json(box, limits=limits),
        lambda: facetry.verify(model, tmp_path / "p.vnnlib", limits=limits),
    ):
        with pytest.raises(facetry.InvalidInputError, match=r"must be a facetry\.ReadLimits"):
            call()
