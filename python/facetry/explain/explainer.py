"""The explainer: from a model and what is known of its features to explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base.checks import points_array
from ..errors import InvalidInputError
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import SCALES, Explanation, Validity
from ..results.scales import feature_ranges as resolve_ranges
from ..results.scales import feature_sigmas as resolve_sigmas
from ..search.partition import Partition, partition, resolve_threads, validity_regions
from .questions import Questions

if TYPE_CHECKING:
    from ..models.model import Model
    from ..regions.region_parts import FeatureLimits
    from ..results.scales import FeatureSigmas

__all__ = ["Explainer"]

Array = NDArray[np.float64]


class Explainer(Questions):
    """Explains a model by the signed weights of its features, exactly, region by region.

    Weights are comparable between features when each coefficient is scaled by how much its feature
    is expected to vary: by its range, or by its standard deviation. Declare either, or give data.

    Parameters
    ----------
    model
        The model to explain.
    data
        Points the model is used on: shape (N, m) or (N, *input_shape). Ranges (smallest to
        largest value) and standard deviations are taken from them.
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
        self._ranges = resolve_ranges(model, feature_ranges, data)
        self._sigmas = resolve_sigmas(model, feature_sigmas, data)

    @property
    def model(self) -> Model:
        """The model that is explained."""
        return self._model

    @property
    def ranges(self) -> Array | None:
        """Expected ranges, float64 (m, 2), or None if not known."""
        return self._ranges

    @property
    def sigmas(self) -> Array | None:
        """Standard deviations, float64 (m,), or None if not known."""
        return self._sigmas

    def describe(
        self,
        where: AnalysisRegion | Partition,
        output: str | int | None = None,
        scale: str | None = None,
        *,
        validity: bool = False,
        threads: int | None = None,
        time_limit: float | None = None,
        max_regions: int | None = None,
        progress: bool = False,
    ) -> Explanation:
        """Explain every linear region of an analysis region.

        Parameters
        ----------
        where
            An analysis region, which is then partitioned, or a partition of this model.
        output
            The output to explain, by name or index; None explains all of them.
        scale
            ``"range"``, ``"sigma"`` or ``"none"``; see `explanation.SCALES`. By default the first
            that is known.
        validity
            Whether to put the minimal halfspaces of each region into the explanation.
        threads, time_limit, max_regions, progress
            As in `facetry.partition`; only for an analysis region.

        Raises
        ------
        InvalidInputError
            If the output or the scale is unknown, what the scale needs is not known, or the
            partition is of another model.
        RegionError
            If the region does not fit the model.
        """
        outputs, chosen = self._outputs(output), self.check_scale(scale)
        if isinstance(where, AnalysisRegion):
            where = partition(
                self._model,
                where,
                threads=threads,
                time_limit=time_limit,
                max_regions=max_regions,
                progress=progress,
            )
        if not isinstance(where, Partition):
            raise InvalidInputError(
                f"describe needs an AnalysisRegion or a Partition, not {type(where).__name__}"
            )
        self._check_same_model(where)
        return self._of_regions(where, outputs, chosen, validity)

    def explain_points(
        self,
        X: ArrayLike,
        output: str | int | None = None,
        scale: str | None = None,
        *,
        validity: AnalysisRegion | None = None,
        threads: int | None = None,
    ) -> Explanation:
        """Explain the model at single points; nothing is searched.

        Parameters
        ----------
        X
            Points: shape (N, m) or (N, *input_shape), or one point (m,).
        output, scale
            As in `describe`.
        validity
            An analysis region that holds the points: the explanation then holds, for each point,
            the minimal halfspaces of its linear region there.
        threads
            How many threads to use; all processors if left out.

        Raises
        ------
        InvalidInputError
            If X is empty, has another number of inputs or holds NaN, or as in `describe`.
        """
        points = points_array(X, self._model.input_size)
        outputs, chosen = self._outputs(output), self.check_scale(scale)
        workers = resolve_threads(threads)
        coef, intercept = _core.explain_points(self._model.form, points, workers)
        regions = (
            None
            if validity is None
            else validity_regions(self._model, validity, points, threads=workers)
        )
        count = len(points)
        return Explanation(
            subject="point",
            feature_names=tuple(self._model.feature_names),
            output_names=tuple(self._model.output_names[o] for o in outputs),
            scale=chosen,
            factors=self._factors(chosen),
            coef=np.ascontiguousarray(coef[:, outputs]),
            intercept=np.ascontiguousarray(intercept[:, outputs]),
            interior_points=points,
            volumes=np.full(count, np.nan),
            free_features=tuple(range(self._model.input_size)),
            one_sided=np.zeros(count, dtype=bool),
            region=validity,
            undecided=0,
            validity=None if regions is None else _halfspaces(regions),
        )

    def _of_regions(
        self, found: Partition, outputs: list[int], scale: str, validity: bool
    ) -> Explanation:
        return Explanation(
            subject="region",
            feature_names=tuple(self._model.feature_names),
            output_names=tuple(self._model.output_names[o] for o in outputs),
            scale=scale,
            factors=self._factors(scale),
            coef=np.ascontiguousarray(found.coef[:, outputs]),
            intercept=np.ascontiguousarray(found.intercept[:, outputs]),
            interior_points=np.array(found.interior_points),
            volumes=np.array(found.volumes),
            free_features=tuple(int(index) for index in found.domain.free_features),
            one_sided=_one_sided(found),
            region=found.region,
            status=str(found.status),
            coverage=float(found.coverage),
            undecided=int(found.undecided),
            level=found.exactness,
            validity=_halfspaces(found) if validity else None,
            partition=found,
        )

    def _outputs(self, output: str | int | None) -> list[int]:
        if output is None:
            return list(range(self._model.output_size))
        return [self._model.output_index(output)]

    def check_scale(self, scale: str | None) -> str:
        """The scale that will be used: `scale` itself, or the first that is known if it is None.

        Raises
        ------
        InvalidInputError
            If there is no such scale, or what it needs is not known.
        """
        if scale is None:
            known = {"range": self._ranges, "sigma": self._sigmas}
            return next((name for name, values in known.items() if values is not None), "none")
        if scale not in SCALES:
            raise InvalidInputError(f"scale must be one of {', '.join(SCALES)}, not {scale!r}")
        if scale == "range" and self._ranges is None:
            raise InvalidInputError(
                "scale='range' needs the expected range of each feature (not the width of the "
                "region); give the Explainer feature_ranges= or data="
            )
        if scale == "sigma" and self._sigmas is None:
            raise InvalidInputError(
                "scale='sigma' needs the standard deviation of each feature; "
                "give the Explainer feature_sigmas= or data="
            )
        return scale

    def _factors(self, scale: str) -> Array:
        if scale == "range" and self._ranges is not None:
            return np.array(self._ranges[:, 1] - self._ranges[:, 0])
        if scale == "sigma" and self._sigmas is not None:
            return np.array(self._sigmas)
        return np.ones(self._model.input_size)

    def _check_same_model(self, found: Partition) -> None:
        if found.model is not self._model and found.model.form is not self._model.form:
            raise InvalidInputError(
                "the partition is of another model; make the Explainer from partition.model"
            )


def _one_sided(found: Partition) -> NDArray[np.bool_]:
    """Whether a unit vanishes on each region and so leaves fixed features a one-sided slope."""
    if found.dimension == found.model.input_size:
        return np.zeros(len(found), dtype=bool)
    return np.diff(found.flat_units.offsets) > 0


def _halfspaces(found: Partition) -> Validity:
    offsets, rows, limits = found.halfspaces
    return Validity(np.array(offsets), np.array(rows), np.array(limits))
