"""The command line's exit codes, its help, and one line for every error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facetry.cli.main import main
from oracles.command_lines import (
    CUT,
    MODEL,
    PIECEWISE,
    QUESTION,
    WINE,
    ZEROS,
    command,
    endless_search,
)
from oracles.processes import interruptible

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")

Capture = pytest.CaptureFixture[str]

WRONG: list[tuple[list[str], str]] = [
    (["partition", "no.onnx", "--box", "0:1"], "no.onnx"),
    (["partition", *MODEL, "--box", "1:0"], "is above high"),
    (["partition", *MODEL, "--box", "nan:1"], "NaN"),
    (["partition", *MODEL, "--box", "0:inf"], "infinite"),
    (["partition", *MODEL, "--box", "0:1", "--box", "0:2"], "more than once"),
    (["partition", *MODEL, "--box", "x1=0:1"], "4 of 5 features have no limits"),
    (["partition", *MODEL, "--box", "0:1", "--box", "x1=0:1", "--box", "x1=0:2"], "given twice"),
    (["partition", *MODEL, "--cut", "0:1"], "--cut needs FEATURE=LOW:HIGH"),
    (["partition", *MODEL, "--cut", "x9=0:1"], "no feature is named 'x9'"),
    (["partition", *MODEL, "--cut", "7=0:1"], "out of range"),
    (["partition", *MODEL, "--cut", "x1=0:1", "--cut", "0=0:1"], "given twice"),
    (["partition", *MODEL, *CUT, "--base", "no.npy"], "cannot read points"),
    (["partition", *MODEL, *CUT, "--base", "two.csv"], "needs one point, but two.csv holds 2"),
    (["partition", *MODEL, *CUT, "--base", "short.csv"], "2 values per point"),
    (["partition", *MODEL, *CUT, "--base", "words.csv"], "line 2, 'x1': 'one' is no number"),
    (["partition", *MODEL, *CUT, "--base", "empty.csv"], "is empty"),
    (["partition", *MODEL, *CUT, "--base", "base.txt"], ".npy, .csv or .json"),
    (["partition", *MODEL, *CUT, "--base", "bad.npy"], "cannot read points"),
    (["partition", *MODEL, "--region", "no.json"], "cannot read the region file"),
    (["partition", *MODEL, "--region", "words.csv"], "not valid JSON"),
    (["partition", "two.csv", "--box", "0:1"], "two.csv"),
    (["partition", *MODEL, *CUT, "-o", "x.docx"], "names no known format"),
    (["partition", *MODEL, *CUT, "-o", "missing/x.csv"], "no such directory"),
    (["partition", *MODEL, *CUT, "--format", "png"], "cannot go to the screen"),
    (["partition", PIECEWISE, "--feature-names", "a,b", *CUT], "2 names"),
    (["partition", PIECEWISE, "--feature-names", "no.txt", *CUT], "cannot read names"),
    (["partition", PIECEWISE, "--feature-names", "bad.json", *CUT], "cannot read names"),
    (["partition", PIECEWISE, "--decision", "best", *CUT], "decision must be"),
    (["partition", PIECEWISE, "--outputs", "nothing", *CUT], "nothing"),
    (["explain", *QUESTION, "--scale", "range"], "expected range"),
    (["explain", *QUESTION, "--output-name", "z"], "no output is named 'z'"),
    (["explain", *QUESTION, "--range", "x1=0:1"], "4 features have none"),
    (["explain", *MODEL, "--points", "short.csv"], "2 values per point"),
    (["plot", *QUESTION, "--color", "top"], "makes no decision"),
    (["plot", *QUESTION, "--color", "rank"], "needs a feature"),
    (["plot", *MODEL, "--cut", "x1=0:1"], "two-dimensional"),
    (["partition", *MODEL, "--box", "0:1", "-o", "x.png"], "two-dimensional"),
    (["explain", *MODEL, "--box", "0:1", "-o", "x.svg"], "two-dimensional"),
    (["explain", WINE, "--cut", "0=11:15", "--cut", "1=0:5", "-o", "x.svg"], "which output"),
    (["demo", "-o", "missing/x.png"], "cannot write"),
    (["explain", "no.facetry"], "no.facetry"),
    (["explain", "bad.facetry"], "bad.facetry"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=lambda value: " ".join(value)[-60:])
def test_errors_are_one_line(arguments: list[str], message: str, capsys: Capture) -> None:
    Path("two.csv").write_text("1,2,3,4,5\n1,2,3,4,5\n")
    Path("short.csv").write_text("1,2\n")
    Path("words.csv").write_text("x1,x2,x3,x4,x5\none,2,3,4,5\n")
    Path("empty.csv").write_text("")
    Path("bad.npy").write_text("nonsense")
    Path("bad.json").write_text("{")
    Path("bad.facetry").write_text("nonsense")
    before = sorted(Path().iterdir())
    assert main(arguments) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("facetry: error: ")
    assert shown.count("\n") == 1
    assert message in shown
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["partition"],
        ["partition", PIECEWISE],
        ["partition", PIECEWISE, "--box", "low:high"],
        ["partition", PIECEWISE, "--box", "3"],
        ["partition", PIECEWISE, "--box", "0:1", "--cut", "x1=0:1"],
        ["partition", PIECEWISE, "--box", "0:1", "--base", "b.npy"],
        ["partition", PIECEWISE, "--box", "0:1", "--threads", "0"],
        ["partition", PIECEWISE, "--box", "0:1", "--time-limit", "-1"],
        ["partition", PIECEWISE, "--box", "0:1", "--max-regions", "many"],
        ["partition", PIECEWISE, "--box", "0:1", "--format", "html"],
        ["plot", PIECEWISE, "--box", "0:1", "--color", "pink"],
        ["explain", "saved.facetry", "--box", "0:1"],
        ["explain", "saved.facetry", "--feature-names", "a,b"],
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: facetry" in capsys.readouterr().err


def test_a_limit_exits_with_3_and_writes_what_was_found(capsys: Capture) -> None:
    assert main(["partition", *QUESTION, "--max-regions", "3", "-o", "p.json"]) == 3
    assert len(json.loads(Path("p.json").read_text())["regions"]) == 3
    shown = capsys.readouterr().err
    assert "incomplete: the limit on the number of regions" in shown
    assert "3 regions are written" in shown


def test_ctrl_c_without_a_result_exits_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("facetry.cli.commands.partition", interrupted)
    assert main(["partition", *QUESTION, "-o", "p.json"]) == 130
    assert capsys.readouterr().err == "facetry: interrupted\n"
    assert not Path("p.json").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
def test_ctrl_c_during_a_long_search_keeps_what_was_found() -> None:
    arguments = command("partition", *endless_search(inputs=10), "-o", "p.csv")
    with interruptible(arguments) as process:
        time.sleep(4.0)
        assert process.poll() is None, "this search was expected to take long"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "cancelled" in errors
    assert "Traceback" not in errors
    assert Path("p.csv").read_text().startswith("region,output")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    arguments = command("partition", *QUESTION, "--format", "csv")
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 0
    assert errors in ("", ZEROS)


def test_errors_of_the_whole_program() -> None:
    arguments = command("explain", "no.onnx", "--box", "0:1")
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("facetry: error: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["partition", "explain", "plot", "demo"])
def test_help_shows_an_example(name: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    assert f"\n  facetry {name} " in capsys.readouterr().out


def test_top_help_says_the_exit_codes(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "exit codes: 0 done; 1 an error" in shown
    assert "facetry demo" in shown


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith("facetry ")


def test_missing_parquet_support_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["partition", *QUESTION, "-o", "p.parquet"]) == 1
    assert "pip install 'facetry[parquet]'" in capsys.readouterr().err
    assert list(Path().iterdir()) == []
