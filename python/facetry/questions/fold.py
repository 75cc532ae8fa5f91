"""Sums over all linear regions, taken inside the search: volumes, weights, integrals of outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base.arguments import chosen_of, flag_of, shown
from ..base.checks import finite_array, frozen
from ..errors import InvalidInputError
from ..models.model import Model, check_model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..search.options import SearchKeywords, SearchOptions
from .core_query import choice_index, class_names

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["FoldResult", "FoldSums", "fold"]

Array = NDArray[np.float64]
KEYS = ("none", "choice", "top_feature")


@dataclass(frozen=True, eq=False)
class FoldSums:
    """Sums over the regions of one group.

    Volumes V are k-dimensional, in input units; weights w are the coefficients of the linear
    models along the free directions, 0 for a fixed feature.

    Attributes
    ----------
    key
        What the regions have in common: the choice, or the feature; None without `by`.
    regions
        How many they are.
    volume
        The sum of V.
    weights, absolute_weights
        The sums of V w and of V abs(w): float64 (n, m).
    lowest_weights, highest_weights
        The least and the largest w of any region: float64 (n, m).
    outputs
        The integral of each output: float64 (n,); None unless integrals were asked for.
    products
        The integral of the product of two outputs: float64 (n, n); likewise.
    histograms
        Volumes with w below the first edge, in each bin (it holds its lower edge, the last one
        both), and above the last edge: float64 (n, m, edges + 1); None without edges.
    """

    key: str | None
    regions: int
    volume: float
    weights: Array
    absolute_weights: Array
    lowest_weights: Array
    highest_weights: Array
    outputs: Array | None
    products: Array | None
    histograms: Array | None


@dataclass(frozen=True, eq=False)
class FoldResult:
    """What `facetry.fold` returns.

    Attributes
    ----------
    groups
        The sums of each group that has regions; one without `by`, none if no region was found.
    status
        Why the search ended; the sums are over all regions if it is "complete".
    exactness, undecided
        As in `facetry.partition`.
    feature_names, output_names
        What the axes of the arrays are: m features, n outputs.
    """

    groups: tuple[FoldSums, ...]
    status: str
    exactness: str
    undecided: int
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]

    @property
    def regions(self) -> int:
        """The regions of all groups."""
        return sum(group.regions for group in self.groups)

    @property
    def volume(self) -> float:
        """The volume of all groups."""
        return float(sum(group.volume for group in self.groups))


def fold(
    model: Model,
    region: AnalysisRegion,
    *,
    by: str | None = None,
    output: str | int = 0,
    scales: ArrayLike | None = None,
    integrals: bool = False,
    edges: Sequence[float] | None = None,
    **options: Unpack[SearchKeywords],
) -> FoldResult:
    """Sums over all linear regions, without holding them.

    Parameters
    ----------
    model, region
        What is asked, and where. Exact volumes need 6 free dimensions or fewer.
    by
        What groups regions: ``"choice"``, the output that is chosen (regions are cut where it
        changes); ``"top_feature"``, the free feature with the largest abs(w) times its scale, of
        equal ones the first; None puts all in one group.
    output, scales
        Of ``"top_feature"``: the output whose weights count, by name or number, and m factors for
        them; all 1 if left out.
    integrals
        Integrals of outputs and of products of outputs too, which take second moments.
    edges
        Ascending edges of the bins of histograms of weights: two or more.
    options
        See `facetry.SearchOptions`. A limit leaves the sums of the regions up to then, in order.

    Returns
    -------
    FoldResult
        The same to the last bit for any number of threads: regions are added pairwise, in the
        order of their states.

    Raises
    ------
    InvalidInputError
        As in `facetry.partition`; above 6 free dimensions; for a key, an output, scales or edges
        that do not fit; and ``"choice"`` of a model that makes none.
    RegionError
        If the region does not fit the model.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> box = facetry.AnalysisRegion.box([0, 0], [1, 1])
    >>> sums = facetry.fold(model, box, integrals=True).groups[0]
    >>> sums.regions, sums.volume, sums.weights.tolist()
    (2, 1.0, [[1.0, 1.0]])
    >>> round(float(sums.outputs[0]), 12)
    0.833333333333
    """
    check_model(model)
    chosen_of(by if by is not None else "none", "by", KEYS)
    if by == "choice":
        choice_index(model, 0, "by='choice'", "; or leave by out")
    how = SearchOptions.of(options)
    factors = _factors(model, scales)
    borders = _edges(edges)
    domain = domain_of(model, region)
    with how.running() as core_options:
        found = _core.fold_regions(
            model.form,
            domain,
            core_options,
            key=by or "none",
            decision=model.decision.kind,
            threshold=float(model.decision.threshold),
            output=model.output_index(output),
            scales=factors,
            integrals=flag_of(integrals, "integrals"),
            edges=borders,
        )
    return FoldResult(
        groups=tuple(_sums(model, by, group, len(borders)) for group in found.groups),
        status=found.status,
        exactness=how.exactness,
        undecided=found.undecided,
        feature_names=tuple(model.feature_names),
        output_names=tuple(model.output_names),
    )


def _factors(model: Model, scales: ArrayLike | None) -> Array:
    if scales is None:
        return np.zeros(0)
    factors = finite_array(scales, "scales")
    if factors.shape != (model.input_size,):
        raise InvalidInputError(
            f"scales must hold one number for each of the {model.input_size} features, not an "
            f"array of shape {factors.shape}"
        )
    return factors


def _edges(edges: Sequence[float] | None) -> list[float]:
    if edges is None:
        return []
    try:
        borders = np.asarray(edges, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInputError(f"edges must be numbers, not {shown(edges)}") from None
    if borders.ndim != 1 or len(borders) < 2 or not np.all(np.diff(borders) > 0):
        raise InvalidInputError("edges must be at least two ascending numbers")
    return [float(border) for border in borders]


def _sums(model: Model, by: str | None, sums: _core.FoldSums, edges: int) -> FoldSums:
    shape = (model.output_size, model.input_size)
    with_integrals = sums.outputs.size > 0
    key = None
    if by is not None and by != "none":
        names = class_names(model) if by == "choice" else tuple(model.feature_names)
        key = names[sums.key]
    return FoldSums(
        key=key,
        regions=sums.regions,
        volume=sums.volume,
        weights=frozen(np.reshape(sums.weights, shape)),
        absolute_weights=frozen(np.reshape(sums.absolute_weights, shape)),
        lowest_weights=frozen(np.reshape(sums.lowest_weights, shape)),
        highest_weights=frozen(np.reshape(sums.highest_weights, shape)),
        outputs=frozen(np.array(sums.outputs)) if with_integrals else None,
        products=frozen(np.reshape(sums.products, (shape[0], shape[0])))
        if with_integrals
        else None,
        histograms=frozen(np.reshape(sums.histograms, (*shape, edges + 1))) if edges else None,
    )
