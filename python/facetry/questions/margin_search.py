"""Searches a box for the largest margin of output conditions: by points, and exactly.

The margin of a conjunction at an input is by how much its least fulfilled condition is fulfilled: a
continuous piecewise-linear function of the input, so the engine can maximise it like an output.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..models.join import copy_operations
from ..models.model import Model
from ..search.linear_region import MOST_VOLUME_DIMENSIONS
from ..search.options import SearchOptions
from ..search.progress import Poll
from .vnnlib import Conjunction, PropertyCase

__all__ = ["MARGIN", "Found", "climb", "corners_around", "first_witness", "largest_margin",
           "starting_points"]  # fmt: skip

Array = NDArray[np.float64]

MARGIN = 1e-9
"""Relative to 1 + the largest threshold: how close to its threshold a condition counts as touched.

Several conditions together are searched as one network, whose last weights are sums of products of
the model's weights and the property's, rounded. That moves margins by some 1e-15 of the outputs;
this is far above it and far below what any property means. And nothing is searched further once the
largest margin is known up to this.
"""

SAMPLES = 4096
CLIMBERS = 32
"""So many points climb before any exact search."""
MOST_CORNERS = 256
STEPS = 0.5 * 0.8 ** np.arange(24)
"""How far each step of a climb goes, as shares of the box's sides."""


class Found(NamedTuple):
    """What the exact search found: as `_core.maximise`, in terms of the margin."""

    point: Array | None
    bound: float
    status: str
    cells: int
    form: _core.NormalForm
    """The network that was searched: linear pieces of the margin are its regions."""


def starting_points(low: Array, high: Array) -> Array:
    """Points of a box, always the same: middle, corners (if they are few) and random ones.

    Returns
    -------
    float64 (N, m), all in the box. N is 1 if the box is a point.

    Examples
    --------
    >>> starting_points(np.zeros(2), np.array([0.0, 2.0]))[:3].tolist()
    [[0.0, 1.0], [0.0, 0.0], [0.0, 2.0]]
    """
    free = np.flatnonzero(low < high)
    middle = np.clip(low + (high - low) / 2, low, high)
    if free.size == 0:
        return middle[None, :]
    rng = np.random.default_rng(0)
    if 2**free.size <= MOST_CORNERS:
        numbers = np.arange(2**free.size)
        ends = (numbers[:, None] >> np.arange(free.size)) & 1
    else:
        ends = rng.integers(0, 2, size=(MOST_CORNERS, free.size))
    corners = np.repeat(low[None, :], len(ends), axis=0)
    corners[:, free] = np.where(ends == 1, high[free], low[free])
    inside = np.clip(low + rng.random((SAMPLES, low.size)) * (high - low), low, high)
    return np.vstack([middle[None, :], corners, inside])


def first_witness(
    model: Model,
    case: PropertyCase,
    conjunction: Conjunction,
    points: Array,
    outputs: Array | None = None,
) -> tuple[Array, Array] | None:
    """A point of the box where the model fulfils all conditions, and its outputs there; or None.

    Points are put into the box first. The conditions are checked without any rounding, on the
    outputs that the model computes.

    Parameters
    ----------
    points
        float64 (N, m).
    outputs
        float64 (N, n): the model's outputs at points that are in the box; computed if left out.
    """
    inside = np.clip(points, case.low, case.high)
    margins = conjunction.margins(model(inside) if outputs is None else outputs)
    near = np.flatnonzero(margins >= -_touching(conjunction))
    for index in near[np.argsort(-margins[near], kind="stable")][:MOST_CORNERS]:
        alone = model(inside[index])[0]
        if _fulfilled(conjunction, alone):
            return inside[index].copy(), alone
    return None


def _fulfilled(conjunction: Conjunction, outputs: Array) -> bool:
    if not np.isfinite(outputs).all():
        return False
    exact = [Fraction(float(y)) for y in outputs]
    return all(
        sum(Fraction(float(row[i])) * exact[i] for i in np.flatnonzero(row)) >= Fraction(float(t))
        for row, t in zip(conjunction.weights, conjunction.thresholds, strict=True)
    )


def _touching(conjunction: Conjunction) -> float:
    return MARGIN * (1.0 + float(np.abs(conjunction.thresholds).max(initial=0.0)))


def promising(conjunction: Conjunction, outputs: Array) -> NDArray[np.int64]:
    """The `CLIMBERS` points with the largest margins, the largest first: their numbers."""
    return np.argsort(-conjunction.margins(outputs), kind="stable")[:CLIMBERS]


def climb(
    model: Model, case: PropertyCase, conjunction: Conjunction, points: Array, *, threads: int
) -> Iterator[Array]:
    """Move points of the box uphill, from one linear model to the next.

    Yields
    ------
    The points after each step, float64 of the shape of `points`, all in the box.
    """
    if len(conjunction.thresholds) == 0:
        return
    at, outputs = points, model(points)
    for step in STEPS:
        values = outputs @ conjunction.weights.T - conjunction.thresholds
        least = conjunction.weights[values.argmin(axis=1)]
        coef = _core.explain_points(model.form, at, threads)[0]
        uphill = np.sign(np.einsum("pn,pnm->pm", least, coef))
        moved = np.clip(at + step * (case.high - case.low) * uphill, case.low, case.high)
        beyond = model(moved)
        better = conjunction.margins(beyond) >= values.min(axis=1)
        at = np.where(better[:, None], moved, at)
        outputs = np.where(better[:, None], beyond, outputs)
        yield at


def largest_margin(
    model: Model,
    domain: _core.Region,
    conjunction: Conjunction,
    how: SearchOptions,
    report: Poll | None,
    *,
    closest: bool = False,
) -> Found:
    """Search for a point with a margin from 0, or for a proof that there is none.

    Parameters
    ----------
    domain
        The box, as a region of the core.
    closest
        Several conditions only: go on where they are touched from below within `MARGIN`.

    Returns
    -------
    Found
        ``bound < 0`` proves that there is none.
    """
    weights, thresholds = conjunction.weights, conjunction.thresholds
    if len(thresholds) == 1:
        # The model itself, so that nothing is rounded on the way.
        form, objective, offset, target = model.form, weights[0], thresholds[0], thresholds[0]
    else:
        form, objective, offset = _margin_network(model, conjunction), np.array([-1.0]), 0.0
        target = 0.0 if closest else -_touching(conjunction)
    found = _core.maximise(
        form, domain, objective, how.core(report), gap=MARGIN, target=float(target)
    )
    bound = found.bound
    # Of several conditions, the sign is only proven beyond what rounding does to their network.
    proven = bound < (target if len(thresholds) == 1 else -_touching(conjunction))
    margin = float(bound - offset)
    return Found(
        found.point, margin if proven else max(margin, 0.0), found.status, found.cells, form
    )


def _margin_network(model: Model, conjunction: Conjunction) -> _core.NormalForm:
    """A network with one output: the largest of ``thresholds - weights @ y``."""
    graph = _core.NeuralGraph(model.input_size)
    shift = copy_operations(model.graph, graph)
    outputs = np.where(model.outputs < model.input_size, model.outputs, model.outputs + shift)
    count = len(conjunction.thresholds)
    first = graph.dense(outputs, -conjunction.weights, conjunction.thresholds)
    rows = np.arange(first, first + count, dtype=np.int64)
    largest = graph.maximum(np.array([0, count], dtype=np.int64), rows)
    return _core.NormalForm(graph, np.array([largest], dtype=np.int64))


def corners_around(domain: _core.Region, found: Found, threads: int) -> Array:
    """The corners of the region where a point was found, if they can be listed: float64 (N, m).

    The margin is linear there and largest at a corner: what is only touched is touched there.
    """
    if found.point is None or not 1 <= domain.dimension <= MOST_VOLUME_DIMENSIONS:
        return np.zeros((0, domain.input_size))
    region = _core.validity_regions(found.form, domain, found.point[None, :], threads)
    return np.asarray(region.vertices(0, 1, threads)[1])
