"""Two models on one region: where they choose differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _core
from ..errors import InvalidInputError
from ..models.join import join
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import Explanation
from ..results.scales import FeatureScales
from ..search.options import RegionKeywords, SearchOptions
from .core_query import choice_index, class_names, run_query
from .query_explanation import LinearModels, answer_explanation

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["disagreement"]


def disagreement(
    first: Model, second: Model, region: AnalysisRegion, **options: Unpack[RegionKeywords]
) -> Explanation:
    """The regions where two models choose differently.

    In the result `top` is the choice of the first model and `other_choice` that of the second; the
    linear models are those of all outputs of both, named as by `join`.

    Parameters
    ----------
    first, second
        Models with the same inputs, the same number of outputs and the same kind of decision.
    region, options
        As in `facetry.partition`.

    Raises
    ------
    InvalidInputError
        If the models cannot be compared.

    Examples
    --------
    >>> import facetry
    >>> f = facetry.load([([[1.0], [0.0]], [0.0, 0.0])], output_names=["up", "down"])
    >>> g = facetry.load([([[1.0], [0.0]], [-0.5, 0.0])], output_names=["up", "down"])
    >>> found = facetry.disagreement(f, g, facetry.AnalysisRegion.box(-1, 1))
    >>> len(found), found.volumes.tolist(), found.choice_names[found.top[0]]
    (1, [0.5], 'up')
    """
    if first.decision != second.decision or first.output_size != second.output_size:
        raise InvalidInputError(
            f"models can only disagree if they choose alike: here {first.decision} of "
            f"{first.output_size} outputs and {second.decision} of {second.output_size}"
        )
    choice_index(first, 0, "a disagreement")
    how = SearchOptions.of(options, lists=True)
    joined = join(first, second)
    query = _core.Query(
        decision=first.decision.kind,
        threshold=float(first.decision.threshold),
        top=None,
        weights=np.zeros((0, joined.output_size)),
        thresholds=np.zeros(0),
        outputs_each=first.output_size,
    )
    domain, found = run_query(joined, region, query, how)
    coef, intercept = found.network.models(0, len(found.network), how.threads)
    return answer_explanation(
        joined,
        region,
        domain,
        found,
        models=LinearModels(tuple(joined.output_names), coef, intercept),
        scale="none",
        factors=FeatureScales().factors("none", joined.input_size),
        choice_names=class_names(first),
        second="other_choice",
        threads=how.threads,
    )
