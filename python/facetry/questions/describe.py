"""A partition as an explanation: feature weights of every linear region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import flag_of
from ..errors import InvalidInputError
from ..models.model import Model, check_model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..results.explanation import Explanation
from ..results.scales import FeatureScales
from ..search.blocks import GoesOn
from ..search.linear_region import MOST_VOLUME_DIMENSIONS
from ..search.options import RegionKeywords, SearchOptions
from ..search.partition import Partition, partition

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["describe"]


def describe(
    model: Model,
    region: AnalysisRegion | Partition,
    output: str | int | None = None,
    scale: str | None = None,
    *,
    scales: FeatureScales | None = None,
    validity: bool = False,
    **options: Unpack[RegionKeywords],
) -> Explanation:
    """Explain every linear region of an analysis region.

    Parameters
    ----------
    model
        What is explained.
    region
        An analysis region, which is then partitioned, or a partition of this model.
    output
        The output to explain, by name or index; None explains all of them.
    scale
        ``"range"``, ``"sigma"`` or ``"none"``: what coefficients are multiplied by, so that weights
        can be compared. By default the first that `scales` knows.
    scales
        Expected ranges and standard deviations of the features; `facetry.Explainer` holds them.
    validity
        Whether to put the minimal halfspaces of each region into the explanation.
    options
        As in `facetry.partition`; only for an analysis region.

    Raises
    ------
    InvalidInputError
        If the output or the scale is unknown, what the scale needs is not known, the partition is
        of another model, or options are given with a partition.
    RegionError
        If the region does not fit the model.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> found = facetry.describe(model, facetry.AnalysisRegion.box([0, 0], [1, 1]))
    >>> found.weights.tolist(), found.volumes.tolist()
    ([[[0.0, 0.0]], [[2.0, 2.0]]], [0.5, 0.5])
    """
    check_model(model)
    validity = flag_of(validity, "validity")
    known = FeatureScales.known(scales)
    outputs = range(model.output_size) if output is None else [model.output_index(output)]
    chosen = known.chosen(scale)
    goes_on = _watch_of(region, options)
    found = _partition_of(model, region, options)
    volumes = found.volumes_while(goes_on)
    counts = found.status == "complete" or not np.isnan(volumes).any()
    return Explanation(
        subject="region",
        feature_names=tuple(model.feature_names),
        output_names=tuple(model.output_names[o] for o in outputs),
        scale=chosen,
        factors=known.factors(chosen, model.input_size),
        coef=np.ascontiguousarray(found.coef[:, list(outputs)]),
        intercept=np.ascontiguousarray(found.intercept[:, list(outputs)]),
        interior_points=np.array(found.interior_points),
        volumes=np.array(volumes),
        free_features=tuple(int(index) for index in found.domain.free_features),
        one_sided=_one_sided(found),
        region=found.region,
        status=str(found.status),
        coverage=float(found.coverage) if counts else np.nan,
        undecided=int(found.undecided),
        exactness=found.exactness,
        validity=found.halfspaces.copy() if validity else None,
        partition=found,
    )


def _watch_of(region: AnalysisRegion | Partition, options: RegionKeywords) -> GoesOn:
    is_search = isinstance(region, AnalysisRegion)
    return SearchOptions.of(options if is_search else {}, lists=True).watch()


def _partition_of(
    model: Model, region: AnalysisRegion | Partition, options: RegionKeywords
) -> Partition:
    if isinstance(region, AnalysisRegion):
        measurable = domain_of(model, region).dimension <= MOST_VOLUME_DIMENSIONS
        return partition(model, region, volumes=measurable, **options)
    if not isinstance(region, Partition):
        raise InvalidInputError(
            f"describe needs an AnalysisRegion or a Partition, not {type(region).__name__}"
        )
    if options:
        raise InvalidInputError(
            f"{next(iter(options))} is an option of a search, but this partition is found already"
        )
    if region.model is not model and region.model.form is not model.form:
        raise InvalidInputError(
            "the partition is of another model; make the Explainer from partition.model"
        )
    return region


def _one_sided(found: Partition) -> NDArray[np.bool_]:
    """Whether a unit vanishes on each region and so leaves fixed features a one-sided slope."""
    if found.dimension == found.model.input_size:
        return np.zeros(len(found), dtype=bool)
    return np.diff(found.flat_units.offsets) > 0
