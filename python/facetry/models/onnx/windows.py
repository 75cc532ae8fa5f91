"""The windows that convolutions and pooling slide over a tensor of shape (N, C, *space)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod

import numpy as np

from ...errors import ModelLoadError
from ..graph_builder import IdArray
from .registry import Call

__all__ = ["Windows", "windows"]


@dataclass(frozen=True, eq=False)
class Windows:
    """All windows of a tensor.

    Attributes
    ----------
    ids
        Value numbers, int64 of shape (N, C, places, taps); -1 where a tap falls on padding.
    sizes
        The number of places along each axis of space.
    inside
        Whether a tap falls on the tensor or its declared padding, bool of shape (places, taps);
        it is False only for what a window reaches beyond because its size was rounded up.
    """

    ids: IdArray
    sizes: tuple[int, ...]
    inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class _Axis:
    """One axis of space: its size, and how the window moves along it."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def reach(self) -> int:
        return (self.kernel - 1) * self.dilation + 1

    def places(self, round_up: bool) -> int:
        room = self.size + self.before + self.after - self.reach
        count = (ceil(room / self.stride) if round_up else room // self.stride) + 1
        # a window that would start in the padding after the end is left out
        if round_up and (count - 1) * self.stride >= self.size + self.before:
            count -= 1
        return count


def windows(call: Call, ids: IdArray, kernel: tuple[int, ...]) -> Windows:
    """The windows of `ids` (N, C, *space) for the strides, pads, dilations of the node.

    Raises
    ------
    ModelLoadError
        If a window does not fit.
    """
    axes = _axes(call, ids.shape[2:], kernel)
    sizes = tuple(axis.places(bool(call.attribute("ceil_mode", 0))) for axis in axes)
    if min(sizes, default=1) < 1:
        raise ModelLoadError(f"{call.node}: its window is larger than its input {ids.shape[2:]}")
    call.build.require(prod(ids.shape[:2]) * prod(sizes) * prod(kernel))
    positions = [_positions(axis, count) for axis, count in zip(axes, sizes, strict=True)]
    return Windows(_taken(ids, positions, sizes), sizes, _inside(axes, positions, sizes))


def _positions(axis: _Axis, places: int) -> IdArray:
    """Where each tap of each place falls on the axis, (places, kernel); may lie outside."""
    starts = np.arange(places)[:, None] * axis.stride - axis.before
    return np.asarray(starts + np.arange(axis.kernel) * axis.dilation, dtype=np.int64)


def _taken(ids: IdArray, positions: list[IdArray], sizes: tuple[int, ...]) -> IdArray:
    result = ids
    for number, position in enumerate(positions):
        axis = 2 + 2 * number  # each axis taken before has become two: place and tap
        size = ids.shape[2 + number]
        taken = np.take(result, np.clip(position, 0, size - 1), axis=axis)
        outside = (position < 0) | (position >= size)
        shape = (*(1,) * axis, *position.shape, *(1,) * (taken.ndim - axis - 2))
        result = np.where(outside.reshape(shape), -1, taken)
    rank = len(positions)
    order = [0, 1, *range(2, 2 + 2 * rank, 2), *range(3, 3 + 2 * rank, 2)]
    return np.asarray(result.transpose(order).reshape(*ids.shape[:2], prod(sizes), -1))


def _inside(
    axes: list[_Axis], positions: list[IdArray], sizes: tuple[int, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    result = np.ones((1, 1), dtype=np.bool_)
    for axis, position in zip(axes, positions, strict=True):
        fits = position < axis.size + axis.after
        result = (result[:, None, :, None] & fits[None, :, None, :]).reshape(
            len(result) * len(fits), -1
        )
    return result.reshape(prod(sizes), -1)


def _axes(call: Call, space: tuple[int, ...], kernel: tuple[int, ...]) -> list[_Axis]:
    rank = len(space)
    if len(kernel) != rank:
        raise ModelLoadError(f"{call.node} has a window of rank {len(kernel)} for {rank} axes")
    strides = _numbers(call, "strides", (1,) * rank, 1)
    dilations = _numbers(call, "dilations", (1,) * rank, 1)
    pads = _numbers(call, "pads", (0,) * (2 * rank), 0)
    _numbers(call, "kernel_shape", tuple(kernel), 1)
    axes = [
        _Axis(space[i], int(kernel[i]), strides[i], dilations[i], pads[i], pads[i + rank])
        for i in range(rank)
    ]
    automatic = call.attribute("auto_pad", "NOTSET")
    if automatic not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise ModelLoadError(f"{call.node} has the unknown padding auto_pad {automatic!r}")
    return axes if automatic == "NOTSET" else [_auto_padded(axis, automatic) for axis in axes]


def _numbers(call: Call, name: str, default: tuple[int, ...], least: int) -> tuple[int, ...]:
    """An attribute with one number per axis (or side), as many as the default has."""
    values = tuple(int(value) for value in call.attribute(name, default))
    if len(values) != len(default):
        raise ModelLoadError(f"{call.node} has {len(values)} {name}, but needs {len(default)}")
    if min(values, default=least) < least:
        raise ModelLoadError(f"{call.node} has {name} {values}; they must be at least {least}")
    return values


def _auto_padded(axis: _Axis, mode: str) -> _Axis:
    """The axis with the padding `mode` stands for: none, or for ceil(size / stride) places."""
    total = 0
    if mode != "VALID":
        places = ceil(axis.size / axis.stride)
        total = max(0, (places - 1) * axis.stride + axis.reach - axis.size)
    small, large = total // 2, total - total // 2
    before, after = (small, large) if mode == "SAME_UPPER" else (large, small)
    return _Axis(axis.size, axis.kernel, axis.stride, axis.dilation, before, after)
