"""What a query found, as an explanation."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import Explanation
from ..search.blocks import GoesOn, volumes_of
from ..search.linear_region import MOST_VOLUME_DIMENSIONS
from ..search.partition import Partition
from ..search.region_arrays import Halfspaces

__all__ = ["LinearModels", "answer_explanation", "models_of"]

Array = NDArray[np.float64]


class LinearModels(NamedTuple):
    """What is explained of each region.

    Attributes
    ----------
    names
        q names.
    coef, intercept
        float64 (K, q, m) and (K, q).
    """

    names: tuple[str, ...]
    coef: Array
    intercept: Array


class AnsweredPartition(Partition):
    """The regions of an answer, bounded by its guards too, with the models of all outputs."""

    def __init__(
        self,
        model: Model,
        region: AnalysisRegion,
        domain: _core.Region,
        found: _core.QueryAnswer,
        threads: int,
    ) -> None:
        super().__init__(model, region, domain, found.regions, threads)
        self._network = found.network

    @cached_property
    def _models(self) -> tuple[Array, Array]:
        return self._network.models(0, len(self), self.threads)


def answer_explanation(
    model: Model,
    region: AnalysisRegion,
    domain: _core.Region,
    found: _core.QueryAnswer,
    *,
    models: LinearModels,
    scale: str,
    factors: Array,
    choice_names: tuple[str, ...],
    second: str | None,
    threads: int,
    goes_on: GoesOn,
) -> Explanation:
    """What the core found, with the linear models that explain it.

    Parameters
    ----------
    models
        What is explained.
    choice_names
        Names of the choices; () if none were asked for.
    second
        What the second choice of each region is: "runner_up", "other_choice", or None.
    goes_on
        Whether there is time for more volumes.
    """
    count = len(found.regions)
    volumes, coverage = _volumes(domain, found, threads, goes_on)
    return Explanation(
        subject="region",
        feature_names=tuple(model.feature_names),
        output_names=models.names,
        scale=scale,
        factors=factors,
        coef=models.coef,
        intercept=models.intercept,
        interior_points=found.regions.interior_points(0, count),
        volumes=volumes,
        free_features=tuple(int(index) for index in domain.free_features),
        one_sided=_one_sided(model, domain, found, threads),
        region=region,
        status=str(found.regions.status),
        coverage=coverage,
        undecided=int(found.regions.undecided),
        exactness=found.regions.exactness,
        validity=Halfspaces(*found.regions.halfspaces(0, count, threads)),
        choice_names=choice_names,
        top=found.top if choice_names else None,
        runner_up=found.runner_up if second == "runner_up" else None,
        other_choice=found.runner_up if second == "other_choice" else None,
        cells=found.cells,
        partition=AnsweredPartition(model, region, domain, found, threads),
    )


def models_of(
    model: Model,
    found: _core.QueryAnswer,
    outputs: list[int] | None,
    threads: int,
    *,
    ranked: bool,
    compares: bool,
) -> LinearModels:
    """The linear models that explain an answer.

    A comparison explains what the top choice has ahead of the runner-up; a choice between outputs
    explains the chosen one; anything else all outputs, or those asked for.
    """
    count = len(found.network)
    coef, intercept = found.network.models(0, count, threads)
    rows = np.arange(count)
    if outputs is None and ranked and compares:
        first, second = found.top, found.runner_up
        own = coef[rows, first] - coef[rows, second]
        offset = intercept[rows, first] - intercept[rows, second]
        name = _name(model, first, " - ", second)
        return LinearModels((name,), own[:, None, :], offset[:, None])
    if outputs is None and ranked:
        own, offset = coef[rows, found.top], intercept[rows, found.top]
        return LinearModels((_name(model, found.top),), own[:, None, :], offset[:, None])
    chosen = list(range(model.output_size)) if outputs is None else outputs
    names = tuple(model.output_names[output] for output in chosen)
    return LinearModels(
        names, np.ascontiguousarray(coef[:, chosen]), np.ascontiguousarray(intercept[:, chosen])
    )


def _name(
    model: Model,
    first: NDArray[np.int64],
    between: str = "",
    second: NDArray[np.int64] | None = None,
) -> str:
    """The name of the output if it is the same everywhere, else what it is."""
    own = model.output_names[first[0]] if len(set(first.tolist())) == 1 else "top choice"
    if second is None:
        return own
    other = model.output_names[second[0]] if len(set(second.tolist())) == 1 else "runner-up"
    return own + between + other


def _volumes(
    domain: _core.Region, found: _core.QueryAnswer, threads: int, goes_on: GoesOn
) -> tuple[Array, float]:
    """Volumes of the regions, and the share of the analysis region that they fill."""
    count = len(found.regions)
    if domain.dimension > MOST_VOLUME_DIMENSIONS:
        return np.full(count, np.nan), float("nan")
    volumes = volumes_of(found.regions, threads, goes_on)
    whole = domain.volume
    return volumes, float(volumes.sum() / whole) if whole > 0 else float(count > 0)


def _one_sided(
    model: Model, domain: _core.Region, found: _core.QueryAnswer, threads: int
) -> NDArray[np.bool_]:
    """Whether a unit vanishes on each region and so leaves fixed features a one-sided slope."""
    count = len(found.network)
    if domain.dimension == model.input_size:
        return np.zeros(count, dtype=bool)
    offsets, _ = found.network.flat_units(0, count, threads)
    return np.asarray(np.diff(offsets) > 0)
