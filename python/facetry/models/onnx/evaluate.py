"""Runs single operators on arrays of constants: ONNX's reference implementation, within limits.

How large a result will be is asked before it is made. Where the installed reference does not know
an operator in the version of the file, its own definition is used (`definitions`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
import onnx
import onnx.shape_inference
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from ...base.read_limits import Allowance
from ...errors import ModelLoadError, UnsupportedOperatorError
from .definitions import defined
from .graph import Node

__all__ = ["run_operator"]

_VALUES_GIVE_SIZE = {
    *("ConstantOfShape", "Range", "OneHot", "EyeLike", "Expand", "Tile", "Pad", "Resize"),
    *("Upsample", "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "MaxUnpool"),
    *("HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix", "DFT", "STFT"),
    *("CenterCropPad", "Col2Im", "AffineGrid", "GridSample", "ConvInteger", "QLinearConv"),
}
"""Operators whose result may be large though their inputs are small."""
_SLOW = {
    *("Resize", "Upsample", "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool"),
    *("MaxUnpool", "ConvInteger", "QLinearConv", "GridSample", "Einsum", "DFT", "STFT"),
}
"""Operators that the reference computes number by number: their work is bounded, too."""
_MOST_INFERRED = 65_536
"""Numbers of an input that are handed to shape inference: shapes and counts are short."""


def run_operator(
    node: Node,
    arrays: Sequence[NDArray[Any] | None],
    opsets: Mapping[str, int],
    allowance: Allowance,
) -> list[NDArray[Any]]:
    """The outputs of one node for given input arrays.

    Raises
    ------
    UnsupportedOperatorError
        If the operator is not known.
    ModelLoadError
        If it does not take these arrays, or its result would be beyond the limits.
    """
    _require_small(node, arrays, opsets, allowance)
    try:
        own = defined(node, arrays, opsets.get(node.domain, 0))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _misfit(node, arrays, error) from error
    if own is not None:
        return own
    try:
        evaluator = _evaluator(_proto(node).SerializeToString(), tuple(sorted(opsets.items())))
    except Exception as error:  # the reference implementation raises many kinds
        raise UnsupportedOperatorError(f"{node} is not an operator facetry knows") from error
    feed = {
        name: array for name, array in zip(node.inputs, arrays, strict=True) if array is not None
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = iter(evaluator.run(None, feed))
        return [np.asarray(next(results)) if name else np.empty(0) for name in node.outputs]
    except MemoryError:
        raise
    except Exception as error:  # as above
        raise _misfit(node, arrays, error) from error


def _misfit(node: Node, arrays: Sequence[NDArray[Any] | None], error: Exception) -> ModelLoadError:
    shapes = [None if array is None else array.shape for array in arrays]
    reason = " ".join(str(error).split())
    return ModelLoadError(f"{node} does not fit its inputs of shapes {shapes}: {reason}")


def _proto(node: Node) -> onnx.NodeProto:
    return node.proto if node.proto is not None else make_node(node)


# Sizes -----------------------------------------------------------------------------------------


def _require_small(
    node: Node,
    arrays: Sequence[NDArray[Any] | None],
    opsets: Mapping[str, int],
    allowance: Allowance,
) -> None:
    """An error before a result is made that is beyond the limits."""
    what = f"{node} makes a large tensor"
    sizes = [array.size for array in arrays if array is not None]
    allowance.require(sum(sizes), what)
    bound = prod(max(size, 1) for size in sizes)
    if node.op not in _VALUES_GIVE_SIZE | _SLOW and bound <= allowance.limits.elements:
        return
    for shape in _result_shapes(node, arrays, opsets):
        if shape is not None:
            work = (bound if node.op == "Einsum" else sum(sizes)) if node.op in _SLOW else 1
            allowance.require(prod(shape) * work, what)
        elif node.op in _VALUES_GIVE_SIZE:
            raise ModelLoadError(f"{node} makes a tensor whose size cannot be told")


def _result_shapes(
    node: Node, arrays: Sequence[NDArray[Any] | None], opsets: Mapping[str, int]
) -> list[tuple[int, ...] | None]:
    """The shapes of the outputs by ONNX's shape inference; None where it does not say."""
    given = {n: a for n, a in zip(node.inputs, arrays, strict=True) if a is not None and n}
    short = {n: a for n, a in given.items() if a.size <= _MOST_INFERRED}
    graph = onnx.helper.make_graph(
        [_proto(node)],
        "sizes",
        [_info(name, array) for name, array in given.items() if name not in short],
        [onnx.ValueInfoProto(name=name) for name in node.outputs if name],
        [numpy_helper.from_array(np.asarray(a, order="C"), n) for n, a in short.items()],
    )
    try:
        model = onnx.shape_inference.infer_shapes(_model(graph, tuple(opsets.items())))
    except Exception:  # onnx raises many kinds; then nothing is known
        return [None] * len(node.outputs)
    return [_shape(value) for value in model.graph.output]


def _info(name: str, array: NDArray[Any]) -> onnx.ValueInfoProto:
    element = onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
    return onnx.helper.make_tensor_value_info(name, element, array.shape)


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...] | None:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape") or any(not d.HasField("dim_value") for d in tensor.shape.dim):
        return None
    return tuple(max(int(d.dim_value), 0) for d in tensor.shape.dim)


# Running ---------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _evaluator(proto: bytes, opsets: tuple[tuple[str, int], ...]) -> ReferenceEvaluator:
    node = onnx.NodeProto.FromString(proto)
    graph = onnx.helper.make_graph(
        [node],
        "one_node",
        [onnx.ValueInfoProto(name=name) for name in dict.fromkeys(node.input) if name],
        [onnx.ValueInfoProto(name=name) for name in node.output if name],
    )
    return ReferenceEvaluator(_model(graph, opsets))


def _model(graph: onnx.GraphProto, opsets: Sequence[tuple[str, int]]) -> onnx.ModelProto:
    # a model, because a bare node would run with the newest operator set, whatever is asked for
    versions = [onnx.helper.make_opsetid(domain, version) for domain, version in opsets]
    return onnx.helper.make_model(graph, opset_imports=versions)


def make_node(node: Node) -> onnx.NodeProto:
    """A node written as onnx's own data; for graphs that did not come from a file."""
    attributes: dict[str, Any] = {
        key: list(v) if isinstance(v, tuple) else v for key, v in node.attributes.items()
    }
    return onnx.helper.make_node(node.op, node.inputs, node.outputs, node.name, **attributes)
