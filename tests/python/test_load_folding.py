"""What folding rounds and what it keeps: the claims of the read me about a model's numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import facetry

RNG = np.random.default_rng(3)
W1, W2 = (RNG.normal(size=size).astype(np.float32) for size in ((3, 4), (4, 2)))
B2 = RNG.normal(size=2).astype(np.float32)
EYE = np.eye(2, dtype=np.float32)
UNIT = Fraction(1, 2**53)


def network(nodes: list[tuple[str, str, str, dict[str, Any]]], weights: dict[str, Any]) -> Any:
    made = [helper.make_node(op, i.split(), [o], **more) for op, i, o, more in nodes]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        made, "g", [value("x", TensorProto.FLOAT, (1, 3))],
        [value("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in weights.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def affine(model: facetry.Model) -> tuple[np.ndarray, np.ndarray]:
    """The folded weights and biases before the units, which are active around 0."""
    found = facetry.describe(model, facetry.AnalysisRegion.box([-0.01] * 3, [0.01] * 3))
    assert len(found) == 1
    assert model.form.unit_count == model.output_size
    return found.coef[0], found.intercept[0]


def test_a_layer_that_stands_alone_keeps_its_numbers():
    shift = np.float32(100)
    model = facetry.load(
        network(
            [
                ("MatMul", "x w", "h", {}),
                ("Add", "h b", "z", {}),
                ("Relu", "z", "r", {}),
                ("MatMul", "r e", "y", {}),
            ],
            {"w": W1[:, :2], "b": B2 + shift, "e": EYE},
        )
    )
    coef, intercept = affine(model)
    assert np.array_equal(coef, W1[:, :2].T.astype(np.float64))
    assert np.array_equal(intercept, (B2 + shift).astype(np.float64))


def exact_product(W: np.ndarray, V: np.ndarray) -> list[list[Fraction]]:
    """``W @ V`` without rounding."""
    rows = [[Fraction(float(v)) for v in row] for row in W]
    columns = [[Fraction(float(v)) for v in column] for column in V.T]
    return [
        [sum((a * b for a, b in zip(r, c, strict=True)), Fraction(0)) for c in columns]
        for r in rows
    ]


def test_two_linear_layers_are_merged_and_rounded_once_for_each_step():
    # Doubles, so that products do not fit: those of two float32 numbers do.
    W, V = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))
    graph = network(
        [
            ("Cast", "x", "d", {"to": TensorProto.DOUBLE}),
            ("MatMul", "d w", "h", {}),
            ("MatMul", "h v", "z", {}),
            ("Add", "z b", "s", {}),
            ("Relu", "s", "r", {}),
            ("MatMul", "r e", "y", {}),
        ],
        {"w": W, "v": V, "b": np.full(2, 100.0), "e": np.eye(2)},
    )
    graph.graph.output[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    coef, _ = affine(facetry.load(graph))
    exact = exact_product(W, V)
    sizes = exact_product(np.abs(W), np.abs(V))
    errors = [
        abs(Fraction(float(coef[j, i])) - exact[i][j]) / sizes[i][j]
        for i in range(3)
        for j in range(2)
    ]
    assert max(errors) <= 5 * UNIT  # a product and up to four sums
    assert max(errors) > 0  # so that "as stored" would be wrong to say


def test_batch_norm_is_folded_within_some_roundings():
    scale, shift, mean = (RNG.normal(size=2).astype(np.float32) for _ in range(3))
    variance = RNG.uniform(0.5, 2, size=2).astype(np.float32)
    graph = network(
        [
            ("MatMul", "x w", "h", {}),
            ("BatchNormalization", "h s t m v", "n", {"epsilon": 0.0}),
            ("Add", "n b", "z", {}),
            ("Relu", "z", "r", {}),
            ("MatMul", "r e", "y", {}),
        ],
        {"w": W1[:, :2], "s": scale, "t": shift, "m": mean, "v": variance, "e": EYE,
         "b": np.full(2, 100, np.float32)},
    )  # fmt: skip
    coef, _ = affine(facetry.load(graph))
    factor = scale.astype(np.longdouble) / np.sqrt(variance.astype(np.longdouble))
    expected = (W1[:, :2].astype(np.longdouble) * factor).T
    assert np.all(np.abs(coef - expected) <= 4 * 2.0**-53 * np.abs(expected))


def test_the_check_compares_the_folded_network_with_the_stored_one():
    pytest.importorskip("onnxruntime")
    graph = network(
        [("MatMul", "x w", "h", {}), ("MatMul", "h v", "z", {}), ("Relu", "z", "y", {})],
        {"w": W1, "v": W2},
    )
    report = facetry.load(graph).check()
    assert report.ok
    assert 0 < report.max_relative < 1e-5
