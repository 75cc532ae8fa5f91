"""A question's place: an analysis region in the inputs of a model, with both checked."""

from __future__ import annotations

from .. import _core
from ..errors import InvalidInputError
from ..models.model import Model, check_model, kind_of
from .analysis_region import AnalysisRegion

__all__ = ["domain_of"]


def domain_of(model: Model, region: AnalysisRegion) -> _core.Region:
    """The region in the core's free coordinates.

    Raises
    ------
    InvalidInputError
        If either is something else, or the model has no feature of a given name.
    RegionError
        If the region does not fit the model, or is empty or unbounded.

    Examples
    --------
    >>> domain_of([([[1.0]], [0.0])], AnalysisRegion.box(0, 1))
    Traceback (most recent call last):
    ...
    facetry.errors.InvalidInputError: the model must be one from facetry.load, not a list
    """
    check_model(model)
    if not isinstance(region, AnalysisRegion):
        raise InvalidInputError(
            f"the region must be a facetry.AnalysisRegion, not {kind_of(region)}"
        )
    return region.resolve(model)
