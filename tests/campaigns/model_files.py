"""Damaged model files: ``python -m campaigns.model_files --cases 2000 --seed 1``, in `tests/`.

ONNX files, .nnet files and facetry's own, with bytes flipped, cut, doubled and spliced. Whatever
the damage, only facetry's own errors come out, in bounded time; what loads can be evaluated.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import facetry
from campaigns.mutations import main, run
from facetry import FacetryError
from facetry.models.nnet_model import nnet_from_text

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


_NUMBERS = (-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 5, 64, 2**31, 2**40, 2**62)
_OPERATORS = (
    *("Relu", "Abs", "Neg", "Clip", "Add", "Sub", "Mul", "Div", "MatMul", "Gemm", "Conv", "Pad"),
    *(
        "MaxPool",
        "AveragePool",
        "Reshape",
        "Transpose",
        "Flatten",
        "Squeeze",
        "Unsqueeze",
        "Concat",
    ),
    *("Slice", "Gather", "Tile", "Expand", "Max", "Min", "Softmax", "ArgMax", "ReduceSum", "Split"),
    *("ReduceMax", "Identity", "Shape", "ConstantOfShape", "Range", "Where", "BatchNormalization"),
    *("PRelu", "Elu", "Tanh", "Log", "Exp", "Cast", "If", "Loop", "Dropout", "Resize", "OneHot"),
)


def restructured(data: bytes, _: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """A model that still is one, with one to three of its parts changed: names, numbers, kinds."""
    model = onnx.ModelProto.FromString(data)
    with np.errstate(all="ignore"):
        for _ in range(int(rng.integers(1, 4))):
            _CHANGES[int(rng.integers(len(_CHANGES)))](model, rng)
    return bytes(model.SerializeToString())


def _one_of(parts: Sequence[Any], rng: np.random.Generator) -> Any:
    return parts[int(rng.integers(len(parts)))]


def _operator(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    _one_of(model.graph.node, rng).op_type = _one_of(_OPERATORS, rng)


def _wire(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    names = [name for node in model.graph.node for name in (*node.input, *node.output)]
    node = _one_of(model.graph.node, rng)
    ends = node.input if rng.integers(4) else node.output
    if rng.integers(4) == 0:
        ends.append(_one_of(["", *names], rng))
    elif ends:
        ends[int(rng.integers(len(ends)))] = _one_of(["", *names], rng)


def _attribute(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    node = _one_of(model.graph.node, rng)
    if not node.attribute or rng.integers(3) == 0:
        name = _one_of(("axis", "axes", "alpha", "pads", "group", "keepdims", "transA"), rng)
        kinds: tuple[Any, ...] = (_one_of(_NUMBERS, rng), [_one_of(_NUMBERS, rng)] * 2, 1.5, "text")
        node.attribute.append(helper.make_attribute(name, _one_of(kinds, rng)))
        return
    entry = _one_of(node.attribute, rng)
    if entry.ints:
        entry.ints[int(rng.integers(len(entry.ints)))] = _one_of(_NUMBERS, rng)
    else:
        entry.i = _one_of(_NUMBERS, rng)


def _weights(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    tensor = _one_of(model.graph.initializer, rng)
    array = np.array(numpy_helper.to_array(tensor))
    if array.dtype.kind == "i" and array.size:
        array.flat[int(rng.integers(array.size))] = np.clip(
            _one_of(_NUMBERS, rng), np.iinfo(array.dtype).min, np.iinfo(array.dtype).max
        )
    elif array.dtype.kind == "f" and array.size:
        array.flat[int(rng.integers(array.size))] = _one_of((np.nan, np.inf, 1e38, 0, -1), rng)
    change = int(rng.integers(4))
    if change == 0:
        array = array.reshape(-1)
    if change == 1:
        array = array.astype(_one_of((np.int8, np.float64, np.float16, np.bool_, np.int64), rng))
    tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))


def _shape(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    dims = model.graph.input[0].type.tensor_type.shape.dim
    if rng.integers(4) == 0:
        dims.add().dim_value = _one_of(_NUMBERS, rng)
    else:
        _one_of(dims, rng).dim_value = _one_of(_NUMBERS, rng)


def _nodes(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    nodes = list(model.graph.node)
    at = int(rng.integers(len(nodes)))
    nodes = [*nodes[:at], *nodes[at + 1 :]] if rng.integers(2) else [*nodes, nodes[at]]
    if nodes:
        del model.graph.node[:]
        model.graph.node.extend(nodes)


def _versions(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    model.opset_import[0].version = int(_one_of((1, 6, 7, 9, 11, 18, 21, 999), rng))


_CHANGES = (_operator, _wire, _attribute, _weights, _shape, _nodes, _versions)


def structure_campaign(cases: int, seed: int, keep: Path | None = None) -> Counter[str]:
    """ONNX models whose parts were changed: they are still ONNX files, but not always valid."""
    return run(cases, seed, onnx_files(), _compared, keep, damage=restructured)


def _compared(data: bytes) -> str:
    """Loads a model; what onnxruntime runs, too, must give the same outputs."""
    model = facetry.load(onnx.ModelProto.FromString(data))
    _used(model)
    if model.input_size > 10_000 or importlib.util.find_spec("onnxruntime") is None:
        return "read"
    try:
        with np.errstate(all="ignore"):
            report = model.check()
    except FacetryError:
        return "read; onnxruntime refuses it"
    assert report.ok or np.isnan(report.max_relative), str(report)
    return "read; onnxruntime agrees"


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


KINDS = {
    "ONNX": onnx_campaign,
    "ONNX parts": structure_campaign,
    ".nnet": nnet_campaign,
    "facetry model": own_campaign,
}

if __name__ == "__main__":
    sys.exit(main(__doc__ or "", KINDS))
