"""A batch of fixed size: whether its rows are samples, which do not depend on each other.

A file may fix its first axis at, say, 4. If that is a batch, one row is a sample of the model; if
it is not (networks on column vectors, W @ x), all of it is. Sizes that coincide do not tell: so one
row is lowered, and each tensor on the way must be one row of what ONNX's shape inference says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelLoadError
from ..graph_builder import IdArray
from .graph import Node, TensorType

__all__ = ["Batch", "RowsMixedError"]

Array = NDArray[Any]

_OVER_AXIS = {
    "Softmax": -1,
    "LogSoftmax": -1,
    "Hardmax": -1,
    "ArgMax": 0,
    "ArgMin": 0,
    "GatherElements": 0,
    "ScatterElements": 0,
    "Scatter": 0,
    "CumSum": 0,
}
"""Operators over one axis, which keep the shape, and the axis they take by default."""


class RowsMixedError(ModelLoadError):
    """The first axis is no batch: what is made of one row depends on others."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The batch that a file fixes.

    Attributes
    ----------
    size
        Its size, more than 1.
    types
        What shape inference says of each tensor of the file.
    """

    size: int
    types: Mapping[str, TensorType]

    def require_rows(
        self, node: Node, name: str, ids: IdArray, constants: Sequence[Array | None]
    ) -> None:
        """An error if the tensor `ids`, made of one row, is no row of what the file makes.

        Parameters
        ----------
        node, name, ids
            The node, and the tensor that it made.
        constants
            The inputs of the node that do not depend on the model's; None for those that do.

        Raises
        ------
        RowsMixedError
            The first axis is not that of the batch, or the node works along it.
        """
        if ids.ndim == 0 or ids.shape[0] != 1:
            raise self._mixed(node)
        if node.op == "Slice" and _runs_backwards(ids.ndim, constants):
            raise self._mixed(node)
        self.require_shape(node, name, (self.size, *ids.shape[1:]))

    def require_shape(self, node: Node, name: str, shape: tuple[int, ...] | None = None) -> None:
        """The same, where only the file's shape is known, or what it should be."""
        known = self.types.get(name)
        sizes = known.shape if known is not None else None
        if sizes is not None:
            first = sizes[0] if sizes else 0
            if isinstance(first, int) and first != self.size:
                raise self._mixed(node)
            if shape is not None and not _agree(sizes, shape):
                raise self._mixed(node)
            if self._works_along(node, len(sizes)):
                raise self._mixed(node)
        elif self._works_along(node, len(shape) if shape else 1):
            raise self._mixed(node)

    def _works_along(self, node: Node, rank: int) -> bool:
        if node.op in _OVER_AXIS:
            axis = int(node.attributes.get("axis", _OVER_AXIS[node.op]))
            return axis in (0, -rank)
        return node.op == "ScatterND"

    def _mixed(self, node: Node) -> RowsMixedError:
        return RowsMixedError(
            f"{node} does not keep the rows of the first axis, of size {self.size}, apart: it is "
            "no batch"
        )


def _runs_backwards(rank: int, constants: Sequence[Array | None]) -> bool:
    """Whether a slice turns the first axis round; others keep it whole or change its size."""
    steps = constants[4] if len(constants) > 4 else None
    if steps is None:
        return False
    axes = constants[3] if constants[3] is not None else np.arange(steps.size)
    return bool(np.any((np.isin(axes, (0, -rank))) & (steps < 0)))


def _agree(sizes: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    return len(sizes) == len(shape) and all(
        not isinstance(known, int) or known == size
        for known, size in zip(sizes, shape, strict=True)
    )
