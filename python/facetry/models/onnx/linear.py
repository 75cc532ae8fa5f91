"""Lowering of linear operators: Gemm, MatMul, Conv, BatchNormalization, sums over axes."""

from __future__ import annotations

from math import prod
from typing import TypeVar

import numpy as np

from ...errors import ModelLoadError
from ..graph_builder import FloatArray, IdArray
from .registry import Call, axis_of, fitting, lowers, refuse
from .windows import Windows, windows

__all__ = ["reduced_groups"]

_Matrix = TypeVar("_Matrix", IdArray, FloatArray)


# Matrix products -------------------------------------------------------------------------------


@lowers("MatMul")
def _matmul(call: Call) -> IdArray:
    if call.is_symbol(0) and call.is_symbol(1):
        raise refuse(
            call, "multiplies two tensors that both depend on the input: not piecewise linear"
        )
    if call.is_symbol(0):
        return _product(call, call.ids(0), call.floats(1))
    # A @ x = (x' @ A')', so that one case is enough
    weights, ids = call.floats(0), call.ids(1)
    matrix = np.atleast_2d(weights)
    columns = ids[:, None] if ids.ndim == 1 else ids
    turned = _product(call, np.swapaxes(columns, -1, -2), np.swapaxes(matrix, -1, -2))
    result = np.swapaxes(turned, -1, -2)
    result = result[..., 0, :] if weights.ndim == 1 else result
    return result[..., 0] if ids.ndim == 1 else result


def _product(call: Call, ids: IdArray, weights: FloatArray) -> IdArray:
    """``ids @ weights`` with numpy's rules for shapes; the weights are (..., c, n)."""
    flat = weights.ndim == 1
    weights = weights[:, None] if flat else weights
    if ids.ndim == 0 or ids.shape[-1] != weights.shape[-2]:
        raise _misfit(call, ids, weights)
    if prod(weights.shape[:-2]) == 1:
        lead = (1,) * max(0, weights.ndim - max(ids.ndim, 2))
        result = _rows_times(call, ids, weights.reshape(weights.shape[-2:]))
        result = result.reshape(lead + result.shape)
    else:
        result = _batched(call, ids, weights)
    return result[..., 0] if flat else result


def _misfit(call: Call, ids: IdArray, weights: FloatArray) -> ModelLoadError:
    return ModelLoadError(
        f"{call.node} multiplies tensors of shapes {ids.shape} and {weights.shape}: no fit"
    )


def _rows_times(call: Call, ids: IdArray, weights: FloatArray) -> IdArray:
    return call.build.linear(ids, weights.T, np.zeros(weights.shape[1]))


def _batched(call: Call, ids: IdArray, weights: FloatArray) -> IdArray:
    """A different matrix for each entry of the leading axes."""
    flat = ids.ndim == 1
    ids = ids[None] if flat else ids
    try:
        lead = np.broadcast_shapes(ids.shape[:-2], weights.shape[:-2])
    except ValueError:
        raise _misfit(call, ids, weights) from None
    rows = np.broadcast_to(ids, lead + ids.shape[-2:]).reshape(-1, *ids.shape[-2:])
    matrices = np.broadcast_to(weights, lead + weights.shape[-2:])
    matrices = matrices.reshape(-1, *weights.shape[-2:])
    parts = [_rows_times(call, a, w) for a, w in zip(rows, matrices, strict=True)]
    result = np.stack(parts).reshape(lead + parts[0].shape)
    return result[..., 0, :] if flat else result


@lowers("Gemm")
def _gemm(call: Call) -> IdArray:
    """``alpha * A' @ B' + beta * C``."""
    if call.is_symbol(0) and call.is_symbol(1):
        raise refuse(
            call, "multiplies two tensors that both depend on the input: not piecewise linear"
        )
    beta = float(call.attribute("beta", 1.0))
    terms = [(call.ids(2), beta)] if call.is_symbol(2) else []
    shift = 0.0 if call.is_symbol(2) else beta * call.floats(2, default=0.0)
    if _multiplies(call):
        terms.insert(0, (_gemm_product(call), 1.0))
    else:  # only the added tensor depends on the input
        shift = _alpha(call) * (_turned(call, "transA", call.floats(0)) @ _right(call))
    shape = terms[0][0].shape if _multiplies(call) else np.shape(shift)
    added = call.ids(2).shape if call.is_symbol(2) else call.floats(2, default=0.0).shape
    if _multiplies(call) and not _spreads(added, shape):
        raise ModelLoadError(
            f"{call.node} adds C of shape {added} to a product of shape {shape}: no fit"
        )
    return fitting(call, lambda: call.build.combine(terms, shift))


def _multiplies(call: Call) -> bool:
    return call.is_symbol(0) or call.is_symbol(1)


def _spreads(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether an array of one shape can be repeated to the other."""
    try:
        return np.broadcast_shapes(small, large) == large
    except ValueError:
        return False


def _gemm_product(call: Call) -> IdArray:
    if call.is_symbol(0):
        ids = call.ids(0)
        ids = ids.reshape(-1, ids.shape[-1]) if ids.ndim > 2 else ids  # written by old exporters
        return _product(call, _turned(call, "transA", ids), _alpha(call) * _right(call))
    left = _turned(call, "transA", call.floats(0))
    return np.asarray(
        _product(call, _turned(call, "transB", call.ids(1)).T, _alpha(call) * left.T).T
    )


def _alpha(call: Call) -> float:
    return float(call.attribute("alpha", 1.0))


def _right(call: Call) -> FloatArray:
    return _turned(call, "transB", call.floats(1))


def _turned(call: Call, attribute: str, matrix: _Matrix) -> _Matrix:
    turned: _Matrix = matrix.T
    if call.attribute(attribute, 0) not in (0, 1):
        raise ModelLoadError(f"{call.node} has {attribute} {call.attribute(attribute)}, not 0 or 1")
    return turned if call.attribute(attribute, 0) else matrix


# Convolution -----------------------------------------------------------------------------------


@lowers("Conv")
def _conv(call: Call) -> IdArray:
    ids, weights = call.ids(0), call.floats(1)
    groups = int(call.attribute("group", 1))
    if weights.ndim < 2 or groups < 1:
        raise ModelLoadError(
            f"{call.node} has weights of shape {weights.shape} and {groups} groups"
        )
    outputs = len(weights)
    bias = call.floats(2, default=np.zeros(outputs))
    kernel = tuple(call.attribute("kernel_shape", weights.shape[2:]))
    if bias.shape != (outputs,) or kernel != weights.shape[2:]:
        raise ModelLoadError(
            f"{call.node} has weights of shape {weights.shape}, which do not fit its bias of "
            f"shape {bias.shape} and its kernel_shape {kernel}"
        )
    if ids.ndim != weights.ndim or ids.shape[1] != weights.shape[1] * groups or outputs % groups:
        raise ModelLoadError(
            f"{call.node} has weights of shape {weights.shape} and {groups} groups for a tensor of "
            f"shape {ids.shape}"
        )
    seen = windows(call, ids, weights.shape[2:])
    return _convolved(call, seen, weights, bias, groups)


def _convolved(
    call: Call, seen: Windows, weights: FloatArray, bias: FloatArray, groups: int
) -> IdArray:
    """One weighted sum for each (sample, output channel, place)."""
    samples, _, places, taps = seen.ids.shape
    outputs, per_group = len(weights), len(weights) // groups
    # (sample, group, place, channel of the group and tap)
    call.build.require(samples * outputs * places * seen.ids.shape[1] // groups * taps)
    grouped = seen.ids.reshape(samples, groups, -1, places, taps).transpose(0, 1, 3, 2, 4)
    grouped = grouped.reshape(samples, groups, 1, places, -1)
    columns = grouped.shape[-1]
    ids = np.broadcast_to(grouped, (samples, groups, per_group, places, columns))
    rows = np.broadcast_to(weights.reshape(outputs, 1, columns), (outputs, places, columns))
    rows = np.broadcast_to(rows, (samples, outputs, places, columns))
    shift = np.broadcast_to(bias[:, None], (samples, outputs, places))
    return call.build.rows(
        ids.reshape(-1, columns),
        rows.reshape(-1, columns),
        shift.ravel(),
        (samples, outputs, *seen.sizes),
    )


# Normalization with fixed statistics, and sums over axes ---------------------------------------


@lowers("BatchNormalization")
def _batch_normalization(call: Call) -> IdArray:
    ids = call.ids(0)
    trains = not call.attribute("is_test") if call.opset < 7 else call.attribute("training_mode")
    if trains:
        raise refuse(call, "is in training mode; export the model for inference")
    scale, shift, mean, variance = (call.floats(i) for i in range(1, 5))
    channels = ids.shape[1] if ids.ndim > 1 else 1
    for array, name in ((scale, "scale"), (shift, "B"), (mean, "mean"), (variance, "var")):
        if array.shape != (channels,):
            raise ModelLoadError(
                f"{call.node} needs one {name} for each of the {channels} channels of its input "
                f"of shape {ids.shape}, but {name} has shape {array.shape}"
            )
    if np.any(variance + float(call.attribute("epsilon", 1e-5)) <= 0):
        raise ModelLoadError(f"{call.node} has a variance that is not positive")
    factor = scale / np.sqrt(variance + float(call.attribute("epsilon", 1e-5)))
    shape = (-1, *(1,) * (ids.ndim - 2)) if ids.ndim > 1 else (-1,)
    offset = shift - mean * factor
    return call.build.combine([(ids, factor.reshape(shape))], offset.reshape(shape))


@lowers("ReduceSum", "ReduceMean")
def _reduce(call: Call) -> IdArray:
    groups, shape = reduced_groups(call)
    weight = 1.0 / groups.shape[1] if call.node.op == "ReduceMean" else 1.0
    return call.build.rows(groups, np.full(groups.shape, weight), np.zeros(len(groups)), shape)


@lowers("GlobalAveragePool")
def _global_average(call: Call) -> IdArray:
    ids = call.ids()
    groups = ids.reshape(prod(ids.shape[:2]), -1)
    shape = (*ids.shape[:2], *(1,) * (ids.ndim - 2))
    weights = np.full(groups.shape, 1.0 / groups.shape[1])
    return call.build.rows(groups, weights, np.zeros(len(groups)), shape)


def reduced_groups(call: Call) -> tuple[IdArray, tuple[int, ...]]:
    """For a reduction over axes: the values of each group as a row, and the result's shape."""
    ids = call.ids()
    given = call.option("axes", 1)
    axes = [axis_of(call, axis, ids.ndim) for axis in np.ravel(() if given is None else given)]
    if len(set(axes)) < len(axes):
        raise ModelLoadError(f"{call.node} names an axis twice")
    if not axes and not call.attribute("noop_with_empty_axes", 0):
        axes = list(range(ids.ndim))
    kept = [axis for axis in range(ids.ndim) if axis not in axes]
    groups = ids.transpose(kept + sorted(axes)).reshape(prod(ids.shape[a] for a in kept), -1)
    if call.attribute("keepdims", 1):
        return groups, tuple(1 if axis in axes else size for axis, size in enumerate(ids.shape))
    return groups, tuple(ids.shape[axis] for axis in kept)
