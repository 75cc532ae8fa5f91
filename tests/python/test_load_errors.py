"""What cannot be loaded ends in one clear message that says what is wrong and what to do."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facetry.errors import (
    FacetryError,
    InvalidInputError,
    ModelLoadError,
    UnsupportedOperatorError,
)
from facetry.models.load import load

F = TensorProto.FLOAT
W = np.arange(6, dtype=np.float32).reshape(3, 2)


def graph(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, Any] | None = None,
    constants: dict[str, np.ndarray] | None = None,
    *,
    outputs: tuple[str, ...] = ("y",),
    opset: int = 13,
    domains: tuple[str, ...] = (),
) -> onnx.ModelProto:
    shapes = {"x": ["N", 3]} if inputs is None else inputs
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, F, shape) for name, shape in shapes.items()],
        [helper.make_tensor_value_info(name, F, None) for name in outputs],
        [numpy_helper.from_array(a, name) for name, a in (constants or {}).items()],
    )
    versions = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(made, opset_imports=versions, ir_version=8)


def node(op: str, inputs: str, output: str = "y", **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), [output], f"my_{op}", **attributes)


def refused(model: Any, error: type[FacetryError], *parts: str, **options: Any) -> str:
    with pytest.raises(error) as caught:
        load(model, **options)
    message = str(caught.value)
    for part in parts:
        assert part in message, message
    assert "\n" not in message
    return message


# Operators -------------------------------------------------------------------------------------

SMOOTH = ["Sigmoid", "Tanh", "Softplus", "Softsign", "Elu", "Selu", "Celu", "Erf", "Exp"]


@pytest.mark.parametrize("op", [*SMOOTH, "Gelu", "Mish"])
def test_hidden_smooth_activation(op: str) -> None:
    nodes = [node(op, "h", "s"), node("Relu", "s", "r"), node("MatMul", "r w")]
    model = graph(nodes, {"h": [1, 3]}, {"w": W}, opset=20)
    message = refused(model, UnsupportedOperatorError, f"'my_{op}' ({op})", "inputs='s'")
    assert "smooth activations are not piecewise linear" in message
    assert "outputs=" not in message  # there is nothing before it
    assert load(model, inputs="s").form.unit_count == 3


CURVED = {
    "HardSwish": "not piecewise linear",
    "Sqrt": "not piecewise linear",
    "Sin": "not piecewise linear",
    "Softmax": "not piecewise linear",
    "Sign": "not continuous",
    "Floor": "not continuous",
    "Round": "not continuous",
    "NonZero": "not continuous",
    "ThresholdedRelu": "not continuous",
    "Shrink": "continuous only",
    "Hardmax": "not continuous",
    "Det": "not piecewise linear",
}


@pytest.mark.parametrize(("op", "reason"), CURVED.items())
def test_operator_that_is_not_piecewise_linear(op: str, reason: str) -> None:
    model = graph(
        [node("Relu", "x", "h"), node(op, "h", "s"), node("MatMul", "s w")],
        constants={"w": W},
        opset=14,
    )
    message = refused(model, UnsupportedOperatorError, f"'my_{op}' ({op})", reason, "outputs='h'")
    assert "inputs=" not in message  # what follows is linear
    assert load(model, outputs="h").form.unit_count == 3


@pytest.mark.parametrize("op", ["Mul", "MatMul", "Gemm", "Div"])
def test_products_of_tensors(op: str) -> None:
    model = graph([node("Relu", "x", "h"), node(op, "h x")], {"x": [1, 1]})
    refused(model, UnsupportedOperatorError, f"'my_{op}' ({op})", "not piecewise linear")


def test_weights_that_depend_on_the_input() -> None:
    model = graph([node("Conv", "x x")], {"x": [1, 1, 3, 3]})
    refused(model, UnsupportedOperatorError, "'my_Conv' (Conv)", "tensor 'x'", "constant")


def test_cast_to_whole_numbers() -> None:
    model = graph([node("Cast", "x", "i", to=TensorProto.INT64), node("Relu", "i")], opset=14)
    refused(model, UnsupportedOperatorError, "'my_Cast' (Cast)", "rounds")


def test_training_mode() -> None:
    statistics = {name: np.ones(3, np.float32) for name in "sbmv"}
    model = graph(
        [node("BatchNormalization", "x s b m v", training_mode=1)], constants=statistics, opset=14
    )
    refused(model, UnsupportedOperatorError, "BatchNormalization", "training mode")
    model = graph([node("Dropout", "x r t")], constants={"r": np.float32(0.5), "t": np.array(True)})
    refused(model, UnsupportedOperatorError, "Dropout", "training mode")


def test_unknown_domain_and_unknown_operator() -> None:
    strange = helper.make_node("Quant", ["x"], ["y"], "my_quant", domain="onnx.brevitas")
    model = graph([strange], domains=("onnx.brevitas",))
    refused(model, UnsupportedOperatorError, "my_quant", "onnx.brevitas.Quant", "domain")
    model = graph(
        [helper.make_node("Quant", ["w"], ["q"], domain="odd"), node("MatMul", "x q")],
        constants={"w": W},
        domains=("odd",),
    )
    refused(model, UnsupportedOperatorError, "odd.Quant", "'q'")
    model = graph([node("NoSuchThing", "x")])
    refused(model, UnsupportedOperatorError, "my_NoSuchThing", "not an operator facetry knows")


def test_unnamed_node_is_named_by_its_tensor() -> None:
    model = graph([helper.make_node("Sin", ["x"], ["s"]), node("Relu", "s")])
    message = refused(model, UnsupportedOperatorError, "unnamed Sin node", "'s'")
    assert "outputs=" not in message  # there is nothing before it


def test_advice_is_what_loads() -> None:
    """Each way that an error names was tried: it loads, and what it leaves is not linear."""
    linear = graph([node("MatMul", "x w", "h"), node("Sin", "h")], constants={"w": W})
    assert "You can" not in refused(linear, UnsupportedOperatorError, "my_Sin")
    beside = graph([node("Sin", "x", "s"), node("Relu", "s", "r"), node("Add", "r x")])
    assert "You can" not in refused(beside, UnsupportedOperatorError, "my_Sin")
    odd = helper.make_node("Odd", ["x"], ["s"], "my_Odd", domain="strange")
    unknown = graph([odd, node("Relu", "s")], domains=("strange",))  # the shape of s is not known
    assert "You can" not in refused(unknown, UnsupportedOperatorError, "my_Odd")
    several = graph(
        [node("Sin", "x", "s"), node("Relu", "s", "r"), node("Cos", "r", "c"), node("Relu", "c")]
    )
    message = refused(several, UnsupportedOperatorError, "my_Sin")
    assert message.endswith("You can explain a part after it with inputs='s', outputs='r'")
    assert load(several, inputs="s", outputs="r").form.unit_count == 3


@pytest.mark.parametrize(
    "opsets", [{"ai.onnx.ml": 1}, {"": 1, "ai.onnx.ml": 1}, {"": 13, "ai.onnx.ml": 1}]
)
def test_trees_are_refused_for_what_they_are(opsets: dict[str, int]) -> None:
    lists = {"nodeids": 0, "treeids": 0, "featureids": 0, "truenodeids": 0, "falsenodeids": 0}
    attributes: dict[str, Any] = {f"nodes_{key}": [value] for key, value in lists.items()}
    attributes |= {"nodes_modes": ["LEAF"], "nodes_values": [0.0]}
    attributes |= {"target_ids": [0], "target_nodeids": [0], "target_treeids": [0]}
    tree = helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], "my_tree", domain="ai.onnx.ml",
        target_weights=[1.0], n_targets=1, **attributes,
    )  # fmt: skip
    model = graph([tree])
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(name, v) for name, v in opsets.items())
    message = refused(model, UnsupportedOperatorError, "'my_tree'", "decision trees")
    assert "You can" not in message


def test_logarithm_of_values_that_may_be_negative() -> None:
    refused(graph([node("Log", "x")]), UnsupportedOperatorError, "my_Log", "logarithm")


# Files -----------------------------------------------------------------------------------------


def test_missing_file_and_directory(tmp_path: Path) -> None:
    refused(tmp_path / "none.onnx", ModelLoadError, "there is no file", "none.onnx")
    refused(str(tmp_path), ModelLoadError, "is a directory")


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".pt", ".tflite", ".pkl"])
def test_files_of_other_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"whatever")
    message = refused(path, ModelLoadError, f"model{suffix}")
    assert "export" in message or "load" in message or "unpickle" in message
    if suffix in (".keras", ".h5"):
        assert "format='onnx'" in message


def small() -> onnx.ModelProto:
    return graph([node("MatMul", "x w", "h"), node("Relu", "h")], constants={"w": W})


def test_damaged_files(tmp_path: Path) -> None:
    whole = small().SerializeToString()
    path = tmp_path / "model.onnx"
    for content in (b"", b"not an ONNX file at all", b"\x00" * 100, whole[:40], whole[:-30]):
        path.write_bytes(content)
        refused(path, ModelLoadError)
    rng = np.random.default_rng(0)
    for _ in range(50):  # whatever the damage, no other kind of exception comes out
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 4):
            damaged[place] = rng.integers(256)
        path.write_bytes(bytes(damaged))
        with suppress(FacetryError):
            load(path)


def test_external_data(tmp_path: Path) -> None:
    model, path = small(), tmp_path / "model.onnx"
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert np.allclose(load(path)([[1.0, 2.0, 3.0]]), np.array([[1.0, 2.0, 3.0]]) @ W)
    bare = onnx.load(path, load_external_data=False)
    refused(bare, ModelLoadError, "another file", "path")
    (tmp_path / "weights.bin").unlink()
    refused(path, ModelLoadError, "weights.bin")


def test_old_operator_set() -> None:
    refused(
        graph([node("Relu", "x")], opset=5), ModelLoadError, "operator set 5", "export it again"
    )


def test_empty_graph() -> None:
    refused(onnx.ModelProto(), ModelLoadError, "no graph")
    refused(graph([], outputs=()), ModelLoadError, "no graph")
    refused(graph([node("Relu", "x")], outputs=()), ModelLoadError, "no outputs")
    constant = graph([node("Relu", "w")], {}, {"w": W})
    refused(constant, ModelLoadError, "no inputs")


def test_broken_graph() -> None:
    refused(graph([node("Add", "x nothing")]), ModelLoadError, "'nothing'", "nothing in the graph")
    refused(graph([node("MatMul", "x w")], {"x": [1, 4]}, {"w": W}), ModelLoadError, "(3, 2)")
    refused(graph([node("Add", "x w")], {"x": [1, 4]}, {"w": W}), ModelLoadError, "do not fit")
    reshaped = graph([node("Reshape", "x s")], constants={"s": np.array([2, 2])})
    refused(reshaped, ModelLoadError, "(1, 3)", "(2, 2)")
    gathered = graph([node("Gather", "x i", axis=1)], constants={"i": np.array([7])})
    refused(gathered, ModelLoadError, "my_Gather")
    refused(graph([node("Conv", "x w")], {"x": [1, 3]}, {"w": W}), ModelLoadError, "my_Conv")
    pool = graph([node("MaxPool", "x", kernel_shape=[5, 5])], {"x": [1, 1, 3, 3]})
    refused(pool, ModelLoadError, "larger than its input")


def test_side_results_are_not_computed() -> None:
    pool = helper.make_node("MaxPool", ["x"], ["p", "i"], "my_MaxPool", kernel_shape=[2, 2])
    model = graph([pool, node("Unsqueeze", "i zero")], {"x": [1, 1, 3, 3]}, {"zero": np.array([0])})
    refused(model, ModelLoadError, "'i'", "my_MaxPool")


def test_weights_that_are_not_finite() -> None:
    for bad, word in ((np.nan, "NaN"), (np.inf, "infinite")):
        weights = W.copy()
        weights[1, 1] = bad
        refused(
            graph([node("MatMul", "x w")], constants={"w": weights}),
            ModelLoadError,
            "my_MatMul",
            word,
        )
    for op in ("PRelu", "Max", "Add", "Mul"):
        model = graph([node(op, "x c")], constants={"c": np.float32([1, np.nan, 2])})
        refused(model, ModelLoadError, f"my_{op}")
    refused(graph([node("Div", "x c")], constants={"c": np.float32([0.0])}), ModelLoadError, "zero")


# Inputs and outputs ----------------------------------------------------------------------------


def test_symbolic_axis_that_is_not_the_batch() -> None:
    model = graph([node("Relu", "x")], {"x": ["N", "length"]})
    refused(model, ModelLoadError, "'x'", "'length'", "not the batch")
    two = graph([node("MatMul", "a x")], {"x": ["moves", 3], "a": [4]})
    refused(two, ModelLoadError, "'moves'", "'a'", "not the batch")
    refused(graph([node("Relu", "x")], {"x": [1, 0]}), ModelLoadError, "size 0")
    refused(graph([node("Relu", "x")], {"x": None}), ModelLoadError, "shape of input 'x'")


def test_input_that_holds_no_numbers() -> None:
    model = graph([node("Identity", "x")])
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    refused(model, ModelLoadError, "'x'", "numbers")


def test_names_of_tensors() -> None:
    refused(small(), ModelLoadError, "'hh'", "'h'", outputs="hh")
    refused(small(), ModelLoadError, "name of a node", "'h'", outputs="my_MatMul")
    refused(small(), ModelLoadError, "not in the graph", inputs=["zz"])
    refused(small(), ModelLoadError, "constant", inputs="w")
    refused(small(), ModelLoadError, "also depends", "'x'", inputs="h", outputs=["y", "h", "x"])
    refused(small(), InvalidInputError, "more than once", outputs=["y", "y"])
    refused(small(), InvalidInputError, "name of a tensor", outputs=[])
    refused([([[1.0]], [0.0])], InvalidInputError, "ONNX", outputs="y")


def test_cut_whose_shape_is_not_known() -> None:
    odd = helper.make_node("Odd", ["x"], ["h"], domain="strange")
    model = graph([odd, node("Relu", "h")], domains=("strange",))
    refused(model, ModelLoadError, "shape", "'h'", inputs="h")


def test_names_and_decisions() -> None:
    refused(small(), InvalidInputError, "feature_names has 1", "3 features", feature_names=["a"])
    refused(small(), InvalidInputError, "'a'", "more than once", feature_names=["a", "b", "a"])
    refused(small(), InvalidInputError, "list of texts", output_names="ab")
    refused(small(), InvalidInputError, "list of texts", output_names=[1, 2])
    refused(small(), InvalidInputError, "'best'", "'highest'", decision="best")
    refused(small(), InvalidInputError, "one output", decision=0.5)
    refused(small(), InvalidInputError, "decision", decision=True)
    refused(small(), InvalidInputError, "decision", decision=float("nan"))
    one = [([[1.0, 2.0]], [0.0])]
    refused(one, InvalidInputError, "two outputs", decision="highest")


# Other sources ---------------------------------------------------------------------------------


def test_layers() -> None:
    refused([], ModelLoadError, "empty")
    refused([([[1.0]], [0.0], 3)], ModelLoadError, "layer 1", "pair")
    refused([([1.0], [0.0])], ModelLoadError, "layer 1", "(outputs, inputs)")
    refused([([[1.0]], [0.0, 1.0])], ModelLoadError, "b of layer 1", "(1,)")
    refused([([["a"]], [0.0])], ModelLoadError, "W of layer 1", "numbers")
    refused([([[1.0]], [np.nan])], ModelLoadError, "layer1", "NaN")
    two = [(np.ones((3, 2)), np.ones(3)), (np.ones((1, 2)), np.ones(1))]
    refused(two, ModelLoadError, "layer 1 has 3 outputs", "layer 2 takes 2")


def test_unknown_sources() -> None:
    refused(3, ModelLoadError, "builtins.int", "ONNX")
    refused(None, ModelLoadError, "NoneType")
    refused({"a": 1}, ModelLoadError, "builtins.dict")


def test_state_dictionaries_go_into_their_module() -> None:
    tensor = type("Tensor", (), {"__module__": "torch"})
    parameter = type("Parameter", (tensor,), {"__module__": "torch.nn.parameter"})
    checkpoint = {"epoch": 3, "state_dict": {"0.weight": parameter()}}
    for state in ({"0.weight": tensor(), "0.bias": tensor()}, checkpoint):
        refused(state, ModelLoadError, "put it into its module", "load_state_dict")


def test_keras_models_are_told_by_their_class() -> None:
    kind = type("Sequential", (), {"__module__": "keras.src.models.sequential"})
    refused(kind(), ModelLoadError, "Keras", "format='onnx'")
