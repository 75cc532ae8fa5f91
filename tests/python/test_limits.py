"""Limits cover all of a call: reading a property, searching, volumes."""

from __future__ import annotations

import gzip
import itertools
import threading
import time

import numpy as np
import pytest

import facetry
from facetry import _core
from facetry.base.reading_time import Interrupted, reading_while
from facetry.search import blocks
from oracles.streams import network

MODEL, BOX = network((6, 12, 12, 1))


def test_volumes_in_blocks_are_the_same_numbers():
    part = facetry.partition(MODEL, BOX, max_regions=400)
    whole = part._core.volumes(0, 400, 1)
    assert np.array_equal(part.volumes, whole)
    left = iter([True, True, False])
    some = blocks.volumes_of(part._core, 1, lambda: next(left))
    known = np.flatnonzero(~np.isnan(some))
    assert 0 < len(known) < 400 and np.array_equal(some[known], whole[known])
    assert known.tolist() == list(range(len(known)))


ASKED = {
    "describe": lambda **how: facetry.describe(MODEL, BOX, **how),
    "query": lambda **how: facetry.query(MODEL, BOX, conditions={0: (-1e9, None)}, **how),
    "disagreement": lambda **how: facetry.disagreement(
        *(facetry.load(layers(shift), decision=0.0) for shift in (0.0, 1e-3)), BOX, **how
    ),
}


def layers(shift):
    rng = np.random.default_rng(5)
    sizes = [(10, 6), (10, 10), (1, 10)]
    return [(rng.normal(size=size), rng.normal(size=size[0]) + shift) for size in sizes]


@pytest.fixture
def slow_volumes(monkeypatch):
    """Each block of volumes takes a while, whatever machine this is."""
    quick = _core.Partition.volumes

    class Slow:
        def __init__(self, core):
            self._core = core

        def __len__(self):
            return len(self._core)

        def volumes(self, begin, end, threads):
            time.sleep(0.05)
            return quick(self._core, begin, end, threads)

    real = blocks.volumes_of

    def slow(core, threads, goes_on=lambda: True):
        return real(Slow(core), threads, goes_on)

    for module in ("facetry.search.partition", "facetry.questions.query_explanation"):
        monkeypatch.setattr(f"{module}.volumes_of", slow)


@pytest.mark.usefixtures("slow_volumes")
@pytest.mark.parametrize("question", ["describe", "query"])
def test_a_time_limit_covers_the_volumes(question):
    start = time.monotonic()
    found = ASKED[question](threads=1, time_limit=0.6, max_regions=6_000)
    assert time.monotonic() - start < 3.0
    assert np.isnan(found.volumes).any() and len(found) > 1000
    assert not np.isnan(found.coef).any()
    assert facetry.Explanation.from_json(found.to_json()) == found
    assert "region" in str(found)


@pytest.mark.usefixtures("slow_volumes")
def test_cancelling_covers_the_volumes():
    stop = threading.Event()
    timer = threading.Timer(1.0, stop.set)
    timer.start()
    start = time.monotonic()
    found = facetry.describe(MODEL, BOX, threads=1, max_regions=20_000, cancel=stop)
    timer.cancel()
    assert time.monotonic() - start < 4.0
    assert np.isnan(found.volumes).any()


def test_without_a_limit_all_volumes_are_there():
    for question in ASKED.values():
        found = question(threads=1, max_regions=200)
        assert not np.isnan(found.volumes).any()


# Properties -----------------------------------------------------------------------------------


def text_of(count):
    text = "".join(
        f"(declare-const X_{i} Real)(assert (>= X_{i} -1))(assert (<= X_{i} 1))\n" for i in range(6)
    )
    parts = " ".join(f"(and (>= Y_0 {1000 + i}) (<= X_0 {i / count!r}))" for i in range(count))
    return f"{text}(declare-const Y_0 Real)(assert (or {parts}))"


def test_reading_a_property_counts(tmp_path):
    path = tmp_path / "large.vnnlib"
    path.write_text(text_of(15_000))
    start = time.monotonic()
    facetry.Property.read(path)
    whole = time.monotonic() - start
    start = time.monotonic()
    found = facetry.verify(MODEL, path, threads=1, time_limit=whole / 10)
    assert time.monotonic() - start < 0.7 * whole
    assert (found.answer, found.status, found.bound) == ("unknown", "time_limit", None)
    stop = threading.Event()
    stop.set()
    found = facetry.verify(MODEL, path, threads=1, cancel=stop)
    assert (found.answer, found.status) == ("unknown", "cancelled")


def test_no_time_at_all_is_unknown():
    found = facetry.verify(MODEL, facetry.Property.parse(text_of(2)), time_limit=0)
    assert (found.answer, found.status, found.witness) == ("unknown", "time_limit", None)


def test_what_is_read_later_has_no_limit():
    facetry.verify(MODEL, facetry.Property.parse(text_of(2)), time_limit=0)
    assert len(facetry.Property.parse(text_of(2000)).cases) > 0


def terms(count):
    """Properties that are long in different ways: their assertions on Y_0."""
    return {
        "assertions": "(assert (>= Y_0 1))\n" * count,
        "one sum": f"(assert (>= (+ {'Y_0 ' * count}) 1))",
        "one product": f"(assert (>= (* Y_0 {'2 0.5 ' * (count // 2)}) 1))",
        "one conjunction": f"(assert (and {'(>= Y_0 1) ' * count}))",
        "a choice": f"(assert (or {'(and (>= Y_0 1) (<= X_0 0.5)) ' * count}))",
        "a choice of choices": "".join(
            f"(assert (or {'(>= Y_0 1) ' * int(count**0.5)}))" for _ in range(2)
        ),
        "spaces": " " * (1000 * count),
        "comments": (";" + "x" * 70_000 + "\n") * (count // 50),
    }


LONG, LONGER = terms(500), terms(2_000)


def looks_of(text, path, most=None):
    """How often reading a file looked at the clock; with `most`, there is no time after so many."""
    path.write_text(text_of(2) + "\n" + text)
    looks = itertools.count()
    with reading_while(lambda: next(looks) != most):
        facetry.Property.read(path)
    return next(looks)


@pytest.mark.parametrize("kind", LONG)
def test_all_of_reading_looks_at_the_clock(kind, tmp_path):
    path = tmp_path / "p.vnnlib"
    few, many = looks_of(LONG[kind], path), looks_of(LONGER[kind], path)
    base = looks_of("", path)
    assert many - base > 2 * (few - base) > 0
    for most in np.linspace(0, many - 1, 5).astype(int):
        with pytest.raises(Interrupted):
            looks_of(LONGER[kind], path, most)


def test_unpacking_looks_at_the_clock(tmp_path):
    path = tmp_path / "p.vnnlib.gz"
    path.write_bytes(gzip.compress(b" " * 2**24, 1))
    looks = itertools.count()
    with pytest.raises(Interrupted), reading_while(lambda: next(looks) < 3):
        facetry.Property.read(path)
    assert next(looks) == 4  # not a second one after all was unpacked
    found = facetry.verify(MODEL, path, time_limit=0)
    assert (found.answer, found.status) == ("unknown", "time_limit")
