"""Streams: batches are the partition, stopping and going on loses and repeats nothing."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import facetry
from facetry import _core
from oracles.streams import keys, network

MODEL, BOX = network((3, 16, 16, 1))
WHOLE = facetry.partition(MODEL, BOX, threads=1)


ALL = keys(WHOLE)


@pytest.mark.parametrize("cell", ["vertices", "lp"])
@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("batch", [7, 1000, 10**6])
def test_batches_joined_are_the_partition(threads, batch, cell):
    with facetry.iter_regions(MODEL, BOX, threads=threads, batch=batch, cell=cell) as stream:
        found = list(stream)
    assert all(len(part) <= batch for part in found)
    assert [key for part in found for key in keys(part)] == ALL
    assert stream.status == "complete" and stream.frontier.complete
    assert stream.regions == len(WHOLE) and stream.share_done == 1.0


def test_a_batch_knows_its_own_regions_only():
    points = np.random.default_rng(7).uniform(-1, 1, size=(300, MODEL.input_size))
    whole = WHOLE.locate(points)
    first = 0
    for part in facetry.iter_regions(MODEL, BOX, batch=50):
        own = (whole >= first) & (whole < first + len(part))
        np.testing.assert_array_equal(part.locate(points), np.where(own, whole - first, -1))
        assert part.status == "region_limit" and part.coverage < 1.0
        first += len(part)
    (everything,) = facetry.iter_regions(MODEL, BOX, threads=1)
    assert everything.status == "complete" and everything.coverage == 1.0


@pytest.mark.parametrize("threads", [1, 3])
def test_little_room_to_run_ahead(threads):
    stream = facetry.iter_regions(MODEL, BOX, threads=threads, batch=10, memory_limit=1)
    assert [key for part in stream for key in keys(part)] == ALL


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_an_unordered_stream_finds_the_same(threads):
    with facetry.iter_regions(MODEL, BOX, threads=threads, batch=50, ordered=False) as stream:
        found = [key for part in stream for key in keys(part)]
    assert sorted(found) == sorted(ALL)


@pytest.mark.parametrize("sizes", [(1, 8, 8, 1), (2, 12, 12, 1), (4, 8, 8, 2)])
@pytest.mark.parametrize("threads", [2, 4])
def test_any_number_of_threads_gives_the_same_partition(sizes, threads):
    model, box = network(sizes, seed=3)
    one = facetry.partition(model, box, threads=1)
    many = facetry.partition(model, box, threads=threads)
    assert keys(one) == keys(many)
    assert np.array_equal(one.interior_points, many.interior_points)


@pytest.mark.slow
def test_any_number_of_threads_gives_the_same_undecided_cuts():
    rng = np.random.default_rng(5)
    W = rng.normal(size=(24, 3))  # all boundaries meet in the origin
    model = facetry.load([(W, np.zeros(24)), (rng.normal(size=(8, 24)), np.zeros(8)),
                          (rng.normal(size=(1, 8)), np.zeros(1))])  # fmt: skip
    box = facetry.AnalysisRegion.box([-1] * 3, [1] * 3)
    counts = {facetry.partition(model, box, threads=t).undecided for t in (1, 2, 4)}
    with facetry.iter_regions(model, box, threads=3, batch=20) as stream:
        list(stream)
    assert counts == {stream.undecided}


@settings(max_examples=25, deadline=None)
@given(
    pieces=st.lists(st.integers(1, 400), max_size=6),
    threads=st.integers(1, 3),
    ordered=st.booleans(),
    batch=st.integers(1, 90),
)
def test_stopping_and_going_on_loses_and_repeats_nothing(pieces, threads, ordered, batch):
    options = {"threads": threads, "ordered": ordered, "batch": batch}
    frontier = None
    found = []
    for piece in pieces:
        stream = facetry.iter_regions(MODEL, BOX, max_regions=piece, frontier=frontier, **options)
        with stream:
            found += [key for part in stream for key in keys(part)]
        frontier = stream.frontier
    stream = facetry.iter_regions(MODEL, BOX, frontier=frontier, **options)
    found += [key for part in stream for key in keys(part)]
    assert (found if ordered and threads == 1 else sorted(found)) == (
        ALL if ordered and threads == 1 else sorted(ALL)
    )
    assert stream.regions == len(ALL) and stream.status == "complete"


@pytest.mark.parametrize("threads", [1, 2])
def test_leaving_in_the_middle_keeps_the_rest(threads, tmp_path):
    path = tmp_path / "run.frontier"
    found = []
    rounds = 0
    while True:
        with facetry.iter_regions(MODEL, BOX, threads=threads, batch=40, frontier=path) as stream:
            for count, part in enumerate(stream):
                found += keys(part)
                if count == 3:
                    break
        rounds += 1
        if stream.status == "complete":
            break
        assert stream.status == "cancelled"
    assert found == ALL and rounds > 3
    again = facetry.iter_regions(MODEL, BOX, frontier=path)
    assert list(again) == [] and again.status == "complete" and again.regions == len(ALL)


def test_a_batch_whose_work_failed_comes_again():
    stream = facetry.iter_regions(MODEL, BOX, batch=50)
    found = []
    with pytest.raises(RuntimeError), stream:
        for count, part in enumerate(stream):
            if count == 2:
                raise RuntimeError("the disk is full")
            found += keys(part)
    rest = facetry.iter_regions(MODEL, BOX, frontier=stream.frontier)
    assert found + [key for part in rest for key in keys(part)] == ALL


KILLED = """
import sys, time
sys.path[:0] = {path!r}
from oracles.streams import keys, network
import facetry
model, box = network((3, 16, 16, 1))
out = open({out!r}, "ab")
with facetry.iter_regions(model, box, batch=25, frontier={frontier!r}, save_every=0,
                          threads=2) as stream:
    for part in stream:
        # What a careful consumer does: its own record of how far it got goes with its output.
        for key in keys(part):
            out.write(len(key).to_bytes(4, "little") + key)
        out.flush()
        print(stream.regions, flush=True)
"""


def records(path, count):
    """The first `count` records of the consumer's file; what came after them is cut off."""
    data = path.read_bytes()
    result, at = [], 0
    while len(result) < count:
        size = int.from_bytes(data[at : at + 4], "little")
        result.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    path.write_bytes(data[:at])
    return result


def test_going_on_after_kill_9(tmp_path):
    frontier, out = tmp_path / "run.frontier", tmp_path / "regions"
    code = KILLED.format(path=sys.path, out=str(out), frontier=str(frontier))
    kills = 0
    while not frontier.exists() or not facetry.Frontier.open(frontier).complete:
        if frontier.exists():
            records(out, facetry.Frontier.open(frontier).regions)
        run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for line, _ in enumerate(run.stdout):
            if line == 8 and kills < 4:
                run.send_signal(signal.SIGKILL)
                kills += 1
                break
        run.wait()
        run.stdout.close()
    assert kills == 4
    assert records(out, len(ALL)) == ALL


def test_cancelled_by_another_thread():
    model, box = network((6, 24, 24, 1))
    flag = threading.Event()
    threading.Timer(0.3, flag.set).start()
    start = time.monotonic()
    found = facetry.partition(model, box, cancel=flag)
    assert found.status == "cancelled" and len(found) > 0 and time.monotonic() - start < 30
    stream = facetry.iter_regions(model, box, cancel=flag, batch=100)
    assert sum(len(part) for part in stream) < 10**6 and stream.status == "cancelled"


def test_limits_of_a_stream():
    model, box = network((6, 24, 24, 1))
    stream = facetry.iter_regions(model, box, time_limit=0.2, batch=1000)
    total = sum(len(part) for part in stream)
    assert stream.status == "time_limit" and total == stream.regions
    assert 0 < stream.share_done < 1 and not stream.frontier.complete
    stream = facetry.iter_regions(MODEL, BOX, max_regions=100, batch=30)
    assert [key for part in stream for key in keys(part)] == ALL[:100]
    assert stream.status == "region_limit"
    exact = facetry.iter_regions(MODEL, BOX, max_regions=len(ALL))
    assert sum(len(part) for part in exact) == len(ALL) and exact.status == "complete"


def test_a_memory_limit_stops_a_partition():
    found = facetry.partition(MODEL, BOX, memory_limit=1)
    assert found.status == "memory_limit"
    whole = facetry.partition(MODEL, BOX, memory_limit=1 << 30)
    assert whole.status == "complete"


def test_progress_of_a_stream():
    seen = []
    model, box = network((5, 16, 16, 1))
    stream = facetry.iter_regions(model, box, batch=500, progress=lambda n, s: seen.append((n, s)))
    list(stream)
    assert seen and all(0 <= share <= 1 for _, share in seen)
    stopped = facetry.iter_regions(model, box, batch=500, progress=lambda n, _: n < 2000)
    total = sum(len(part) for part in stopped)
    assert stopped.status == "cancelled" and 0 < total < len(facetry.partition(model, box))


def test_a_single_point_and_no_units():
    point = facetry.AnalysisRegion.box([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    stream = facetry.iter_regions(MODEL, point)
    assert [len(part) for part in stream] == [1] and stream.status == "complete"
    linear = facetry.load([([[1.0, 2.0]], [0.0])])
    stream = facetry.iter_regions(linear, facetry.AnalysisRegion.box([0, 0], [1, 1]))
    assert [len(part) for part in stream] == [1]


def stopped_frontier(tmp_path):
    path = tmp_path / "run.frontier"
    with facetry.iter_regions(MODEL, BOX, batch=20, frontier=path) as stream:
        next(stream)
    return path


def test_a_frontier_of_another_model_or_region(tmp_path):
    path = stopped_frontier(tmp_path)
    other, _ = network((3, 16, 16, 1), seed=1)
    smaller = facetry.AnalysisRegion.box([-1, -1, -1], [1, 1, 0.5])
    for model, box, cell in [(other, BOX, "auto"), (MODEL, smaller, "auto"), (MODEL, BOX, "lp")]:
        with pytest.raises(facetry.FileFormatError, match="another model"):
            facetry.iter_regions(model, box, cell=cell, frontier=path)
    assert len(facetry.Frontier.open(path).intervals) == 1  # untouched


@pytest.mark.parametrize("change", ["truncate", "foreign", "edit", "version", "empty"])
def test_a_damaged_frontier(tmp_path, change):
    path = stopped_frontier(tmp_path)
    text = path.read_text()
    whole = json.loads(text)
    if change == "edit":
        whole["content"]["regions"] += 1
    if change == "version":
        whole["version"] = 99
    path.write_text(
        {"truncate": text[:-20], "foreign": '{"a": 1}', "empty": ""}.get(change, json.dumps(whole))
    )
    with pytest.raises(facetry.FileFormatError, match=r"frontier|damaged|version"):
        facetry.iter_regions(MODEL, BOX, frontier=path)


def test_a_forged_start_is_refused_by_the_core():
    def run(interval):
        domain = BOX.resolve(MODEL)
        options = _core.SearchOptions(exactness="float", memory_limit=1 << 20)
        stream = _core.Stream(
            MODEL.form, domain, options, max_regions=None, batch=10, ordered=True,
            frontier=[interval],
        )  # fmt: skip
        while stream.next(5.0) is not None:
            pass

    words = len(WHOLE._core.raw()["states"]) // len(WHOLE)
    for bad in [
        ([], [1 << 63] * (words + 1), [], 0.0, 1.0),
        ([-1], [], [], 0.0, 1.0),
        ([1] * 200, [], [], 0.0, 1.0),
        ([], [(1 << 64) - (1 << 32)] * words, [], 0.0, 1.0),
    ]:
        with pytest.raises(facetry.InvalidInputError, match="frontier"):
            run(bad)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch"),
        ({"memory_limit": 0}, "memory_limit"),
        ({"cancel": 3}, "cancel"),
        ({"cell": "spheres"}, "cell"),
        ({"cell": "polygons"}, "polygons"),
        ({"save_every": -1}, "save_every"),
        ({"max_regions": 0}, "max_regions"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(facetry.InvalidInputError, match=message):
        facetry.iter_regions(MODEL, BOX, **options)


def test_a_frontier_that_cannot_be_written(tmp_path):
    path = tmp_path / "folder" / "run.frontier"
    with pytest.raises(facetry.InvalidInputError, match="cannot write"):
        facetry.iter_regions(MODEL, BOX, batch=100, frontier=path, save_every=0)
    path.parent.mkdir()
    stream = facetry.iter_regions(MODEL, BOX, batch=100, frontier=path, save_every=0)
    next(stream)
    shutil.rmtree(path.parent)
    with pytest.raises(facetry.InvalidInputError, match="cannot write"):
        next(stream)
    assert stream.regions == 100  # nothing lost: the frontier is still at hand
    assert stream.frontier.regions == 100


def test_a_time_limit_covers_what_the_caller_does():
    model, box = network((6, 64, 64, 1))
    start = time.monotonic()
    with facetry.iter_regions(model, box, batch=50, time_limit=1.0, threads=2) as stream:
        for _ in stream:
            time.sleep(0.3)
    assert time.monotonic() - start < 2.5
    assert stream.status == "time_limit" and not stream.frontier.complete
    assert stream.regions == stream.frontier.regions > 0


def test_a_time_limit_leaves_every_run_a_batch():
    frontier, found = None, []
    for _ in range(3):
        with facetry.iter_regions(MODEL, BOX, batch=40, time_limit=1e-9, frontier=frontier) as run:
            for part in run:
                found += keys(part)
                time.sleep(0.01)
        frontier = run.frontier
        assert run.status == "time_limit" and frontier.regions == len(found)
    rest = facetry.iter_regions(MODEL, BOX, frontier=frontier)
    assert found + [key for part in rest for key in keys(part)] == ALL


def test_what_a_progress_function_raises_loses_nothing():
    def fail(*_):
        if found:
            raise RuntimeError("enough")

    found = []
    stream = facetry.iter_regions(MODEL, BOX, batch=40, progress=fail)
    with pytest.raises(RuntimeError, match="enough"):
        for part in stream:
            found += keys(part)
    assert stream.status == "cancelled"
    rest = facetry.iter_regions(MODEL, BOX, frontier=stream.frontier)
    left = [key for part in rest for key in keys(part)]
    assert found + left == ALL or found[: stream.frontier.regions] + left == ALL


def test_one_search_at_a_time_has_a_frontier(tmp_path):
    path = tmp_path / "run.frontier"
    with facetry.iter_regions(MODEL, BOX, batch=40, frontier=path) as first:
        next(first)
        with pytest.raises(facetry.InvalidInputError, match="another search of this process"):
            facetry.iter_regions(MODEL, BOX, frontier=path)
    assert [file.name for file in tmp_path.iterdir()] == ["run.frontier"]
    with facetry.iter_regions(MODEL, BOX, frontier=path) as second:
        assert sum(map(len, second)) == len(ALL) - first.frontier.regions
