"""`facetry verify` from the shell's point of view: first word, witness, exit code."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest

from facetry import load
from facetry.cli.main import main
from oracles.command_lines import PIECEWISE

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")


def write(assertion):
    """A property of the example on the unit box, at p.vnnlib."""
    lines = [f"(declare-const X_{i} Real)" for i in range(5)] + ["(declare-const Y_0 Real)"]
    lines += [f"(assert (>= X_{i} 0)) (assert (<= X_{i} 1))" for i in range(5)]
    Path("p.vnnlib").write_text("\n".join([*lines, f"(assert {assertion})"]))


def test_sat_comes_with_a_witness_of_all_digits(capsys):
    model = load(PIECEWISE)
    limit = float(model(np.full((1, 5), 0.5))[0, 0])
    write(f"(>= Y_0 {limit!r})")
    assert main(["verify", PIECEWISE, "p.vnnlib"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sat"
    text = "\n".join(lines[1:])
    assert re.fullmatch(r"\((\([XY]_\d \S+\)\n?)+\)", text)
    values = {name: float(value) for name, value in re.findall(r"\((\w+) ([^)]+)\)", text)}
    assert list(values) == ["X_0", "X_1", "X_2", "X_3", "X_4", "Y_0"]
    x = np.array([values[f"X_{i}"] for i in range(5)])
    assert values["Y_0"] == model(x)[0, 0]
    assert values["Y_0"] >= limit
    assert np.all((x >= 0) & (x <= 1))


@pytest.mark.parametrize("exactness", ["safe", "float"])
def test_unsat_is_one_word(capsys, exactness):
    write("(>= Y_0 1000)")
    options = ["--exactness", exactness, "--threads", "1"]
    assert main(["verify", PIECEWISE, "p.vnnlib", *options]) == 0
    assert capsys.readouterr().out == "unsat\n"


def test_unknown_says_why_and_has_its_own_code(capsys, monkeypatch):
    write("(>= Y_0 1000)")
    monkeypatch.setattr("facetry.cli.verify.verify", undecided)
    assert main(["verify", PIECEWISE, "p.vnnlib", "--time-limit", "9"]) == 3
    line = capsys.readouterr().out
    assert line.startswith("unknown: the time limit stopped the search (time_limit); ")
    assert line.endswith("no input fulfils the conditions by more than 0.25\n")


def test_reading_the_property_counts_against_the_limit(capsys):
    write(f"(or {'(>= Y_0 1000) ' * 30_000})")
    start = time.monotonic()
    assert main(["verify", PIECEWISE, "p.vnnlib", "--time-limit", "0.02"]) == 3
    assert time.monotonic() - start < 1.0
    found = capsys.readouterr()
    assert found.out == (
        "unknown: the time limit stopped the search (time_limit); no bound is known yet\n"
    )
    assert found.err == ""


def undecided(model, question, *, time_limit, **_):
    from facetry import VerifyResult

    assert (model.input_size, str(question), time_limit) == (5, "p.vnnlib", 9.0)
    return VerifyResult("unknown", None, None, 0.25, "time_limit", 7, 9.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.vnnlib"], "cannot read the property missing.vnnlib"),
        (["p.vnnlib"], "p.vnnlib, line 12: unknown function '='"),
    ],
)
def test_bad_properties_end_in_one_line(capsys, arguments, message):
    write("(= Y_0 1)")
    assert main(["verify", PIECEWISE, *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [[PIECEWISE], ["saved.facetry", "p.vnnlib"], [PIECEWISE, "p", "--max-regions", "1"]],
)
def test_wrong_command_lines(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["verify", *arguments])
    assert stopped.value.code == 2
