"""The explainer: what is known of a model's features, and the questions it can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.printable import counted
from ..models.model import Model, check_model
from ..questions.boundary_distance import BoundaryPoint, boundary_distance
from ..questions.bounds import Bounds, bounds
from ..questions.can_win import Verdict, can_win
from ..questions.describe import describe
from ..questions.explain_points import explain_points
from ..questions.extremes import Objective, Optimum, maximum, minimum
from ..questions.output_condition import Conditions
from ..questions.query import query
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import Explanation
from ..results.scales import FeatureScales, FeatureSigmas
from ..search.options import RegionKeywords, SearchKeywords
from ..search.partition import Partition

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..regions.region_parts import FeatureLimits

__all__ = ["Explainer"]

Array = NDArray[np.float64]


class Explainer:
    """Explains a model by the signed weights of its features, exactly, region by region.

    Weights are comparable between features when each coefficient is scaled by how much its feature
    is expected to vary: by its range, or by its standard deviation. Declare either, or give data.
    Every question is a function of its own, such as `facetry.maximum`; the explainer asks it with
    its model and what it knows.

    Parameters
    ----------
    model
        The model to explain.
    data
        Points the model is used on: shape (N, m) or (N, *input_shape), or a table with a column
        for each feature. Ranges (smallest to largest value) and standard deviations are taken from
        them.
    feature_ranges
        Expected ranges: shape (m, 2), or a mapping from feature to (low, high). They win over
        those of the data.
    feature_sigmas
        Standard deviations: shape (m,), or a mapping from feature to a number >= 0.

    Raises
    ------
    InvalidInputError
        If a shape or a name is wrong, or a range is missing.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 0.0], [0.0, 1.0]], [0.0, -1.0]), ([[1.0, 2.0]], [0.0])])
    >>> explainer = Explainer(model, feature_ranges=[(0, 4), (0, 2)])
    >>> explanation = explainer.describe(facetry.AnalysisRegion.box(-1, 2))
    >>> len(explanation)
    4
    >>> explanation.weights[-1].tolist(), explanation.ranks[-1].tolist()
    ([[4.0, 4.0]], [[1, 1]])
    """

    def __init__(
        self,
        model: Model,
        *,
        data: ArrayLike | None = None,
        feature_ranges: ArrayLike | FeatureLimits | None = None,
        feature_sigmas: ArrayLike | FeatureSigmas | None = None,
    ) -> None:
        self._model = model
        points = None
        if data is not None:
            check_model(model)
            points = model.points(data, "data")
        self._points = 0 if points is None else len(points)
        self._scales = FeatureScales.of(
            model, data=points, feature_ranges=feature_ranges, feature_sigmas=feature_sigmas
        )

    @property
    def model(self) -> Model:
        """The model that is explained."""
        return self._model

    @property
    def scales(self) -> FeatureScales:
        """What is known of how the features vary: `ranges` and `sigmas`."""
        return self._scales

    def __repr__(self) -> str:
        """The model with its inputs and outputs, and what is known of the features."""
        known = {"range": self._scales.ranges, "sigma": self._scales.sigmas}
        scales = [name for name, values in known.items() if values is not None]
        data = counted(self._points, "point") if self._points else "none"
        return (
            f"Explainer({self._model!r}; scales: {' and '.join(scales) or 'none known'}; "
            f"data: {data})"
        )

    def describe(
        self,
        region: AnalysisRegion | Partition,
        output: str | int | None = None,
        scale: str | None = None,
        *,
        validity: bool = False,
        **options: Unpack[RegionKeywords],
    ) -> Explanation:
        """Explain every linear region: `facetry.describe`."""
        known = self._scales
        return describe(
            self._model, region, output, scale, scales=known, validity=validity, **options
        )

    def explain_points(
        self,
        X: ArrayLike,
        output: str | int | None = None,
        scale: str | None = None,
        *,
        validity: AnalysisRegion | None = None,
        threads: int | None = None,
    ) -> Explanation:
        """Explain the model at single points: `facetry.explain_points`."""
        known = self._scales
        return explain_points(
            self._model, X, output, scale, scales=known, validity=validity, threads=threads
        )

    def query(
        self,
        region: AnalysisRegion,
        *,
        top: str | int | None = None,
        runner_up: str | int | None = None,
        conditions: Conditions | None = None,
        ties: str = "first",
        output: str | int | None = None,
        scale: str | None = None,
        engine: str = "subdivision",
        **options: Unpack[RegionKeywords],
    ) -> Explanation:
        """Explain the model only where an answer holds: `facetry.query`."""
        return query(
            self._model,
            region,
            top=top,
            runner_up=runner_up,
            conditions=conditions,
            ties=ties,
            output=output,
            scale=scale,
            scales=self._scales,
            engine=engine,
            **options,
        )

    def maximum(
        self,
        region: AnalysisRegion,
        output: Objective = 0,
        *,
        gap: float = 1e-9,
        **options: Unpack[SearchKeywords],
    ) -> Optimum:
        """The exact largest value of an output: `facetry.maximum`."""
        return maximum(self._model, region, output, gap=gap, **options)

    def minimum(
        self,
        region: AnalysisRegion,
        output: Objective = 0,
        *,
        gap: float = 1e-9,
        **options: Unpack[SearchKeywords],
    ) -> Optimum:
        """The exact smallest value of an output: `facetry.minimum`."""
        return minimum(self._model, region, output, gap=gap, **options)

    def can_win(
        self, region: AnalysisRegion, choice: str | int, **options: Unpack[SearchKeywords]
    ) -> Verdict:
        """Does the model ever make this choice on a region? `facetry.can_win`."""
        return can_win(self._model, region, choice, **options)

    def boundary_distance(
        self,
        region: AnalysisRegion,
        x: ArrayLike,
        *,
        norm: str = "L2",
        scale: str | None = "none",
        **options: Unpack[SearchKeywords],
    ) -> BoundaryPoint:
        """How far is a point from another choice? `facetry.boundary_distance`."""
        known = self._scales
        return boundary_distance(
            self._model, region, x, norm=norm, scale=scale, scales=known, **options
        )

    def bounds(self, region: AnalysisRegion, method: str = "combined") -> Bounds:
        """Proven bounds, without a search: `facetry.bounds`."""
        return bounds(self._model, region, method)
