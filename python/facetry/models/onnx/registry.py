"""The table of operators, and what a lowering function is given.

A tensor during lowering is either a `Symbol` (an array of value numbers of the neural graph) or a
constant (a plain array, in the file's own type).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelLoadError, UnsupportedOperatorError
from ..graph_builder import FloatArray, GraphBuilder, IdArray
from .graph import Node

__all__ = [
    "LOWERINGS",
    "Call",
    "Cuts",
    "Lowering",
    "Symbol",
    "Tensor",
    "axis_of",
    "fitting",
    "lowers",
    "refuse",
    "refused_at",
]


@dataclass(frozen=True, eq=False)
class Symbol:
    """A tensor that depends on the model's input: value numbers in the tensor's shape."""

    ids: IdArray


Tensor = Symbol | NDArray[Any]


@dataclass(frozen=True, eq=False)
class Call:
    """One node with its inputs, at least one of which is a Symbol.

    Attributes
    ----------
    tensors
        The inputs; None for one left out.
    batch
        The size the file fixes for the batch axis, where that is not 1; else None.
    """

    node: Node
    tensors: Sequence[Tensor | None]
    build: GraphBuilder
    opsets: Mapping[str, int]
    batch: int | None = None

    @property
    def opset(self) -> int:
        """The version of the operators of the node's domain."""
        return self.opsets.get(self.node.domain, 0)

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute of the node."""
        return self.node.attributes.get(name, default)

    def has(self, index: int) -> bool:
        """Whether input `index` is given."""
        return index < len(self.tensors) and self.tensors[index] is not None

    def tensor(self, index: int) -> Tensor:
        """Input `index`, which must be given."""
        tensor = self.tensors[index] if index < len(self.tensors) else None
        if tensor is None:
            raise ModelLoadError(f"{self.node} lacks its input number {index}")
        return tensor

    def ids(self, index: int = 0) -> IdArray:
        """Input `index` as value numbers; a constant becomes values of the graph."""
        tensor = self.tensor(index)
        return (
            tensor.ids if isinstance(tensor, Symbol) else self.build.constant(self._numbers(tensor))
        )

    def is_symbol(self, index: int) -> bool:
        """Whether input `index` depends on the model's input."""
        return index < len(self.tensors) and isinstance(self.tensors[index], Symbol)

    def constant(self, index: int) -> NDArray[Any]:
        """Input `index`, which must not depend on the model's input."""
        tensor = self.tensor(index)
        if isinstance(tensor, Symbol):
            raise refused_at(
                f"{self.node} takes tensor {self.node.inputs[index]!r} as input number {index}; "
                "it depends on the model's input, where facetry needs a constant",
                self.cuts,
            )
        return tensor

    def floats(self, index: int, default: Any = None) -> FloatArray:
        """A constant input as float64; `default` if it is left out."""
        if default is not None and not self.has(index):
            return np.asarray(default, dtype=np.float64)
        return self._numbers(self.constant(index))

    def _numbers(self, array: NDArray[Any]) -> FloatArray:
        if array.dtype.kind in "OSU":
            raise ModelLoadError(f"{self.node} uses a tensor of texts as numbers")
        with np.errstate(invalid="ignore"):  # what is no number is refused where it is used
            return np.asarray(array).astype(np.float64)

    def option(self, name: str, index: int, default: Any = None) -> Any:
        """What newer operator sets give as input `index` and older ones as an attribute."""
        if self.has(index):
            return self.constant(index)
        return self.attribute(name, default)

    @property
    def cuts(self) -> Cuts:
        """Where the graph could be cut at this node."""
        pairs = zip(self.node.inputs, self.tensors, strict=True)
        symbols = [(name, tensor) for name, tensor in pairs if isinstance(tensor, Symbol)]
        computed = [n for n, t in symbols if np.any(t.ids >= self.build.graph.input_size)]
        after = next((name for name in self.node.outputs if name), None)
        return Cuts(computed[0] if computed else None, after)


@dataclass(frozen=True)
class Cuts:
    """Tensors where a graph could be cut around a node that cannot be read.

    They travel with the error; the loader tries them, and only what loads is advised.

    Attributes
    ----------
    before, after
        A tensor the node reads, and the one it makes; None if there is none.
    """

    before: str | None
    after: str | None


def refused_at(message: str, cuts: Cuts) -> UnsupportedOperatorError:
    """The error for a node that cannot be read, with the places to cut."""
    error = UnsupportedOperatorError(message)
    error.cuts = cuts  # type: ignore[attr-defined]
    return error


Result = IdArray | tuple[Tensor, ...]
"""Value numbers stand for one Symbol; several outputs, or constants, are given as a tuple."""
Lowering = Callable[[Call], Result]
LOWERINGS: dict[tuple[str, str], Lowering] = {}
"""From (domain, operator) to its lowering."""


def lowers(*operators: str, domain: str = "") -> Callable[[Lowering], Lowering]:
    """Registers a lowering function for operators."""

    def register(function: Lowering) -> Lowering:
        for operator in operators:
            LOWERINGS[domain, operator] = function
        return function

    return register


def refuse(call: Call, reason: str) -> UnsupportedOperatorError:
    """The error for a node that cannot be lowered."""
    return refused_at(f"{call.node} {reason}", call.cuts)


def axis_of(call: Call, axis: Any, rank: int) -> int:
    """The axis that a number of the file stands for, which may count from the end.

    Raises
    ------
    ModelLoadError
        If the tensor has no such axis.
    """
    number = int(axis)
    if not -rank <= number < rank:
        raise ModelLoadError(f"{call.node} names axis {number} of a tensor with {rank} axes")
    return number % rank


def fitting(call: Call, work: Callable[[], IdArray]) -> IdArray:
    """The result of `work`, with a clear error if the shapes cannot be broadcast together."""
    try:
        return work()
    except ValueError as error:
        raise ModelLoadError(f"{call.node}: the shapes of its inputs do not fit: {error}") from None
