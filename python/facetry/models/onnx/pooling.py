"""Lowering of pooling and of maxima over axes."""

from __future__ import annotations

from math import prod

import numpy as np

from ...errors import ModelLoadError
from ..graph_builder import IdArray
from .linear import reduced_groups
from .registry import Call, lowers
from .windows import Windows, windows

__all__: list[str] = []


def _pooled(call: Call) -> Windows:
    kernel = call.attribute("kernel_shape")
    if kernel is None:
        raise ModelLoadError(f"{call.node} lacks its attribute kernel_shape")
    return windows(call, call.ids(), tuple(kernel))


@lowers("MaxPool")
def _max_pool(call: Call) -> IdArray:
    """Padding is never an argument of the maximum."""
    seen = _pooled(call)
    rows = seen.ids.reshape(-1, seen.ids.shape[-1])
    if not (rows >= 0).any(axis=1).all():
        raise ModelLoadError(f"{call.node} has a window that sees nothing but padding")
    return call.build.maximum(rows, (*seen.ids.shape[:2], *seen.sizes))


@lowers("AveragePool")
def _average_pool(call: Call) -> IdArray:
    seen = _pooled(call)
    rows = seen.ids.reshape(-1, seen.ids.shape[-1])
    if call.attribute("count_include_pad", 0):
        counts = np.tile(seen.inside.sum(axis=1), prod(seen.ids.shape[:2]))
    else:
        counts = (rows >= 0).sum(axis=1)
    weights = np.broadcast_to(1.0 / np.maximum(counts, 1)[:, None], rows.shape)
    shape = (*seen.ids.shape[:2], *seen.sizes)
    return call.build.rows(rows, weights, np.zeros(len(rows)), shape)


@lowers("GlobalMaxPool")
def _global_max(call: Call) -> IdArray:
    ids = call.ids()
    shape = (*ids.shape[:2], *(1,) * (ids.ndim - 2))
    return call.build.maximum(ids.reshape(prod(ids.shape[:2]), -1), shape)


@lowers("ReduceMax")
def _reduce_max(call: Call) -> IdArray:
    groups, shape = reduced_groups(call)
    return call.build.maximum(groups, shape)


@lowers("ReduceMin")
def _reduce_min(call: Call) -> IdArray:
    groups, shape = reduced_groups(call)
    negated = call.build.combine([(groups, -1.0)])
    return call.build.combine([(call.build.maximum(negated, shape), -1.0)])
