"""Every network of the data directory loads and agrees with its stored outputs, or is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from facetry.errors import ModelLoadError, UnsupportedOperatorError
from facetry.models.load import load


class Row(NamedTuple):
    """What INDEX.md says of a network."""

    inputs: int
    outputs: int
    relus: int
    others: dict[str, int]


# (inputs, outputs, ReLU units, other units), as the table of INDEX.md counts them
ACAS = Row(5, 5, 300, {})
FILES = {
    **{
        f"acasxu/ACASXU_run2a_{net}_batch_2000.onnx": ACAS
        for net in ("1_1", "1_7", "1_9", "2_1", "2_9", "3_3", "4_5", "5_7")
    },
    "acasxu/pytorch_N_1_1.onnx": ACAS,
    "control/acc_5x20_from_mat.onnx": Row(5, 1, 100, {}),
    "control/airplane_keras2onnx.onnx": Row(12, 6, 220, {}),
    "control/double_pendulum_less_robust_keras2onnx.onnx": Row(4, 2, 50, {}),
    "control/double_pendulum_more_robust_keras2onnx.onnx": Row(4, 2, 50, {}),
    "control/nav_point_matlab.onnx": Row(4, 2, 96, {}),
    "control/single_pendulum_keras2onnx.onnx": Row(2, 1, 50, {}),
    "control/tora_matlab.onnx": Row(4, 1, 301, {}),
    "control/tora_relu_tanh_from_mat.onnx": Row(4, 1, 60, {}),
    "control/unicycle_matlab.onnx": Row(4, 2, 502, {}),
    "control/vertcas_pra01_matlab.onnx": Row(3, 9, 100, {}),
    "control/vertcas_pra05_matlab.onnx": Row(3, 9, 100, {}),
    "control/vertcas_pra09_matlab.onnx": Row(3, 9, 100, {}),
    "density/gcas.onnx": Row(14, 14, 64, {}),
    "density/robot.onnx": Row(5, 5, 192, {}),
    "density/vdp.onnx": Row(3, 3, 64, {}),
    "hard_cases/two_input_controller_certificate.onnx": Row(8, 4, 160, {}),
    "nlp/safenlp_medical.onnx": Row(30, 2, 128, {}),
    "pensieve/pensieve_actor.onnx": Row(48, 6, 896, {}),
    "pensieve/pensieve_actor_logits.onnx": Row(48, 6, 896, {}),
    "pensieve/pensieve_actor_tf2onnx.onnx": Row(48, 6, 896, {}),
    "pensieve/pensieve_critic.onnx": Row(48, 1, 896, {}),
    "rl/cartpole.onnx": Row(4, 2, 128, {}),
    "rl/dubinsrejoin.onnx": Row(8, 8, 512, {}),
    "rl/lunarlander.onnx": Row(8, 4, 128, {}),
    "systems/aurora_mid_simple_pytorch.onnx": Row(30, 1, 0, {}),
    "systems/aurora_small_simple_pytorch.onnx": Row(30, 1, 0, {}),
    "systems/bloom_filter.onnx": Row(2, 1, 768, {}),
    "systems/lindex.onnx": Row(1, 1, 384, {}),
    "systems/pensieve_small_simple_pytorch.onnx": Row(48, 6, 768, {}),
    "tabular_models/addmo_mlp_regressor_skl2onnx.onnx": Row(8, 1, 100, {}),
    "tabular_models/conv1d_small_keras.onnx": Row(40, 5, 65, {}),
    "tabular_models/dense_big_16x100x5_keras.onnx": Row(16, 5, 500, {}),
    "tabular_models/iris_softmax_pytorch.onnx": Row(4, 3, 11, {}),
    "tabular_models/jet_tagger_3layer_keras.onnx": Row(16, 5, 128, {}),
    "tabular_models/sev_guardian_mlp_external_data.onnx": Row(80, 1, 448, {}),
    "tabular_models/two_layer_sigmoid_keras.onnx": Row(10, 1, 32, {}),
    "tll/tll_n2_N8_0.onnx": Row(2, 1, 252, {}),
    "tll/tll_n2_N8_1.onnx": Row(2, 1, 252, {}),
    "vision/collins_rul_cnn_small.onnx": Row(400, 1, 5500, {}),
    "vision/mnist2x10.onnx": Row(784, 10, 20, {}),
    "vision/mnist5x20_leaky_relu.onnx": Row(784, 10, 0, {"LeakyRelu": 120}),
    "vision/mnist_cnn_maxpool_keras2onnx.onnx": Row(784, 10, 1346, {"MaxPool": 288}),
    "vision/mnist_convnet_avgpool.onnx": Row(784, 10, 23328, {}),
    "vision/mnist_dropout.onnx": Row(784, 10, 10, {}),
    "vision/mnist_fc_256x2.onnx": Row(784, 10, 512, {}),
    "vision/mnist_lenet_tiny_maxpool.onnx": Row(784, 10, 8, {"MaxPool": 48}),
    "vision/mnist_softmax_last.onnx": Row(784, 10, 64, {}),
    "vision/tinytaxinet.onnx": Row(128, 2, 32, {}),
    "vision/traffic_classifier64.onnx": Row(3072, 10, 48, {}),
}
# onnxruntime refuses these two (operator set 6); they are piecewise linear all the same
UNREFERENCED = {
    "hard_cases/acc_matlab_unloadable.onnx": Row(5, 1, 100, {}),
    "hard_cases/bn_pytorch03_opset6.onnx": Row(16, 5, 128, {}),
}
# Units that no output can feel, or that are constant, are dropped when the graph is compressed
DROPS_UNITS = {"vision/mnist_cnn_maxpool_keras2onnx.onnx", "vision/mnist_convnet_avgpool.onnx"}
REFUSED = {
    "control/attitude_sigmoid_pytorch.onnx": ("'Sigmoid_1' (Sigmoid)", "smooth"),
    "control/cartpole_tanh_pytorch.onnx": ("'/layers/layers.1/Tanh' (Tanh)", "smooth"),
    "control/docking_tanh_tf2onnx.onnx": ("'model/model/fc_1/Tanh' (Tanh)", "smooth"),
    "control/quad_sigmoid_matlab.onnx": ("'sigmoid_1' (Sigmoid)", "smooth"),
    "control/tora_sigmoid_from_mat.onnx": ("Sigmoid node", "'a0'", "smooth"),
    "vision/mnist2x5_sigmoid.onnx": ("'/Sigmoid' (Sigmoid)", "smooth"),
    "hard_cases/policy_selu_pytorch.onnx": ("(Selu)", "smooth"),
    "hard_cases/lsnc_quadrotor2d_state.onnx": ("'/Sin' (Sin)", "not piecewise linear"),
    "hard_cases/ml4acopf_14_ieee.onnx": ("'/layers.7/Sigmoid' (Sigmoid)", "not piecewise linear"),
    "hard_cases/qonnx_bnn_custom_domain.onnx": ("BipolarQuant", "'onnx.brevitas'", "domain"),
}
SYMBOLIC = {"hard_cases/dice_policy_two_inputs.onnx": ("'move_features'", "'n_moves'")}
TAILS = {
    "control/nav_point_matlab.onnx": ("tanh", "none"),
    "control/tora_relu_tanh_from_mat.onnx": ("tanh", "none"),
    "systems/aurora_mid_simple_pytorch.onnx": ("tanh", "none"),
    "systems/aurora_small_simple_pytorch.onnx": ("tanh", "none"),
    "systems/bloom_filter.onnx": ("sigmoid", "threshold"),
    "tabular_models/two_layer_sigmoid_keras.onnx": ("sigmoid", "threshold"),
    "tabular_models/conv1d_small_keras.onnx": ("softmax", "highest"),
    "tabular_models/dense_big_16x100x5_keras.onnx": ("softmax", "highest"),
    "tabular_models/iris_softmax_pytorch.onnx": ("softmax", "highest"),
    "tabular_models/jet_tagger_3layer_keras.onnx": ("softmax", "highest"),
    "pensieve/pensieve_actor.onnx": ("softmax", "highest"),
    "pensieve/pensieve_actor_tf2onnx.onnx": ("softmax", "highest"),
    "vision/mnist_softmax_last.onnx": ("softmax", "highest"),
    "hard_cases/bn_pytorch03_opset6.onnx": ("softmax", "highest"),
    "hard_cases/two_input_controller_certificate.onnx": ("none", "none"),
}


def stored(data: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The 16 stored inputs and outputs of a network, each flattened and joined in graph order."""
    folder, file = name.split("/")
    archive = np.load(data / folder / "reference_io.npz")

    def joined(kind: str) -> np.ndarray:
        parts = [archive[key] for key in archive.files if key.startswith(f"{file}|{kind}|")]
        return np.hstack([part.reshape(len(part), -1).astype(np.float64) for part in parts])

    return joined("in"), joined("out")


def test_every_file_is_covered(data: Path) -> None:
    found = {str(path.relative_to(data).as_posix()) for path in data.glob("*/*.onnx")}
    assert found == {*FILES, *UNREFERENCED, *REFUSED, *SYMBOLIC}
    row = r"^\| ([a-z_]+/\S+\.onnx) \| (\d+) \| (\d+) \| (\d+)"
    table = re.findall(row, (data / "INDEX.md").read_text(encoding="utf-8"), re.MULTILINE)
    for name, *numbers in table:
        if name in FILES:
            assert FILES[name][:3] == tuple(map(int, numbers)), name


@pytest.mark.parametrize("name", FILES)
def test_outputs_agree_with_the_stored_ones(data: Path, name: str) -> None:
    """The stored outputs were computed in float32, whose roundings the tolerance allows for.

    One rounding is 6e-8 of the size of what is rounded. Sums of some hundred terms of mixed signs
    lose a factor of some ten: the outputs differ by 1.3e-6 of the largest output at most, measured
    over all files; 5e-6 leaves room for another machine's order of summation. Probabilities are
    compared in the same way, although they come from logits up to 500 (Pensieve): a softmax turns
    a logit's absolute error into a probability's relative one.
    """
    model = load(data / name)
    X, Y = stored(data, name)
    predicted = model.predict(X)
    assert predicted.shape == Y.shape
    assert np.abs(predicted - Y).max() <= 5e-6 * max(1.0, np.abs(Y).max())


@pytest.mark.parametrize("name", [*FILES, *UNREFERENCED])
def test_sizes_are_those_of_the_index(data: Path, name: str) -> None:
    model = load(data / name)
    row = {**FILES, **UNREFERENCED}[name]
    assert (model.input_size, model.output_size) == (row.inputs, row.outputs)
    expected = row.relus + sum(row.others.values())
    if name in DROPS_UNITS:
        assert 0 < model.form.unit_count <= expected
    else:
        assert model.form.unit_count == expected
    assert len(set(model.unit_names)) == model.form.unit_count


@pytest.mark.parametrize("name", [*FILES, *UNREFERENCED])
def test_tails_and_decisions(data: Path, name: str) -> None:
    model = load(data / name)
    kind, decision = TAILS.get(name, ("none", "highest" if model.output_size > 1 else "none"))
    assert (model.tail.kind, model.decision.kind) == (kind, decision)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_operators(data: Path, name: str) -> None:
    with pytest.raises(UnsupportedOperatorError) as caught:
        load(data / name)
    assert all(part in str(caught.value) for part in REFUSED[name]), str(caught.value)
    advice = re.findall(r"(inputs|outputs)='([^']+)'", str(caught.value))
    # No advice where each part, between one smooth layer and the next, is linear.
    assert len(advice) == (name == "hard_cases/ml4acopf_14_ieee.onnx")
    for option, tensor in advice:
        assert load(data / name, **{option: tensor}).form.unit_count > 0


@pytest.mark.parametrize("name", SYMBOLIC)
def test_symbolic_axes(data: Path, name: str) -> None:
    with pytest.raises(ModelLoadError) as caught:
        load(data / name)
    assert all(part in str(caught.value) for part in SYMBOLIC[name]), str(caught.value)


def test_three_exports_of_one_network_are_one_function(data: Path) -> None:
    models = [
        load(data / f"pensieve/pensieve_actor{end}.onnx") for end in ("", "_logits", "_tf2onnx")
    ]
    X, _ = stored(data, "pensieve/pensieve_actor.onnx")
    for other in models[1:]:
        np.testing.assert_allclose(other(X), models[0](X), rtol=1e-12, atol=1e-10)


def test_the_old_export_of_acc_is_the_converted_one_after_its_shift(data: Path) -> None:
    converted = load(data / "control/acc_5x20_from_mat.onnx")
    old = load(data / "hard_cases/acc_matlab_unloadable.onnx")
    X, _ = stored(data, "control/acc_5x20_from_mat.onnx")
    # the old export starts by subtracting 1 from each input
    np.testing.assert_allclose(old(X + 1.0), converted(X), rtol=1e-10)


@pytest.mark.parametrize(
    "name",
    [
        "acasxu/pytorch_N_1_1.onnx",
        "vision/tinytaxinet.onnx",
        "hard_cases/two_input_controller_certificate.onnx",
        "tabular_models/sev_guardian_mlp_external_data.onnx",
    ],
)
def test_check_against_onnxruntime(data: Path, name: str) -> None:
    pytest.importorskip("onnxruntime")
    assert load(data / name).check().ok


def test_parts_of_a_network_compose(data: Path) -> None:
    path = data / "acasxu/pytorch_N_1_1.onnx"
    import onnx

    middle = [node.output[0] for node in onnx.load(path).graph.node if node.op_type == "Relu"][2]
    first, second = load(path, outputs=middle), load(path, inputs=middle)
    X, _ = stored(data, "acasxu/pytorch_N_1_1.onnx")
    np.testing.assert_allclose(second(first(X)), load(path)(X), atol=1e-12)
