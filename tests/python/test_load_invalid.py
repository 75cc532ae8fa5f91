"""Graphs that ONNX's own checker refuses: each rule has its error, which names the node."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facetry import ModelLoadError, load

F = TensorProto.FLOAT
W = np.array([[1.0, -1.0], [0.5, 2.0]], np.float32)
ONE = np.ones(2, np.float32)


def node(op: str, inputs: str, output: str = "y", **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), output.split(), f"my_{op}", **attributes)


def model(
    nodes: list[onnx.NodeProto],
    weights: dict[str, Any] | None = None,
    shape: tuple[int, ...] = (1, 2),
    opset: int = 13,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", F, shape)],
        [helper.make_tensor_value_info("y", F, None)],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in (weights or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def refused(made: onnx.ModelProto, *parts: str) -> None:
    with pytest.raises(ModelLoadError) as caught:
        load(made)
    for part in parts:
        assert part in str(caught.value), str(caught.value)
    assert "\n" not in str(caught.value)


IMAGE = (1, 1, 4, 4)
KERNEL = np.ones((1, 1, 2, 2), np.float32)
CASES = {
    "misspelt attribute": ([node("Gemm", "x W", tranZ=1)], {"W": W}, (1, 2), ["my_Gemm", "tranZ"]),
    "attribute of another type": ([node("Elu", "x", alpha=[1.0])], {}, (1, 2), ["my_Elu", "alpha"]),
    "too few inputs": ([node("Gemm", "x")], {}, (1, 2), ["my_Gemm"]),
    "no inputs": ([node("Relu", "")], {}, (1, 2), ["my_Relu"]),
    "too many inputs": ([node("Relu", "x W")], {"W": W}, (1, 2), ["my_Relu"]),
    "no outputs": ([node("Relu", "x", ""), node("Neg", "x")], {}, (1, 2), ["my_Relu"]),
    "attribute missing": ([node("MaxPool", "x")], {}, IMAGE, ["my_MaxPool", "kernel_shape"]),
    "two makers": ([node("Relu", "x"), node("Neg", "x")], {}, (1, 2), ["my_Neg", "'y'"]),
    "one node, twice": ([node("Split", "x", "y y", axis=1)], {}, (1, 2), ["my_Split", "'y'"]),
    "the input again": ([node("Neg", "x", "x"), node("Relu", "x")], {}, (1, 2), ["my_Neg", "'x'"]),
    "weights again": (
        [node("Neg", "x", "W"), node("Gemm", "x W")], {"W": W}, (1, 2), ["my_Neg", "'W'"],
    ),
    "out of order": ([node("Relu", "h"), node("Neg", "x", "h")], {}, (1, 2), ["my_Relu", "'h'"]),
    "circle": (
        [node("Add", "x b", "a"), node("Neg", "a", "b"), node("Relu", "a")], {}, (1, 2),
        ["my_Add", "circle"],
    ),
    "circle of steps that pass on": (
        [node("Identity", "z", "y"), node("Softmax", "y", "z")], {}, (1, 2),
        ["my_Identity", "circle"],
    ),
    "itself": ([node("Identity", "y", "y")], {}, (1, 2), ["my_Identity", "circle"]),
    "scale of another size": (
        [node("BatchNormalization", "x s b m v")],
        {"s": ONE[:1], "b": ONE, "m": ONE, "v": ONE}, (1, 2),
        ["my_BatchNormalization", "scale", "2 channels", "(1,)"],
    ),
    "statistics after a transpose": (
        [node("Transpose", "x", "t"), node("BatchNormalization", "t s s s s")],
        {"s": ONE}, (1, 2), ["my_BatchNormalization", "1 channels"],
    ),
    "negative variance": (
        [node("BatchNormalization", "x s s s v")], {"s": ONE, "v": -ONE}, (1, 2), ["variance"],
    ),
    "bias that makes rows": (
        [node("Gemm", "x W c")], {"W": W, "c": np.ones((3, 2), np.float32)}, (1, 2),
        ["my_Gemm", "(3, 2)"],
    ),
    "kernel_shape is not the weights'": (
        [node("Conv", "x k", kernel_shape=[3, 3])], {"k": KERNEL}, IMAGE, ["my_Conv", "(3, 3)"],
    ),
    "bias of another size": (
        [node("Conv", "x k c")], {"k": KERNEL, "c": ONE}, IMAGE, ["my_Conv", "bias"],
    ),
    "dilation 0": ([node("Conv", "x k", dilations=[0, 1])], {"k": KERNEL}, IMAGE, ["dilations"]),
    "stride 0": ([node("Conv", "x k", strides=[0, 1])], {"k": KERNEL}, IMAGE, ["strides"]),
    "negative kernel": ([node("MaxPool", "x", kernel_shape=[-1, 2])], {}, IMAGE, ["kernel_shape"]),
    "negative pads": (
        [node("AveragePool", "x", kernel_shape=[2, 2], pads=[-1, 0, 0, 0])], {}, IMAGE, ["pads"],
    ),
    "no groups": ([node("Conv", "x k", group=0)], {"k": KERNEL}, IMAGE, ["0 groups"]),
    "padding of an unknown kind": (
        [node("Conv", "x k", auto_pad="SOME")], {"k": KERNEL}, IMAGE, ["SOME"],
    ),
    "limits of two numbers": (
        [node("Clip", "x a")], {"a": np.zeros(2, np.float32)}, (1, 2), ["my_Clip", "(2,)"],
    ),
    "axis beyond the last": ([node("Softmax", "x", axis=5)], {}, (1, 2), ["my_Softmax", "axis 5"]),
    "reduced axis beyond the last": (
        [node("ReduceMax", "x", axes=[3])], {}, (1, 2), ["my_ReduceMax", "axis 3"],
    ),
    "size -2": ([node("Reshape", "x s")], {"s": np.array([-2, 1])}, (1, 2), ["my_Reshape"]),
    "text as a factor": (
        [node("Mul", "x t")], {"t": np.array(["a"], object)}, (1, 2), ["my_Mul", "string"],
    ),
    "whole numbers as weights": (
        [node("MatMul", "x t")], {"t": np.ones((2, 2), np.int8)}, (1, 2), ["my_MatMul", "int8"],
    ),
    "truth as weights": (
        [node("Gemm", "x t")], {"t": np.ones((2, 2), bool)}, (1, 2), ["my_Gemm", "bool"],
    ),
    "transposed twice": (
        [node("Gemm", "x W", transB=2)], {"W": W}, (1, 2), ["my_Gemm", "transB 2"],
    ),
    "a step that reads nothing, unused": (
        [node("Relu", "x"), node("Neg", "nowhere", "n")], {}, (1, 2), ["my_Neg", "'nowhere'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_invalid_graph(name: str) -> None:
    nodes, weights, shape, parts = CASES[name]
    refused(model(nodes, weights, shape), *parts)


def test_names_are_unique() -> None:
    twice = model([node("Gemm", "x W")], {"W": W})
    twice.graph.initializer.append(numpy_helper.from_array(100 * W, "W"))
    refused(twice, "two weights", "'W'")
    twice = model([node("Gemm", "x W")], {"W": W})
    twice.graph.input.append(twice.graph.input[0])
    refused(twice, "two inputs", "'x'")


def test_damaged_weights() -> None:
    made = model([node("Gemm", "x W")], {"W": W})
    made.graph.initializer[0].dims[:] = [-2, 2]
    refused(made, "'W'", "(-2, 2)")
    made = model([node("Gemm", "x W")], {"W": W})
    made.graph.initializer[0].float_data.extend([1.0] * 4)
    refused(made, "'W'", "given twice")
    for shape, places in (((-1, 2), [0, 1]), ((2, 2), [0, 9]), ((2, 2), [-1, 0])):
        made = model([node("Gemm", "x W")])
        values = numpy_helper.from_array(ONE, "W")
        indices = numpy_helper.from_array(np.array(places), "places")
        sparse = helper.make_sparse_tensor(values, indices, [2, 2])
        sparse.dims[:] = shape
        made.graph.sparse_initializer.append(sparse)
        refused(made, "sparse weights 'W'")


def test_empty_outputs() -> None:
    refused(model([node("Pad", "x p")], {"p": np.array([0, 0, 0, -2])}), "outputs", "empty")


def test_operator_sets_of_the_future() -> None:
    refused(model([node("Relu", "x")], opset=999), "operator set 999", "pip install -U onnx")
