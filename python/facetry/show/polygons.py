"""Polygons of a two-dimensional partition, in the units of two features: geometry for display.

Nothing here decides anything: the regions come from the core, and are only cut for drawing where
the model's decision changes inside one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInputError
from .outlines import Outlines

if TYPE_CHECKING:
    from ..search.partition import Partition

__all__ = ["Pieces", "PlanarPartition", "check_dimension", "decided_pieces", "planar"]

Array = NDArray[np.float64]
_SLACK = 1e-9  # of the largest score: display only, so that no sliver is drawn beside a line


@dataclass(frozen=True)
class PlanarPartition:
    """A partition in the plane of two of its features.

    Attributes
    ----------
    axes
        The two features.
    points, offsets
        The corners of all regions, float64 (V, 2), region i owning offsets[i]:offsets[i + 1].
    slopes, heights
        Each region's linear models on the plane, at p: ``slopes @ p + heights``; float64
        (K, n, 2) and (K, n).
    """

    axes: tuple[int, int]
    points: Array
    offsets: NDArray[np.int64]
    slopes: Array
    heights: Array

    def outlines(self) -> Outlines:
        """The corners of each region."""
        return Outlines(self.points, self.offsets)

    def polygons(self) -> list[Array]:
        """The corners of each region, (v, 2) each."""
        return self.outlines().polygons()

    def owners(self) -> NDArray[np.int64]:
        """For each corner the region it belongs to, int64 (V,)."""
        return np.repeat(np.arange(len(self.heights)), np.diff(self.offsets))


@dataclass(frozen=True)
class Pieces:
    """Polygons on which one choice is made: `region[i]` and `choice[i]` of `polygons[i]`."""

    polygons: list[Array]
    region: NDArray[np.int64]
    choice: NDArray[np.int64]


def planar(partition: Partition) -> PlanarPartition:
    """The partition in the plane of its two free features.

    On a slanted plane, where more features vary, the two that show it best are taken.

    Raises
    ------
    InvalidInputError
        If the partition is not two-dimensional, or is empty.
    """
    check_dimension(partition.dimension)
    if len(partition) == 0:
        raise InvalidInputError("the partition holds no region, so there is nothing to draw")
    origin, basis = np.asarray(partition.domain.origin), np.asarray(partition.domain.basis)
    axes = _best_axes(basis, np.asarray(partition.domain.free_features))
    offsets, corners = partition.corners
    # x = origin + basis @ u and p = x[axes], hence x = origin + lift @ (p - origin[axes])
    lift = basis @ np.linalg.inv(basis[list(axes)])
    slopes = partition.coef @ lift
    start = partition.coef @ origin + partition.intercept
    return PlanarPartition(
        axes,
        corners[:, axes],
        offsets,
        slopes,
        start - slopes @ origin[list(axes)],
    )


def check_dimension(dimension: int) -> None:
    """Refuse what cannot be drawn.

    Raises
    ------
    InvalidInputError
        If the dimension is not 2.
    """
    if dimension != 2:
        raise InvalidInputError(
            f"only a two-dimensional region can be drawn, this one has dimension {dimension}; "
            "cut it along two features"
        )


def _best_axes(basis: Array, free: NDArray[np.int64]) -> tuple[int, int]:
    pairs = [(int(i), int(j)) for n, i in enumerate(free) for j in free[n + 1 :]]
    areas = [abs(np.linalg.det(basis[list(pair)])) for pair in pairs]
    return pairs[int(np.argmax(areas))]


def decided_pieces(partition: PlanarPartition, kind: str, threshold: float = 0.0) -> Pieces:
    """The regions, cut at the lines where the decision changes.

    Parameters
    ----------
    partition
        The regions in the plane.
    kind, threshold
        The model's decision: ``"highest"``, ``"lowest"`` or ``"threshold"``. Where outputs are
        the same on a whole region the lowest index is chosen, as in argmax.
    """
    scores_of = _scores(partition, kind, threshold)
    owners, starts = partition.owners(), partition.offsets[:-1]
    slopes, heights = scores_of
    scores = np.einsum("vnc,vc->vn", slopes[owners], partition.points) + heights[owners]
    slack = _SLACK * max(1.0, float(np.abs(scores).max()))
    lead = np.minimum.reduceat(scores - scores.max(axis=1, keepdims=True), starts, axis=0)
    always = lead >= -slack
    choice = np.where(always.any(axis=1), always.argmax(axis=1), -1)
    return _with_cuts(partition.polygons(), choice, scores, starts)


def _scores(partition: PlanarPartition, kind: str, threshold: float) -> tuple[Array, Array]:
    """Linear scores of which the highest is chosen."""
    if kind == "highest":
        return partition.slopes, partition.heights
    if kind == "lowest":
        return -partition.slopes, -partition.heights
    if kind == "threshold":
        zero = np.zeros_like(partition.slopes)
        heights = np.concatenate([partition.heights * 0, partition.heights - threshold], axis=1)
        return np.concatenate([zero, partition.slopes], axis=1), heights
    raise InvalidInputError(f"there is no decision of the kind {kind!r}")


def _with_cuts(
    polygons: list[Array], choice: NDArray[np.int64], scores: Array, starts: NDArray[np.int64]
) -> Pieces:
    whole = np.flatnonzero(choice >= 0)
    pieces = [polygons[region] for region in whole]
    owners, choices = whole.tolist(), choice[whole].tolist()
    for region in np.flatnonzero(choice < 0):
        corners = polygons[region]
        values = scores[starts[region] : starts[region] + len(corners)]
        for output, piece in _top_pieces(corners, values):
            pieces.append(piece)
            owners.append(int(region))
            choices.append(output)
    return Pieces(pieces, np.array(owners, dtype=np.int64), np.array(choices, dtype=np.int64))


def _top_pieces(corners: Array, values: Array) -> list[tuple[int, Array]]:
    """The parts of one polygon where each score is the highest; values are at its corners."""
    result = []
    rivals = _rivals(values)
    for output in rivals:
        piece, scores = corners, values
        for other in rivals:
            if other != output and len(piece) >= 3:
                piece, scores = _clipped(piece, scores, scores[:, output] - scores[:, other])
        if len(piece) >= 3 and _area(piece) > _SLACK * _area(corners):
            result.append((output, piece))
    return result


def _rivals(values: Array) -> list[int]:
    """The scores that no other one reaches at every corner, and passes at one of them."""
    gaps = values[:, :, None] - values[:, None, :]
    beaten = ((gaps >= 0).all(axis=0) & (gaps > 0).any(axis=0)).any(axis=0)
    rivals: list[int] = np.flatnonzero(~beaten).tolist()
    return rivals


def _clipped(corners: Array, scores: Array, side: Array) -> tuple[Array, Array]:
    """The part of a convex polygon with ``side >= 0`` (Sutherland and Hodgman, 1974)."""
    following = _following(side)
    kept = side >= 0
    crossed = (side > 0) & (following < 0) | (side < 0) & (following > 0)
    share = np.divide(side, side - following, out=np.zeros_like(side), where=crossed)[:, None]
    places = np.concatenate([np.flatnonzero(kept), np.flatnonzero(crossed) + 0.5])
    order = np.argsort(places)

    def picked(values: Array) -> Array:
        between = values + share * (_following(values) - values)
        both: Array = np.concatenate([values[kept], between[crossed]])[order]
        return both

    return picked(corners), picked(scores)


def _following(values: Array) -> Array:
    """The value of the next corner, at each; several times faster than `numpy.roll`."""
    return np.concatenate([values[1:], values[:1]])


def _area(corners: Array) -> float:
    x, y = (corners - corners[0]).T
    return 0.5 * abs(float(x @ _following(y) - y @ _following(x)))
