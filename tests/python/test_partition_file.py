"""Saved partitions: exact round trips, and clear errors for files that are not whole."""

import gc
import json
import mmap
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import facetry
from facetry import AnalysisRegion, FileFormatError, InvalidInputError
from facetry.files.array_file import write_arrays
from facetry.files.model_file import model_to_bytes
from oracles.networks import FUNCTIONS, model_of, random_network, table_network
from oracles.streams import network


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


def test_a_safe_partition_stays_safe(found, tmp_path):
    safe = facetry.partition(found.model, found.region, exactness="safe")
    safe.save(tmp_path / "safe.facetry")
    again = facetry.open(tmp_path / "safe.facetry", verify=True)
    assert again.exactness == "safe"
    assert np.array_equal(again.states, safe.states)


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


@pytest.mark.parametrize("length", [10, 0.5, -1, -22])
def test_truncated_files(found, tmp_path, length):
    path = tmp_path / "cells.facetry"
    found.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * length) if length == 0.5 else length])
    with pytest.raises(FileFormatError):
        facetry.open(path)


def answers(partition):
    """Everything that is computed from the regions, region by region."""
    points = partition.model.input_size * [np.linspace(-0.9, 0.9, 20)]
    table = partition.facets
    return [
        partition.states,
        partition.coef,
        partition.intercept,
        partition.interior_points,
        partition.halfspaces.A,
        partition.halfspaces.b,
        partition.volumes,
        partition.corners.points,
        partition.flat_units.units,
        table.neighbor,
        table.unit,
        table.boundary,
        partition.locate(np.transpose(points)),
        np.array([cut.point for cut in partition.undecided_cuts]),
    ]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A small file, and what it answers."""
    layers = random_network(np.random.default_rng(1), 3, [4, 4], kinds=[*FUNCTIONS, "maximum"])
    region = AnalysisRegion.box([-1.0, 0.1, -0.3], [1.0, 0.7, 1 / 3]).where([[1, 1, 1]], [1.0])
    path = tmp_path_factory.mktemp("saved") / "cells.facetry"
    facetry.partition(model_of(layers, 3), region).save(path)
    return path.read_bytes(), answers(facetry.open(path))


places = st.floats(0, 1, exclude_max=True)
damages = st.lists(st.tuples(places, st.integers(1, 255)), min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)
@given(damages=damages, verify=st.booleans())
def test_damaged_files(saved, tmp_path_factory, damages, verify):
    """Whatever bytes change: an error, or the same answers. Never a crash, never other answers."""
    whole, expected = saved
    damaged = bytearray(whole)
    for place, change in damages:
        damaged[int(place * len(whole))] ^= change
    path = tmp_path_factory.mktemp("damaged") / "cells.facetry"
    path.write_bytes(damaged)
    try:
        found = answers(facetry.open(path, verify=verify))
    except FileFormatError as error:
        assert str(path) in str(error)
        return
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one, other)


def regions_of(path):
    """The arrays of regions in a file, each with the place of its data."""
    for name, dtype, size in (
        ("states", "<u8", 8), ("interior", "<f8", 8), ("facet_offsets", "<i8", 8),
        ("facets", "<i4", 4), ("checksums", "<u8", 8),
    ):  # fmt: skip
        with zipfile.ZipFile(path) as archive:
            member = archive.getinfo(f"regions.{name}.npy")
            with archive.open(member) as file:
                count = np.lib.format.read_array(file).size
        head = path.read_bytes()[member.header_offset :][:30]
        lengths = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        end = member.header_offset + 30 + lengths + member.file_size
        yield name, np.dtype(dtype), end - count * size, count


@pytest.mark.parametrize("name", ["states", "interior", "facet_offsets", "facets", "checksums"])
def test_opening_reads_no_region(found, tmp_path, name):
    """Arrays full of rubbish go unnoticed until they are read, and are told then."""
    path = tmp_path / "cells.facetry"
    found.save(path)
    (start, count, dtype) = next(
        (start, count, dtype) for n, dtype, start, count in regions_of(path) if n == name
    )
    content = bytearray(path.read_bytes())
    keep = dtype.itemsize if name == "facet_offsets" else 0  # its first and last are looked at
    size = count * dtype.itemsize
    content[start + keep : start + size - keep] = b"\xfe" * (size - 2 * keep)
    path.write_bytes(content)
    again = facetry.open(path)
    assert len(again) == len(found)
    assert np.array_equal(again.model([[0, 0.2, 0]]), found.model([[0, 0.2, 0]]))
    for read in (
        again.check,
        lambda: again.coef,
        lambda: again.states,
        lambda: again.interior_points,
        lambda: again.halfspaces,
        lambda: again.volumes,
        lambda: again.corners,
        lambda: again.facets,
        lambda: again.flat_units,
        lambda: again[0].coef,
        lambda: again.save(tmp_path / "copy.facetry"),
        lambda: facetry.open(path, verify=True),
    ):
        with pytest.raises(FileFormatError, match=r"cells\.facetry.* is damaged"):
            read()
    if name in ("states", "checksums"):
        with pytest.raises(FileFormatError, match="states"):
            again.locate([[0, 0.2, 0]])
    else:  # locate reads states alone
        assert np.array_equal(again.locate([[0, 0.2, 0]]), found.locate([[0, 0.2, 0]]))


def test_arrays_are_aligned_and_numpy_reads_them(found, tmp_path):
    path = tmp_path / "cells.facetry"
    found.save(path)
    raw = found._core.raw()
    with np.load(path) as file:
        for name, dtype, start, _ in regions_of(path):
            assert start % 64 == 0
            assert file[f"regions.{name}"].dtype == dtype
            if name != "checksums":
                assert np.array_equal(file[f"regions.{name}"], raw[name])


def test_only_damaged_blocks_are_refused(tmp_path):
    model, cube = network([3, 32, 32, 1])
    found = facetry.partition(model, cube)
    assert len(found) > 3 * 4096
    path = tmp_path / "large.facetry"
    found.save(path)
    (start, dtype) = next((start, t) for n, t, start, _ in regions_of(path) if n == "interior")
    content = bytearray(path.read_bytes())
    content[start + dtype.itemsize * 3 * 5000] ^= 1
    path.write_bytes(content)
    again = facetry.open(path)
    assert np.array_equal(again[4095].coef, found[4095].coef)
    assert np.array_equal(again[2 * 4096].coef, found[2 * 4096].coef)
    with pytest.raises(FileFormatError, match="regions 4096 to 8191"):
        again[4096].coef  # noqa: B018
    with pytest.raises(FileFormatError, match="regions 4096 to 8191"):
        again.check()
    points = np.random.default_rng(0).uniform(-1, 1, (500, 3))
    assert np.array_equal(again.locate(points), found.locate(points))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_opening_takes_no_memory(tmp_path):
    model, cube = network([3, 64, 64, 1])
    path = tmp_path / "large.facetry"
    facetry.partition(model, cube).save(path)
    assert path.stat().st_size > 2e7

    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    facetry.open(path)  # whatever is imported or allocated once
    before = resident()
    again = facetry.open(path)
    assert len(again) > 200_000
    assert resident() - before < 2e6
    again.check()
    assert resident() - before > 1e7  # so what is read is counted


def test_an_opened_partition_is_saved_again(found, tmp_path):
    path = tmp_path / "cells.facetry"
    found.save(path)
    again = facetry.open(path)
    again.save(path)  # over its own file
    assert np.array_equal(again.coef, found.coef)
    once_more = facetry.open(path, verify=True)
    once_more.check()
    assert np.array_equal(once_more.halfspaces.A, found.halfspaces.A)


def test_arrays_outlive_the_partition(found, tmp_path):
    found.save(tmp_path / "cells.facetry")
    states = facetry.open(tmp_path / "cells.facetry")._core.raw()["states"]
    gc.collect()
    assert np.array_equal(states, found._core.raw()["states"])
    assert not states.flags.writeable


def test_a_partition_without_regions(tmp_path):
    """A search that was stopped at once, and a point (no free dimension)."""
    model, cube = network([3, 8, 1])
    nothing = facetry.partition(model, cube, progress=lambda *_: False, time_limit=1e-9)
    for partition in (nothing, facetry.partition(model, AnalysisRegion.point([0.1, 0.2, 0.3]))):
        partition.save(tmp_path / "small.facetry")
        again = facetry.open(tmp_path / "small.facetry", verify=True)
        assert len(again) == len(partition)
        assert np.array_equal(again.coef, partition.coef)
        assert np.array_equal(again.locate([[0.1, 0.2, 0.3]]), partition.locate([[0.1, 0.2, 0.3]]))


def rewritten(path, change):
    """The file with another description, whole but for what `change` did to it."""
    with np.load(path) as file:
        arrays = dict(file)
    description = json.loads(arrays["description"].tobytes())
    change(description)
    arrays["description"] = np.frombuffer(json.dumps(description).encode(), dtype=np.uint8)
    write_arrays(path, arrays)


def test_another_version_is_refused(found, tmp_path):
    path = tmp_path / "cells.facetry"
    found.save(path)
    rewritten(path, lambda description: description.update(version=1))
    with pytest.raises(FileFormatError, match=r"version 1 .* reads version 3"):
        facetry.open(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["sizes"].update(states=d["sizes"]["states"] + 8),
        lambda d: d["sizes"].update(states=-1),
        lambda d: d["sizes"].update(facets=10**18),
        lambda d: d["sizes"].update(interior="many"),
        lambda d: d.pop("sizes"),
        lambda d: d["regions"].update(words=2),
        lambda d: d["regions"].update(dimension=2),
        lambda d: d["regions"].update(undecided_count=-1),
        lambda d: d.update(status="perfect"),
        lambda d: d.update(region={"box": {"low": [0, 0], "high": [1, 1]}}),
    ],
)
def test_a_description_that_does_not_fit(found, tmp_path, change):
    path = tmp_path / "cells.facetry"
    found.save(path)
    rewritten(path, change)
    with pytest.raises(FileFormatError, match="damaged"):
        facetry.open(path)


@pytest.mark.parametrize("inputs", [2, 4])
def test_a_model_that_does_not_fit_or_is_damaged(found, tmp_path, inputs):
    path = tmp_path / "cells.facetry"
    found.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    other = facetry.load([(np.ones((1, inputs)), [0.0]), ([[1.0]], [0.0])])
    broken = arrays["model"].copy()
    broken[len(broken) // 2] ^= 1
    for model in (np.frombuffer(model_to_bytes(other), dtype=np.uint8), broken, broken[:40]):
        write_arrays(path, arrays | {"model": model})
        with pytest.raises(FileFormatError):
            facetry.open(path)


def test_a_folder_that_is_not_there(found, tmp_path):
    with pytest.raises(InvalidInputError, match="cannot write"):
        found.save(tmp_path / "nowhere" / "cells.facetry")


def test_regions_out_of_order(found, tmp_path):
    """A file that is whole but lists the regions in another order would mislead `locate`."""
    points = found.interior_points[[5, 2]]
    path = tmp_path / "points.facetry"
    facetry.validity_regions(found.model, found.region, points).save(path)
    rewritten(path, lambda description: description.update(ordered=True))
    again = facetry.open(path)
    with pytest.raises(FileFormatError, match="not in order"):
        again.locate(points)
    with pytest.raises(FileFormatError, match="not in order"):
        facetry.open(path, verify=True)
