"""What ONNX itself says of a model's tensors, and parts of a model as files of their own."""

from __future__ import annotations

from collections.abc import Sequence

import onnx
import onnx.shape_inference
from google.protobuf.message import EncodeError  # type: ignore[import-untyped]

from ...errors import ModelLoadError
from .file import tensor_type
from .graph import TensorType

__all__ = ["cut_model", "infer_types"]


def infer_types(model: onnx.ModelProto) -> dict[str, TensorType]:
    """What onnx's shape inference says of the tensors inside the graph."""
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except (
        Exception
    ):  # onnx raises many kinds; without inference only the file's own types are known
        inferred = model
    values = [*inferred.graph.value_info, *inferred.graph.input, *inferred.graph.output]
    return {(made := tensor_type(value)).name: made for value in values}


def cut_model(
    model: onnx.ModelProto, inputs: Sequence[TensorType], outputs: Sequence[str]
) -> bytes:
    """The part of a model between two sets of tensors, as the bytes of an ONNX file."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    held = {tensor.name for tensor in part.graph.initializer}
    listed = {value.name for value in part.graph.input if value.name not in held}
    if {tensor.name for tensor in inputs} != listed:
        known = {value.name: value for value in _inferred(model)}
        nodes = _between(part.graph.node, {tensor.name for tensor in inputs}, outputs)
        del part.graph.input[:]
        part.graph.input.extend(known[tensor.name] for tensor in inputs)
        del part.graph.node[:]
        part.graph.node.extend(nodes)
    if [value.name for value in part.graph.output] != list(outputs):
        del part.graph.output[:]
        part.graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    try:
        return bytes(part.SerializeToString())
    except (EncodeError, ValueError) as error:
        raise ModelLoadError(f"the model is too large to be checked: {error}") from error


def _inferred(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    return [*graph.value_info, *graph.input, *graph.output]


def _between(
    nodes: Sequence[onnx.NodeProto], inputs: set[str], outputs: Sequence[str]
) -> list[onnx.NodeProto]:
    """The nodes that the outputs need, given the inputs, in the file's order."""
    wanted, kept = set(outputs) - inputs, []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(name for name in node.input if name not in inputs)
    return kept[::-1]
