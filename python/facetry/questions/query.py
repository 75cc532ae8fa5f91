"""Queries on a model's outputs: searches for the regions where an answer holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..search.milp_engine import SAMPLES, WINDOW
from ..search.ortools_solver import load_library
from ..search.progress import CancelFlag, ProgressCallback, progress_reporter, watched
from .output_condition import Conditions, resolve_conditions

__all__ = ["Answer", "Limits", "choice_index", "class_names", "core_query", "run_query"]


@dataclass(frozen=True)
class Limits:
    """How long a search may go on, and how it is done; as in `facetry.partition`."""

    threads: int
    time_limit: float | None = None
    max_regions: int | None = None
    memory_limit: int | None = None
    progress: bool | ProgressCallback = False
    cancel: CancelFlag | None = None
    cell: str = "auto"
    exactness: str = "safe"
    engine: str = "subdivision"


@dataclass(frozen=True, eq=False)
class Answer:
    """What the core found.

    Attributes
    ----------
    regions
        The regions with all guards among their facets.
    network
        The same regions as regions of the model, for their linear models and flat units.
    top, runner_up
        int64 (K,), or of length 0 if not asked for.
    cells
        How many cells were visited.
    """

    regions: _core.Partition
    network: _core.Partition
    top: NDArray[np.int64]
    runner_up: NDArray[np.int64]
    cells: int


def class_names(model: Model) -> tuple[str, ...]:
    """The names of the choices: the outputs, or below and above the threshold of one logit."""
    if model.decision.kind == "threshold":
        labels = model.tail.labels
        above = model.output_names[0]
        return (labels[0] if len(labels) == 2 else f"not {above}", above)
    return tuple(model.output_names)


def choice_index(model: Model, choice: str | int, what: str) -> int:
    """The number of a choice, by name or number.

    Raises
    ------
    InvalidInputError
        If the model makes no choices, or there is no such choice.
    """
    if model.decision.kind == "none":
        raise InvalidInputError(
            f"{what} needs a model that makes choices; this one has no decision: load it with "
            "decision='highest', 'lowest' or a threshold on its one output, or give where="
        )
    if model.decision.kind != "threshold":
        return model.output_index(choice)
    names = class_names(model)
    if isinstance(choice, str):
        if choice not in names:
            raise InvalidInputError(f"{what} must be one of {', '.join(names)}, not {choice!r}")
        return names.index(choice)
    if isinstance(choice, bool) or choice not in (0, 1):
        raise InvalidInputError(f"{what} must be 0 (not above the threshold) or 1, not {choice!r}")
    return int(choice)


def core_query(
    model: Model,
    *,
    top: str | int | None = None,
    runner_up: str | int | None = None,
    where: Conditions | None = None,
    ties: str = "first",
) -> _core.Query:
    """The query in the core's terms. ``runner_up="any"`` ranks all second choices.

    Raises
    ------
    InvalidInputError
        For names that do not exist and combinations that make no sense.
    """
    weights, thresholds = resolve_conditions(model, where)
    # Conditions alone do not ask who wins; nothing at all asks for every choice.
    only_conditions = where is not None and top is None and runner_up is None
    winner = None if top is None else choice_index(model, top, "top")
    ranks = runner_up is not None
    second = None
    if ranks:
        choice_index(model, 0, "runner_up")
        if model.decision.kind == "threshold":
            raise InvalidInputError("a threshold on one output leaves no runner-up to ask for")
        if runner_up != "any" or "any" in model.output_names:
            second = choice_index(model, runner_up if runner_up is not None else 0, "runner_up")
        if second is not None and second == winner:
            raise InvalidInputError(
                f"an output cannot be compared with itself: top and runner_up are both "
                f"{model.output_names[second]!r}"
            )
    if ties not in ("first", "all"):
        raise InvalidInputError(f"ties must be 'first' or 'all', not {ties!r}")
    return _core.Query(
        "none" if only_conditions else model.decision.kind,
        float(model.decision.threshold),
        winner,
        False,
        ranks,
        second,
        weights,
        thresholds,
        0,
        ties == "all",
    )


def run_query(
    model: Model, region: AnalysisRegion, query: _core.Query, limits: Limits
) -> tuple[_core.Region, Answer]:
    """Search for the regions where a query's answer is; also the region in free coordinates."""
    domain = region.resolve(model)
    with progress_reporter(limits.progress) as report:
        poll = watched(report, limits.cancel)
        found = _search(model, domain, query, limits, poll)
    return domain, Answer(*found)


def _search(
    model: Model,
    domain: _core.Region,
    query: _core.Query,
    limits: Limits,
    poll: Callable[[int, float], bool] | None,
) -> tuple[_core.Partition, _core.Partition, NDArray[np.int64], NDArray[np.int64], int]:
    if limits.engine == "milp":
        return _core.answer_by_milp(
            model.form,
            domain,
            query,
            load_library(),
            limits.threads,
            limits.time_limit,
            limits.max_regions,
            poll,
            limits.memory_limit,
            WINDOW,
            SAMPLES,
        )
    return _core.answer(
        model.form,
        domain,
        query,
        limits.threads,
        limits.time_limit,
        limits.max_regions,
        limits.cell,
        poll,
        limits.memory_limit,
        limits.exactness,
    )
