"""Reads ONNX files into plain data, and runs single operators on arrays.

The only module that imports the onnx package.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.inliner
import onnx.shape_inference
from google.protobuf.message import (  # type: ignore[import-untyped]
    DecodeError,
    EncodeError,
)
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.external_data_helper import uses_external_data
from onnx.reference import ReferenceEvaluator

from ...errors import ModelLoadError, UnsupportedOperatorError
from .graph import Dimension, Node, OnnxGraph, TensorType

__all__ = ["cut_model", "infer_types", "read_graph", "read_model", "run_operator"]

_EXPORT_HINTS = {
    ".keras": "export it first: model.export('model.onnx', format='onnx') in Keras 3, or tf2onnx",
    ".h5": "export it first: python -m tf2onnx.convert (from a SavedModel), or load it in Keras 3 "
    "and call model.export('model.onnx', format='onnx')",
    ".pt": "load the module with torch and pass it, or export it with torch.onnx.export",
    ".pth": "load the module with torch and pass it, or export it with torch.onnx.export",
    ".pkl": "unpickle the model and pass it",
    ".joblib": "load the model with joblib and pass it",
    ".pb": "export it first: python -m tf2onnx.convert",
    ".tflite": "export it first: python -m tf2onnx.convert --tflite",
}
_EXPORT_HINTS[".hdf5"] = _EXPORT_HINTS[".h5"]
_OLDEST_OPSET = 6
_ELEMENTS = set(onnx.TensorProto.DataType.values())


def read_model(source: str | Path | onnx.ModelProto) -> onnx.ModelProto:
    """The model with all its weights in memory, and local functions written out.

    Raises
    ------
    ModelLoadError
        If the file is missing, damaged, not ONNX, or its external data is missing.
    """
    model: onnx.ModelProto = (
        source if isinstance(source, onnx.ModelProto) else _read_file(Path(source).expanduser())
    )
    if not model.graph.node and not model.graph.output:
        raise ModelLoadError("the ONNX model holds no graph; the file is empty, cut or not ONNX")
    if any(uses_external_data(tensor) for tensor in model.graph.initializer):
        raise ModelLoadError(
            "the ONNX model keeps weights in another file; give its path instead of the object, or "
            "read it with onnx.load"
        )
    return _inlined(model) if model.functions else model


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    try:
        return onnx.inliner.inline_local_functions(model)
    except Exception as error:  # onnx raises many kinds here
        raise ModelLoadError(f"the model's local functions are damaged: {error}") from error


def _read_file(path: Path) -> onnx.ModelProto:
    hint = _EXPORT_HINTS.get(path.suffix.lower())
    if hint:
        raise ModelLoadError(f"{path.name} is a {path.suffix} file, which cannot be read; {hint}")
    if path.is_dir():
        raise ModelLoadError(f"{path} is a directory; give the path of an .onnx file")
    if not path.exists():
        raise ModelLoadError(f"there is no file {path}")
    try:
        model: onnx.ModelProto = onnx.load(path, format="protobuf", load_external_data=False)
    except (DecodeError, OSError) as error:
        raise ModelLoadError(f"{path} cannot be read as ONNX: {error}") from error
    _load_external_data(model, path)
    return model


def _load_external_data(model: onnx.ModelProto, path: Path) -> None:
    try:
        onnx.load_external_data_for_model(model, str(path.parent))
    except Exception as error:  # onnx raises many kinds here
        files = sorted(
            {
                str(entry.value)
                for tensor in model.graph.initializer
                for entry in tensor.external_data
                if entry.key == "location"
            }
        )
        raise ModelLoadError(
            f"{path.name} keeps its weights in {', '.join(files) or 'another file'}, which must "
            f"lie beside it and be complete: {error}"
        ) from error


def read_graph(model: onnx.ModelProto) -> OnnxGraph:
    """The graph of a model as plain data.

    Raises
    ------
    ModelLoadError
        If weights are damaged, or the operator set is too old.
    """
    graph = model.graph
    opsets = {_domain(entry.domain): entry.version for entry in model.opset_import}
    _require_opset(opsets.get("", 1))
    constants = {tensor.name: _array(tensor) for tensor in graph.initializer}
    for sparse in graph.sparse_initializer:
        constants[sparse.values.name] = _dense(sparse)
    return OnnxGraph(
        nodes=tuple(_node(node) for node in graph.node),
        constants=constants,
        inputs=tuple(_type(value) for value in graph.input if value.name not in constants),
        outputs=tuple(_type(value) for value in graph.output),
        opsets=opsets,
        metadata={entry.key: entry.value for entry in model.metadata_props},
    )


def _require_opset(version: int) -> None:
    if version < _OLDEST_OPSET:
        raise ModelLoadError(
            f"the ONNX model uses operator set {version}; facetry reads {_OLDEST_OPSET} and newer: "
            "convert it with onnx.version_converter.convert_version(model, 13)"
        )


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name


def _array(tensor: onnx.TensorProto) -> NDArray[Any]:
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except Exception as error:  # onnx raises many kinds for damaged tensors
        raise ModelLoadError(
            f"weights {tensor.name!r} are damaged (the file may be cut): {error}"
        ) from error


def _dense(sparse: onnx.SparseTensorProto) -> NDArray[Any]:
    values, indices = _array(sparse.values), _array(sparse.indices)
    dense = np.zeros(tuple(sparse.dims), dtype=values.dtype)
    if indices.ndim == 1:
        dense.flat[indices] = values
    else:
        dense[tuple(indices.T)] = values
    return dense


def _node(node: onnx.NodeProto) -> Node:
    attributes = [(entry.name, _attribute(entry)) for entry in node.attribute]
    return Node(
        name=_text(node.name),
        op=_text(node.op_type),
        inputs=tuple(node.input),
        outputs=tuple(node.output),
        attributes={key: value for key, value in attributes if value is not None},
        domain=_domain(node.domain),
        proto=node,
    )


def _text(name: str | bytes) -> str:
    # protobuf hands over bytes where a damaged file holds no valid text
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _attribute(entry: onnx.AttributeProto) -> Any:
    try:
        value = onnx.helper.get_attribute_value(entry)
    except ValueError:
        return None
    if isinstance(value, onnx.TensorProto):
        return _array(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if entry.type == onnx.AttributeProto.STRINGS:
        return tuple(text.decode("utf-8", "replace") for text in value)
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _type(value: onnx.ValueInfoProto) -> TensorType:
    if not value.type.HasField("tensor_type"):
        return TensorType(value.name, None, "other")
    tensor = value.type.tensor_type
    shape = tuple(_dimension(d) for d in tensor.shape.dim) if tensor.HasField("shape") else None
    return TensorType(value.name, shape, _kind(tensor.elem_type))


def _dimension(dimension: onnx.TensorShapeProto.Dimension) -> Dimension:
    if dimension.HasField("dim_value"):
        return int(dimension.dim_value)
    return str(dimension.dim_param) if dimension.dim_param else None


def _kind(element: int) -> str:
    if element == onnx.TensorProto.STRING:
        return "string"
    if element == onnx.TensorProto.BOOL:
        return "bool"
    if element == onnx.TensorProto.UNDEFINED or element not in _ELEMENTS:
        return "other"
    return "int" if "INT" in onnx.TensorProto.DataType.Name(element) else "float"


def infer_types(model: onnx.ModelProto) -> dict[str, TensorType]:
    """What onnx's shape inference says of the tensors inside the graph."""
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except (
        Exception
    ):  # onnx raises many kinds; without inference only the file's own types are known
        inferred = model
    values = [*inferred.graph.value_info, *inferred.graph.input, *inferred.graph.output]
    return {value.name: _type(value) for value in values}


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


def run_operator(
    node: Node, arrays: Sequence[NDArray[Any] | None], opsets: Mapping[str, int]
) -> list[NDArray[Any]]:
    """The outputs of one node for given input arrays, by onnx's reference implementation.

    Raises
    ------
    UnsupportedOperatorError
        If the reference implementation does not know the operator.
    ModelLoadError
        If it refuses the arrays.
    """
    proto = node.proto if node.proto is not None else make_node(node)
    try:
        evaluator = _evaluator(proto.SerializeToString(), tuple(sorted(opsets.items())))
    except Exception as error:  # the reference implementation raises many kinds
        raise UnsupportedOperatorError(
            f"{node} is not an operator facetry knows; cut the graph before it with outputs= or "
            "after it with inputs="
        ) from error
    feed = {
        name: array for name, array in zip(node.inputs, arrays, strict=True) if array is not None
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = iter(evaluator.run(None, feed))
        return [np.asarray(next(results)) if name else np.empty(0) for name in node.outputs]
    except Exception as error:  # as above
        shapes = [None if array is None else array.shape for array in arrays]
        raise ModelLoadError(
            f"{node} does not fit its inputs of shapes {shapes}: {error}"
        ) from error


@lru_cache(maxsize=256)
def _evaluator(proto: bytes, opsets: tuple[tuple[str, int], ...]) -> ReferenceEvaluator:
    node = onnx.NodeProto.FromString(proto)
    graph = onnx.helper.make_graph(
        [node],
        "one_node",
        [onnx.ValueInfoProto(name=name) for name in dict.fromkeys(node.input) if name],
        [onnx.ValueInfoProto(name=name) for name in node.output if name],
    )
    # a model, because a bare node would run with the newest operator set, whatever is asked for
    versions = [onnx.helper.make_opsetid(domain, version) for domain, version in opsets]
    return ReferenceEvaluator(onnx.helper.make_model(graph, opset_imports=versions))


def make_node(node: Node) -> onnx.NodeProto:
    """A node written as onnx's own data; for graphs that did not come from a file."""
    attributes: dict[str, Any] = {
        key: list(v) if isinstance(v, tuple) else v for key, v in node.attributes.items()
    }
    return onnx.helper.make_node(node.op, node.inputs, node.outputs, node.name, **attributes)
