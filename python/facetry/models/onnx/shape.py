"""Lowering of operators that only move values about; nothing is computed.

They run on the arrays of value numbers, by onnx's reference implementation of the very version the
file asks for; the indices, shapes and axes they take must be constants.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelLoadError
from ..graph_builder import IdArray
from .evaluate import run_operator
from .registry import Call, Symbol, Tensor, axis_of, lowers, refuse

__all__: list[str] = []


@lowers("Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Gather", "GatherElements")
@lowers("GatherND", "Split", "Expand", "Tile", "DepthToSpace", "SpaceToDepth", "Compress")
def _move_first(call: Call) -> tuple[Tensor, ...]:
    return _moved(call, {0})


@lowers("Concat")
def _concat(call: Call) -> tuple[Tensor, ...]:
    return _moved(call, set(range(len(call.tensors))))


@lowers("Where")
def _where(call: Call) -> tuple[Tensor, ...]:
    return _moved(call, {1, 2})


@lowers("ScatterElements", "ScatterND", "Scatter")
def _scatter(call: Call) -> tuple[Tensor, ...]:
    if call.attribute("reduction", "none") != "none":
        raise refuse(call, "adds up or multiplies what it scatters, which facetry does not read")
    return _moved(call, {0, 2})


def _moved(call: Call, data: set[int]) -> tuple[Tensor, ...]:
    """The node run on value numbers in place of the inputs `data`; the others are constants."""
    arrays: list[NDArray[Any] | None] = [
        None if tensor is None else call.ids(i) if i in data else call.constant(i)
        for i, tensor in enumerate(call.tensors)
    ]
    results = run_operator(call.node, arrays, call.opsets, call.build.allowance)
    if call.node.op == "Split":
        _require_whole(call, results)
    return tuple(Symbol(ids) for ids in results)


def _require_whole(call: Call, parts: list[NDArray[Any]]) -> None:
    """An error if the parts are not all of what was split."""
    if sum(part.size for part in parts) != call.ids().size:
        raise ModelLoadError(
            f"{call.node} splits a tensor of shape {call.ids().shape} into parts of shapes "
            f"{[part.shape for part in parts]}"
        )


@lowers("Reshape")
def _reshape(call: Call) -> IdArray:
    ids = call.ids()
    shape: list[int] = [int(size) for size in np.ravel(call.option("shape", 1, ()))]
    if min(shape, default=0) < -1:
        raise ModelLoadError(f"{call.node} asks for the shape {tuple(shape)}")
    if not call.attribute("allowzero", 0):
        shape = [_kept(call, ids, axis) if size == 0 else size for axis, size in enumerate(shape)]
    if call.batch and shape and shape[0] == call.batch and _misfits(ids, shape):
        shape[0] = 1  # the file's fixed batch; one sample is lowered
    try:
        return ids.reshape(shape)
    except ValueError:
        raise ModelLoadError(
            f"{call.node} cannot give a tensor of shape {ids.shape} the shape {tuple(shape)}"
        ) from None


def _kept(call: Call, ids: IdArray, axis: int) -> int:
    if axis >= ids.ndim:
        raise ModelLoadError(f"{call.node} keeps axis {axis} of a tensor of shape {ids.shape}")
    return int(ids.shape[axis])


def _misfits(ids: IdArray, shape: list[int]) -> bool:
    known = int(np.prod([size for size in shape if size != -1]))
    return ids.size % known != 0 if -1 in shape else ids.size != known


@lowers("Shape")
def _shape(call: Call) -> tuple[Tensor, ...]:
    shape = np.array(call.ids().shape, dtype=np.int64)
    return (shape[call.attribute("start", 0) : call.attribute("end", None)],)


@lowers("Size")
def _size(call: Call) -> tuple[Tensor, ...]:
    return (np.array(call.ids().size, dtype=np.int64),)


@lowers("ConstantOfShape", "Range")
def _data_dependent_shape(call: Call) -> IdArray:
    raise refuse(call, "makes a tensor whose size depends on the model's input")


@lowers("Pad")
def _pad(call: Call) -> IdArray:
    ids = call.ids()
    widths = _pad_widths(call, ids.ndim)
    grown = [(max(low, 0), max(high, 0)) for low, high in widths]
    sizes = [size + sum(more) for size, more in zip(ids.shape, grown, strict=True)]
    call.build.require(prod(sizes))
    if any(size + sum(width) < 0 for size, width in zip(ids.shape, widths, strict=True)):
        raise ModelLoadError(f"{call.node} cuts away more than there is")
    mode = call.attribute("mode", "constant")
    if mode == "constant":
        value = call.floats(2, default=call.attribute("value", 0.0))
        fill = int(call.build.constant(value.reshape(1))[0]) if np.any(grown) else 0
        padded = np.pad(ids, grown, constant_values=fill)
    elif mode in ("reflect", "edge", "wrap"):
        padded = np.pad(ids, grown, mode=mode)
    else:
        raise refuse(call, f"has the unknown mode {mode!r}")
    # negative widths cut away
    return padded[tuple(slice(max(-low, 0), min(high, 0) or None) for low, high in widths)]


def _pad_widths(call: Call, rank: int) -> list[tuple[int, int]]:
    """(before, after) for each axis."""
    given = call.option("pads", 1, call.attribute("paddings"))
    pads = [int(width) for width in np.ravel(() if given is None else given)]
    axes = (
        [axis_of(call, axis, rank) for axis in np.ravel(call.constant(3))]
        if call.has(3)
        else range(rank)
    )
    if len(pads) != 2 * len(axes):
        raise ModelLoadError(f"{call.node} has {len(pads)} pads for {len(axes)} axes")
    widths = [(0, 0)] * rank
    for i, axis in enumerate(axes):
        widths[axis] = (pads[i], pads[i + len(axes)])
    return widths


@lowers("Identity")
def _identity(call: Call) -> IdArray:
    return call.ids()


@lowers("Dropout")
def _dropout(call: Call) -> IdArray:
    if call.has(2) and np.any(call.constant(2)):
        raise refuse(call, "is in training mode; export the model for inference")
    return call.ids()


@lowers("Cast", "CastLike")
def _cast(call: Call) -> IdArray:
    # TensorProto's numbers of float, float16, double, bfloat16
    if call.node.op == "Cast" and call.attribute("to") not in (1, 10, 11, 16, "FLOAT", "DOUBLE"):
        raise refuse(call, "rounds values that depend on the input to whole numbers")
    return call.ids()
