"""Finds the tail of an ONNX graph: the last steps that keep the order of the outputs.

From an output tensor the search walks back over steps that only reshape, that scale by positive
constants, and that increase strictly; the tail ends at the increasing step nearest the input. The
steps are then turned into data, walking forwards with the shapes known from the lowering.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from ...errors import UnsupportedOperatorError
from ..graph_builder import GraphBuilder, IdArray
from ..tail import TailStep
from .graph import Node, OnnxGraph
from .registry import LOWERINGS, Call, Cuts, Symbol, refused_at

__all__ = ["TailCut", "find_tail", "labels_beside", "tail_steps"]

_PASSING = {"Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "Dropout"}
_LABELLING = {"ZipMap", "ArrayFeatureExtractor", "LabelEncoder"}
_SCALING = {"Mul", "Div", "Add", "Sub"}
_OVER_AXIS = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "ArgMax": "argmax"}
_OVER_AXIS["ArgMin"] = "argmin"
_INCREASING = {
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Exp": "exp",
    "Log": "log",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Erf": "erf",
    "Atan": "atan",
    "Sinh": "sinh",
    "Asinh": "asinh",
    "Elu": "elu",
    "Selu": "selu",
    "Celu": "celu",
}
_DEFAULTS = {"Elu": (1.0, 1.0), "Celu": (1.0, 1.0)}
_DEFAULTS["Selu"] = (1.67326319217681884765625, 1.05070102214813232421875)
_PROBABILITIES = {"softmax", "sigmoid", "exp", "softplus", "complement"}


@dataclass(frozen=True, eq=False)
class TailCut:
    """Where one output is cut.

    Attributes
    ----------
    output
        The output tensor.
    logits
        The tensor that takes its place.
    nodes
        The stripped nodes, from the logits to the output.
    numbers
        The last tensor before labels are looked up: what another program can be compared with.
    labels
        The class labels found on the way.
    """

    output: str
    logits: str
    nodes: tuple[Node, ...]
    numbers: str
    labels: tuple[str, ...]


def find_tail(graph: OnnxGraph, output: str, stop: frozenset[str]) -> TailCut:
    """The tail before `output`; the walk does not go past the tensors in `stop`."""
    nodes: list[Node] = []
    kept, tensor, logits = 0, output, output
    while tensor not in stop and (node := graph.producers.get(tensor)) is not None:
        before = _step_back(graph, node, nodes)
        if before is None:
            break
        nodes.append(node)
        tensor = before
        if _is_stripped(node):
            kept, logits = len(nodes), tensor
    forward = tuple(reversed(nodes[:kept]))
    return TailCut(output, logits, forward, _numbers(forward, output), _labels(graph, forward))


def _step_back(graph: OnnxGraph, node: Node, later: Sequence[Node]) -> str | None:
    """The tensor before a node that may belong to a tail; None if it may not."""
    if node.op in _LABELLING:
        return node.inputs[1] if node.op == "ArrayFeatureExtractor" else node.inputs[0]
    if node.op in ("ArgMax", "ArgMin"):
        only_labels = all(n.op in _PASSING | _LABELLING for n in later)
        return node.inputs[0] if only_labels else None
    if node.op in _PASSING or node.op in _OVER_AXIS or _increases(node):
        return node.inputs[0]
    if node.op in _SCALING and len(node.inputs) == 2:
        return _scaled(graph, node)
    return _complemented(graph, node) if node.op == "Concat" else None


def _is_stripped(node: Node) -> bool:
    return node.op in _OVER_AXIS or node.op in _INCREASING


def _increases(node: Node) -> bool:
    alpha, gamma = _parameters(node)
    return node.op in _INCREASING and alpha > 0 and gamma > 0


def _parameters(node: Node) -> tuple[float, float]:
    alpha, gamma = _DEFAULTS.get(node.op, (1.0, 1.0))
    return float(node.attributes.get("alpha", alpha)), float(node.attributes.get("gamma", gamma))


def _scaled(graph: OnnxGraph, node: Node) -> str | None:
    """The tensor that a node scales by positive constants or shifts; None if it does not."""
    first, second = (graph.constant(name) for name in node.inputs)
    if (first is None) == (second is None) or (first is not None and node.op in ("Div", "Sub")):
        return None
    constant = first if second is None else second
    if np.asarray(constant).dtype.kind not in "iufb":
        return None
    if node.op in ("Mul", "Div") and not np.all(np.asarray(constant, dtype=np.float64) > 0):
        return None
    return node.inputs[0] if first is None else node.inputs[1]


def _complemented(graph: OnnxGraph, node: Node) -> str | None:
    """p, if the node joins 1-p and p: how both classes of a binary classifier are written."""
    if len(node.inputs) != 2:
        return None
    rest, tensor = graph.producers.get(node.inputs[0]), node.inputs[1]
    if rest is None or rest.op != "Sub" or rest.inputs[1] != tensor:
        return None
    one = graph.constant(rest.inputs[0])
    return tensor if one is not None and np.all(one == 1) else None


def _numbers(nodes: Sequence[Node], output: str) -> str:
    for node in nodes:
        if node.op in _LABELLING:
            return node.inputs[1] if node.op == "ArrayFeatureExtractor" else node.inputs[0]
    return output


# Labels ----------------------------------------------------------------------------------------


def _labels(graph: OnnxGraph, nodes: Sequence[Node]) -> tuple[str, ...]:
    for node in nodes:
        labels = _labels_of(graph, node)
        if labels:
            return labels
    return ()


def _labels_of(graph: OnnxGraph, node: Node) -> tuple[str, ...]:
    attributes = node.attributes
    if node.op == "ZipMap":
        found: Any = attributes.get("classlabels_strings") or attributes.get("classlabels_int64s")
    elif node.op == "ArrayFeatureExtractor":
        found = graph.constant(node.inputs[0])
    elif node.op == "LabelEncoder":
        found = attributes.get("values_strings")
    else:
        found = None
    return () if found is None else tuple(_text(label) for label in np.ravel(found))


def _text(label: Any) -> str:
    return label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)


def labels_beside(graph: OnnxGraph, output: str) -> tuple[str, ...]:
    """The class labels of an output that names the winning class; () if it is no such output."""
    cut = find_tail(graph, output, frozenset())
    return cut.labels


# Steps as data ---------------------------------------------------------------------------------


def tail_steps(
    cut: TailCut, ids: IdArray, build: GraphBuilder, graph: OnnxGraph
) -> tuple[TailStep, ...]:
    """The stripped nodes as steps; `ids` is the tensor of logits, wanted for its shape."""
    steps: list[TailStep] = []
    for node in cut.nodes:
        if node.op == "Log" and not (steps and steps[-1].kind in _PROBABILITIES):
            raise refused_at(
                f"{node} takes the logarithm of values that may be negative: not piecewise linear",
                Cuts(node.inputs[0], None),
            )
        step, ids = _forward(node, ids, build, graph)
        if step is not None:
            steps.append(step)
    return tuple(steps)


def _forward(
    node: Node, ids: IdArray, build: GraphBuilder, graph: OnnxGraph
) -> tuple[TailStep | None, IdArray]:
    """The step a node stands for, and the tensor after it (only its shape matters)."""
    if node.op in _LABELLING:
        return None, ids
    if node.op in _OVER_AXIS:
        return _over_axis(node, ids, graph.opset)
    if node.op in _INCREASING:
        alpha, gamma = _parameters(node)
        return TailStep(_INCREASING[node.op], alpha=alpha, gamma=gamma), ids
    if node.op in _SCALING:
        return _affine(node, ids, graph)
    if node.op == "Concat":
        return TailStep("complement"), np.concatenate([ids, ids], axis=-1)
    if node.op == "Cast":
        return None, ids
    return None, _reshaped(node, ids, build, graph)


def _over_axis(node: Node, ids: IdArray, opset: int) -> tuple[TailStep, IdArray]:
    chooses = node.op in ("ArgMax", "ArgMin")
    flattens = not chooses and opset < 13  # then all axes from `axis` on are one
    default = 0 if chooses else 1 if flattens else -1
    axis = int(node.attributes.get("axis", default))
    if node.attributes.get("implicit") and ids.ndim == 3:
        raise UnsupportedOperatorError(f"{node} names no axis, and torch would take the batch's")
    if not -ids.ndim <= axis < ids.ndim and not (flattens and axis == ids.ndim):
        raise ValueError(f"{node} names axis {axis} of a tensor with {ids.ndim} axes")
    axis = axis + ids.ndim if axis < 0 else axis
    shape = ids.shape
    size = prod(shape[axis:]) if flattens else shape[axis]
    inner = 1 if flattens else prod(shape[axis + 1 :])
    step = TailStep(_OVER_AXIS[node.op], groups=(prod(shape[:axis]), size, inner))
    if not chooses:
        return step, ids
    after = ids.take([0], axis=axis)
    return step, after if node.attributes.get("keepdims", 1) else after.squeeze(axis)


def _affine(node: Node, ids: IdArray, graph: OnnxGraph) -> tuple[TailStep, IdArray]:
    first, second = (graph.constant(name) for name in node.inputs)
    constant = np.asarray(first if second is None else second, dtype=np.float64)
    shape = np.broadcast_shapes(ids.shape, constant.shape)
    if prod(shape) != ids.size:
        raise UnsupportedOperatorError(
            f"{node} repeats outputs after an activation, which facetry does not read"
        )
    number = np.broadcast_to(constant, shape).ravel()
    one, zero = np.ones(ids.size), np.zeros(ids.size)
    scale, shift = {
        "Mul": (number, zero),
        "Div": (1.0 / number if node.op == "Div" else one, zero),
        "Add": (one, number),
        "Sub": (one, -number),
    }[node.op]
    step = TailStep("affine", scale=tuple(scale.tolist()), shift=tuple(shift.tolist()))
    return step, ids.reshape(shape)


def _reshaped(node: Node, ids: IdArray, build: GraphBuilder, graph: OnnxGraph) -> IdArray:
    """The tensor after a step that only reshapes; without its shape where that is not constant."""
    constants = [graph.constant(name) if name else None for name in node.inputs[1:]]
    if any(c is None and name for c, name in zip(constants, node.inputs[1:], strict=True)):
        return ids
    call = Call(node, [Symbol(ids), *constants], build, graph.opsets)
    result = LOWERINGS[node.domain, node.op](call)
    if isinstance(result, tuple):
        result = result[0].ids if isinstance(result[0], Symbol) else ids
    return result
