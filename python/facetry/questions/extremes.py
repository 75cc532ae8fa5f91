"""The exact largest and smallest values of outputs on a region."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.checks import number_from_zero
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..search.options import SearchKeywords, SearchOptions
from .output_condition import OutputCondition, resolve_conditions

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Optimum", "maximum", "minimum"]

Array = NDArray[np.float64]
Objective = str | int | Mapping[str | int, float]
"""An output, by name or number, or a mapping from outputs to weights."""


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


def maximum(
    model: Model,
    region: AnalysisRegion,
    output: Objective = 0,
    *,
    gap: float = 1e-9,
    **options: Unpack[SearchKeywords],
) -> Optimum:
    """The exact largest value of an output, or of a combination of outputs, on a region.

    Parameters
    ----------
    model, region
        What is asked, and where.
    output
        A name or an index, or a mapping from outputs to weights.
    gap
        The search ends when nothing can be larger by more than this, relative to 1 + the value.
    options
        See `facetry.SearchOptions`. A limit leaves the best value and the best bound so far.

    Raises
    ------
    InvalidInputError, RegionError
        As in `facetry.partition`; and if an output is unknown or a weight is not finite.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> best = facetry.maximum(model, facetry.AnalysisRegion.box([0, 0], [1, 1]))
    >>> best.value, best.point.tolist(), best.status
    (2.5, [1.0, 1.0], 'complete')
    """
    return _optimise(model, region, output, sign=1.0, gap=gap, how=SearchOptions.of(options))


def minimum(
    model: Model,
    region: AnalysisRegion,
    output: Objective = 0,
    *,
    gap: float = 1e-9,
    **options: Unpack[SearchKeywords],
) -> Optimum:
    """The exact smallest value; as `facetry.maximum`."""
    return _optimise(model, region, output, sign=-1.0, gap=gap, how=SearchOptions.of(options))


def _optimise(
    model: Model,
    region: AnalysisRegion,
    output: Objective,
    *,
    sign: float,
    gap: float,
    how: SearchOptions,
) -> Optimum:
    domain = domain_of(model, region)
    weights = sign * objective_of(model, output)
    gap = number_from_zero(gap, "gap")
    with how.running() as options:
        found = _core.maximise(model.form, domain, weights, options, gap=gap)
    reached = math.nan if found.point is None else sign * found.value
    return Optimum(
        reached, found.point, sign * found.bound, found.status, found.cells, found.regions
    )


def objective_of(model: Model, output: Objective) -> Array:
    """Weights of the outputs, float64 (n,), for one output or a linear combination."""
    if isinstance(output, Mapping):
        if not output:
            raise InvalidInputError("a combination of outputs needs one at least, with its weight")
        weights, _ = resolve_conditions(model, OutputCondition(output, low=0.0))
        return np.asarray(weights[0])
    row = np.zeros(model.output_size)
    row[model.output_index(output)] = 1.0
    return row
