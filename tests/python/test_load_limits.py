"""Small files that ask for much: each is refused by a limit, in little memory."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facetry import InvalidInputError, ModelLoadError, ReadLimits, UnsupportedOperatorError, load

F = TensorProto.FLOAT
GIANT = 2**40


def node(op: str, inputs: str, output: str = "y", **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), output.split(), f"my_{op}", **attributes)


def model(
    nodes: list[onnx.NodeProto],
    weights: dict[str, Any] | None = None,
    shape: tuple[int, ...] = (1, 2),
    functions: list[onnx.FunctionProto] | None = None,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", F, shape)],
        [helper.make_tensor_value_info("y", F, None)],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in (weights or {}).items()],
    )
    versions = [helper.make_opsetid("", 13), helper.make_opsetid("my", 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8, functions=functions or [])


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6


IMAGE = (1, 1, 4, 4)
WIDE = np.ones(3000, np.float32)
GROWING = {
    "pads": ([node("MaxPool", "x", kernel_shape=[2, 2], pads=[GIANT] * 4)], {}, IMAGE),
    "kernel": (
        [node("AveragePool", "x", kernel_shape=[GIANT, 1], pads=[GIANT, 0, 0, 0])], {}, IMAGE,
    ),
    "pad": ([node("Pad", "x p")], {"p": np.array([0, 0, 0, GIANT])}, (1, 2)),
    "reflected pad": (
        [node("Pad", "x p", mode="reflect")], {"p": np.array([0, 0, 0, GIANT])}, (1, 2),
    ),
    "tile": ([node("Tile", "x t")], {"t": np.array([GIANT, 1])}, (1, 2)),
    "expand": ([node("Expand", "x s")], {"s": np.array([GIANT, 2])}, (1, 2)),
    "constant": (
        [node("ConstantOfShape", "s", "c"), node("Add", "x c")],
        {"s": np.array([GIANT, 2])}, (1, 2),
    ),
    "range": (
        [node("Range", "a b d", "c"), node("Add", "x c")],
        {"a": np.float32(0), "b": np.float32(1e12), "d": np.float32(1)}, (1, 2),
    ),
    "one hot": (
        [node("OneHot", "i d v", "c"), node("Add", "x c")],
        {"i": np.array([0]), "d": np.array(GIANT), "v": np.float32([0, 1])}, (1, 2),
    ),
    "sum of a row and a column": (
        [node("Reshape", "w s", "c"), node("Add", "x c")],
        {"w": np.ones(20_000, np.float32), "s": np.array([20_000, 1])}, (1, 20_000),
    ),
    "product of constants": (
        [node("Einsum", "a b c", "d", equation="i,j,k->ijk"), node("Add", "x d")],
        dict.fromkeys("abc", WIDE), (1, 2),
    ),
    "limits of a row and a column": (
        [node("Reshape", "w s", "c"), node("Max", "x c")],
        {"w": np.ones(20_000, np.float32), "s": np.array([20_000, 1])}, (1, 20_000),
    ),
    "gathered": (
        [node("Gather", "x i", axis=1)], {"i": np.zeros(200_000, np.int64)}, (1, 2, 1000),
    ),
    "inputs": ([node("Relu", "x")], {}, (1, GIANT)),
    "inputs beyond all numbers": ([node("Relu", "x")], {}, (1, 2**62, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_growth_is_refused_before_it_takes_memory(name: str) -> None:
    with pytest.raises(
        ModelLoadError, match=r"limit of \d+ (elements|values) .*ReadLimits\((elements|values)="
    ):
        load(model(*GROWING[name]))


def test_doubling_again_and_again() -> None:
    names = ["x", *(f"h{i}" for i in range(60)), "y"]
    nodes = [helper.make_node("Concat", [a, a], [b], axis=1) for a, b in pairwise(names)]
    with pytest.raises(ModelLoadError, match="limit of 100000 elements"):
        load(model(nodes), limits=ReadLimits(elements=100_000))


def function(name: str, body: list[onnx.NodeProto]) -> onnx.FunctionProto:
    versions = [helper.make_opsetid("", 13), helper.make_opsetid("my", 1)]
    return helper.make_function("my", name, ["a"], ["b"], body, versions)


def call(name: str, reads: str, makes: str) -> onnx.NodeProto:
    return helper.make_node(name, [reads], [makes], domain="my")


def test_functions_of_functions() -> None:
    nested = [function("f0", [call("Relu", "a", "b")])]
    nested[0].node[0].domain = ""
    for i in range(1, 40):
        body = [call(f"f{i - 1}", "a", "h"), call(f"f{i - 1}", "h", "b")]
        nested.append(function(f"f{i}", body))
    with pytest.raises(ModelLoadError, match="limit of 100000 nodes"):
        load(model([call("f39", "x", "y")], functions=nested))
    few = model([call("f3", "x", "y")], functions=nested[:4])
    assert load(few, limits=ReadLimits(nodes=8)).form.unit_count > 0
    with pytest.raises(ModelLoadError, match=r"limit of 7 nodes .*ReadLimits\(nodes="):
        load(few, limits=ReadLimits(nodes=7))
    itself = function("f", [call("f", "a", "b")])
    with pytest.raises(ModelLoadError, match="call themselves"):
        load(model([call("f", "x", "y")], functions=[itself]))


def test_loops_of_constants_are_not_run() -> None:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", F, [2]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", F, [2]),
        ],
    )
    nodes = [node("Loop", "n go v", "c", body=body), node("Add", "x c")]
    weights = {"n": np.array(2**62), "go": np.array(True), "v": np.ones(2, np.float32)}
    with pytest.raises(UnsupportedOperatorError, match="loop"):
        load(model(nodes, weights))


def test_limits_are_checked() -> None:
    for value in (0, -1, 1.5, True, "9"):
        with pytest.raises(InvalidInputError, match="'nodes' must be a whole number"):
            ReadLimits(nodes=value)  # type: ignore[arg-type]


def test_many_nodes_and_large_weights() -> None:
    names = ["x", *(f"h{i}" for i in range(9)), "y"]
    chain = [helper.make_node("Relu", [a], [b]) for a, b in pairwise(names)]
    with pytest.raises(ModelLoadError, match="limit of 9 nodes"):
        load(model(chain), limits=ReadLimits(nodes=9))
    assert load(model(chain), limits=ReadLimits(nodes=10)).output_size == 2
    with pytest.raises(ModelLoadError, match="limit of 21 values"):
        load(model(chain), limits=ReadLimits(values=21))
    assert load(model(chain), limits=ReadLimits(values=22)).output_size == 2
    dense = model([node("MatMul", "x w")], {"w": np.ones((2, 50), np.float32)})
    with pytest.raises(ModelLoadError, match="limit of 99 elements"):
        load(dense, limits=ReadLimits(elements=99))
    assert load(dense, limits=ReadLimits(elements=400)).output_size == 50


def test_packed_models(tmp_path: Path) -> None:
    whole = model([node("MatMul", "x w")], {"w": np.ones((2, 3), np.float32)})
    path = tmp_path / "model.onnx.gz"
    path.write_bytes(gzip.compress(whole.SerializeToString()))
    assert load(path)([[1.0, 2.0]]).tolist() == [[3.0, 3.0, 3.0]]
    path.write_bytes(gzip.compress(b"\0" * 10_000_000))
    with pytest.raises(ModelLoadError, match="limit of 1000000 bytes"):
        load(path, limits=ReadLimits(bytes=1_000_000))
    path.write_bytes(gzip.compress(whole.SerializeToString())[:-12])
    with pytest.raises(ModelLoadError, match="cannot read"):
        load(path)


def test_external_weights_that_claim_much(tmp_path: Path) -> None:
    whole, path = model([node("MatMul", "x w")], {"w": np.ones((2, 3), np.float32)}), tmp_path / "m"
    onnx.save(whole, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    claims = onnx.load(path, load_external_data=False)
    claims.graph.initializer[0].dims[:] = [GIANT, 3]
    path.write_bytes(claims.SerializeToString())
    with pytest.raises(ModelLoadError, match="limit of 100000000 elements"):
        load(path)
