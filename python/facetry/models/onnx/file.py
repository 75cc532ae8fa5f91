"""Reads ONNX files into plain data, within limits.

Sizes are taken from what the file says before anything of that size is made; what the graph must
be like is checked in `validity`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.inliner
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.external_data_helper import uses_external_data

from ...base.read_file import plain_suffix, read_bytes
from ...base.read_limits import Allowance, ReadLimits, exceeded, limits_of
from ...errors import ModelLoadError
from .graph import Dimension, Node, OnnxGraph, TensorType
from .validity import require_valid, require_valid_tensor

__all__ = ["read_graph", "read_model", "tensor_type"]

_EXPORT_HINTS = {
    ".keras": "export it first: model.export('model.onnx', format='onnx') in Keras 3, or tf2onnx",
    ".h5": "export it first: python -m tf2onnx.convert (from a SavedModel), or load it in Keras 3 "
    "and call model.export('model.onnx', format='onnx')",
    ".pt": "load it with torch; if it is a state dictionary put it into its module with "
    "module.load_state_dict(state); then pass the module, or export it with torch.onnx.export",
    ".pkl": "unpickle the model and pass it",
    ".joblib": "load the model with joblib and pass it",
    ".pb": "export it first: python -m tf2onnx.convert",
    ".tflite": "export it first: python -m tf2onnx.convert --tflite",
}
_EXPORT_HINTS[".hdf5"] = _EXPORT_HINTS[".h5"]
_EXPORT_HINTS[".pth"] = _EXPORT_HINTS[".ckpt"] = _EXPORT_HINTS[".pt"]
_OLDEST_OPSET = 6
_ELEMENTS = set(onnx.TensorProto.DataType.values())


def read_model(
    source: str | Path | onnx.ModelProto, limits: ReadLimits | None = None
) -> onnx.ModelProto:
    """The model with all its weights in memory, and local functions written out.

    Raises
    ------
    ModelLoadError
        If the file is missing, damaged, not ONNX, beyond the limits, or its external data is
        missing.
    """
    limits = limits_of(limits)
    model: onnx.ModelProto = (
        source
        if isinstance(source, onnx.ModelProto)
        else _read_file(Path(source).expanduser(), limits)
    )
    if not model.graph.node and not model.graph.output:
        raise ModelLoadError("the ONNX model holds no graph; the file is empty, cut or not ONNX")
    if any(uses_external_data(tensor) for tensor in model.graph.initializer):
        raise ModelLoadError(
            "the ONNX model keeps weights in another file; give its path instead of the object, or "
            "read it with onnx.load"
        )
    return _inlined(model, limits) if model.functions else model


def _inlined(model: onnx.ModelProto, limits: ReadLimits) -> onnx.ModelProto:
    _require_few_nodes(model, limits)
    try:
        return onnx.inliner.inline_local_functions(model)
    except Exception as error:  # onnx raises many kinds here
        raise ModelLoadError(f"the model's local functions are damaged: {error}") from error


def _require_few_nodes(model: onnx.ModelProto, limits: ReadLimits) -> None:
    """How many nodes there will be once each call of a local function is its nodes."""
    functions = {(_domain(f.domain), f.name): f for f in model.functions}
    sizes: dict[tuple[str, str], int] = {}

    def size(nodes: Sequence[onnx.NodeProto], depth: int) -> int:
        if depth > limits.nesting:
            what = "local functions are nested deeply, or call themselves"
            raise exceeded(limits, "nesting", what, ModelLoadError)
        total = 0
        for node in nodes:
            key = (_domain(node.domain), node.op_type)
            if key in functions and key not in sizes:
                sizes[key] = size(functions[key].node, depth + 1)
            total += sizes.get(key, 1)
            total += sum(size(part.node, depth + 1) for part in _branches(node))
            if total > limits.nodes:
                what = "the graph is large once its local functions are written out"
                raise exceeded(limits, "nodes", what, ModelLoadError)
        return total

    size(model.graph.node, 0)


def _branches(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    return [entry.g for entry in node.attribute if entry.HasField("g")]


def _read_file(path: Path, limits: ReadLimits) -> onnx.ModelProto:
    suffix = plain_suffix(path)
    hint = _EXPORT_HINTS.get(suffix)
    if hint:
        raise ModelLoadError(f"{path.name} is a {suffix} file, which cannot be read; {hint}")
    if path.is_dir():
        raise ModelLoadError(f"{path} is a directory; give the path of an .onnx file")
    if not path.exists():
        raise ModelLoadError(f"there is no file {path}")
    data = read_bytes(path, limits, ModelLoadError)
    try:
        model: onnx.ModelProto = onnx.ModelProto.FromString(data)
    except DecodeError as error:
        raise ModelLoadError(f"{path} cannot be read as ONNX: {error}") from error
    _require_small(model.graph, limits)
    _load_external_data(model, path)
    return model


def _require_small(graph: onnx.GraphProto, limits: ReadLimits) -> None:
    """What external data claims to hold, before it is read: many tensors may name one file."""
    allowance = Allowance(limits, "elements", ModelLoadError)
    for tensor in graph.initializer:
        allowance.spend(prod(max(size, 0) for size in tensor.dims), "the weights are many")


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


def read_graph(model: onnx.ModelProto, limits: ReadLimits | None = None) -> OnnxGraph:
    """The graph of a model as plain data.

    Raises
    ------
    ModelLoadError
        If the graph is not valid by ONNX's rules, weights are damaged, the operator set is too
        old, or it is beyond the limits.
    """
    limits = limits_of(limits)
    opsets = {_domain(entry.domain): entry.version for entry in model.opset_import}
    if any(not _domain(node.domain) for node in model.graph.node):
        _require_opset(opsets.get("", 1))
    require_valid(model, opsets, limits)
    metadata = {_text(entry.key): _text(entry.value) for entry in model.metadata_props}
    return _Reader(opsets, limits).graph(model.graph, metadata)


class _Reader:
    """Reads the graph and its branches, which share what the limits allow."""

    def __init__(self, opsets: Mapping[str, int], limits: ReadLimits) -> None:
        self.opsets, self.limits = opsets, limits
        self.allowance = Allowance(limits, "elements", ModelLoadError)

    def graph(self, graph: onnx.GraphProto, metadata: Mapping[str, str]) -> OnnxGraph:
        constants = {_text(tensor.name): self.array(tensor) for tensor in graph.initializer}
        for sparse in graph.sparse_initializer:
            constants[_text(sparse.values.name)] = self.dense(sparse)
        return OnnxGraph(
            nodes=tuple(self.node(node) for node in graph.node),
            constants=constants,
            inputs=tuple(
                tensor_type(value) for value in graph.input if _text(value.name) not in constants
            ),
            outputs=tuple(tensor_type(value) for value in graph.output),
            opsets=self.opsets,
            metadata=metadata,
            limits=self.limits,
        )

    def array(self, tensor: onnx.TensorProto) -> NDArray[Any]:
        require_valid_tensor(tensor)
        name = _text(tensor.name)
        self.allowance.spend(prod(tensor.dims), f"weights {name!r} are large")
        try:
            return np.asarray(numpy_helper.to_array(tensor))
        except Exception as error:  # onnx raises many kinds for damaged tensors
            raise ModelLoadError(
                f"weights {name!r} are damaged (the file may be cut): {error}"
            ) from error

    def dense(self, sparse: onnx.SparseTensorProto) -> NDArray[Any]:
        name, shape = _text(sparse.values.name), tuple(sparse.dims)
        if min(shape, default=0) < 0:
            raise ModelLoadError(f"sparse weights {name!r} have the shape {shape}")
        self.allowance.spend(prod(shape), f"sparse weights {name!r} are large")
        values, indices = self.array(sparse.values), self.array(sparse.indices)
        try:
            dense = np.zeros(shape, dtype=values.dtype)
            places = indices if indices.ndim == 1 else np.ravel_multi_index(indices.T, shape)
            if places.size and places.min() < 0:
                raise IndexError("an index is negative")
            dense.flat[places] = values
        except (IndexError, TypeError, ValueError) as error:
            raise ModelLoadError(f"sparse weights {name!r} are damaged: {error}") from error
        return dense

    def node(self, node: onnx.NodeProto) -> Node:
        attributes = [(_text(entry.name), self.attribute(entry)) for entry in node.attribute]
        return Node(
            name=_text(node.name),
            op=_text(node.op_type),
            inputs=tuple(_text(name) for name in node.input),
            outputs=tuple(_text(name) for name in node.output),
            attributes={key: value for key, value in attributes if value is not None},
            domain=_domain(node.domain),
            proto=node,
        )

    def attribute(self, entry: onnx.AttributeProto) -> Any:
        try:
            value = onnx.helper.get_attribute_value(entry)
        except ValueError:
            return None
        if isinstance(value, onnx.TensorProto):
            return self.array(value)
        if isinstance(value, onnx.GraphProto):
            return self.graph(value, {})
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if entry.type == onnx.AttributeProto.STRINGS:
            return tuple(text.decode("utf-8", "replace") for text in value)
        return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _require_opset(version: int) -> None:
    if version < _OLDEST_OPSET:
        raise ModelLoadError(
            f"the ONNX model uses operator set {version}; facetry reads {_OLDEST_OPSET} and newer: "
            "export it again with a newer operator set"
        )


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else _text(name)


def _text(name: str | bytes) -> str:
    # protobuf hands over bytes where a damaged file holds no valid text
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def tensor_type(value: onnx.ValueInfoProto) -> TensorType:
    """Name, shape and kind of a tensor."""
    name = _text(value.name)
    if not value.type.HasField("tensor_type"):
        return TensorType(name, None, "other")
    tensor = value.type.tensor_type
    shape = tuple(_dimension(d) for d in tensor.shape.dim) if tensor.HasField("shape") else None
    return TensorType(name, shape, _kind(tensor.elem_type))


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
