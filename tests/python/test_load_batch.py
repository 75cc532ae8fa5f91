"""A first axis of fixed size: a batch where its rows are samples, else all of the input."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facetry import UnsupportedOperatorError, load

R = np.random.default_rng(3)


def weights(*shape: int) -> np.ndarray:
    return R.normal(size=shape).astype(np.float32)


def node(op: str, inputs: str, output: str = "y", **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), output.split(), **attributes)


def model(
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray],
    shape: tuple[int, ...],
    result: tuple[int, ...] | None = None,
) -> onnx.ModelProto:
    out = onnx.ValueInfoProto(name="y")
    if result is not None:
        out = helper.make_tensor_value_info("y", TensorProto.FLOAT, result)
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [out],
        [numpy_helper.from_array(a, name) for name, a in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


RELU = node("Relu", "x", "r")
MIXED = {
    "a square matrix from the left": ([RELU, node("MatMul", "w r")], {"w": weights(3, 3)}, (3, 1)),
    "shapes not given": ([RELU, node("MatMul", "w r")], {"w": weights(2, 3)}, (3, 1)),
    "a factor for each row": ([RELU, node("Mul", "r w")], {"w": weights(3, 1)}, (3, 2)),
    "less the mean of the rows": (
        [RELU, node("ReduceMean", "r", "m", axes=[0]), node("Sub", "r m")], {}, (3, 2),
    ),
    "the mean without its axis": (
        [RELU, node("ReduceMean", "r", "m", axes=[0], keepdims=0), node("Add", "r m")], {}, (2, 2),
    ),
    "softmax over the rows": ([RELU, node("Softmax", "r", axis=0)], {}, (3, 2)),
    "softmax over the rows, from the end": ([RELU, node("Softmax", "r", axis=-2)], {}, (3, 2)),
    "rows turned round": (
        [RELU, node("Slice", "r a b c d")],
        {"a": np.array([-1]), "b": np.array([-9]), "c": np.array([0]), "d": np.array([-1])}, (3, 2),
    ),
    "one row replaced": (
        [RELU, node("ScatterND", "r i u")],
        {"i": np.array([[0]]), "u": weights(1, 2)}, (3, 2),
    ),
    "transposed": ([RELU, node("Transpose", "r", "t"), node("MatMul", "t w")],
                   {"w": weights(3, 3)}, (3, 3)),
    "rows joined": (
        [RELU, node("Reshape", "r s", "t"), node("MatMul", "t w", "u"), node("Reshape", "u q")],
        {"s": np.array([1, 6]), "w": weights(6, 6), "q": np.array([3, 2])}, (3, 2),
    ),
    "the sum of all": ([RELU, node("ReduceSum", "r", keepdims=0)], {}, (3, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXED)
def test_rows_that_depend_on_each_other_are_one_input(name: str) -> None:
    runtime = pytest.importorskip("onnxruntime")
    nodes, constants, shape = MIXED[name]
    made = model(nodes, constants, shape)
    found = load(made)
    assert found.input_shape == shape
    x = R.normal(size=shape).astype(np.float32)
    session = runtime.InferenceSession(made.SerializeToString())
    (expected,) = session.run(None, {"x": x})
    np.testing.assert_allclose(found.predict(x.reshape(1, -1))[0], expected.ravel(), atol=1e-5)
    assert found.check().ok


@pytest.mark.parametrize(("op", "axis"), [("Softmax", 0), ("LogSoftmax", -2), ("ArgMax", 0)])
def test_a_tail_over_a_batch_of_any_size_is_refused(op: str, axis: int) -> None:
    made = model([RELU, node(op, "r", axis=axis)], {}, (3, 2))
    made.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    with pytest.raises(UnsupportedOperatorError, match=f"{op} .*over the axis of the batch"):
        load(made)
    made.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    assert load(made).check().ok  # one row is all there is


APART = {
    "dense": ([node("MatMul", "x w", "h"), node("Relu", "h")], {"w": weights(2, 3)}, (4, 2)),
    "square": ([node("MatMul", "x w", "h"), node("Relu", "h")], {"w": weights(4, 4)}, (4, 4)),
    "softmax": ([node("MatMul", "x w", "h"), node("Softmax", "h")], {"w": weights(2, 3)}, (4, 2)),
    "reshaped to the batch": (
        [RELU, node("Reshape", "r s", "t"), node("MatMul", "t w")],
        {"s": np.array([4, 6]), "w": weights(6, 2)}, (4, 2, 3),
    ),
    "columns turned round": (
        [RELU, node("Slice", "r a b c d")],
        {"a": np.array([-1]), "b": np.array([-9]), "c": np.array([1]), "d": np.array([-1])}, (4, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_rows_that_do_not_are_samples(name: str) -> None:
    pytest.importorskip("onnxruntime")
    nodes, constants, shape = APART[name]
    found = load(model(nodes, constants, shape))
    assert found.input_shape == shape[1:]
    assert found.check().ok  # 64 points, four at a time
    assert found.check(R.normal(size=(5, found.input_size))).samples == 5
