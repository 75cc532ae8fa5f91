"""Lowers an ONNX graph to the neural graph: the walk over the nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import InvalidInputError, ModelLoadError
from ..graph_builder import GraphBuilder, IdArray

# imported for what they register
from . import elementwise, linear, pooling, shape  # noqa: F401
from .file import run_operator
from .graph import Node, OnnxGraph
from .refused import refused
from .registry import LOWERINGS, Call, Symbol, Tensor

__all__ = ["lower"]


def lower(
    graph: OnnxGraph,
    build: GraphBuilder,
    inputs: Mapping[str, IdArray],
    outputs: Sequence[str],
    batch: int | None = None,
) -> list[IdArray]:
    """Adds to `build` all that the outputs need, given the value numbers of the inputs.

    Returns
    -------
    The value numbers of each output, in its shape.

    Raises
    ------
    UnsupportedOperatorError
        If a node cannot be lowered.
    ModelLoadError
        If the graph is broken.
    """
    tensors: dict[str, Tensor] = {name: Symbol(ids) for name, ids in inputs.items()}
    for node in _needed(graph, inputs, outputs):
        _run(graph, build, node, tensors, batch)
    results = [_found(graph, tensors, name, "the output") for name in outputs]
    return [build.constant(t) if isinstance(t, np.ndarray) else t.ids for t in results]


def _needed(graph: OnnxGraph, inputs: Mapping[str, IdArray], outputs: Sequence[str]) -> list[Node]:
    """The nodes the outputs depend on, each after those it reads (files need not be in order)."""
    done, order = set(inputs), []
    waiting = list(reversed(outputs))
    opened: set[str] = set()
    while waiting:
        name = waiting[-1]
        node = graph.producers.get(name)
        before = [n for n in node.inputs if n and n not in done] if node else []
        if name in done or node is None or not _enter(before, name, opened, waiting):
            waiting.pop()
            if node is not None and name not in done:
                order.append(node)
                done.update(node.outputs)
            done.add(name)
    return order


def _enter(before: Sequence[str], name: str, opened: set[str], waiting: list[str]) -> bool:
    """Puts what a node reads before it; False if there is nothing left to wait for."""
    if not before:
        return False
    if name in opened:
        raise ModelLoadError(f"the graph runs in a circle through tensor {name!r}")
    opened.add(name)
    waiting.extend(reversed(before))
    return True


def _run(
    graph: OnnxGraph,
    build: GraphBuilder,
    node: Node,
    tensors: dict[str, Tensor],
    batch: int | None,
) -> None:
    inputs = [_found(graph, tensors, name, str(node)) if name else None for name in node.inputs]
    call = Call(node, inputs, build, graph.opsets, batch)
    build.layer = node.layer
    results = _lowered(call) if any(isinstance(t, Symbol) for t in inputs) else _folded(call)
    tensors.update((name, t) for name, t in zip(node.outputs, results, strict=False) if name)


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
    if call.node.domain not in call.opsets or call.node.op.startswith("Random"):
        raise refused(call)
    constants = [tensor for tensor in call.tensors if not isinstance(tensor, Symbol)]
    return run_operator(call.node, constants, call.opsets)


def _found(graph: OnnxGraph, tensors: Mapping[str, Tensor], name: str, reader: str) -> Tensor:
    if name in tensors:
        return tensors[name]
    if name in graph.constants:
        return graph.constants[name]
    if name in graph.producers:
        raise ModelLoadError(
            f"{reader} reads {name!r}, a side result of {graph.producers[name]} that facetry does "
            "not compute"
        )
    if any(tensor.name == name for tensor in graph.inputs):
        raise ModelLoadError(
            f"{reader} also depends on the graph's input {name!r}, which is not among inputs="
        )
    raise ModelLoadError(f"{reader} reads tensor {name!r}, which nothing in the graph makes")
