"""Saved partitions: exact round trips, and clear errors for files that are not whole."""

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion, FileFormatError, InvalidInputError
from oracles.networks import FUNCTIONS, model_of, random_network, table_network


@pytest.fixture
def found():
    layers = random_network(np.random.default_rng(1), 3, [4, 4], kinds=[*FUNCTIONS, "maximum"])
    region = AnalysisRegion.box([-1.0, 0.1, -0.3], [1.0, 0.7, 1 / 3]).where([[1, 1, 1]], [1.0])
    return facetry.partition(model_of(layers, 3), region)


def test_round_trip(found, tmp_path):
    path = tmp_path / "cells.facetry"
    found.save(path)
    again = facetry.open(path)
    assert again.status == found.status
    assert again.region == found.region
    assert again.undecided == found.undecided
    assert np.array_equal(again.states, found.states)
    assert np.array_equal(again.coef, found.coef)
    assert np.array_equal(again.halfspaces.b, found.halfspaces.b)
    assert np.array_equal(again.facets.neighbor, found.facets.neighbor)
    points = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    assert np.array_equal(again.locate(points), found.locate(points))
    assert np.array_equal(again.model(points), found.model(points))
    assert again.model.feature_names == found.model.feature_names
    assert again.model.tail == found.model.tail


def test_an_incomplete_partition_stays_incomplete(tmp_path):
    model = model_of(table_network((2, 8, 8, 1)), 2)
    part = facetry.partition(model, AnalysisRegion.box([-1, -1], [1, 1]), max_regions=9)
    part.save(tmp_path / "part.facetry")
    again = facetry.open(tmp_path / "part.facetry")
    assert again.status == "region_limit"
    assert again.coverage == part.coverage


def test_points_keep_their_order(found, tmp_path):
    points = found.interior_points[[5, 2, 2]]
    around = facetry.validity_regions(found.model, found.region, points)
    around.save(tmp_path / "points.facetry")
    again = facetry.open(tmp_path / "points.facetry")
    assert np.array_equal(again.states, around.states)
    with pytest.raises(InvalidInputError, match="search"):
        again.locate(points)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        facetry.open(tmp_path / "nothing.facetry")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 not a zip"])
def test_a_foreign_file(tmp_path, content):
    path = tmp_path / "foreign.facetry"
    path.write_bytes(content)
    with pytest.raises(FileFormatError):
        facetry.open(path)


def test_an_archive_of_something_else(tmp_path):
    np.savez(tmp_path / "other.npz", values=np.arange(3))
    with pytest.raises(FileFormatError):
        facetry.open(tmp_path / "other.npz")


def test_truncated_and_damaged_files(found, tmp_path):
    path = tmp_path / "cells.facetry"
    found.save(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for length in (10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            facetry.open(path)
    for _ in range(60):
        damaged = bytearray(whole)
        place = int(rng.integers(len(whole)))
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(damaged))
        try:
            again = facetry.open(path)
        except FileFormatError:
            continue
        # A bit that no array and no checksum depends on (a time stamp, a flag of the archive).
        assert np.array_equal(again.states, found.states)
        assert np.array_equal(again.coef, found.coef)


def test_a_folder_that_is_not_there(found, tmp_path):
    with pytest.raises(InvalidInputError, match="cannot write"):
        found.save(tmp_path / "nowhere" / "cells.facetry")


def test_regions_out_of_order(tmp_path):
    """A file that is whole but lists the regions in another order would mislead `locate`."""
    model = model_of(table_network((2, 8, 8, 1)), 2)
    found = facetry.partition(model, AnalysisRegion.box([-1, -1], [1, 1]))
    path = tmp_path / "cells.facetry"
    found.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["regions.states"] = arrays["regions.states"][::-1].copy()
    with path.open("wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(FileFormatError):
        facetry.open(path)
