"""What comes out of an ONNX graph: which outputs the model has, and where each is cut."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ...errors import ModelLoadError
from .graph import OnnxGraph
from .tail import TailCut, find_tail, labels_beside

__all__ = ["choose_outputs"]


def choose_outputs(
    graph: OnnxGraph, names: Sequence[str] | None, inputs: Sequence[str]
) -> tuple[list[TailCut], tuple[str, ...]]:
    """The outputs asked for, or the graph's own, each cut before its tail; and the class labels.

    Of a graph that gives a class and its scores (as skl2onnx writes classifiers) only the scores
    are taken; the class follows from them.
    """
    wanted = _graph_outputs(graph) if names is None else list(names)
    for name in wanted:
        _require_tensor(graph, name)
    stop = frozenset(inputs)
    left_out = _labels_left_out(graph, wanted)
    columns = _split_columns(graph, wanted) if names is None else None
    if columns is not None and len(left_out) == len(wanted):
        wanted = [columns]
    cuts = [find_tail(graph, name, stop) for name in wanted]
    labels = next((cut.labels for cut in cuts if cut.labels), ())
    return cuts, labels or left_out


def _graph_outputs(graph: OnnxGraph) -> list[str]:
    if not graph.outputs:
        raise ModelLoadError("the ONNX graph has no outputs")
    scores = [tensor.name for tensor in graph.outputs if tensor.kind in ("float", "other")]
    return scores or [tensor.name for tensor in graph.outputs]


def _split_columns(graph: OnnxGraph, wanted: Sequence[str]) -> str | None:
    """The tensor whose columns, one by one, are the outputs: skl2onnx's ``zipmap="columns"``."""
    sources = {_column_source(graph, name, place) for place, name in enumerate(wanted)}
    return sources.pop() if len(sources) == 1 else None


def _column_source(graph: OnnxGraph, name: str, place: int) -> str | None:
    node = graph.producers.get(name)
    while node is not None and node.op in ("Reshape", "Flatten", "Squeeze", "Identity", "Cast"):
        node = graph.producers.get(node.inputs[0])
    if node is None or node.op != "Slice" or len(node.inputs) < 3:
        return None
    start, stop = (graph.constant(tensor) for tensor in node.inputs[1:3])
    if start is None or stop is None or start.size != 1 or stop.size != 1:
        return None
    return node.inputs[0] if (int(start[0]), int(stop[0])) == (place, place + 1) else None


def _labels_left_out(graph: OnnxGraph, wanted: Sequence[str]) -> tuple[str, ...]:
    """Where only the output naming the class knows the labels."""
    for tensor in graph.outputs:
        if tensor.name not in wanted:
            labels = labels_beside(graph, tensor.name)
            if labels:
                return labels
    return ()


def _require_tensor(graph: OnnxGraph, name: str) -> None:
    known = [*graph.producers, *(tensor.name for tensor in graph.inputs)]
    if name in known:
        return
    for node in graph.nodes:
        if node.name == name:
            made = " or ".join(repr(output) for output in node.outputs if output)
            raise ModelLoadError(f"{name!r} is the name of a node; its tensor is {made}")
    near = " or ".join(map(repr, get_close_matches(name, known, n=3)))
    hint = f"did you mean {near}?" if near else "outputs= takes names of tensors, not of nodes"
    raise ModelLoadError(f"the graph has no tensor {name!r}; {hint}")
