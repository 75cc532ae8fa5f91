"""Builds the core's neural graph from arrays of value numbers: what all loaders share.

A *symbolic tensor* is an int64 array of value numbers in the tensor's shape. Whatever only moves
numbers about (reshape, transpose, slice, concatenate) is numpy on that array and costs nothing; the
methods here add what computes. Every operation remembers the name of the layer it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.read_limits import Allowance, ReadLimits, limits_of
from ..errors import ModelLoadError

__all__ = ["FloatArray", "GraphBuilder", "IdArray"]

IdArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class GraphBuilder:
    """A neural graph under construction.

    Parameters
    ----------
    input_size
        The number m of scalar inputs: values 0 .. m-1.
    limits
        How much the graph may hold; the usual limits if left out.

    Attributes
    ----------
    graph
        The core's neural graph.
    names
        For each operation so far, the name of the layer that added it.
    layer
        The name given to the operations added next.
    allowance
        What is left of the limit of ``elements``.

    Examples
    --------
    >>> import numpy as np
    >>> build = GraphBuilder(2)
    >>> hidden = build.linear(build.inputs, np.array([[1.0, -1.0]]), np.zeros(1))
    >>> build.piecewise(hidden, _core.PiecewiseFunction.relu())
    array([3])
    """

    def __init__(self, input_size: int, limits: ReadLimits | None = None) -> None:
        self.allowance = Allowance(limits_of(limits), "elements", ModelLoadError)
        self._values = Allowance(limits_of(limits), "values", ModelLoadError)
        self._values.spend(input_size, "the inputs are many")
        self.graph = _core.NeuralGraph(input_size)
        self.names: list[str] = []
        self.layer = "layer"

    @property
    def inputs(self) -> IdArray:
        """The input values, int64 of shape (m,)."""
        return np.arange(self.graph.input_size, dtype=np.int64)

    def require(self, count: int) -> None:
        """An error if so many more entries are beyond the limit; asked before memory is taken.

        Raises
        ------
        ModelLoadError
            It names the layer and the limit.
        """
        self.allowance.require(count, self._large)

    def _spend(self, terms: int, values: int) -> None:
        self.allowance.spend(terms, self._large)
        self._values.spend(values, self._large)

    @property
    def _large(self) -> str:
        return f"layer {self.layer!r} is large"

    def linear(self, ids: IdArray, weights: FloatArray, bias: FloatArray) -> IdArray:
        """``weights @ v + bias`` for each row v of `ids`.

        Parameters
        ----------
        ids
            Value numbers, shape (c,) or (R, c).
        weights, bias
            Shapes (n, c) and (n,).

        Returns
        -------
        Value numbers of shape (n,) or (R, n).
        """
        self._require_finite(weights, bias)
        shape = (*ids.shape[:-1], len(bias))
        rows = ids.reshape(-1, ids.shape[-1])
        if len(rows) == 1:
            self._spend(weights.size, len(bias))
            return self._added(self.graph.dense(_flat(rows), _plain(weights), _plain(bias)), shape)
        self.require(rows.size * len(bias))
        repeated = np.repeat(rows, len(bias), axis=0)
        return self.rows(
            repeated, np.tile(weights, (len(rows), 1)), np.tile(bias, len(rows)), shape
        )

    def rows(
        self, ids: IdArray, weights: FloatArray, bias: FloatArray, shape: Sequence[int]
    ) -> IdArray:
        """One weighted sum per row, where number -1 marks a place that is not there (padding).

        Parameters
        ----------
        ids, weights
            Shape (r, c); entries with ``ids == -1`` are left out.
        bias
            Shape (r,).
        shape
            The shape of the result, with r entries.
        """
        self._spend(ids.size, len(bias))
        self._require_finite(weights, bias)
        present = ids >= 0
        offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int64)
        first = self.graph.affine(offsets, ids[present], _plain(weights[present]), _plain(bias))
        return self._added(first, shape)

    def combine(
        self, terms: Sequence[tuple[IdArray, Any]], shift: FloatArray | float = 0.0
    ) -> IdArray:
        """The elementwise sum of ``coefficient * values`` over the terms, plus `shift`.

        All arrays are broadcast together; nothing is added to the graph where nothing is computed.
        """
        ids, weights, bias = _broadcast(terms, shift)
        self.require(len(ids) * prod(bias.shape))
        if len(terms) == 1 and np.all(weights[0] == 1.0) and not bias.any():
            return ids[0]
        shape = bias.shape
        return self.rows(_columns(ids), _columns(weights), bias.ravel(), shape)

    def constant(self, values: Any) -> IdArray:
        """Values that do not depend on the input, in the shape of `values`."""
        array = np.asarray(values, dtype=np.float64)
        self._spend(array.size, array.size)
        self._require_finite(array)
        return self._added(self.graph.constant(array.ravel()), array.shape)

    def piecewise(
        self,
        ids: IdArray,
        functions: _core.PiecewiseFunction | list[_core.PiecewiseFunction],
        which: IdArray | None = None,
    ) -> IdArray:
        """One unit per value: all with one function, or `which` (shape of `ids`) of several."""
        listed = functions if isinstance(functions, list) else [functions]
        self._spend(ids.size, ids.size)
        chosen = np.zeros(ids.shape, dtype=np.int64) if which is None else which
        return self._added(self.graph.piecewise(_flat(ids), listed, _flat(chosen)), ids.shape)

    def maximum(self, ids: IdArray, shape: Sequence[int]) -> IdArray:
        """One unit per row of `ids` (r, c): the largest value; -1 marks a place not there."""
        self._spend(ids.size, len(ids))
        present = ids >= 0
        counts = present.sum(axis=1)
        if np.all(counts == 1):  # the largest of one value is that value
            return ids[present].reshape(tuple(shape))
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return self._added(self.graph.maximum(offsets, ids[present]), shape)

    def _added(self, first: int, shape: Sequence[int]) -> IdArray:
        self.names.append(self.layer)
        return np.arange(first, first + prod(shape), dtype=np.int64).reshape(tuple(shape))

    def _require_finite(self, *arrays: FloatArray) -> None:
        for array in arrays:
            if not np.isfinite(array).all():
                what = "NaN" if np.isnan(array).any() else "infinite"
                raise ModelLoadError(
                    f"layer {self.layer!r} has {what} weights; the model is damaged or its "
                    "training diverged"
                )


def _broadcast(
    terms: Sequence[tuple[IdArray, Any]], shift: FloatArray | float
) -> tuple[list[IdArray], list[FloatArray], FloatArray]:
    weights = [np.asarray(weight, dtype=np.float64) for _, weight in terms]
    bias = np.asarray(shift, dtype=np.float64)
    shapes = [array.shape for array in (bias, *weights, *(ids for ids, _ in terms))]
    shape = np.broadcast_shapes(*shapes)
    ids = [np.broadcast_to(term, shape) for term, _ in terms]
    return ids, [np.broadcast_to(w, shape) for w in weights], np.broadcast_to(bias, shape)


def _columns(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.stack([array.ravel() for array in arrays], axis=1)


def _flat(ids: IdArray) -> IdArray:
    return np.ascontiguousarray(ids, dtype=np.int64).ravel()


def _plain(array: FloatArray) -> FloatArray:
    return np.ascontiguousarray(array, dtype=np.float64)
