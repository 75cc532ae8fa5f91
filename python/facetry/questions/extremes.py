"""Exact extremes of outputs, proofs of what never happens, distances to decision boundaries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base.checks import points_array
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..search.ortools_solver import load_library
from ..search.progress import progress_reporter, watched
from .output_condition import OutputCondition, resolve_conditions
from .query import Limits, class_names, core_query, run_query

__all__ = ["BoundaryPoint", "Optimum", "Verdict", "boundary_distance", "can_win", "optimise"]

Array = NDArray[np.float64]

SAMPLES = 4096
"""Points that are looked at before a search for a witness begins."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """The largest or smallest value of an output (or a combination of outputs) on a region.

    Attributes
    ----------
    value
        The value that was reached, as the model computes it at `point`; NaN if none was found
        before a limit.
    point
        float64 (m,): where; None if none was found.
    bound
        No value is beyond this: proven, whatever ended the search.
    status
        Why the search ended; "complete" means that value and bound agree up to the gap.
    cells, regions
        Cells that were visited, and linear regions among them.
    """

    value: float
    point: Array | None
    bound: float
    status: str
    cells: int
    regions: int


@dataclass(frozen=True, eq=False)
class Verdict:
    """Whether something happens anywhere on a region.

    Attributes
    ----------
    answer
        True with a witness, False with a proof (the search was complete), None if a limit came
        first.
    witness
        float64 (m,): a point where it happens, checked with the model itself.
    status, cells
        Why the search ended, and how many cells it visited.
    """

    answer: bool | None
    witness: Array | None
    status: str
    cells: int

    def __bool__(self) -> bool:
        """The answer.

        Raises
        ------
        InvalidInputError
            If it is not known.
        """
        if self.answer is None:
            raise InvalidInputError(f"not decided ({self.status}): look at .answer")
        return self.answer


@dataclass(frozen=True, eq=False)
class BoundaryPoint:
    """The nearest point where the model chooses otherwise.

    Attributes
    ----------
    distance
        How far it is, in the norm and scale asked for; infinite if there is none.
    point
        float64 (m,), or None.
    choice, other
        What the model chooses at the point asked about, and what it would choose beyond the
        boundary ("" if there is none).
    proven
        Nothing else is chosen closer than this, whatever ended the search; with status "complete"
        it is `distance` up to 1e-9, relative to 1 + it. In L1 and Linf regions are projected by
        linear programs, which are solved up to about 1e-7.
    status, cells
        Why the search ended, and how many cells it visited.
    """

    distance: float
    point: Array | None
    choice: str
    other: str
    proven: float
    status: str
    cells: int


def objective_of(model: Model, output: str | int | Mapping[str | int, float]) -> Array:
    """Weights of the outputs, float64 (n,), for one output or a linear combination."""
    if isinstance(output, Mapping):
        weights, _ = resolve_conditions(model, OutputCondition(output, low=0.0))
        return np.asarray(weights[0])
    row = np.zeros(model.output_size)
    row[model.output_index(output)] = 1.0
    return row


def optimise(
    model: Model,
    region: AnalysisRegion,
    weights: Array,
    limits: Limits,
    *,
    largest: bool,
    gap: float,
) -> Optimum:
    """The largest (or smallest) value of ``weights @ outputs`` on a region."""
    sign = 1.0 if largest else -1.0
    with progress_reporter(limits.progress) as report:
        point, value, bound, status, cells, regions = _core.maximise(
            model.form,
            region.resolve(model),
            sign * weights,
            limits.threads,
            limits.time_limit,
            gap,
            None,
            limits.cell,
            watched(report, limits.cancel),
            limits.exactness,
        )
    reached = math.nan if point is None else sign * value
    return Optimum(reached, point, sign * bound, status, cells, regions)


def can_win(model: Model, region: AnalysisRegion, choice: str | int, limits: Limits) -> Verdict:
    """Whether the model ever makes this choice on a region: a witness, or a proof of none."""
    query = core_query(model, top=choice)
    names = class_names(model)
    wanted = names.index(choice) if isinstance(choice, str) else int(choice)
    domain = region.resolve(model)
    points = _points_inside(domain)
    hits = np.flatnonzero(model.decide(points) == wanted)
    if hits.size:
        return Verdict(True, points[hits[0]].copy(), "complete", 0)
    one = Limits(**{**vars(limits), "max_regions": 1})
    _, found = run_query(model, region, query, one)
    if len(found.regions) == 0:
        complete = found.regions.status == "complete"
        return Verdict(False if complete else None, None, found.regions.status, found.cells)
    witness = found.regions.interior_points(0, 1)[0]
    return Verdict(True, witness, "complete", found.cells)


def _points_inside(domain: _core.Region) -> Array:
    """Points of the analysis region: its middle, and random ones (always the same)."""
    rng = np.random.default_rng(0)
    free = rng.uniform(-1.0, 1.0, size=(SAMPLES, domain.dimension))
    points = np.asarray(domain.origin + free @ domain.basis.T)
    inside = points[domain.contains(points)]
    return np.vstack([domain.interior_point[None, :], inside])


def boundary_distance(
    model: Model,
    region: AnalysisRegion,
    x: ArrayLike,
    limits: Limits,
    *,
    norm: str,
    scale: Array,
) -> BoundaryPoint:
    """The nearest point of a region where the model chooses otherwise than at `x`."""
    points = points_array(x, model.input_size)
    if len(points) != 1:
        raise InvalidInputError(f"boundary_distance takes one point, not {len(points)}")
    if model.decision.kind == "none":
        core_query(model, top=0)  # says what to do
    solver = None if norm == "L2" else load_library()
    with progress_reporter(limits.progress) as report:
        point, distance, proven, start, other, status, cells = _core.boundary_distance(
            model.form,
            region.resolve(model),
            core_query(model),
            points[0],
            norm,
            scale,
            solver,
            limits.threads,
            limits.time_limit,
            limits.cell,
            watched(report, limits.cancel),
            limits.exactness,
        )
    names = class_names(model)
    return BoundaryPoint(
        distance, point, names[start], names[other] if other >= 0 else "", proven, status, cells
    )
