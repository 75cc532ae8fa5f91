"""How far is a point from another choice?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base.arguments import chosen_of
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..results.scales import FeatureScales
from ..search.options import SearchKeywords, SearchOptions
from ..search.ortools_solver import load_library
from .core_query import choice_index, class_names, core_query

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["BoundaryPoint", "boundary_distance"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BoundaryPoint:
    """The nearest point where the model chooses otherwise.

    Attributes
    ----------
    distance
        How far the decision boundary is, in the norm and scale asked for; infinite if there is
        none. Of all distances of points with another choice it is the greatest lower bound.
    point, point_distance, confirmed
        float64 (m,), or None: a point just beyond that boundary, its distance, and whether
        ``model.decide`` makes the other choice there. It lies where that choice is ahead of all
        others by 1e-6, relative to 1 + the largest output (or by as much as it ever is on its
        linear region), since on the boundary itself the choices tie.
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
    point_distance: float
    confirmed: bool
    choice: str
    other: str
    proven: float
    status: str
    cells: int


def boundary_distance(
    model: Model,
    region: AnalysisRegion,
    x: ArrayLike,
    *,
    norm: str = "L2",
    scale: str | None = "none",
    scales: FeatureScales | None = None,
    **options: Unpack[SearchKeywords],
) -> BoundaryPoint:
    """How far is the point x from the nearest point of the region with another choice?

    Parameters
    ----------
    model
        What is asked.
    region
        Where to look; it must hold x.
    x
        One point: shape (m,) or input_shape.
    norm
        ``"L1"``, ``"L2"`` or ``"Linf"``.
    scale, scales
        ``"none"``: in units of the inputs; ``"range"`` or ``"sigma"``: each move is divided by
        the feature's expected range or standard deviation, which `scales` holds (a feature without
        one cannot move).
    options
        See `facetry.SearchOptions`. A limit leaves the nearest point found, and how far the
        boundary is at least.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0], [0.0, 0.0]], [0.0, 1.0])], output_names=["a", "b"])
    >>> square = facetry.AnalysisRegion.box([-2, -2], [2, 2])
    >>> near = facetry.boundary_distance(model, square, [0.0, 0.0])
    >>> round(near.distance, 6), near.choice, near.other, near.point.round(4).tolist()
    (0.707107, 'b', 'a', [0.5, 0.5])
    >>> near.confirmed, model.output_names[model.decide(near.point)[0]]
    (True, 'a')
    """
    how = SearchOptions.of(options)
    domain = domain_of(model, region)
    known = FeatureScales.known(scales)
    units = known.factors(known.chosen(scale), model.input_size)
    points = model.points(x, "x")
    if len(points) != 1:
        raise InvalidInputError(f"boundary_distance takes one point, not {len(points)}")
    if model.decision.kind == "none":
        choice_index(model, 0, "boundary_distance")  # says what to do
    chosen_of(norm, "norm", ("L1", "L2", "Linf"))
    solver = None if norm == "L2" else load_library()
    with how.running() as core_options:
        found = _core.boundary_distance(
            model.form,
            domain,
            core_query(model),
            points[0],
            core_options,
            norm=norm,
            scale=units,
            solver=solver,
        )
    names = class_names(model)
    other = names[found.other] if found.other >= 0 else ""
    return BoundaryPoint(
        found.distance,
        found.point,
        found.point_distance,
        found.confirmed,
        names[found.choice],
        other,
        found.proven,
        found.status,
        found.cells,
    )
