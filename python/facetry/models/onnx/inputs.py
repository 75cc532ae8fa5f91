"""What goes into an ONNX graph: the model's inputs, their shapes, and which axis is the batch.

The batch axis is axis 0 of every input, whatever size the file gives it, if all inputs can have
one: an input of fixed size with a single axis, such as [23], has none, and then no input has. Where
the file fixes a batch larger than 1, it is one only if its rows do not depend on each other
(`batch`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from ...errors import ModelLoadError
from ..graph_builder import IdArray
from .graph import Dimension, OnnxGraph, TensorType

_MOST_AXES = 32
"""What numpy held for long; no network needs more."""

__all__ = ["InputLayout", "choose_inputs", "input_layout"]


@dataclass(frozen=True)
class InputLayout:
    """The inputs of the model.

    Attributes
    ----------
    types
        One for each input, in order.
    batched
        Whether axis 0 is the batch.
    batch
        The size the file fixes for the batch axis, where that is more than 1; else None.
    """

    types: tuple[TensorType, ...]
    batched: bool
    batch: int | None

    def sample_shape(self, tensor: TensorType) -> tuple[int, ...]:
        """The shape of one sample of an input, without the batch axis."""
        shape = tensor.shape or ()
        return tuple(
            _fixed(tensor, axis, size, self)
            for axis, size in enumerate(shape)
            if not (self.batched and axis == 0)
        )

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of one sample of each input."""
        return tuple(self.sample_shape(tensor) for tensor in self.types)

    @property
    def size(self) -> int:
        """The number m of scalar inputs."""
        return sum(prod(shape) for shape in self.shapes)

    def tensors(self) -> dict[str, IdArray]:
        """The input values 0 .. m-1 in the shapes of the inputs, with a batch of 1."""
        lead = (1,) if self.batched else ()
        parts, first = {}, 0
        for tensor, shape in zip(self.types, self.shapes, strict=True):
            ids = np.arange(first, first + prod(shape), dtype=np.int64)
            parts[tensor.name] = ids.reshape(lead + shape)
            first += prod(shape)
        return parts

    def feature_names(self) -> list[str]:
        """x0, x1, ... for one input; name[0], name[1], ... for several."""
        if len(self.types) == 1:
            return [f"x{i}" for i in range(self.size)]
        pairs = zip(self.types, self.shapes, strict=True)
        return [f"{tensor.name}[{i}]" for tensor, shape in pairs for i in range(prod(shape))]


def _fixed(tensor: TensorType, axis: int, size: Dimension, layout: InputLayout) -> int:
    if isinstance(size, int) and size > 0:
        return size
    named = f"axis {axis} of {'no fixed size' if size is None else f'size {size}'}"
    if isinstance(size, str):
        named = f"the symbolic axis {size!r}"
    without = next((t.name for t in layout.types if len(t.shape or ()) < 2), None)
    reason = ""
    if axis == 0 and not layout.batched and without not in (None, tensor.name):
        reason = f" (it is no batch axis, because input {without!r} has none)"
    other = "" if isinstance(size, int) else ", or with onnx.tools.update_model_dims"
    raise ModelLoadError(
        f"input {tensor.name!r} has {named}, which is not the batch axis{reason}; give it a fixed "
        f"size when exporting{other}"
    )


def choose_inputs(
    graph: OnnxGraph, names: Sequence[str] | None, inferred: Mapping[str, TensorType]
) -> tuple[TensorType, ...]:
    """The types of the inputs asked for, or of the graph's own.

    Raises
    ------
    ModelLoadError
        If a tensor does not exist, its shape is not known, or it does not hold numbers.
    """
    if names is None:
        types = graph.inputs
    else:
        types = tuple(_named(graph, name, inferred) for name in names)
    if not types:
        raise ModelLoadError("the ONNX graph has no inputs: its outputs are constants")
    for tensor in types:
        _require_numbers(tensor)
    return types


def _named(graph: OnnxGraph, name: str, inferred: Mapping[str, TensorType]) -> TensorType:
    own = {tensor.name: tensor for tensor in graph.inputs}
    if name in own:
        return own[name]
    if name not in graph.producers:
        what = "is a constant of the graph" if name in graph.constants else "is not in the graph"
        raise ModelLoadError(f"inputs= names tensor {name!r}, which {what}")
    return inferred.get(name, TensorType(name, None))


def _require_numbers(tensor: TensorType) -> None:
    if tensor.kind in ("string", "other"):
        raise ModelLoadError(f"input {tensor.name!r} does not hold a tensor of numbers")
    if tensor.shape is None:
        raise ModelLoadError(
            f"the shape of input {tensor.name!r} is not known; give it one when exporting"
        )
    if len(tensor.shape) > _MOST_AXES:
        raise ModelLoadError(f"input {tensor.name!r} has {len(tensor.shape)} axes: too many")


def input_layout(types: tuple[TensorType, ...]) -> InputLayout:
    """How the inputs are read: with a batch axis or without; a fixed batch is still a guess."""
    firsts = [tensor.shape[0] if tensor.shape else None for tensor in types]
    # some exporters write 0 or -1 where the size is not fixed
    fixed = {size for size in firsts if isinstance(size, int) and size > 1}
    if len(fixed) > 1 or not all(_may_have_batch(tensor) for tensor in types):
        return InputLayout(types, batched=False, batch=None)
    if not fixed:
        return InputLayout(types, batched=True, batch=None)
    return InputLayout(types, batched=True, batch=fixed.pop())


def _may_have_batch(tensor: TensorType) -> bool:
    shape = tensor.shape or ()
    return len(shape) > 1 or (len(shape) == 1 and not isinstance(shape[0], int))
