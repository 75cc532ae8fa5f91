"""The command line's help and advice: in its own words, and true."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

import facetry
from facetry.cli.interrupts import interrupts
from facetry.cli.main import main
from facetry.cli.wording import in_options
from oracles.command_lines import PIECEWISE, QUESTION

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")


def help_of(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return " ".join(capsys.readouterr().out.split())


def test_help_offers_only_what_is_taken(capsys):
    facetry.partition(
        facetry.load(PIECEWISE), facetry.AnalysisRegion.cut(0.5, {0: (0, 1)}), max_regions=5
    ).save("saved.facetry")
    more = {
        "partition": [],
        "explain": [],
        "regions": [],
        "milp": ["-o", "p.lp"],
        "verify": ["p.vnnlib"],
    }
    for command, arguments in more.items():
        offered = ".facetry file" in help_of(command, capsys)
        try:
            taken = main([command, "saved.facetry", *arguments]) in (0, 3)
        except SystemExit as stopped:
            assert stopped.code == 2
            taken = False
        assert offered == taken, command
        capsys.readouterr()


def test_help_says_the_format_that_is_written(capsys):
    assert "else table, to the screen" in help_of("explain", capsys)
    text = help_of("plot", capsys)
    assert "else png" in text and "screen" not in text
    assert main(["plot", *QUESTION]) == 0
    assert Path("piecewise.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", ["partition", "explain"])
def test_a_dash_is_the_screen(command, capsys):
    assert main([command, *QUESTION, "--format", "csv", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("region,output,")
    assert main([command, *QUESTION, "-o", "-"]) == 0
    assert "region" in capsys.readouterr().out
    assert main([command, *QUESTION, "--format", "svg", "-o", "-"]) == 1
    assert "cannot go to the screen" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["plot", *QUESTION], ["demo"], ["milp", *QUESTION]], ids=lambda a: a[0]
)
def test_what_is_no_text_does_not_go_to_a_dash(arguments, capsys):
    assert main([*arguments, "-o", "-"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_advice_is_in_options():
    assert in_options("load it with decision='highest' or 'lowest'") == (
        "load it with --decision highest or 'lowest'"
    )
    assert in_options("give feature_ranges= or data=") == "give --range or --data"
    for text in ("cannot read /data/outputs='x'/m.onnx", "'data=' is no name", "x.outputs=3"):
        assert in_options(text) == text


def test_limits_are_advised_as_an_option():
    advice = "give limits=facetry.ReadLimits(nodes=...)"
    assert in_options(advice) == "give --read-limit nodes=N"
    for text in ("no file /limits=ReadLimits(nodes=...)", "'limits=ReadLimits(nodes=...)'"):
        assert in_options(text) == text


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--scale", "range"], "give --range, or --data"),
        (["--scale", "sigma"], "give --data"),
        (["--format", "svg", "-o", "x.svg", "--output-name", "zz"], "no output is named 'zz'"),
    ],
)
def test_advice_can_be_followed(arguments, advice, capsys):
    assert main(["explain", *QUESTION, *arguments]) == 1
    error = capsys.readouterr().err
    assert advice in error
    assert "=" not in error.replace("--", "")
    assert "Explainer" not in error


def test_without_pyarrow_nothing_is_left(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert main(["regions", *QUESTION, "--write", "out"]) == 1
    assert "--format npz" in capsys.readouterr().err
    assert list(Path().iterdir()) == []
    assert main(["regions", *QUESTION, "--write", "out", "--format", "npz"]) == 0


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts() as stop:
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
            signal.raise_signal(signal.SIGINT)
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGINT, before)
