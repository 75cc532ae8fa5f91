"""Long computations over regions in blocks, so that limits, cancellation and Ctrl-C reach them."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .. import _core

__all__ = ["GoesOn", "volumes_of"]

GoesOn = Callable[[], bool]
"""Asked between two blocks."""

_FIRST = 16  # regions of the first block, for each thread
_SECONDS = 0.05  # that a block should take


def volumes_of(
    core: _core.Partition, threads: int, goes_on: GoesOn = lambda: True
) -> NDArray[np.float64]:
    """Volumes of all regions, float64 (K,); NaN from where `goes_on` said no."""
    count = len(core)
    result = np.full(count, np.nan)
    done, size = 0, _FIRST * threads
    while done < count and goes_on():
        start, end = time.monotonic(), min(done + size, count)
        result[done:end] = core.volumes(done, end, threads)
        taken = time.monotonic() - start
        size = max(threads, int(size * min(4.0, max(0.25, _SECONDS / max(taken, 1e-6)))))
        done = end
    return result
