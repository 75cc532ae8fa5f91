"""Two models side by side as one, to compare them on the same inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import _core
from ..base.tables import are_generated
from ..errors import InvalidInputError
from .decision import Decision
from .graph_builder import IdArray
from .model import Model, check_model
from .tail import Tail

__all__ = ["copy_operations", "join"]


def join(first: Model, second: Model) -> Model:
    """One model with the outputs of both, side by side, on the same inputs.

    Its outputs are named ``"first: <name>"`` and ``"second: <name>"``; it makes no choices. So
    ``facetry.maximum(join(f, g), region, {"first: y0": 1, "second: y0": -1})`` is the largest
    difference of an output.

    Raises
    ------
    InvalidInputError
        If the models have different numbers of inputs, or features with other names.

    Examples
    --------
    >>> import facetry
    >>> f = facetry.load([([[1.0]], [0.0]), ([[1.0]], [0.0])])
    >>> g = facetry.load([([[1.0]], [-0.5]), ([[1.0]], [0.5])])
    >>> both = facetry.join(f, g)
    >>> both([[0.25], [1.0]]).tolist()
    [[0.25, 0.5], [1.0, 1.0]]
    """
    check_model(first)
    check_model(second)
    if first.input_size != second.input_size:
        raise InvalidInputError(
            f"the models take {first.input_size} and {second.input_size} inputs: they cannot be "
            "compared on one region"
        )
    own = _places(second.feature_names, first.feature_names)
    graph = _core.NeuralGraph(first.input_size)
    outputs = np.concatenate(
        [
            copy_operations(model.graph, graph, inputs)(model.outputs)
            for model, inputs in ((first, np.arange(first.input_size)), (second, own))
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
        schema=first.schema,
        made_up_names=first.made_up_names,
    )


def _places(features: tuple[str, ...], others: tuple[str, ...]) -> IdArray:
    """For each feature of a model its number in another: by name, or in order if one has none."""
    if are_generated(features) or are_generated(others):
        return np.arange(len(features))
    missing = [name for name in features if name not in others]
    if missing:
        raise InvalidInputError(
            f"features are matched by name, and the first model has none called {missing[0]!r}; "
            "load both models with the same feature_names="
        )
    return np.array([others.index(name) for name in features])


def copy_operations(
    source: _core.NeuralGraph, into: _core.NeuralGraph, inputs: IdArray
) -> Callable[[IdArray], IdArray]:
    """Append all operations of a graph; `inputs` are the numbers its inputs have there.

    Returns
    -------
    From numbers of its values to those that they have now.
    """
    m = source.input_size
    shift = into.size - m

    def moved(ids: IdArray) -> IdArray:
        return np.where(ids < m, inputs[np.minimum(ids, m - 1)], ids + shift)

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
    return moved
