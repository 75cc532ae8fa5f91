"""The MILP engine against the subdivision engine on small cuts of real networks."""

from __future__ import annotations

import pytest

import facetry
from oracles.engines import compare_engines

from .real_regions import input_range

# Files, and the features of a cut.
CUTS = {
    "rl/cartpole.onnx": (0, 2),
    "control/vertcas_pra01_matlab.onnx": (0, 1),
    "control/vertcas_pra05_matlab.onnx": (0,),
    "tabular_models/iris_softmax_pytorch.onnx": (0, 2),
}
SHARE = {"control/vertcas_pra01_matlab.onnx": 0.25}


@pytest.mark.parametrize("file", CUTS)
def test_both_engines_agree_on_real_cuts(data, file):
    model = facetry.load(data / file)
    low, high = input_range(data, file, model.input_size)
    middle, half = (low + high) / 2, (high - low) / 2 * SHARE.get(file, 1.0)
    limits = {i: (float((middle - half)[i]), float((middle + half)[i])) for i in CUTS[file]}
    found = compare_engines(model, facetry.AnalysisRegion.cut(middle, limits))
    assert len(found) > 5
