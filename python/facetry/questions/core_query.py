"""Queries in the core's terms, and the search that answers them."""

from __future__ import annotations

from numbers import Integral

from .. import _core
from ..base.arguments import chosen_of, shown
from ..errors import InvalidInputError
from ..models.decision import decisions_for
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..search.linear_region import MOST_VOLUME_DIMENSIONS
from ..search.options import SearchOptions
from ..search.ortools_solver import load_library
from .output_condition import Conditions, resolve_conditions

__all__ = ["choice_index", "class_names", "core_query", "run_query"]


_OR_CONDITIONS = "; or give conditions= alone"


def class_names(model: Model) -> tuple[str, ...]:
    """The names of the choices: the outputs, or below and above the threshold of one logit."""
    if model.decision.kind == "threshold":
        labels = model.tail.labels
        above = model.output_names[0]
        return (labels[0] if len(labels) == 2 else f"not {above}", above)
    return tuple(model.output_names)


def choice_index(model: Model, choice: str | int, what: str, otherwise: str = "") -> int:
    """The number of a choice, by name or number.

    Parameters
    ----------
    model, choice
        What is asked.
    what, otherwise
        What the choice is, in the words of the question, and what else could be asked.

    Raises
    ------
    InvalidInputError
        If the model makes no choices, or there is no such choice.
    """
    if model.decision.kind == "none":
        raise InvalidInputError(
            f"{what} needs a model that makes choices; this one has no decision: load it with "
            f"decision={decisions_for(model.output_size)}{otherwise}"
        )
    if model.decision.kind != "threshold":
        return model.output_index(choice)
    names = class_names(model)
    if isinstance(choice, str):
        if choice not in names:
            raise InvalidInputError(
                f"{what} must be one of {', '.join(names)}, not {shown(choice)}"
            )
        return names.index(choice)
    if isinstance(choice, bool) or not isinstance(choice, Integral) or choice not in (0, 1):
        raise InvalidInputError(
            f"{what} must be 0 (not above the threshold) or 1, not {shown(choice)}"
        )
    return int(choice)


def core_query(
    model: Model,
    *,
    top: str | int | None = None,
    runner_up: str | int | None = None,
    conditions: Conditions | None = None,
    ties: str = "first",
) -> _core.Query:
    """The query in the core's terms. ``runner_up="any"`` ranks all second choices.

    Raises
    ------
    InvalidInputError
        For names that do not exist and combinations that make no sense.
    """
    weights, thresholds = resolve_conditions(model, conditions)
    # Conditions alone do not ask who wins; nothing at all asks for every choice.
    only_conditions = conditions is not None and top is None and runner_up is None
    winner = None if top is None else choice_index(model, top, "top", _OR_CONDITIONS)
    ranks = runner_up is not None
    second = None
    if ranks:
        choice_index(model, 0, "runner_up", _OR_CONDITIONS)
        if model.decision.kind == "threshold":
            raise InvalidInputError(
                "a threshold on one output leaves no runner-up to ask for; ask for top= alone, "
                + " or ".join(map(repr, class_names(model)))
            )
        if not isinstance(runner_up, str) or runner_up != "any" or "any" in model.output_names:
            second = choice_index(model, runner_up if runner_up is not None else 0, "runner_up")
        if second is not None and second == winner:
            raise InvalidInputError(
                f"an output cannot be compared with itself: top and runner_up are both "
                f"{model.output_names[second]!r}"
            )
    chosen_of(ties, "ties", ("first", "all"))
    return _core.Query(
        decision="none" if only_conditions else model.decision.kind,
        threshold=float(model.decision.threshold),
        top=winner,
        rank_runner_up=ranks,
        runner_up=second,
        weights=weights,
        thresholds=thresholds,
        all_ties=ties == "all",
    )


def run_query(
    model: Model, region: AnalysisRegion, query: _core.Query, how: SearchOptions
) -> tuple[_core.Region, _core.QueryAnswer]:
    """Search for the regions where a query's answer is; also the region in free coordinates."""
    domain = domain_of(model, region)
    with how.running() as options:
        if how.engine == "milp":
            library = load_library()
            found = _core.answer_by_milp(
                model.form, domain, query, library, options, max_regions=how.max_regions
            )
        else:
            found = _core.answer(
                model.form,
                domain,
                query,
                options,
                max_regions=how.max_regions,
                keep_volumes=domain.dimension <= MOST_VOLUME_DIMENSIONS,
            )
    return domain, found
