"""What comes out of an ONNX graph: which outputs the model has, and where each is cut."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from .errors import ModelLoadError
from .onnx_graph import OnnxGraph
from .onnx_tail import TailCut, find_tail, labels_beside

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
    cuts = [find_tail(graph, name, stop) for name in wanted]
    labels = next((cut.labels for cut in cuts if cut.labels), ())
    return cuts, labels or _labels_left_out(graph, wanted)


def _graph_outputs(graph: OnnxGraph) -> list[str]:
    if not graph.outputs:
        raise ModelLoadError("the ONNX graph has no outputs")
    scores = [tensor.name for tensor in graph.outputs if tensor.kind in ("float", "other")]
    return scores or [tensor.name for tensor in graph.outputs]


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
