"""Inputs, outputs, batch axes, names, tails and decisions of loaded ONNX graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facetry.models.load import load
from facetry.models.tail import TailStep

RNG = np.random.default_rng(4)
W1 = RNG.normal(size=(4, 5)).astype(np.float32)
W2 = RNG.normal(size=(5, 3)).astype(np.float32)


def graph(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, Any],
    outputs: dict[str, Any],
    constants: dict[str, np.ndarray],
    opset: int = 13,
) -> onnx.ModelProto:
    def values(shapes: dict[str, Any]) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()]

    held = [numpy_helper.from_array(a, name) for name, a in constants.items()]
    made = helper.make_graph(nodes, "g", values(inputs), values(outputs), held)
    versions = [helper.make_opsetid("", opset)]
    return helper.make_model(made, opset_imports=versions, ir_version=8)


def node(op: str, inputs: str, output: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), [output], f"{op}_{output}", **attributes)


def network(shape: list[Any], end: str = "Identity", opset: int = 13) -> onnx.ModelProto:
    nodes = [node("MatMul", "x w1", "h"), node("Relu", "h", "r"), node("MatMul", "r w2", "l")]
    output = [*shape[:-1], 3]
    nodes.append(node(end, "l", "y"))
    return graph(nodes, {"x": shape}, {"y": output}, {"w1": W1, "w2": W2}, opset)


def formula(X: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(X @ W1.astype(float), 0) @ W2.astype(float))


X = RNG.normal(size=(6, 4))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (["N", 4], (4,)),
        ([None, 4], (4,)),
        ([1, 4], (4,)),
        ([4], (4,)),
        ([789444, 4], (4,)),
        ([1, 1, 1, 4], (1, 1, 4)),
        (["N", 1, 4], (1, 4)),
    ],
)
def test_batch_axes(shape: list[Any], expected: tuple[int, ...]) -> None:
    model = load(network(shape))
    assert model.input_shape == expected
    np.testing.assert_allclose(model(X), formula(X), atol=1e-12)
    np.testing.assert_allclose(model(X.reshape(6, *expected)), formula(X), atol=1e-12)


def test_fixed_first_axis_that_the_outputs_do_not_share_is_no_batch() -> None:
    model = load(
        graph([node("MatMul", "w x", "y")], {"x": [4, 2]}, {"y": [5, 2]}, {"w": W1.T.copy()})
    )
    assert (model.input_shape, model.output_size) == ((4, 2), 10)


def test_fixed_batch_in_a_reshape() -> None:
    nodes = [node("Reshape", "x s", "r"), node("MatMul", "r w", "y")]
    constants = {"s": np.array([50, 4]), "w": W1}
    model = load(graph(nodes, {"x": [50, 2, 2]}, {"y": [50, 5]}, constants))
    np.testing.assert_allclose(model(X), X @ W1, atol=1e-12)


def test_scalar_samples() -> None:
    model = load(graph([node("Abs", "x", "y")], {"x": ["N"]}, {"y": ["N"]}, {}))
    assert (model.input_size, model.input_shape) == (1, ())
    assert model([[-2.0]]).tolist() == [[2.0]]


def test_weights_listed_as_inputs_are_no_inputs() -> None:
    model = network([1, 4])
    for name, array in (("w1", W1), ("w2", W2)):
        entry = helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape)
        model.graph.input.append(entry)
    assert load(model).input_size == 4


def test_local_functions_are_written_out() -> None:
    body = helper.make_function(
        "mine",
        "Layer",
        ["a", "w"],
        ["b"],
        [node("MatMul", "a w", "h"), node("Relu", "h", "b")],
        [helper.make_opsetid("", 18)],
    )
    call = helper.make_node("Layer", ["x", "w1"], ["y"], domain="mine")
    model = graph([call], {"x": ["N", 4]}, {"y": ["N", 5]}, {"w1": W1}, 18)
    model.opset_import.append(helper.make_opsetid("mine", 1))
    model.functions.append(body)
    np.testing.assert_allclose(load(model)(X), np.maximum(X @ W1, 0), atol=1e-12)


@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_other_precisions(kind: Any) -> None:
    constants = {"w1": W1.astype(kind)}
    model = load(graph([node("MatMul", "x w1", "y")], {"x": [1, 4]}, {"y": [1, 5]}, constants))
    np.testing.assert_allclose(model(X), X @ W1.astype(kind).astype(float), atol=1e-12)


def test_float32_weights_are_widened_exactly() -> None:
    model = load(network([1, 4]))
    np.testing.assert_array_equal(model(np.eye(4)[:1]) - formula(np.eye(4)[:1]), 0.0)


# Several inputs and outputs, and cuts -----------------------------------------------------------


def two_inputs() -> onnx.ModelProto:
    nodes = [
        node("Concat", "a b", "x", axis=1),
        node("MatMul", "x w1", "h"),
        node("Relu", "h", "r"),
        node("MatMul", "r w2", "l"),
        node("Sigmoid", "l", "p"),
        node("ReduceSum", "r", "value"),
    ]
    outputs = {"p": ["N", 3], "value": [1, 1]}
    return graph(nodes, {"a": ["N", 3], "b": ["M", 1]}, outputs, {"w1": W1, "w2": W2})


def test_several_inputs_and_outputs_are_joined() -> None:
    model = load(two_inputs())
    assert model.feature_names == ("a[0]", "a[1]", "a[2]", "b[0]")
    assert model.output_names == ("p[0]", "p[1]", "p[2]", "value")
    assert (model.input_shape, model.decision.kind) == ((4,), "none")
    assert [(p.start, p.stop, len(p.steps)) for p in model.tail.parts] == [(0, 3, 1), (3, 4, 0)]
    assert (model.tail.kind, str(model.tail)) == ("mixed", "sigmoid, none")
    hidden = np.maximum(X @ W1, 0)
    expected = np.hstack([1 / (1 + np.exp(-formula(X))), hidden.sum(axis=1, keepdims=True)])
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-6)


def test_chosen_outputs() -> None:
    model = load(two_inputs(), outputs="p")
    assert (model.output_names, model.decision.kind) == (("y0", "y1", "y2"), "highest")
    swapped = load(two_inputs(), outputs=["value", "r"])
    assert swapped.output_names == ("value", *(f"r[{i}]" for i in range(5)))
    np.testing.assert_allclose(swapped(X)[:, 1:], np.maximum(X @ W1, 0), atol=1e-12)


def test_chosen_inputs() -> None:
    model = load(two_inputs(), inputs="r", outputs="l")
    assert (model.input_size, model.form.unit_count) == (5, 0)
    R = RNG.normal(size=(3, 5))
    np.testing.assert_allclose(model(R), R @ W2, atol=1e-12)
    both = load(two_inputs(), inputs=["b", "a"], outputs="p")
    assert both.feature_names[0] == "b[0]"
    np.testing.assert_allclose(both(X[:, [3, 0, 1, 2]]), formula(X), atol=1e-12)


def test_outputs_may_be_inputs_and_constants() -> None:
    model = load(two_inputs(), outputs=["value", "a"])
    np.testing.assert_array_equal(model(X)[:, 1:], X[:, :3])


def test_cut_after_a_smooth_activation() -> None:
    nodes = [node("MatMul", "x w1", "h"), node("Tanh", "h", "t"), node("MatMul", "t w2", "y")]
    model = graph(nodes, {"x": ["N", 4]}, {"y": ["N", 3]}, {"w1": W1, "w2": W2})
    first, second = load(model, outputs="t"), load(model, inputs="t")
    assert (first.tail.kind, second.input_size) == ("tanh", 5)
    np.testing.assert_allclose(second(first.predict(X)), np.tanh(X @ W1) @ W2, atol=1e-12)


# Tails and decisions ---------------------------------------------------------------------------


def test_decisions() -> None:
    assert load(network(["N", 4])).decision.kind == "highest"
    assert load(network(["N", 4], "Softmax")).decision.kind == "highest"
    assert load(network(["N", 4], "Sigmoid")).decision.kind == "highest"
    assert load(network(["N", 4], "Tanh")).decision.kind == "none"
    assert load(network(["N", 4]), decision="lowest").decision.kind == "lowest"
    assert load(network(["N", 4]), decision="none").decision.kind == "none"
    one = [([[1.0, 1.0]], [0.0])]
    assert load(one).decision.kind == "none"
    assert load(one, decision=2).decision.threshold == 2.0
    np.testing.assert_array_equal(load(one, decision=2)([[1, 1]]), 2.0)
    assert load(one, decision=2).decide([[1, 1], [1, 1.5]]).tolist() == [0, 1]


def test_softmax_over_a_part_of_the_outputs_is_no_choice() -> None:
    nodes = [node("Reshape", "x s", "r"), node("Softmax", "r", "y", axis=2)]
    model = load(graph(nodes, {"x": [1, 4]}, {"y": [1, 2, 2]}, {"s": np.array([1, 2, 2])}))
    assert (model.tail.kind, model.decision.kind) == ("softmax", "none")
    np.testing.assert_allclose(model.predict(X).sum(axis=1), 2.0)


@pytest.mark.parametrize(("scale", "kind"), [([2.0], "highest"), ([1.0, 2.0, 3.0, 4.0], "none")])
def test_outputs_scaled_differently_are_no_choice(scale: list[float], kind: str) -> None:
    nodes = [node("Sigmoid", "x", "s"), node("Mul", "s c", "y")]
    model = graph(nodes, {"x": [1, 4]}, {"y": [1, 4]}, {"c": np.float32(scale)})
    assert load(model).decision.kind == kind


def test_steps_kept() -> None:
    nodes = [node("Tanh", "x", "t"), node("Mul", "t two", "u"), node("Sub", "u two", "y")]
    model = load(graph(nodes, {"x": [1, 4]}, {"y": [1, 4]}, {"two": np.float32([2.0])}))
    assert model.tail.kinds == ("tanh", "affine", "affine")
    assert model.tail.parts[0].steps[1] == TailStep("affine", scale=(2.0,) * 4, shift=(0.0,) * 4)


@pytest.mark.parametrize("op", ["Mul", "Sub"])
def test_decreasing_step_after_an_activation_is_no_tail(op: str) -> None:
    nodes = [node("Tanh", "x", "t"), node(op, "c t", "y")]
    model = graph(nodes, {"x": [1, 4]}, {"y": [1, 4]}, {"c": np.float32([-2.0])})
    with pytest.raises(Exception, match="smooth"):
        load(model)


def test_final_piecewise_linear_step_is_no_tail() -> None:
    model = load(network(["N", 4], "HardSigmoid"))
    assert (model.tail.kind, model.form.unit_count) == ("none", 8)


def test_tail_is_stable() -> None:
    model = load([(1000 * np.eye(2), np.zeros(2))])
    for step in (TailStep("softmax", groups=(1, 2, 1)), TailStep("log_softmax", groups=(1, 2, 1))):
        assert np.isfinite(step.apply(model([[1.0, -1.0]]))).all()
    values = np.array([[-800.0, 0.0, 800.0]])
    assert TailStep("sigmoid").apply(values).tolist() == [[0.0, 0.5, 1.0]]
    assert TailStep("softplus").apply(values)[0, 2] == 800.0


# Checks ----------------------------------------------------------------------------------------


def test_check(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    path = tmp_path / "model.onnx"
    onnx.save(network(["N", 4], "Softmax"), path)
    report = load(path).check()
    assert report.ok
    assert report.samples == 64
    assert "agrees with onnxruntime at 64 points" in str(report)
    assert not load(path).check(tolerance=0.0).ok
    assert load(network([4])).check(X).ok
    assert load(network([1, 1, 1, 4])).check(X).ok


def test_check_of_cut_models() -> None:
    pytest.importorskip("onnxruntime")
    for options in (
        {"outputs": "r"},
        {"inputs": "r", "outputs": ["l", "value"]},
        {"inputs": ["b", "a"]},
    ):
        assert load(two_inputs(), **options).check().ok


def test_names_stored_in_the_file_are_the_default() -> None:
    """Metadata entries "feature_names" and "output_names", JSON lists of the right length."""
    path = Path(__file__).parents[2] / "python/examples/wine.onnx"
    proto = onnx.load(path)
    model = load(path)
    assert "proline" in model.feature_names
    assert load(path, feature_names=[f"f{i}" for i in range(13)]).feature_names[0] == "f0"
    for entry in proto.metadata_props:
        if entry.key == "feature_names":
            entry.value = '["only one"]'
    assert load(proto).feature_names[0] == "x0"
