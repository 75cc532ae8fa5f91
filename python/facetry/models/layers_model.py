"""Loads a plain list of layers: ``[(W, b), ...]`` with ReLU between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _core
from ..errors import ModelLoadError
from .graph_builder import FloatArray, GraphBuilder
from .model import Model, assemble
from .tail import Tail

__all__ = ["load_layers"]


def load_layers(
    layers: Sequence[Any],
    *,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
) -> Model:
    """The network ``W_L relu(... relu(W_1 x + b_1) ...) + b_L``.

    Parameters
    ----------
    layers
        Pairs (W, b): W of shape (outputs, inputs) of the layer, b of shape (outputs,).

    Raises
    ------
    ModelLoadError
        If the list is empty, or shapes do not fit, or a number is not finite.

    Examples
    --------
    >>> load_layers([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])([[-3.0]])
    array([[3.]])
    """
    pairs = _checked(layers)
    build = GraphBuilder(pairs[0][0].shape[1])
    values = build.inputs
    for number, (weights, bias) in enumerate(pairs):
        if number:
            build.layer = f"relu{number}"
            values = build.piecewise(values, _core.PiecewiseFunction.relu())
        build.layer = f"layer{number + 1}"
        values = build.linear(values, weights, bias)
    return assemble(
        build,
        values,
        tail=Tail.of(values.size),
        decision=decision,
        feature_names=feature_names,
        output_names=output_names,
        source="a list of layers",
    )


def _checked(layers: Sequence[Any]) -> list[tuple[FloatArray, FloatArray]]:
    if not len(layers):
        raise ModelLoadError("the list of layers is empty; give at least one pair (W, b)")
    pairs = [_pair(layer, number) for number, layer in enumerate(layers, start=1)]
    for number in range(1, len(pairs)):
        made, taken = pairs[number - 1][0].shape[0], pairs[number][0].shape[1]
        if made != taken:
            raise ModelLoadError(
                f"layer {number} has {made} outputs, but layer {number + 1} takes {taken} inputs; "
                "W has one row per output and one column per input"
            )
    return pairs


def _pair(layer: Any, number: int) -> tuple[FloatArray, FloatArray]:
    if not isinstance(layer, (tuple, list)) or len(layer) != 2:
        raise ModelLoadError(f"layer {number} must be a pair (W, b)")
    weights, bias = _numbers(layer[0], number, "W"), _numbers(layer[1], number, "b")
    if weights.ndim != 2 or 0 in weights.shape:
        raise ModelLoadError(
            f"W of layer {number} must have shape (outputs, inputs), not {weights.shape}"
        )
    if bias.shape != weights.shape[:1]:
        raise ModelLoadError(
            f"b of layer {number} must have shape ({weights.shape[0]},) like the rows of W, "
            f"not {bias.shape}"
        )
    return weights, bias


def _numbers(value: Any, number: int, name: str) -> FloatArray:
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise ModelLoadError(f"{name} of layer {number} is not an array of numbers") from None
