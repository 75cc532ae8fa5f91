"""One tiny ONNX graph per operator and form of it: how such a case is written, and built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RNG = np.random.default_rng(2)
ALL = (7, 9, 11, 13, 18, 21, 23)
IMAGE = (1, 4, 7, 6)


class Case(NamedTuple):
    """One graph: its input's shape, its nodes, its constants, and the operator sets to try."""

    name: str
    shape: tuple[int, ...]
    nodes: Sequence[onnx.NodeProto]
    constants: Mapping[str, np.ndarray]
    opsets: tuple[int, ...]


def node(op: str, inputs: str = "x", outputs: str = "y", **attributes: Any) -> onnx.NodeProto:
    names = [name if name != "_" else "" for name in inputs.split()]
    return helper.make_node(op, names, outputs.split(), f"{op}_{outputs}", **attributes)


def weights(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def single(value: float) -> np.ndarray:
    return np.array(value, dtype=np.float32)


def case(
    name: str,
    shape: tuple[int, ...],
    nodes: onnx.NodeProto | Sequence[onnx.NodeProto],
    opsets: tuple[int, ...] = ALL,
    **constants: np.ndarray,
) -> Case:
    listed = [nodes] if isinstance(nodes, onnx.NodeProto) else nodes
    return Case(name, shape, listed, constants, opsets)


def build(item: Case, opset: int) -> onnx.ModelProto:
    graph = helper.make_graph(
        item.nodes,
        item.name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, item.shape)],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(array, key) for key, array in item.constants.items()],
    )
    versions = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 2)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8)
