"""Lowers an ONNX graph to the neural graph: the walk over the nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidInputError, ModelLoadError
from ..graph_builder import GraphBuilder, IdArray

# imported for what they register
from . import elementwise, linear, pooling, shape  # noqa: F401
from .batch import Batch, RowsMixedError
from .evaluate import run_operator
from .graph import Node, OnnxGraph
from .refused import refused
from .registry import LOWERINGS, Call, Symbol, Tensor

__all__ = ["lower"]


def lower(
    graph: OnnxGraph,
    build: GraphBuilder,
    inputs: Mapping[str, IdArray],
    outputs: Sequence[str],
    batch: Batch | None = None,
) -> list[IdArray]:
    """Adds to `build` all that the outputs need, given the value numbers of the inputs.

    Parameters
    ----------
    batch
        The batch that the file fixes, where it is more than 1; one row of it is lowered.

    Returns
    -------
    The value numbers of each output, in its shape.

    Raises
    ------
    UnsupportedOperatorError
        If a node cannot be lowered.
    RowsMixedError
        If the rows of a fixed batch depend on each other.
    ModelLoadError
        If the graph is broken.
    """
    walk = _Walk(graph, build, batch, {name: Symbol(ids) for name, ids in inputs.items()})
    walk.need(outputs)
    results = [walk.find(name, "the output") for name in outputs]
    if batch is not None and any(isinstance(t, np.ndarray) for t in results):
        raise RowsMixedError("an output does not depend on the input: it has no rows of a batch")
    return [build.constant(t) if isinstance(t, np.ndarray) else t.ids for t in results]


class _Walk:
    """The walk over the nodes of a graph, or over those of a branch within another walk."""

    def __init__(
        self,
        graph: OnnxGraph,
        build: GraphBuilder,
        batch: Batch | None,
        tensors: dict[str, Tensor],
        outer: _Walk | None = None,
    ) -> None:
        self.graph, self.build, self.batch = graph, build, batch
        self.tensors, self.outer = tensors, outer
        self._ran: set[int] = set()

    def need(self, names: Sequence[str]) -> None:
        """Runs what the tensors need and has not run yet."""
        for node in self._needed(names):
            if id(node) not in self._ran:
                self._run(node)
                self._ran.add(id(node))

    def _needed(self, names: Sequence[str]) -> list[Node]:
        """The nodes that tensors depend on, each after those it reads."""
        done: set[str] = set()
        order: list[Node] = []
        opened: set[str] = set()
        waiting = list(reversed(names))
        while waiting:
            name = waiting[-1]
            node = None if name in self.tensors else self.graph.producers.get(name)
            if name in done or node is None:
                waiting.pop()
                continue
            made = self.graph.producers
            before = [
                n for n in node.inputs if n in made and n not in done and n not in self.tensors
            ]
            if before and name in opened:
                raise ModelLoadError(f"the graph runs in a circle through tensor {name!r}")
            if before:
                opened.add(name)
                waiting.extend(reversed(before))
                continue
            waiting.pop()
            order.append(node)
            done.update(node.outputs)
        return order

    def _run(self, node: Node) -> None:
        inputs = [self.find(name, str(node)) if name else None for name in node.inputs]
        self.build.layer = node.layer
        call = Call(
            node, inputs, self.build, self.graph.opsets, self.batch.size if self.batch else None
        )
        if node.op == "If" and not node.domain and isinstance(call.tensor(0), np.ndarray):
            results: Sequence[Tensor] = self._branch(call)
        elif any(isinstance(t, Symbol) for t in inputs):
            results = _lowered(call)
        else:
            results = _folded(call)
        for name, tensor in zip(node.outputs, results, strict=False):
            if name:
                self._keep(node, name, tensor, inputs)

    def _keep(self, node: Node, name: str, tensor: Tensor, inputs: Sequence[Tensor | None]) -> None:
        array = _array(tensor)
        if not any(t is not None and np.may_share_memory(array, _array(t)) for t in inputs):
            self.build.allowance.spend(array.size, f"tensor {name!r} is large")
        if self.batch is not None and isinstance(tensor, Symbol):
            constants = [t if isinstance(t, np.ndarray) else None for t in inputs]
            self.batch.require_rows(node, name, tensor.ids, constants)
        self.tensors[name] = tensor

    def _branch(self, call: Call) -> Sequence[Tensor]:
        """The branch that a constant condition takes; the other is not looked at."""
        condition = call.constant(0)
        if condition.size != 1:
            raise ModelLoadError(f"{call.node} has a condition of shape {condition.shape}")
        branch = call.attribute("then_branch" if condition.ravel()[0] else "else_branch")
        if not isinstance(branch, OnnxGraph):
            raise ModelLoadError(f"{call.node} lacks a branch")
        inner = _Walk(branch, self.build, self.batch, {}, self)
        names = [tensor.name for tensor in branch.outputs]
        if len(names) != len(call.node.outputs):
            raise ModelLoadError(f"{call.node} has a branch with {len(names)} outputs")
        inner.need(names)
        return [inner.find(name, str(call.node)) for name in names]

    def find(self, name: str, reader: str) -> Tensor:
        """A tensor that was made, weights, or what a branch takes from outside."""
        if name in self.tensors:
            return self.tensors[name]
        if name in self.graph.constants:
            return self.graph.constants[name]
        if name in self.graph.producers:
            raise ModelLoadError(
                f"{reader} reads {name!r}, a side result of {self.graph.producers[name]} that "
                "facetry does not compute"
            )
        if self.outer is not None:
            self.outer.need([name])
            return self.outer.find(name, reader)
        if any(tensor.name == name for tensor in self.graph.inputs):
            raise ModelLoadError(
                f"{reader} also depends on the graph's input {name!r}, which is not among inputs="
            )
        raise ModelLoadError(f"{reader} reads tensor {name!r}, which nothing in the graph makes")


def _array(tensor: Tensor) -> NDArray[Any]:
    return tensor.ids if isinstance(tensor, Symbol) else tensor


def _lowered(call: Call) -> Sequence[Tensor]:
    lowering = LOWERINGS.get((call.node.domain, call.node.op))
    if lowering is None:
        raise refused(call)
    try:
        result = lowering(call)
    except InvalidInputError as error:  # the core refuses what the layer asks for
        raise ModelLoadError(f"{call.node}: {error}") from error
    except (ArithmeticError, IndexError, TypeError, ValueError) as error:
        # attributes or tensors that the operator's definition does not allow
        raise ModelLoadError(f"{call.node} is not valid: {error}") from error
    return result if isinstance(result, tuple) else (Symbol(result),)


def _folded(call: Call) -> Sequence[Tensor]:
    """A node that reads constants only is computed here and now."""
    if call.node.domain not in call.opsets or _is_never_folded(call.node):
        raise refused(call)
    constants = [tensor for tensor in call.tensors if not isinstance(tensor, Symbol)]
    return run_operator(call.node, constants, call.opsets, call.build.allowance)


def _is_never_folded(node: Node) -> bool:
    """What draws numbers has no one value; a loop may have no end."""
    loops = any(isinstance(value, OnnxGraph) for value in node.attributes.values())
    return loops or node.op.startswith("Random") or node.op in ("Bernoulli", "Multinomial")
