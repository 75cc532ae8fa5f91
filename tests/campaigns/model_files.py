"""Damaged model files: ``python -m tests.campaigns.model_files --cases 2000 --seed 1``.

ONNX files, .nnet files and facetry's own, with bytes flipped, cut, doubled and spliced. Whatever
the damage, only facetry's own errors come out, in bounded time; what loads can be evaluated.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import facetry
from facetry.models.nnet_model import nnet_from_text

from .mutations import main, run

F = TensorProto.FLOAT


def _node(op: str, inputs: str, output: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), [output], f"n_{output}", **attributes)


def _onnx(
    nodes: list[onnx.NodeProto], shape: list[object], weights: dict[str, np.ndarray]
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", F, shape)],
        [helper.make_tensor_value_info("y", F, None)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(made.SerializeToString())


def onnx_files() -> list[bytes]:
    """A dense network, a convolution with a pool, a branch, and constants that are computed."""
    rng = np.random.default_rng(0)

    def weights(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    dense = _onnx(
        [_node("Gemm", "x a b", "h", transB=1), _node("Relu", "h", "r"),
         _node("Gemm", "r c", "z"), _node("Softmax", "z", "y", axis=1)],
        ["N", 3], {"a": weights(4, 3), "b": weights(4), "c": weights(4, 2)},
    )  # fmt: skip
    image = _onnx(
        [_node("Conv", "x k", "h", pads=[1, 1, 1, 1], strides=[2, 2]), _node("Relu", "h", "r"),
         _node("MaxPool", "r", "p", kernel_shape=[2, 2]), _node("Reshape", "p s", "f"),
         _node("MatMul", "f w", "y")],
        [1, 1, 6, 6], {"k": weights(2, 1, 3, 3), "s": np.array([1, -1]), "w": weights(8, 2)},
    )  # fmt: skip
    taken = helper.make_graph([_node("Neg", "x", "t")], "t", [],
                              [helper.make_tensor_value_info("t", F, None)])  # fmt: skip
    other = helper.make_graph([_node("Abs", "x", "e")], "e", [],
                              [helper.make_tensor_value_info("e", F, None)])  # fmt: skip
    folded = _onnx(
        [_node("If", "go", "h", then_branch=taken, else_branch=other),
         _node("DequantizeLinear", "q s", "w"), _node("Tile", "w n", "v"),
         _node("Slice", "v i j", "u"), _node("MatMul", "h u", "m"), _node("Clip", "m", "y")],
        [2, 2],
        {"go": np.array(False), "q": np.array([[1, -2], [3, 4]], np.int8), "s": np.float32(0.5),
         "n": np.array([1, 2]), "i": np.array([0, 0]), "j": np.array([2, 3])},
    )  # fmt: skip
    return [dense, image, folded]


def nnet_files() -> list[bytes]:
    """A network of two layers."""
    text = "// small\n2,2,1,3,\n2,3,1,\n0,\n-1,-2,\n1,2,\n0,0.5,3,\n1,2,4,\n"
    text += "1,-1,\n0.5,2e-1,\n-.25,1,\n0,\n1,\n-1,\n1,-2,3,\n0.5,\n"
    return [text.encode()]


def own_files() -> list[bytes]:
    """Files that `Model.save` wrote."""
    models = [facetry.load(onnx.ModelProto.FromString(data)) for data in onnx_files()[:2]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        result = []
        for model in models:
            model.save(path)
            result.append(path.read_bytes())
    return result


def _used(model: object) -> None:
    assert isinstance(model, facetry.Model)
    if model.input_size <= 10_000:
        with np.errstate(all="ignore"):
            model.predict(np.ones((2, model.input_size)))


def onnx_campaign(cases: int, seed: int, keep: Path | None = None) -> Counter[str]:
    """Damaged ONNX files."""
    return _through_a_file(cases, seed, onnx_files(), lambda path: _used(facetry.load(path)), keep)


def nnet_campaign(cases: int, seed: int, keep: Path | None = None) -> Counter[str]:
    """Damaged .nnet texts."""
    return run(
        cases, seed, nnet_files(),
        lambda data: _used(nnet_from_text(data.decode("utf-8", "replace"), "a text")), keep,
    )  # fmt: skip


def own_campaign(cases: int, seed: int, keep: Path | None = None) -> Counter[str]:
    """Damaged files of facetry's own."""
    return _through_a_file(cases, seed, own_files(), lambda path: _used(facetry.open(path)), keep)


def _through_a_file(
    cases: int,
    seed: int,
    sources: list[bytes],
    read: Callable[[Path], None],
    keep: Path | None,
) -> Counter[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.onnx"

        def written(data: bytes) -> None:
            path.write_bytes(data)
            read(path)

        return run(cases, seed, sources, written, keep)


KINDS = {"ONNX": onnx_campaign, ".nnet": nnet_campaign, "facetry model": own_campaign}

if __name__ == "__main__":
    sys.exit(main(__doc__ or "", KINDS))
