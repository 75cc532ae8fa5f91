"""What of a graph does not depend on the input: computed by the operators' own definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facetry import ModelLoadError, UnsupportedOperatorError, load

F = TensorProto.FLOAT
X = np.array([[0.3, -0.2, 1.7], [1.0, 0.0, -1.0]])


def node(op: str, inputs: str, output: str = "y", **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), output.split(), **attributes)


def value(name: str, shape: Any = None, kind: int = F) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes: list[onnx.NodeProto], constants: dict[str, Any], opset: int) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [value("x", ["N", 3])],
        [value("y")],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


Q = np.array([[1, -3], [100, 7], [-128, 5]], np.int8)


@pytest.mark.parametrize("opset", [10, 13, 18, 19, 21])
@pytest.mark.parametrize(
    ("q", "scale", "zero", "axis"),
    [
        (Q, np.float32(0.02), np.int8(3), None),
        (Q, np.float32(0.02), None, None),
        (Q.astype(np.uint8), np.float32(0.5), np.uint8(200), None),
        (Q.astype(np.int32), np.float32(0.5), None, None),
        (Q, np.float32([0.02, 0.5]), np.int8([3, -1]), None),
        (Q, np.float32([0.02, 0.5]), np.int8([3, -1]), -1),
        (Q, np.float32([0.02, 0.5, 2]), np.int8([3, -1, 0]), 0),
    ],
)
def test_dequantized_weights(opset: int, q: Any, scale: Any, zero: Any, axis: int | None) -> None:
    if opset < 13 and np.ndim(scale):
        pytest.skip("one scale for all before version 13")
    constants = {"q": q, "s": scale} | ({} if zero is None else {"z": zero})
    attributes = {} if axis is None else {"axis": axis}
    nodes = [
        node("DequantizeLinear", " ".join(constants), "w", **attributes),
        node("MatMul", "x w", "h"),
        node("Relu", "h"),
    ]
    shape = (-1, 1) if axis == 0 else (-1,)
    exact = (q.astype(float) - np.reshape(0.0 if zero is None else zero, shape)) * np.reshape(
        scale, shape
    ).astype(float)
    found = load(model(nodes, constants, opset))(X)
    np.testing.assert_allclose(found, np.maximum(X @ exact, 0), rtol=1e-6, atol=1e-6)


def test_scales_that_do_not_fit() -> None:
    nodes = [node("DequantizeLinear", "q s", "w"), node("MatMul", "x w")]
    with pytest.raises(ModelLoadError, match="DequantizeLinear node"):
        load(model(nodes, {"q": Q, "s": np.ones(3, np.float32)}, 13))


def test_other_old_definitions() -> None:
    w = np.arange(6, dtype=np.float32).reshape(3, 2)
    ones = np.ones(2, np.float32)
    nodes = [node("Dropout", "w", "d"), node("MatMul", "x d")]
    np.testing.assert_allclose(load(model(nodes, {"w": w}, 6))(X), X @ w, atol=1e-6)
    nodes = [node("BatchNormalization", "w s b m v", "d", epsilon=0.0), node("MatMul", "x d")]
    statistics = {"s": 2 * ones, "b": ones, "m": 3 * ones, "v": 4 * ones}
    made = model(nodes, {"w": w, **statistics}, 9)
    np.testing.assert_allclose(load(made)(X), X @ (w - 2), atol=1e-6)
    nodes = [node("Scatter", "w i u", "d", axis=1), node("MatMul", "x d")]
    changed = w.copy()
    changed[0, 1], changed[1, 0] = 8, 9
    made = model(nodes, {"w": w, "i": np.array([[1], [0]]), "u": np.float32([[8], [9]])}, 9)
    np.testing.assert_allclose(load(made)(X), X @ changed, atol=1e-6)


def branch(name: str, nodes: list[onnx.NodeProto]) -> onnx.GraphProto:
    return helper.make_graph(nodes, name, [], [value(name)])


THEN = branch("t", [node("Relu", "h", "r"), node("MatMul", "r w", "t")])
ELSE = branch("e", [node("Sin", "h", "e")])  # cannot be read, and is not looked at
W = np.arange(6, dtype=np.float32).reshape(3, 2)


def test_a_constant_condition_takes_its_branch_with_tensors_from_outside() -> None:
    nodes = [
        node("Neg", "x", "h"),
        node("Shape", "x", "s"),
        node("Gather", "s one", "n"),
        node("Equal", "n three", "go"),
        node("If", "go", "y", then_branch=THEN, else_branch=ELSE),
    ]
    constants = {"one": np.array(1), "three": np.array(3), "w": W}
    found = load(model(nodes, constants, 13))
    np.testing.assert_allclose(found(X), np.maximum(-X, 0) @ W, atol=1e-6)


def test_branches_within_branches() -> None:
    inner = node("If", "no", "i", then_branch=ELSE, else_branch=THEN)
    outer = branch("o", [node("Not", "go", "no"), inner, node("Neg", "i", "o")])
    nodes = [node("Neg", "x", "h"), node("If", "go", "y", then_branch=outer, else_branch=ELSE)]
    found = load(model(nodes, {"go": np.array([True]), "w": W}, 13))
    np.testing.assert_allclose(found(X), -np.maximum(-X, 0) @ W, atol=1e-6)


def test_branches_that_are_refused() -> None:
    nodes = [
        node("Neg", "x", "h"),
        node("ReduceSum", "x", "s", keepdims=0),
        node("Cast", "s", "go", to=TensorProto.BOOL),
        node("If", "go", "y", then_branch=THEN, else_branch=ELSE),
    ]
    with pytest.raises(UnsupportedOperatorError):
        load(model(nodes, {"w": W}, 13))
    taken = [node("Neg", "x", "h"), node("If", "go", "y", then_branch=ELSE, else_branch=THEN)]
    with pytest.raises(UnsupportedOperatorError, match="Sin"):
        load(model(taken, {"go": np.array(True), "w": W}, 13))
    with pytest.raises(ModelLoadError, match="condition"):
        load(model(taken, {"go": np.array([True, False]), "w": W}, 13))
    lost = branch("t", [node("Relu", "nowhere", "t")])
    nodes = [node("Neg", "x", "h"), node("If", "go", "y", then_branch=lost, else_branch=ELSE)]
    with pytest.raises(ModelLoadError, match="'nowhere'"):
        load(model(nodes, {"go": np.array(True)}, 13))
