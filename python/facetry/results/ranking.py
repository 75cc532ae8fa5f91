"""Ranks of feature weights, as people count them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ranks_of"]


def ranks_of(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ranks along the last axis: 1 for the largest magnitude, equal magnitudes share one.

    Parameters
    ----------
    weights
        float64 of shape (..., m), signed.

    Returns
    -------
    int64 of shape (..., m): one more than the number of strictly larger magnitudes.

    Examples
    --------
    >>> ranks_of(np.array([0.5, -2.0, 2.0, 0.0]))
    array([3, 1, 1, 4])
    """
    magnitude = np.abs(weights)
    order = np.argsort(-magnitude, axis=-1, kind="stable")
    descending = np.take_along_axis(magnitude, order, axis=-1)
    place = np.arange(1, weights.shape[-1] + 1) * np.ones_like(order)
    tied = np.zeros(weights.shape, dtype=bool)
    tied[..., 1:] = descending[..., 1:] == descending[..., :-1]
    place[tied] = 0  # a tie takes the place of the first of its kind, which is the maximum so far
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.maximum.accumulate(place, axis=-1), axis=-1)
    return ranks
