"""Two models on one region: where they choose differently, and by how much they differ."""

from __future__ import annotations

import numpy as np

from .. import _core
from ..base.checks import count_or_none, seconds_or_none
from ..errors import InvalidInputError
from ..models.decision import Decision
from ..models.model import Model
from ..models.tail import Tail
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import Explanation
from ..search.partition import exactness_of, resolve_threads
from .query import Limits, choice_index, class_names, run_query
from .query_explanation import answer_explanation

__all__ = ["copy_operations", "disagreement", "join"]


def join(first: Model, second: Model) -> Model:
    """One model with the outputs of both, side by side, on the same inputs.

    Its outputs are named ``"first: <name>"`` and ``"second: <name>"``; it makes no choices. So
    ``Explainer(join(f, g)).maximum(region, {"first: y0": 1, "second: y0": -1})`` is the largest
    difference of an output.

    Raises
    ------
    InvalidInputError
        If the models have different numbers of inputs.

    Examples
    --------
    >>> import facetry
    >>> f = facetry.load([([[1.0]], [0.0]), ([[1.0]], [0.0])])
    >>> g = facetry.load([([[1.0]], [-0.5]), ([[1.0]], [0.5])])
    >>> both = facetry.join(f, g)
    >>> both([[0.25], [1.0]]).tolist()
    [[0.25, 0.5], [1.0, 1.0]]
    """
    if first.input_size != second.input_size:
        raise InvalidInputError(
            f"the models take {first.input_size} and {second.input_size} inputs: they cannot be "
            "compared on one region"
        )
    graph = _core.NeuralGraph(first.input_size)
    shifts = [copy_operations(model.graph, graph) for model in (first, second)]
    outputs = np.concatenate(
        [
            np.where(model.outputs < model.input_size, model.outputs, model.outputs + shift)
            for model, shift in zip((first, second), shifts, strict=True)
        ]
    )
    names = [f"first: {name}" for name in first.output_names]
    names += [f"second: {name}" for name in second.output_names]
    return Model(
        graph=graph,
        form=_core.NormalForm(graph, outputs),
        outputs=outputs,
        feature_names=first.feature_names,
        output_names=tuple(names),
        input_shape=first.input_shape,
        tail=Tail.of(len(names)),
        decision=Decision("none"),
        operation_names=first.operation_names + second.operation_names,
        source=f"{first.source} and {second.source}",
    )


def copy_operations(source: _core.NeuralGraph, into: _core.NeuralGraph) -> int:
    """Append all operations of a graph; returns what was added to the numbers of its values."""
    m = source.input_size
    shift = into.size - m

    def moved(ids: np.ndarray) -> np.ndarray:
        return np.where(ids < m, ids, ids + shift)

    for index in range(source.operation_count):
        kind, *parts = source.operation(index)
        if kind == "affine":
            offsets, ids, weights, bias = parts
            into.affine(offsets, moved(ids), weights, bias)
        elif kind == "piecewise":
            ids, functions, which = parts
            into.piecewise(moved(ids), functions, which)
        else:
            offsets, ids = parts
            into.maximum(offsets, moved(ids))
    return shift


def disagreement(
    first: Model,
    second: Model,
    region: AnalysisRegion,
    *,
    threads: int | None = None,
    time_limit: float | None = None,
    max_regions: int | None = None,
    exactness: str | None = None,
) -> Explanation:
    """The regions where two models choose differently.

    In the result `top` is the choice of the first model and `runner_up` that of the second; the
    linear models are those of all outputs of both, named as by `join`.

    Parameters
    ----------
    first, second
        Models with the same inputs, the same number of outputs and the same kind of decision.
    region, threads, time_limit, max_regions, exactness
        As in `facetry.partition`.

    Raises
    ------
    InvalidInputError
        If the models cannot be compared.

    Examples
    --------
    >>> import facetry
    >>> f = facetry.load([([[1.0], [0.0]], [0.0, 0.0])], output_names=["up", "down"])
    >>> g = facetry.load([([[1.0], [0.0]], [-0.5, 0.0])], output_names=["up", "down"])
    >>> found = facetry.disagreement(f, g, facetry.AnalysisRegion.box(-1, 1))
    >>> len(found), found.volumes.tolist(), found.choice_names[found.top[0]]
    (1, [0.5], 'up')
    """
    if first.decision != second.decision or first.output_size != second.output_size:
        raise InvalidInputError(
            f"models can only disagree if they choose alike: here {first.decision} of "
            f"{first.output_size} outputs and {second.decision} of {second.output_size}"
        )
    choice_index(first, 0, "a disagreement")
    joined = join(first, second)
    limits = Limits(
        threads=resolve_threads(threads),
        time_limit=seconds_or_none(time_limit, "time_limit"),
        max_regions=count_or_none(max_regions, "max_regions"),
        exactness=exactness_of("subdivision", "auto", exactness),
    )
    query = _core.Query(
        first.decision.kind,
        float(first.decision.threshold),
        None,
        False,
        False,
        None,
        np.zeros((0, joined.output_size)),
        np.zeros(0),
        first.output_size,
    )
    domain, found = run_query(joined, region, query, limits)
    coef, intercept = found.network.models(0, len(found.network), limits.threads)
    return answer_explanation(
        joined,
        region,
        domain,
        found,
        names=joined.output_names,
        coef=coef,
        intercept=intercept,
        scale="none",
        factors=np.ones(joined.input_size),
        choice_names=class_names(first),
        has_runner_up=True,
        threads=limits.threads,
    )
