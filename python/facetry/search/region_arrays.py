"""Arrays over many regions, joined: what a partition answers with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Corners", "FlatUnits", "Halfspaces"]

Array = NDArray[np.float64]
IndexArray = NDArray[np.int64]


class Halfspaces(NamedTuple):
    """The minimal halfspaces of several regions, joined.

    Attributes
    ----------
    offsets
        int64 (K + 1,): region i has rows ``offsets[i] : offsets[i + 1]``.
    A, b
        float64 (F, m) and (F,): ``A @ x <= b``. The part of each row along the free directions has
        length 1, so ``b - A @ x`` is a distance within the analysis region.
    """

    offsets: IndexArray
    A: Array
    b: Array

    def copy(self) -> Halfspaces:
        """The same in arrays of its own."""
        return Halfspaces(self.offsets.copy(), self.A.copy(), self.b.copy())


class Corners(NamedTuple):
    """The vertices of several regions, joined.

    Attributes
    ----------
    offsets
        int64 (K + 1,): region i has rows ``offsets[i] : offsets[i + 1]``.
    points
        float64 (V, m), in input space.
    """

    offsets: IndexArray
    points: Array


class FlatUnits(NamedTuple):
    """The flat units of several regions, joined.

    Attributes
    ----------
    offsets
        int64 (K + 1,): region i has elements ``offsets[i] : offsets[i + 1]``.
    units
        int64 (F,): numbers of units.
    """

    offsets: IndexArray
    units: IndexArray
