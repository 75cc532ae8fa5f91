"""What a query found, as an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInputError
from ..results.explanation import Explanation, Validity
from ..search.linear_region import MOST_VOLUME_DIMENSIONS
from .query import Answer, Limits, class_names, core_query, run_query

if TYPE_CHECKING:
    from .. import _core
    from ..models.model import Model
    from ..regions.analysis_region import AnalysisRegion
    from .output_condition import Conditions

__all__ = ["answer_explanation", "explain_query"]

Array = NDArray[np.float64]


def explain_query(
    model: Model,
    region: AnalysisRegion,
    *,
    top: str | int | None,
    runner_up: str | int | None,
    where: Conditions | None,
    ties: str,
    outputs: list[int] | None,
    scale: str,
    factors: Array,
    limits: Limits,
) -> Explanation:
    """The regions where a query's answer is, with weights; see `Explainer.query`."""
    if model.decision.kind == "none" and where is None and top is None and runner_up is None:
        raise InvalidInputError(
            "this model makes no choices, so a query needs conditions on its outputs: where="
        )
    query = core_query(model, top=top, runner_up=runner_up, where=where, ties=ties)
    domain, found = run_query(model, region, query, limits)
    chooses = where is None or top is not None or runner_up is not None
    ranked = chooses and model.decision.kind != "threshold"
    names, coef, intercept = _models(
        model, found, outputs, limits.threads, ranked=ranked, compares=runner_up is not None
    )
    return answer_explanation(
        model,
        region,
        domain,
        found,
        names=names,
        coef=coef,
        intercept=intercept,
        scale=scale,
        factors=factors,
        choice_names=class_names(model) if chooses else (),
        has_runner_up=runner_up is not None,
        threads=limits.threads,
    )


def answer_explanation(
    model: Model,
    region: AnalysisRegion,
    domain: _core.Region,
    found: Answer,
    *,
    names: tuple[str, ...],
    coef: Array,
    intercept: Array,
    scale: str,
    factors: Array,
    choice_names: tuple[str, ...],
    has_runner_up: bool,
    threads: int,
) -> Explanation:
    """What the core found, with the linear models that explain it.

    Parameters
    ----------
    names, coef, intercept
        What is explained: q names, float64 (K, q, m) and (K, q).
    choice_names
        Names of the choices; () if none were asked for.
    """
    count = len(found.regions)
    volumes, coverage = _volumes(domain, found, threads)
    return Explanation(
        subject="region",
        feature_names=tuple(model.feature_names),
        output_names=names,
        scale=scale,
        factors=factors,
        coef=coef,
        intercept=intercept,
        interior_points=found.regions.interior_points(0, count),
        volumes=volumes,
        free_features=tuple(int(index) for index in domain.free_features),
        one_sided=_one_sided(model, domain, found, threads),
        region=region,
        status=str(found.regions.status),
        coverage=coverage,
        undecided=int(found.regions.undecided),
        level=found.regions.exactness,
        validity=Validity(*found.regions.halfspaces(0, count, threads)),
        choice_names=choice_names,
        top=found.top if choice_names else None,
        runner_up=found.runner_up if has_runner_up else None,
        cells=found.cells,
    )


def _models(
    model: Model,
    found: Answer,
    outputs: list[int] | None,
    threads: int,
    *,
    ranked: bool,
    compares: bool,
) -> tuple[tuple[str, ...], Array, Array]:
    """Names, coefficients (K, q, m) and intercepts (K, q) of what is explained.

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
        return (_name(model, first, " - ", second),), own[:, None, :], offset[:, None]
    if outputs is None and ranked:
        own, offset = coef[rows, found.top], intercept[rows, found.top]
        return (_name(model, found.top),), own[:, None, :], offset[:, None]
    chosen = list(range(model.output_size)) if outputs is None else outputs
    names = tuple(model.output_names[output] for output in chosen)
    return names, np.ascontiguousarray(coef[:, chosen]), np.ascontiguousarray(intercept[:, chosen])


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


def _volumes(domain: _core.Region, found: Answer, threads: int) -> tuple[Array, float]:
    """Volumes of the regions, and the share of the analysis region that they fill."""
    count = len(found.regions)
    if domain.dimension > MOST_VOLUME_DIMENSIONS:
        return np.full(count, np.nan), float("nan")
    volumes = found.regions.volumes(0, count, threads)
    whole = domain.volume
    return volumes, float(volumes.sum() / whole) if whole > 0 else float(count > 0)


def _one_sided(
    model: Model, domain: _core.Region, found: Answer, threads: int
) -> NDArray[np.bool_]:
    """Whether a unit vanishes on each region and so leaves fixed features a one-sided slope."""
    count = len(found.network)
    if domain.dimension == model.input_size:
        return np.zeros(count, dtype=bool)
    offsets, _ = found.network.flat_units(0, count, threads)
    return np.asarray(np.diff(offsets) > 0)
