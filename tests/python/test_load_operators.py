"""Every operator against onnxruntime: tiny ONNX graphs, several operator sets, random inputs."""

from __future__ import annotations

import numpy as np
import pytest

from facetry.models.load import load
from oracles.operators.case import RNG, Case, build
from oracles.operators.elementwise import ELEMENTWISE
from oracles.operators.linear import LINEAR
from oracles.operators.shape import SHAPE
from oracles.operators.tails import TAILS
from oracles.operators.windows import CONVOLUTION, POOLING

ort = pytest.importorskip("onnxruntime", reason="onnxruntime is the judge of these tests")

CASES = [*ELEMENTWISE, *LINEAR, *CONVOLUTION, *POOLING, *SHAPE, *TAILS]
PAIRS = [
    pytest.param(item, opset, id=f"{item.name}-{opset}") for item in CASES for opset in item.opsets
]


@pytest.mark.parametrize(("item", "opset"), PAIRS)
def test_operator_agrees_with_onnxruntime(item: Case, opset: int) -> None:
    release = tuple(int(part) for part in ort.__version__.split(".")[:2])
    if item.name == "reduce_sum_none" and release < (1, 24):
        pytest.skip("onnxruntime before 1.24 sums over all axes here, or fails")
    model = build(item, opset)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(model.SerializeToString(), options)
    X = 2.0 * RNG.normal(size=(6, *item.shape[1:])).astype(np.float32)
    expected = np.array([np.ravel(session.run(["y"], {"x": x[None]})[0]) for x in X])
    loaded = load(model)
    result = loaded.predict(X)
    assert loaded.input_shape == item.shape[1:]
    assert result.shape == expected.shape
    # float32 rounds at 6e-8; sums of a few dozen terms of size 2 stay below 1e-5
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_every_lowered_operator_is_in_the_table() -> None:
    from facetry.models.onnx.registry import LOWERINGS

    tried = {entry.op_type for item in CASES for entry in item.nodes}
    untried = {op for _, op in LOWERINGS} - tried
    # refused where they meet the input, or the same code as an operator in the table
    assert untried <= {
        "Compress",
        "GatherND",
        "Scatter",
        "ScatterElements",
        "ScatterND",
        "CastLike",
    }
