"""Many polygons as few paths: pictures cost per path, in drawing and most of all in SVG files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Outlines"]

Array = NDArray[np.float64]
IndexArray = NDArray[np.int64]

_MOST_CORNERS = 1000  # of one path: a renderer's memory for one path is limited


@dataclass(frozen=True)
class Outlines:
    """Polygons, joined.

    Attributes
    ----------
    points, offsets
        The corners of all, float64 (V, 2), polygon i owning offsets[i]:offsets[i + 1].
    """

    points: Array
    offsets: IndexArray

    @classmethod
    def of(cls, polygons: list[Array]) -> Outlines:
        """Of the corners of each polygon, (v, 2) each; there must be one."""
        counts = np.fromiter(map(len, polygons), dtype=np.int64, count=len(polygons))
        return cls(np.concatenate(polygons), np.concatenate([[0], np.cumsum(counts)]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def polygons(self) -> list[Array]:
        """The corners of each polygon, (v, 2) each."""
        bounds = self.offsets.tolist()
        return [self.points[i:j] for i, j in itertools.pairwise(bounds)]

    def joined(self, groups: IndexArray) -> Iterator[tuple[int, Array, NDArray[np.bool_]]]:
        """Paths through the polygons of one group, one path or more for each group.

        Parameters
        ----------
        groups
            int64 (K,): the group of each polygon.

        Yields
        ------
        The group, and the corners (c, 2) with each polygon's first one again behind its last; the
        mask (c,) says where a polygon begins.
        """
        order = np.argsort(groups, kind="stable")
        counts = np.diff(self.offsets)[order]
        for run in _runs(groups[order], counts):
            lengths = counts[run] + 1
            ends = np.cumsum(lengths)
            step = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
            step[ends - 1] = 0
            corners = self.points[np.repeat(self.offsets[order[run]], lengths) + step]
            begins = np.zeros(len(corners), dtype=bool)
            begins[ends - lengths] = True
            yield int(groups[order[run.start]]), corners, begins


def _runs(groups: IndexArray, counts: IndexArray) -> Iterator[slice]:
    """Slices of equal groups with about as many corners as a path may have."""
    block = np.cumsum(counts) // _MOST_CORNERS
    change = (np.diff(groups) != 0) | (np.diff(block) != 0)
    bounds = [0, *(np.flatnonzero(change) + 1).tolist(), len(groups)]
    return (slice(i, j) for i, j in itertools.pairwise(bounds))
