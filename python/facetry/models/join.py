"""Two models side by side as one, to compare them on the same inputs."""

from __future__ import annotations

import numpy as np

from .. import _core
from ..errors import InvalidInputError
from .decision import Decision
from .model import Model
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
