"""Operators on constants by their own definition, where ONNX's reference does not know the version.

Each follows the operator's text in ONNX's list of operators, in the element types given there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import Node

__all__ = ["defined"]

Arrays = Sequence[NDArray[Any] | None]
_Definition = Callable[[Node, Arrays], NDArray[Any]]


def defined(node: Node, arrays: Arrays, opset: int) -> list[NDArray[Any]] | None:
    """The outputs of a node; None if its operator, in this version, has no definition here.

    Raises
    ------
    ValueError, TypeError, LookupError, ArithmeticError
        If the arrays do not fit the operator.
    """
    entry = _DEFINITIONS.get(node.op) if not node.domain else None
    if entry is None or opset >= entry[0] or len([name for name in node.outputs if name]) != 1:
        return None
    with np.errstate(all="ignore"):  # what is not finite is refused where it is used
        return [np.asarray(entry[1](node, arrays))]


def _dequantize(node: Node, arrays: Arrays) -> NDArray[Any]:
    """``(x - zero_point) * scale``, one scale for all or one for each entry of an axis."""
    x, scale = arrays[0], arrays[1]
    zero = arrays[2] if len(arrays) > 2 else None
    assert x is not None and scale is not None
    shape = _along(x, scale, int(node.attributes.get("axis", 1)))
    whole = x.astype(np.int64)
    if zero is not None:
        if zero.size != scale.size:
            raise ValueError(f"{scale.size} scales, but {zero.size} zero points")
        whole = whole - zero.astype(np.int64).reshape(shape)
    return np.asarray(whole.astype(scale.dtype) * scale.reshape(shape))


def _along(x: NDArray[Any], scale: NDArray[Any], axis: int) -> tuple[int, ...]:
    if scale.size == 1:
        return ()
    if not -x.ndim <= axis < x.ndim or scale.shape != (x.shape[axis],):
        raise ValueError(f"scales of shape {scale.shape} do not fit axis {axis}")
    axis %= x.ndim
    return (*(1,) * axis, scale.size, *(1,) * (x.ndim - axis - 1))


def _unchanged(_: Node, arrays: Arrays) -> NDArray[Any]:
    assert arrays[0] is not None
    return arrays[0]


def _scatter(node: Node, arrays: Arrays) -> NDArray[Any]:
    """The older name of ScatterElements."""
    data, indices, updates = arrays[:3]
    assert data is not None and indices is not None and updates is not None
    if indices.shape != updates.shape:
        raise ValueError(f"indices of shape {indices.shape}, updates of shape {updates.shape}")
    places: list[Any] = list(np.indices(indices.shape))
    places[int(node.attributes.get("axis", 0))] = indices.astype(np.int64)
    result: NDArray[Any] = data.copy()
    result[tuple(places)] = updates
    return result


def _batch_normalization(node: Node, arrays: Arrays) -> NDArray[Any]:
    x, scale, shift, mean, variance = arrays[:5]
    assert x is not None
    parts = [scale, shift, mean, variance]
    channels = x.shape[1] if x.ndim > 1 else 1
    if any(part is None or part.shape != (channels,) for part in parts):
        raise ValueError(f"scale, B, mean and var need {channels} entries")
    shape = (channels, *(1,) * max(x.ndim - 2, 0))
    scale, shift, mean, variance = (np.reshape(part, shape) for part in parts if part is not None)
    epsilon = float(node.attributes.get("epsilon", 1e-5))
    return np.asarray((x - mean) / np.sqrt(variance + epsilon) * scale + shift).astype(x.dtype)


_DEFINITIONS: dict[str, tuple[int, _Definition]] = {
    "DequantizeLinear": (19, _dequantize),
    "Dropout": (7, _unchanged),
    "Scatter": (11, _scatter),
    "BatchNormalization": (14, _batch_normalization),
}
"""From an operator to the first version that is left to the reference, and its definition."""
