"""Queries: the model explained only where an answer holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..results.explanation import Explanation
from ..results.scales import FeatureScales
from ..search.options import RegionKeywords, SearchOptions
from .core_query import class_names, core_query, run_query
from .output_condition import Conditions
from .query_explanation import answer_explanation, models_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["query"]


def query(
    model: Model,
    region: AnalysisRegion,
    *,
    top: str | int | None = None,
    runner_up: str | int | None = None,
    conditions: Conditions | None = None,
    ties: str = "first",
    output: str | int | None = None,
    scale: str | None = None,
    scales: FeatureScales | None = None,
    engine: str = "subdivision",
    **options: Unpack[RegionKeywords],
) -> Explanation:
    """Explain the model only where an answer holds; other parts are not searched.

    - Nothing given: every choice with its regions. ``top="a"``: where the model chooses a.
    - ``runner_up="b"`` too: where b comes second; ``"any"``: every second choice with its
      regions. The weights then say what favours the top choice over the runner-up.
    - ``conditions``: limits of outputs, ``{"y0": (0.5, None)}``, or `OutputCondition` objects for
      combinations of them; with or without a top choice.

    The guards of the answer are among the halfspaces of each region (`validity`), minimal.

    Parameters
    ----------
    model, region
        What is asked, and where.
    ties
        Where outputs are the same on a whole region: ``"first"`` lists their first order only,
        as argmax chooses; ``"all"`` every order, each with that region: regions then overlap.
    output
        The output to explain. Left out: the chosen one, or what it has ahead of the runner-up;
        for conditions and thresholds, all outputs.
    scale, scales
        As in `facetry.describe`.
    engine, options
        As in `facetry.partition`. With ``engine="milp"`` a runner-up needs a top choice.

    Raises
    ------
    InvalidInputError
        For unknown names, an output compared with itself, choices of a model that makes none,
        or limits that are NaN.
    RegionError
        If the region does not fit the model.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0], [-1.0]], [0.0, 0.0])], output_names=["up", "down"])
    >>> line = facetry.AnalysisRegion.box(-1, 3)
    >>> found = facetry.query(model, line, top="up", runner_up="any")
    >>> len(found), found.output_names, found.coef.tolist(), found.volumes.tolist()
    (1, ('up - down',), [[[2.0]]], [3.0])
    """
    domain_of(model, region)  # before anything is asked of the model
    chooses = conditions is None or top is not None or runner_up is not None
    unasked = conditions is None and top is None and runner_up is None
    if model.decision.kind == "none" and unasked:
        raise InvalidInputError(
            "this model makes no choices, so a query needs conditions on its outputs: conditions="
        )
    known = FeatureScales.known(scales)
    chosen = known.chosen(scale)
    outputs = None if output is None else [model.output_index(output)]
    asked = core_query(model, top=top, runner_up=runner_up, conditions=conditions, ties=ties)
    how = SearchOptions.of(options, lists=True, engine=engine)
    goes_on = how.watch()
    domain, found = run_query(model, region, asked, how)
    ranked = chooses and model.decision.kind != "threshold"
    return answer_explanation(
        model,
        region,
        domain,
        found,
        models=models_of(
            model, found, outputs, how.threads, ranked=ranked, compares=runner_up is not None
        ),
        scale=chosen,
        factors=known.factors(chosen, model.input_size),
        choice_names=class_names(model) if chooses else (),
        second="runner_up" if runner_up is not None else None,
        threads=how.threads,
        goes_on=goes_on,
    )
