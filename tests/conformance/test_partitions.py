"""Partitions of real networks: complete, and right region by region."""

from __future__ import annotations

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion
from oracles.region_checks import check_partition

from .real_regions import cut_through, input_range, property_box

ACAS = [
    *(
        f"ACASXU_run2a_{net}_batch_2000.onnx"
        for net in ("1_1", "1_7", "1_9", "2_1", "2_9", "3_3", "4_5", "5_7")
    ),
    "pytorch_N_1_1.onnx",
]
CUTS = [(0, 1), (1, 2), (3, 4)]

# Files, and the features of their two- and three-dimensional cuts.
NETWORKS = {
    "rl/cartpole.onnx": (0, 2, 3),
    "rl/lunarlander.onnx": (0, 1, 4),
    "control/vertcas_pra01_matlab.onnx": (0, 1, 2),
    "control/vertcas_pra05_matlab.onnx": (0, 1, 2),
    "control/vertcas_pra09_matlab.onnx": (0, 1, 2),
    "control/double_pendulum_less_robust_keras2onnx.onnx": (0, 1, 2),
    "control/double_pendulum_more_robust_keras2onnx.onnx": (0, 1, 2),
    "control/tora_relu_tanh_from_mat.onnx": (0, 1, 2),
    "tabular_models/jet_tagger_3layer_keras.onnx": (0, 4, 15),
    "nlp/safenlp_medical.onnx": (0, 1, 2),
    "vision/tinytaxinet.onnx": (60, 64, 70),
    "vision/mnist_lenet_tiny_maxpool.onnx": (348, 406, 462),
    "vision/mnist5x20_leaky_relu.onnx": (348, 406, 462),
}
DEGENERATE = {"tll/tll_n2_N8_0.onnx": (0, 1), "tll/tll_n2_N8_1.onnx": (0, 1)}


def is_complete(found):
    assert found.status == "complete"
    assert found.coverage == 1.0
    check_partition(found, minimality=5, membership=50)


@pytest.mark.slow
@pytest.mark.parametrize("features", CUTS, ids=str)
@pytest.mark.parametrize("file", ACAS)
def test_acas_xu_cuts(data, file, features):
    model = facetry.load(data / "acasxu" / file, decision="lowest")
    base, half = np.zeros(5), np.full(5, 0.5)
    is_complete(cut_through(model, base, -half, half, features))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prop_3", "prop_4"])
@pytest.mark.parametrize("file", ACAS)
def test_acas_xu_properties(data, file, name):
    model = facetry.load(data / "acasxu" / file, decision="lowest")
    low, high = property_box(data / "acasxu" / f"{name}.vnnlib")
    found = facetry.partition(model, AnalysisRegion.box(low, high))
    assert found.dimension == (low < high).sum()
    assert 50 < len(found) < 100_000
    is_complete(found)


LARGE = (
    "nlp/safenlp_medical.onnx",
    "tabular_models/jet_tagger_3layer_keras.onnx",
    "control/vertcas_pra01_matlab.onnx",
)
"""Those whose cuts of three dimensions have most regions."""

REAL_CUTS = [
    pytest.param(file, k, marks=pytest.mark.slow if k == 3 and file in LARGE else ())
    for file in NETWORKS
    for k in (2, 3)
]


@pytest.mark.parametrize(("file", "dimensions"), REAL_CUTS)
def test_cuts_of_real_networks(data, file, dimensions):
    model = facetry.load(data / file)
    low, high = input_range(data, file, model.input_size)
    base = (low + high) / 2
    is_complete(cut_through(model, base, low, high, NETWORKS[file][:dimensions]))


@pytest.mark.slow
@pytest.mark.parametrize("features", [(0, 1), (0, 1, 2)], ids=["2d", "3d"])
def test_tora_with_a_relu_at_the_end(data, features):
    model = facetry.load(data / "control/tora_matlab.onnx")
    base = np.array([0.65, -0.65, -0.35, 0.55])
    is_complete(cut_through(model, base, base - 0.5, base + 0.5, features))


@pytest.mark.parametrize("file", DEGENERATE)
def test_lattices_with_many_shared_hyperplanes(data, file):
    model = facetry.load(data / file)
    low, high = input_range(data, file, model.input_size)
    is_complete(cut_through(model, (low + high) / 2, low, high, DEGENERATE[file]))


def test_a_curve_with_one_input(data):
    model = facetry.load(data / "systems/lindex.onnx")
    is_complete(facetry.partition(model, AnalysisRegion.box([0.0], [1.0])))


@pytest.mark.slow
@pytest.mark.parametrize("pixels", [(348, 406), (348, 406, 462)], ids=["2d", "3d"])
@pytest.mark.parametrize(
    "file", ["mnist_lenet_tiny_maxpool", "mnist5x20_leaky_relu", "mnist_cnn_maxpool_keras2onnx"]
)
def test_cuts_through_a_handwritten_digit(data, file, pixels):
    model = facetry.load(data / "vision" / f"{file}.onnx")
    digit = np.load(data / "images/mnist_from_t10k.npz")["x_test"][0].reshape(-1) / 255.0
    is_complete(cut_through(model, digit, np.zeros(784), np.ones(784), pixels))


def pensieve_cut(data, export):
    names = ["300", "750", "1200", "1850", "2850", "4300"]
    model = facetry.load(data / "pensieve" / export, output_names=[f"{n} kbps" for n in names])
    states = np.load(data / "pensieve/pensieve_states.npz")["states"].reshape(-1, 48)
    # Buffer from 0 to 30 s, last throughput from 0 to 6 Mbit/s (0.75 MB/s), as in Figure 3.
    region = AnalysisRegion.cut(states.mean(axis=0), {15: (0.0, 3.0), 23: (0.0, 0.75)})
    return facetry.partition(model, region)


def test_pensieve_is_the_same_from_three_exports(data):
    """The exporters order the units differently, so regions are compared by what they are."""
    first, *others = (
        pensieve_cut(data, f"pensieve_actor{suffix}.onnx") for suffix in ("", "_logits", "_tf2onnx")
    )
    is_complete(first)
    for other in others:
        is_complete(other)
        assert len(other) == len(first)
        match = first.locate(other.interior_points)
        assert sorted(match.tolist()) == list(range(len(first)))
        assert np.allclose(other.coef, first.coef[match], rtol=1e-9, atol=1e-9)
        assert np.allclose(other.volumes, first.volumes[match], rtol=1e-9, atol=0)


def test_pensieve_map_of_decisions(data, tmp_path):
    import matplotlib.image

    found = pensieve_cut(data, "pensieve_actor.onnx")
    axes = found.plot(color="top")
    axes.figure.savefig(tmp_path / "pensieve.png")
    picture = matplotlib.image.imread(tmp_path / "pensieve.png")
    assert picture[..., :3].std() > 0.05
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    decided = set(np.unique(found.model.decide(found.interior_points)).tolist())
    assert all(any(found.model.output_names[i] in text for text in labels) for i in decided)
    assert not any("2850" in text for text in labels)
