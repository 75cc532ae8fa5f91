"""A small part of the campaigns on damaged files; `tests/campaigns` runs as many as are wanted."""

from __future__ import annotations

import pytest

from campaigns import model_files, vnnlib_files
from campaigns.mutations import mutated, run, wrong

KINDS = {**model_files.KINDS, **vnnlib_files.KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_only_errors_of_ours_come_out(kind: str) -> None:
    if kind == "YAML":
        pytest.importorskip("yaml")
    counts = KINDS[kind](300, 2024, None)
    assert not wrong(counts), wrong(counts)
    assert sum(counts.values()) == 300
    assert len(counts) > 1  # some are read and some are not, or the damages are too small


def test_a_campaign_repeats_and_finds_what_it_looks_for() -> None:
    def read(data: bytes) -> None:
        if len(data) % 7 == 0:
            raise KeyError("not an error of facetry")

    first = run(50, 3, [b"some text"], read)
    assert first == run(50, 3, [b"some text"], read)
    assert len(wrong(first)) == 1
    import numpy as np

    rng = np.random.default_rng(0)
    assert all(isinstance(mutated(b"", [b"x"], rng), bytes) for _ in range(50))
