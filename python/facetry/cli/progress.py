"""How far a search is, on one line of the standard error that is written over again."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..search.progress import ProgressCallback

__all__ = ["search_progress"]

_SECONDS_BETWEEN = 0.2


@contextmanager
def search_progress(wanted: bool) -> Iterator[ProgressCallback | bool]:
    """What `facetry.partition` takes as progress; the line is ended when the search is."""
    if not wanted:
        yield False
        return
    start, last = time.monotonic(), [0.0]

    def report(regions: int, share: float) -> bool:
        now = time.monotonic()
        if now - last[0] >= _SECONDS_BETWEEN:
            last[0] = now
            # searches for one value know no share
            known = f"{share:4.0%} searched, {regions} regions"
            text = known if share or regions else f"searching for {now - start:.0f} s"
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
        return True

    try:
        yield report
    finally:
        if last[0]:
            print(file=sys.stderr)
