"""`facetry regions`: counts and folders that go on after any stop, and one line for every error."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import facetry
from facetry.cli.main import main
from oracles.command_lines import PIECEWISE, ZEROS, endless_search
from oracles.processes import interruptible

QUESTION = [PIECEWISE, "--cut", "0=0:1", "--cut", "1=0.2:0.4"]
MODEL = facetry.load(PIECEWISE)
REGION = facetry.AnalysisRegion.cut(np.zeros(5), {0: (0, 1), 1: (0.2, 0.4)})
WHOLE = facetry.partition(MODEL, REGION)
LONG = endless_search()

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")


def parts(folder: str) -> list[facetry.Partition]:
    return [facetry.open(path) for path in sorted(Path(folder).glob("part-*.npz"))]


def states(found: list[facetry.Partition]) -> list[bytes]:
    return [row.tobytes() for part in found for row in part.states]


# Results ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--unordered", "--batch", "7"], ["--memory-limit", "1"]])
def test_it_counts_what_a_partition_holds(options: list[str], capsys: Capture) -> None:
    assert main(["regions", *QUESTION, *options]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{len(WHOLE)} regions\n" and shown.err == ZEROS


def test_parts_are_what_the_partition_command_writes(capsys: Capture) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    assert main(["regions", *QUESTION, "--write", "run", "--batch", "10"]) == 0
    count = -(-len(WHOLE) // 10)
    assert count > 1
    wrote = f"wrote run ({len(WHOLE)} regions in {count} parts)\n"
    assert capsys.readouterr().out == wrote
    assert main(["partition", *QUESTION, "-o", "whole.parquet"]) == 0
    found = pandas.concat(
        [pandas.read_parquet(path) for path in sorted(Path("run").glob("part-*.parquet"))],
        ignore_index=True,
    )
    pandas.testing.assert_frame_equal(found, pandas.read_parquet("whole.parquet"))


def test_a_folder_goes_on_after_each_limit(capsys: Capture) -> None:
    again = ["regions", *QUESTION, "--write", "run", "--format", "npz", "--batch", "4"]
    runs = 1
    while main([*again, "--max-regions", "10"]) == 3:
        shown = capsys.readouterr()
        assert f"({10 * runs} regions in" in shown.out
        assert "incomplete: the limit on the number of regions" in shown.err
        assert "the same command goes on from there" in shown.err
        runs += 1
    assert runs == -(-len(WHOLE) // 10)
    assert states(parts("run")) == states([WHOLE])


def test_a_count_goes_on_from_its_frontier(capsys: Capture) -> None:
    again = ["regions", *QUESTION, "--frontier", "count.frontier", "--save-every", "0.001"]
    assert main([*again, "--max-regions", "9"]) == 3
    assert facetry.Frontier.open("count.frontier").regions == 9
    assert main(again) == 0
    assert capsys.readouterr().out == f"9 regions\n{len(WHOLE)} regions\n"
    assert facetry.Frontier.open("count.frontier").complete


@pytest.mark.parametrize("place", [["--write", "run", "--format", "npz"], ["--frontier", "run"]])
def test_how_to_start_anew(place: list[str], capsys: Capture) -> None:
    """A run that went on says so; another question is refused; what both advise works."""
    assert main(["regions", *QUESTION, *place, "--max-regions", "9"]) == 3
    assert "earlier runs" not in capsys.readouterr().err
    assert main(["regions", *QUESTION, *place]) == 0
    went_on = capsys.readouterr().err
    assert (
        "9 regions of these were there from earlier runs; to start anew, delete run or" in went_on
    )
    other = ["regions", PIECEWISE, "--cut", "0=0:0.5", *place]
    assert main(other) == 1
    error = capsys.readouterr().err
    assert "to start anew, delete" in error and ("run or give another" in error or "it or" in error)
    shutil.rmtree("run") if Path("run").is_dir() else Path("run").unlink()
    assert main(other) == 0
    assert "earlier" not in capsys.readouterr().err


def test_one_part_is_one_part(capsys: Capture) -> None:
    assert main(["regions", *QUESTION, "--write", "run", "--format", "npz"]) == 0
    assert capsys.readouterr().out == f"wrote run ({len(WHOLE)} regions in 1 part)\n"


def test_without_a_frontier_nothing_is_promised(capsys: Capture) -> None:
    assert main(["regions", *QUESTION, "--max-regions", "9"]) == 3
    shown = capsys.readouterr()
    assert shown.out == "9 regions\n" and "goes on" not in shown.err
    assert list(Path().iterdir()) == []


def test_a_time_limit(capsys: Capture) -> None:
    assert main(["regions", *LONG, "--time-limit", "0.3", "--frontier", "f"]) == 3
    assert "incomplete: the time limit" in capsys.readouterr().err
    assert not facetry.Frontier.open("f").complete


# Ctrl-C -----------------------------------------------------------------------------------------


def interrupted(arguments: list[str], ready: Path) -> tuple[int, str]:
    """The exit code and the errors of a run that gets Ctrl-C once the file `ready` is there."""
    command = [sys.executable, "-m", "facetry", "regions", *LONG, *arguments]
    with interruptible(command) as process:
        end = time.monotonic() + 60
        while not ready.exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert ready.exists() and process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
def test_ctrl_c_keeps_every_part_and_the_way_on() -> None:
    writing = ["--write", "run", "--format", "npz", "--batch", "200"]
    code, errors = interrupted(writing, Path("run/part-000001.npz"))
    assert code == 3 and "cancelled" in errors and "Traceback" not in errors
    before = facetry.Frontier.open("run/frontier.json")
    assert before.batches == len(parts("run")) >= 2
    assert main(["regions", *LONG, *writing, "--max-regions", "300"]) == 3
    found = states(parts("run"))
    assert len(found) == before.regions + 300
    model = facetry.load(LONG[0])
    box = facetry.AnalysisRegion.box(np.full(6, -1.0), np.ones(6))
    first = facetry.partition(model, box, max_regions=len(found))
    assert found == states([first])


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
def test_ctrl_c_saves_the_frontier_of_a_count() -> None:
    counting = ["--frontier", "f", "--save-every", "0.1", "--batch", "200"]
    code, errors = interrupted(counting, Path("f"))
    assert code == 3 and "the same command goes on from there" in errors
    kept = facetry.Frontier.open("f")
    assert kept.regions > 0 and not kept.complete


def test_ctrl_c_is_python_s_own_again_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    assert main(["regions", *QUESTION]) == 0
    assert signal.getsignal(signal.SIGINT) is before


# Mistakes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--write", "run", "--frontier", "f"], "keeps its own frontier"),
        (["--write", "run", "--save-every", "3"], "leave --save-every out"),
        (["--format", "npz"], "--format goes with --write"),
        (["--save-every", "3"], "--save-every goes with --frontier"),
        (["--batch", "0"], "not a whole number above 0"),
        (["--write", "run", "--format", "csv"], "invalid choice"),
        (["--box", "0:1"], "give one of"),
    ],
)
def test_wrong_command_lines(options: list[str], message: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["regions", *QUESTION, *options])
    assert ended.value.code == 2 and message in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_a_saved_partition_has_its_regions_already(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["regions", "saved.facetry", "--box", "0:1"])
    assert "its regions are found already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--write", "full"], "holds notes.txt"),
        (["--write", "full/notes.txt"], "cannot make full"),
        (["--frontier", "full/notes.txt"], "is not a whole facetry frontier"),
        (["--frontier", "missing/f"], "there is no such directory"),
    ],
)
def test_places_that_cannot_be_used(options: list[str], message: str, capsys: Capture) -> None:
    Path("full").mkdir()
    Path("full/notes.txt").write_text("mine")
    assert main(["regions", *QUESTION, *options]) == 1
    shown = capsys.readouterr().err
    assert message in shown and shown.count("\n") == 1
    assert Path("full/notes.txt").read_text() == "mine"


def test_a_frontier_of_another_search(capsys: Capture) -> None:
    assert main(["regions", *QUESTION, "--frontier", "f", "--max-regions", "5"]) == 3
    assert main(["regions", PIECEWISE, "--cut", "0=0:1", "--frontier", "f"]) == 1
    assert "belongs to another" in capsys.readouterr().err
