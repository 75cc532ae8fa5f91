"""Lowering of elementwise operators: sums, products with constants, units of one argument."""

from __future__ import annotations

from functools import reduce
from math import prod

import numpy as np

from ..._core import PiecewiseFunction
from ...errors import ModelLoadError
from ..graph_builder import FloatArray, IdArray
from .registry import Call, Symbol, axis_of, fitting, lowers, refuse

__all__: list[str] = []

_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


def _constant(call: Call, index: int) -> FloatArray:
    """Constant operand `index` of a binary operator.

    Before operator set 7 the second operand was aligned at an attribute, not at the end.
    """
    array, axis = call.floats(index), call.attribute("axis")
    if index == 0 or call.opset >= 7 or axis is None:
        return array
    rank = call.ids(0).ndim
    return array.reshape(array.shape + (1,) * (rank - axis_of(call, axis, rank) - array.ndim))


def _sum(call: Call, sign: float) -> IdArray:
    signs = (1.0, sign)
    terms = [(call.ids(i), signs[i]) for i in range(2) if call.is_symbol(i)]
    constants = [signs[i] * _constant(call, i) for i in range(2) if not call.is_symbol(i)]
    shift = constants[0] if constants else 0.0
    return fitting(call, lambda: call.build.combine(terms, shift))


@lowers("Add")
def _add(call: Call) -> IdArray:
    return _sum(call, 1.0)


@lowers("Sub")
def _sub(call: Call) -> IdArray:
    return _sum(call, -1.0)


@lowers("Neg")
def _neg(call: Call) -> IdArray:
    return call.build.combine([(call.ids(), -1.0)])


@lowers("Mul")
def _mul(call: Call) -> IdArray:
    if call.is_symbol(0) and call.is_symbol(1):
        raise refuse(
            call, "multiplies two tensors that both depend on the input: not piecewise linear"
        )
    symbol = 0 if call.is_symbol(0) else 1
    factor = _constant(call, 1 - symbol)
    return fitting(call, lambda: call.build.combine([(call.ids(symbol), factor)]))


@lowers("Div")
def _div(call: Call) -> IdArray:
    if call.is_symbol(1):
        raise refuse(call, "divides by a tensor that depends on the input: not piecewise linear")
    divisor = _constant(call, 1)
    if not np.all(divisor):
        raise ModelLoadError(f"{call.node} divides by zero")
    return fitting(call, lambda: call.build.combine([(call.ids(0), 1.0 / divisor)]))


@lowers("Sum", "Mean")
def _sum_of_many(call: Call) -> IdArray:
    count = len(call.tensors)
    weight = 1.0 / count if call.node.op == "Mean" else 1.0
    terms = [(call.ids(i), weight) for i in range(count) if call.is_symbol(i)]
    constants = [weight * call.floats(i) for i in range(count) if not call.is_symbol(i)]
    return fitting(call, lambda: call.build.combine(terms, reduce(np.add, constants, np.zeros(()))))


@lowers("Scaler", domain="ai.onnx.ml")
def _scaler(call: Call) -> IdArray:
    scale = np.array(call.attribute("scale", (1.0,)), dtype=np.float64)
    offset = np.array(call.attribute("offset", (0.0,)), dtype=np.float64)
    ids = call.ids()
    for array, name in ((scale, "scale"), (offset, "offset")):
        if array.size not in (1, *ids.shape[-1:]):
            raise ModelLoadError(
                f"{call.node} has {array.size} numbers in {name} for a tensor of shape {ids.shape}"
            )
    return fitting(call, lambda: call.build.combine([(ids, scale)], -offset * scale))


# Units of one argument -------------------------------------------------------------------------


@lowers("Relu")
def _relu(call: Call) -> IdArray:
    return call.build.piecewise(call.ids(), PiecewiseFunction.relu())


@lowers("Abs")
def _abs(call: Call) -> IdArray:
    return call.build.piecewise(call.ids(), PiecewiseFunction.absolute())


@lowers("LeakyRelu")
def _leaky_relu(call: Call) -> IdArray:
    alpha = float(call.attribute("alpha", 0.01))
    return call.build.piecewise(call.ids(), PiecewiseFunction.leaky_relu(alpha))


@lowers("ThresholdedRelu")
def _thresholded_relu(call: Call) -> IdArray:
    if float(call.attribute("alpha", 1.0)) != 0.0:
        raise refuse(call, "jumps at its threshold: it is not continuous")
    return call.build.piecewise(call.ids(), PiecewiseFunction.relu())


@lowers("HardSigmoid")
def _hard_sigmoid(call: Call) -> IdArray:
    alpha, beta = float(call.attribute("alpha", 0.2)), float(call.attribute("beta", 0.5))
    if alpha == 0.0:
        level = np.full(call.ids().shape, min(max(beta, 0.0), 1.0))
        return call.build.constant(level)
    if alpha < 0.0:  # a mirrored one
        mirrored = call.build.combine([(call.ids(), -1.0)])
        return call.build.piecewise(mirrored, PiecewiseFunction.hard_sigmoid(-alpha, beta))
    return call.build.piecewise(call.ids(), PiecewiseFunction.hard_sigmoid(alpha, beta))


@lowers("Shrink")
def _shrink(call: Call) -> IdArray:
    limit, bias = float(call.attribute("lambd", 0.5)), float(call.attribute("bias", 0.0))
    if limit != bias or limit <= 0.0:
        raise refuse(call, "jumps at its limits: it is continuous only where bias equals lambd")
    soft = PiecewiseFunction([-limit, limit], [1.0, 0.0, 1.0], [limit, 0.0, -limit])
    return call.build.piecewise(call.ids(), soft)


@lowers("PRelu")
def _prelu(call: Call) -> IdArray:
    ids, slopes = call.ids(), call.floats(1)
    per_channel = call.opset < 7 or call.attribute("channels")  # the latter from torch
    if per_channel and slopes.size > 1:
        slopes = slopes.reshape(slopes.shape + (1,) * (ids.ndim - 1 - slopes.ndim))
    try:
        slopes = np.broadcast_to(slopes, ids.shape)
    except ValueError:
        raise ModelLoadError(
            f"{call.node} has slopes of shape {slopes.shape} for a tensor of shape {ids.shape}"
        ) from None
    if not np.isfinite(slopes).all():
        raise ModelLoadError(f"{call.node} has slopes that are NaN or infinite")
    different, which = np.unique(slopes, return_inverse=True)
    functions = [PiecewiseFunction.leaky_relu(float(slope)) for slope in different]
    return call.build.piecewise(ids, functions, which.reshape(ids.shape).astype(np.int64))


@lowers("Clip")
def _clip(call: Call) -> IdArray:
    low = _limit(call, "min", 1, -np.inf)
    high = _limit(call, "max", 2, np.inf)
    if low >= high:
        return call.build.constant(np.full(call.ids().shape, high))
    if low == -np.inf and high == np.inf:
        return call.ids()
    return call.build.piecewise(call.ids(), _clip_function(low, high))


def _limit(call: Call, name: str, index: int, default: float) -> float:
    given = call.option(name, index)
    if np.size(given) != 1:
        raise ModelLoadError(f"{call.node} has limits of shape {np.shape(given)}, not one number")
    limit = default if given is None else float(np.ravel(given)[0])
    if np.isnan(limit):
        raise ModelLoadError(f"{call.node} has the limit NaN")
    # exporters write the largest float32 where there is no limit
    endless = abs(limit) >= _LARGEST_FLOAT32 and np.sign(limit) == np.sign(default)
    return default if endless else limit


def _clip_function(low: float, high: float) -> PiecewiseFunction:
    if high == np.inf:
        return PiecewiseFunction([low], [0.0, 1.0], [low, 0.0])
    if low == -np.inf:
        return PiecewiseFunction([high], [1.0, 0.0], [0.0, high])
    return PiecewiseFunction.clip(low, high)


# Maxima and minima over several tensors --------------------------------------------------------


@lowers("Max", "Min")
def _extremum(call: Call) -> IdArray:
    sign = 1.0 if call.node.op == "Max" else -1.0
    symbols = [t.ids for t in call.tensors if isinstance(t, Symbol)]
    constants = [sign * call.floats(i) for i in range(len(call.tensors)) if not call.is_symbol(i)]
    limit = reduce(np.maximum, constants) if constants else None
    return fitting(call, lambda: _signed_maximum(call, symbols, limit, sign))


def _signed_maximum(
    call: Call, symbols: list[IdArray], limit: FloatArray | None, sign: float
) -> IdArray:
    """``sign * max(sign * symbols..., limit)``: a minimum is a maximum seen from below."""
    build = call.build
    if limit is not None and not np.isfinite(limit).all():
        raise ModelLoadError(f"{call.node} compares with a constant that is NaN or infinite")
    if len(symbols) == 1 and limit is not None:
        return _limited(call, symbols[0], limit, sign)
    terms = [ids if sign > 0 else build.combine([(ids, sign)]) for ids in symbols]
    if limit is not None:
        terms.append(build.constant(limit))
    build.require(len(terms) * prod(np.broadcast_shapes(*(ids.shape for ids in terms))))
    together = np.broadcast_arrays(*terms)
    columns = np.stack([ids.ravel() for ids in together], axis=1)
    largest = build.maximum(columns, together[0].shape)
    return largest if sign > 0 else build.combine([(largest, sign)])


def _limited(call: Call, ids: IdArray, limit: FloatArray, sign: float) -> IdArray:
    """One tensor against constants: a unit with one bend, not a group."""
    call.build.require(prod(np.broadcast_shapes(ids.shape, limit.shape)))
    ids, limits = np.broadcast_arrays(ids, sign * limit)
    different, which = np.unique(limits, return_inverse=True)
    ends = [(value, np.inf) if sign > 0 else (-np.inf, value) for value in different.tolist()]
    functions = [_clip_function(low, high) for low, high in ends]
    return call.build.piecewise(ids, functions, which.reshape(ids.shape).astype(np.int64))
