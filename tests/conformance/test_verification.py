"""Properties of others' networks, decided as by the published results of VNN-COMP 2022.

A witness is checked by onnxruntime too, which computes in float32.
"""

from __future__ import annotations

import re

import numpy as np
import onnxruntime
import pytest

import facetry

LIMIT = 60
ACAS = ["1_1", "1_7", "1_9", "2_1", "2_9", "3_3", "4_5", "5_7"]
FLOAT32 = 1e-5

RL = {
    "cartpole": (("safe_14", "unsat"), ("safe_27", "unsat")),
    "lunarlander": (("safe_0", "sat"), ("safe_1", "sat")),
    "dubinsrejoin": (("safe_0", "unsat"), ("safe_1", "unsat")),
}


def decide(folder, network, property_file):
    """The answer; a witness is checked against the property and by onnxruntime."""
    model = facetry.load(folder / network)
    asked = facetry.Property.read(folder / property_file)
    found = facetry.verify(model, asked, time_limit=LIMIT)
    if found.answer == "sat":
        assert any(
            np.all(case.low <= found.witness)
            and np.all(found.witness <= case.high)
            and any(
                np.all(one.weights @ found.outputs >= one.thresholds) for one in case.conjunctions
            )
            for case in asked.cases
        )
        session = onnxruntime.InferenceSession(str(folder / network))
        tensor = session.get_inputs()[0]
        shape = [size if isinstance(size, int) else 1 for size in tensor.shape]
        values = found.witness.astype(np.float32).reshape(shape)
        other = session.run(None, {tensor.name: values})[0].ravel()
        assert np.allclose(other, found.outputs, atol=FLOAT32 * (1 + abs(found.outputs).max()))
    return found


@pytest.mark.parametrize("network", ACAS)
@pytest.mark.parametrize("number", [3, 4])
def test_acas_xu_3_and_4(data, number, network):
    """Clear of conflict is never the best advice; of the networks N1,7 to N1,9 it is."""
    file = f"ACASXU_run2a_{network}_batch_2000.onnx"
    found = decide(data / "acasxu", file, f"prop_{number}.vnnlib")
    assert found.answer == ("sat" if network in ("1_7", "1_9") else "unsat")


@pytest.mark.parametrize(
    ("number", "network", "answer"),
    [
        (1, "1_1", "unsat"),
        (1, "4_5", "unsat"),
        (2, "2_1", "sat"),
        (2, "5_7", "sat"),
        pytest.param(2, "3_3", "unsat", marks=pytest.mark.slow),
        (5, "1_1", "unsat"),
        (10, "4_5", "unsat"),
    ],
)
def test_acas_xu_others(data, number, network, answer):
    file = f"ACASXU_run2a_{network}_batch_2000.onnx"
    assert decide(data / "acasxu", file, f"prop_{number}.vnnlib").answer == answer


def test_two_exports_of_one_network_agree(data):
    found = decide(data / "acasxu", "pytorch_N_1_1.onnx", "prop_3.vnnlib")
    assert (found.answer, found.status) == ("unsat", "complete")


@pytest.mark.parametrize(
    ("network", "case", "answer"),
    [(network, case, answer) for network, cases in RL.items() for case, answer in cases],
)
def test_policies(data, network, case, answer):
    found = decide(data / "rl", f"{network}.onnx", f"{network}_case_{case}.vnnlib")
    assert found.answer == answer


def test_all_properties_are_read(data):
    files = sorted(data.glob("*/*.vnnlib"))
    assert len(files) >= 16
    for file in files:
        asked = facetry.Property.read(file)
        declared = re.findall(r"declare-const ([XY])_", file.read_text())
        assert (asked.input_size, asked.output_size) == (declared.count("X"), declared.count("Y"))
        assert len(asked.cases) == (2 if file.name == "prop_6.vnnlib" else 1)
