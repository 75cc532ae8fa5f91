"""The model explained at single points: nothing is searched."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .. import _core
from ..models.model import Model, check_model
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import Explanation
from ..results.scales import FeatureScales
from ..search.options import resolve_threads
from ..search.partition import validity_regions

__all__ = ["explain_points"]


def explain_points(
    model: Model,
    X: ArrayLike,
    output: str | int | None = None,
    scale: str | None = None,
    *,
    scales: FeatureScales | None = None,
    validity: AnalysisRegion | None = None,
    threads: int | None = None,
) -> Explanation:
    """Explain the model at single points; nothing is searched.

    Parameters
    ----------
    model
        What is explained.
    X
        Points: shape (N, m) or (N, *input_shape), or one point (m,); or a table with a column for
        each feature: see `Model.points`.
    output, scale, scales
        As in `facetry.describe`.
    validity
        An analysis region that holds the points: the explanation then holds, for each point,
        the minimal halfspaces of its linear region there, which is decided exactly. Without
        one, of a point on a boundary rounding decides whose weights it gets.
    threads
        How many threads to use; all processors if left out.

    Raises
    ------
    InvalidInputError
        If X is empty, has another number of inputs or holds NaN, or as in `facetry.describe`.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> facetry.explain_points(model, [[1.0, 1.0], [0.0, 0.0]]).coef.tolist()
    [[[2.0, 2.0]], [[0.0, 0.0]]]
    """
    check_model(model)
    known = FeatureScales.known(scales)
    points = model.points(X)
    outputs = list(range(model.output_size)) if output is None else [model.output_index(output)]
    chosen = known.chosen(scale)
    workers = resolve_threads(threads)
    coef, intercept = _core.explain_points(model.form, points, workers)
    halfspaces, exactness = None, "float"
    if validity is not None:
        found = validity_regions(model, validity, points, threads=workers)
        halfspaces, exactness = found.halfspaces.copy(), found.exactness
        coef, intercept = np.array(found.coef), np.array(found.intercept)  # of the same regions
    count = len(points)
    return Explanation(
        subject="point",
        feature_names=tuple(model.feature_names),
        output_names=tuple(model.output_names[o] for o in outputs),
        scale=chosen,
        factors=known.factors(chosen, model.input_size),
        coef=np.ascontiguousarray(coef[:, outputs]),
        intercept=np.ascontiguousarray(intercept[:, outputs]),
        interior_points=points,
        volumes=np.full(count, np.nan),
        free_features=tuple(range(model.input_size)),
        one_sided=np.zeros(count, dtype=bool),
        region=validity,
        undecided=0,
        exactness=exactness,
        validity=halfspaces,
    )
