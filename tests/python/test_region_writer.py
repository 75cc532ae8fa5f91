"""Regions in a folder of parts, and folds: the same as the partition holds; faults lose nothing."""

from __future__ import annotations

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

    def full(path, write):
        calls.append(path)
        is_part = path.name.startswith("part")
        if len(calls) > 9 and is_part == (fails == "part"):
            raise facetry.InvalidInputError(f"cannot write {path}: No space left on device")
        whole(path, write)

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
    with pytest.raises(facetry.FileFormatError, match="no frontier"):
        facetry.write_regions(MODEL, BOX, run, format="npz")
    with pytest.raises(facetry.InvalidInputError, match="format"):
        facetry.write_regions(MODEL, BOX, tmp_path / "new", format="xlsx")
    with pytest.raises(facetry.InvalidInputError, match="frontier"):
        facetry.write_regions(MODEL, BOX, tmp_path / "new", format="npz", frontier="x")


@pytest.mark.parametrize("batch", [17, 100000])
def test_folds_are_those_of_the_whole_partition(batch):
    edges = np.linspace(-2, 2, 9)
    values = facetry.fold(
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
    assert facetry.fold([], {"sum": facetry.Sum(lambda part: part.volumes)}) == {"sum": 0.0}
    with pytest.raises(facetry.InvalidInputError, match="one row"):
        facetry.fold([WHOLE], {"sum": facetry.Sum(lambda _: [1.0])})
    with pytest.raises(facetry.InvalidInputError, match="one number"):
        facetry.fold([WHOLE], {"low": facetry.Extrema(lambda part: part.coef)})
    with pytest.raises(facetry.InvalidInputError, match="edges"):
        facetry.Histogram(lambda part: part.volumes, [1.0, 1.0])
    with pytest.raises(facetry.InvalidInputError, match="no fold"):
        facetry.fold([WHOLE], {"x": 3})
