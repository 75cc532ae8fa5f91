"""Two models on one region: where they choose differently."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .. import _core
from ..errors import InvalidInputError
from ..models.join import join
from ..models.model import Model, check_model
from ..models.tail import Tail
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

    Choices are matched by their names, if both models' outputs have names of their own (so are
    features, see `join`). Where outputs of the second model tie, the first one in the order of the
    first model counts. In the result `top` is the choice of the first model and `other_choice` that
    of the second; the linear models are those of all outputs of both, named as by `join`.

    Parameters
    ----------
    first, second
        Models with the same inputs, the same number of outputs and the same kind of decision.
    region, options
        As in `facetry.partition`.

    Raises
    ------
    InvalidInputError
        If the models cannot be compared: other sizes, decisions or names.

    Examples
    --------
    >>> import facetry
    >>> f = facetry.load([([[1.0], [0.0]], [0.0, 0.0])], output_names=["up", "down"])
    >>> g = facetry.load([([[1.0], [0.0]], [-0.5, 0.0])], output_names=["up", "down"])
    >>> found = facetry.disagreement(f, g, facetry.AnalysisRegion.box(-1, 1))
    >>> len(found), found.volumes.tolist(), found.choice_names[found.top[0]]
    (1, [0.5], 'up')
    """
    check_model(first)
    check_model(second)
    if first.decision != second.decision or first.output_size != second.output_size:
        raise InvalidInputError(
            f"models can only disagree if they choose alike: here {first.decision} of "
            f"{first.output_size} outputs and {second.decision} of {second.output_size}"
        )
    choice_index(first, 0, "disagreement")
    second = _aligned(first, second)
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
    goes_on = how.watch()
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
        goes_on=goes_on,
    )


def _aligned(first: Model, second: Model) -> Model:
    """The second model with its outputs in the order of the first, by name."""
    ours, theirs = class_names(first), class_names(second)
    if ours == theirs or _are_generated(ours) or _are_generated(theirs):
        return second
    missing = [name for name in ours if name not in theirs]
    if missing:
        raise InvalidInputError(
            f"choices are matched by name, and the second model has none called {missing[0]!r} "
            f"(it has {', '.join(map(repr, theirs[:6]))}); load both with output_names= that agree"
        )
    if first.decision.kind == "threshold":
        raise InvalidInputError(
            f"above the threshold the first model chooses {ours[1]!r}, the second {theirs[1]!r}: "
            "they are the other way round and cannot be compared"
        )
    order = [theirs.index(name) for name in ours]
    outputs = second.outputs[order]
    return replace(
        second,
        outputs=outputs,
        form=_core.NormalForm(second.graph, outputs),
        output_names=ours,
        tail=Tail.of(len(ours)),
        reference=None,
        logits_reference=None,
    )


def _are_generated(names: tuple[str, ...]) -> bool:
    """Whether the names of choices were made up when the model was loaded."""
    return all(re.fullmatch(r"(not )?y\d+", name) for name in names)
