"""Regions in a folder of parts, and folds: the same as the partition holds; faults lose nothing."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

import facetry
from facetry.base import whole_file
from facetry.files import region_writer
from oracles.streams import keys, network

MODEL, BOX = network((3, 16, 16, 1))
WHOLE = facetry.partition(MODEL, BOX, threads=1)
ALL = keys(WHOLE)


def parts(folder):
    return [facetry.open(path) for path in sorted(folder.glob("part-*.npz"))]


def written(folder):
    return [key for part in parts(folder) for key in keys(part)]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_folder_of_partitions(tmp_path, threads):
    done = facetry.write_regions(
        MODEL, BOX, tmp_path / "run", format="npz", batch=100, threads=threads
    )
    assert done.status == "complete" and done.regions == len(ALL)
    assert written(tmp_path / "run") == ALL
    again = facetry.write_regions(MODEL, BOX, tmp_path / "run", format="npz", batch=100)
    assert again.status == "complete" and written(tmp_path / "run") == ALL


def test_parquet_has_the_columns_of_the_command(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    facetry.write_regions(MODEL, BOX, tmp_path, batch=300)
    tables = [parquet.read_table(path) for path in sorted(tmp_path.glob("part-*.parquet"))]
    assert len(tables) > 1
    regions = np.concatenate([table["region"].to_numpy() for table in tables])
    volumes = np.concatenate([table["volume"].to_numpy() for table in tables])
    assert np.array_equal(regions, np.arange(len(ALL)))
    assert np.array_equal(volumes, WHOLE.volumes)


def test_stopped_again_and_again(tmp_path):
    rounds = 0
    while True:
        done = facetry.write_regions(
            MODEL, BOX, tmp_path, format="npz", batch=30, max_regions=90, threads=2
        )
        rounds += 1
        if done.status == "complete":
            break
        assert done.status == "region_limit" and done.regions == 90 * rounds
    assert rounds == -(-len(ALL) // 90) and written(tmp_path) == ALL


@pytest.mark.parametrize("fails", ["part", "frontier"])
def test_a_full_disk_loses_nothing(tmp_path, monkeypatch, fails):
    whole = whole_file.write_whole
    calls = []

    def full(path, write, **how):
        calls.append(path)
        is_part = path.name.startswith("part")
        if len(calls) > 9 and is_part == (fails == "part"):
            raise facetry.InvalidInputError(f"cannot write {path}: No space left on device")
        whole(path, write, **how)

    with monkeypatch.context() as patch:
        patch.setattr(region_writer, "write_whole", full)
        patch.setattr("facetry.search.frontier.write_whole", full)
        with pytest.raises(facetry.InvalidInputError, match="No space left"):
            facetry.write_regions(MODEL, BOX, tmp_path, format="npz", batch=50)
    counted = facetry.Frontier.open(tmp_path / "frontier.json")
    assert 0 < counted.regions < len(ALL) and counted.batches <= len(parts(tmp_path))
    facetry.write_regions(MODEL, BOX, tmp_path, format="npz", batch=50)
    assert written(tmp_path) == ALL


def test_folders_that_are_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(facetry.FileFormatError, match=r"letter\.txt"):
        facetry.write_regions(MODEL, BOX, tmp_path, format="npz")
    run = tmp_path / "run"
    facetry.write_regions(MODEL, BOX, run, format="npz", batch=50, max_regions=200)
    smaller = facetry.AnalysisRegion.box([-1, -1, -1], [1, 1, 0.5])
    with pytest.raises(facetry.FileFormatError, match="another model"):
        facetry.write_regions(MODEL, smaller, run, format="npz")
    with pytest.raises(facetry.FileFormatError, match="no part of a run"):
        facetry.write_regions(MODEL, BOX, run, format="parquet")
    (run / "part-000001.npz").unlink()
    with pytest.raises(facetry.FileFormatError, match="lost"):
        facetry.write_regions(MODEL, BOX, run, format="npz")
    (run / "frontier.json").unlink()
    with pytest.raises(facetry.FileFormatError, match=r"no frontier\.json"):
        facetry.write_regions(MODEL, BOX, run, format="npz")
    with pytest.raises(facetry.InvalidInputError, match="format"):
        facetry.write_regions(MODEL, BOX, tmp_path / "new", format="xlsx")
    with pytest.raises(facetry.InvalidInputError, match="frontier"):
        facetry.write_regions(MODEL, BOX, tmp_path / "new", format="npz", frontier="x")


FOREIGN = ["part-measured.npz", "part-000001.npz", "part-000009.npz", "part-0000000.npz", "notes"]


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("run", [False, True])
def test_files_of_others_are_refused_and_stay(tmp_path, name, run):
    if run:
        facetry.write_regions(MODEL, BOX, tmp_path, format="npz", batch=50, max_regions=50)
    (tmp_path / name).write_text("mine")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(facetry.FileFormatError, match=re.escape(name)):
        facetry.write_regions(MODEL, BOX, tmp_path, format="npz", batch=50)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_hidden_files_of_others_stay(tmp_path):
    for name in (".facetry-notes", ".gitignore"):
        (tmp_path / name).write_text("mine")
    facetry.write_regions(MODEL, BOX, tmp_path, format="npz", batch=50)
    assert written(tmp_path) == ALL
    assert (tmp_path / ".facetry-notes").read_text() == "mine"
    assert (tmp_path / ".gitignore").read_text() == "mine"


@pytest.mark.parametrize("form", ["npz", "parquet"])
def test_a_part_that_was_written_but_not_counted_is_written_anew(tmp_path, form):
    pytest.importorskip("pyarrow.parquet")
    facetry.write_regions(MODEL, BOX, tmp_path, format=form, batch=50, max_regions=100)
    last = (tmp_path / f"part-000001.{form}").read_bytes()
    facetry.write_regions(MODEL, BOX, tmp_path, format=form, batch=50, max_regions=50)
    (tmp_path / f"part-000002.{form}").write_bytes(last)
    frontier = facetry.Frontier.open(tmp_path / "frontier.json")
    assert frontier.batches == 3
    (tmp_path / f"part-000003.{form}").write_bytes(last)  # as if the run was killed just then
    (tmp_path / f".facetry-part-000003.{form}").write_bytes(last[:100])
    done = facetry.write_regions(MODEL, BOX, tmp_path, format=form, batch=50)
    assert done.status == "complete"
    assert (tmp_path / f"part-000003.{form}").read_bytes() != last
    assert not list(tmp_path.glob(".facetry-*"))


def test_numbers_of_parts_are_numbers():
    name, number = region_writer._part_name, region_writer._part_number
    for value in (0, 7, 999_999, 1_000_000, 12_345_678):
        assert number(name(value, "npz"), "npz") == value
    arabic = "part-" + "\u0661" * 6 + ".npz"
    wrong = ("part-00001.npz", "part-0000001.npz", "part-000001.parquet", "part-x.npz")
    for strange in (*wrong, "part-000001.npz.npz", arabic):
        assert number(strange, "npz") is None, strange


WRITER = """
import sys, facetry
sys.path[:0] = {path!r}
from oracles.streams import network
model, box = network((3, 16, 16, 1))
def slow(*_):
    print("searching", flush=True)
    sys.stdin.read()
facetry.write_regions(model, box, {folder!r}, format="npz", batch=50, progress=slow)
"""


def test_one_run_at_a_time_writes_to_a_folder(tmp_path):
    program = WRITER.format(path=sys.path, folder=str(tmp_path / "run"))
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert other.stdout.readline() == "searching\n"
            with pytest.raises(facetry.InvalidInputError, match=f"process {other.pid}"):
                facetry.write_regions(MODEL, BOX, tmp_path / "run", format="npz", batch=50)
        finally:
            other.kill()
    assert (tmp_path / "run" / "frontier.json.lock").exists()  # it was killed
    facetry.write_regions(MODEL, BOX, tmp_path / "run", format="npz", batch=50)
    assert written(tmp_path / "run") == ALL
    assert not (tmp_path / "run" / "frontier.json.lock").exists()


@pytest.mark.parametrize("batch", [17, 100000])
def test_folds_are_those_of_the_whole_partition(batch):
    edges = np.linspace(-2, 2, 9)
    values = facetry.fold_stream(
        facetry.iter_regions(MODEL, BOX, batch=batch, threads=2),
        {
            "volume": facetry.Sum(lambda part: part.volumes),
            "weight": facetry.Sum(lambda part: part.volumes[:, None] * part.coef[:, 0]),
            "slope": facetry.Extrema(lambda part: part.coef[:, 0, 1]),
            "spread": facetry.Histogram(lambda part: part.coef[:, 0, 0], edges),
            "shares": facetry.Histogram(
                lambda part: part.coef[:, 0, 0], edges, weights=lambda part: part.volumes
            ),
        },
    )
    assert values["volume"] == pytest.approx(8.0)
    total = (WHOLE.volumes[:, None] * WHOLE.coef[:, 0]).sum(axis=0)
    assert values["weight"] == pytest.approx(total)
    slopes = WHOLE.coef[:, 0, 1]
    assert values["slope"] == (slopes.min(), slopes.max(), slopes.argmin(), slopes.argmax())
    counts, _ = np.histogram(WHOLE.coef[:, 0, 0], edges)
    assert np.array_equal(values["spread"].counts, counts)
    assert counts.sum() + values["spread"].below + values["spread"].above == len(ALL)
    shares = values["shares"]
    assert shares.counts.sum() + shares.below + shares.above == pytest.approx(8.0)


def test_folds_of_nothing_and_wrong_ones():
    assert facetry.fold_stream([], {"sum": facetry.Sum(lambda part: part.volumes)}) == {"sum": 0.0}
    with pytest.raises(facetry.InvalidInputError, match="one row"):
        facetry.fold_stream([WHOLE], {"sum": facetry.Sum(lambda _: [1.0])})
    with pytest.raises(facetry.InvalidInputError, match="one number"):
        facetry.fold_stream([WHOLE], {"low": facetry.Extrema(lambda part: part.coef)})
    with pytest.raises(facetry.InvalidInputError, match="edges"):
        facetry.Histogram(lambda part: part.volumes, [1.0, 1.0])
    with pytest.raises(facetry.InvalidInputError, match="no fold"):
        facetry.fold_stream([WHOLE], {"x": 3})
