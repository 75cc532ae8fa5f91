"""Every operator against onnxruntime: tiny ONNX graphs, several operator sets, random inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facetry.models.load import load

ort = pytest.importorskip("onnxruntime", reason="onnxruntime is the judge of these tests")

RNG = np.random.default_rng(2)
ALL = (7, 9, 11, 13, 18, 21, 23)


class Case(NamedTuple):
    """One graph: its input's shape, its nodes, its constants, and the operator sets to try."""

    name: str
    shape: tuple[int, ...]
    nodes: Sequence[onnx.NodeProto]
    constants: Mapping[str, np.ndarray]
    opsets: tuple[int, ...]


def node(op: str, inputs: str = "x", outputs: str = "y", **attributes: Any) -> onnx.NodeProto:
    names = [name if name != "_" else "" for name in inputs.split()]
    return helper.make_node(op, names, outputs.split(), f"{op}_{outputs}", **attributes)


def weights(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def single(value: float) -> np.ndarray:
    return np.array(value, dtype=np.float32)


def case(
    name: str,
    shape: tuple[int, ...],
    nodes: onnx.NodeProto | Sequence[onnx.NodeProto],
    opsets: tuple[int, ...] = ALL,
    **constants: np.ndarray,
) -> Case:
    listed = [nodes] if isinstance(nodes, onnx.NodeProto) else nodes
    return Case(name, shape, listed, constants, opsets)


def build(item: Case, opset: int) -> onnx.ModelProto:
    graph = helper.make_graph(
        item.nodes,
        item.name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, item.shape)],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(array, key) for key, array in item.constants.items()],
    )
    versions = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 2)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8)


IMAGE = (1, 4, 7, 6)
ELEMENTWISE = [
    case("relu", (1, 5), node("Relu")),
    case("leaky_relu", (1, 5), node("LeakyRelu", alpha=0.3)),
    case("leaky_relu_default", (1, 5), node("LeakyRelu")),
    case("prelu_channel", IMAGE, node("PRelu", "x s"), s=weights(4, 1, 1)),
    case("prelu_element", (1, 5), node("PRelu", "x s"), s=weights(5)),
    case("prelu_single", (1, 5), node("PRelu", "x s"), s=weights(1)),
    case("abs", (1, 5), node("Abs")),
    case("neg", (1, 5), node("Neg")),
    case("hard_sigmoid", (1, 9), node("HardSigmoid", alpha=0.7, beta=0.4)),
    case("hard_sigmoid_default", (1, 9), node("HardSigmoid")),
    case("hard_sigmoid_mirrored", (1, 9), node("HardSigmoid", alpha=-0.7, beta=0.4)),
    case("clip_attributes", (1, 9), node("Clip", min=-0.5, max=0.8), (7, 9, 10)),
    case("clip_min_attribute", (1, 9), node("Clip", min=-0.5), (7, 10)),
    case("clip_inputs", (1, 9), node("Clip", "x a b"), ALL[2:], a=single(-0.5), b=single(0.8)),
    case("clip_max_input", (1, 9), node("Clip", "x _ b"), ALL[2:], b=single(0.8)),
    case("clip_nothing", (1, 9), node("Clip", "x"), ALL[2:]),
    case(
        "clip_largest", (1, 9), node("Clip", "x a b"), (11, 13), a=single(0), b=single(3.4028235e38)
    ),
    case("thresholded_relu_at_0", (1, 9), node("ThresholdedRelu", alpha=0.0), (10, 13)),
    case("soft_shrink", (1, 9), node("Shrink", lambd=0.5, bias=0.5), (9, 13)),
    case("add_constant", IMAGE, node("Add", "x c"), c=weights(4, 1, 1)),
    case("constant_minus", (1, 5), node("Sub", "c x"), c=weights(1, 5)),
    case("minus_constant", (1, 5), node("Sub", "x c"), c=weights(5)),
    case("add_grows", (1, 5), node("Add", "x c"), c=weights(3, 1)),
    case("mul_constant", IMAGE, node("Mul", "c x"), c=weights(6)),
    case("div_constant", (1, 5), node("Div", "x c"), c=weights(5)),
    case("residual", (1, 5), [node("Relu", "x", "r"), node("Add", "r x", "y")]),
    case("subtract_tensors", (1, 5), [node("Relu", "x", "r"), node("Sub", "r x", "y")]),
    case("broadcast_tensors", IMAGE, [node("GlobalMaxPool", "x", "g"), node("Sub", "x g")]),
    case("sum", (1, 5), [node("Relu", "x", "r"), node("Sum", "r x c x")], c=weights(1, 5)),
    case("mean", (1, 5), [node("Relu", "x", "r"), node("Mean", "r x c")], (8, 13), c=weights(1, 5)),
    case("max_tensors", (1, 5), [node("Neg", "x", "r"), node("Max", "r x")]),
    case("min_tensors", (1, 5), [node("Neg", "x", "r"), node("Min", "r x c")], c=weights(1, 5)),
    case("max_constant", (1, 5), node("Max", "x c"), (8, 13), c=weights(1)),
    case("min_constants", (1, 5), node("Min", "c x d"), (8, 13), c=weights(5), d=weights(5)),
    case(
        "max_broadcast",
        IMAGE,
        [node("GlobalMaxPool", "x", "g"), node("Max", "x g c")],
        (8, 13),
        c=single(0),
    ),
    case("max_one", (1, 5), node("Max", "x")),
    case("max_twice", (1, 5), node("Max", "x x")),
    case(
        "relu_of_constants",
        (1, 2),
        [node("Concat", "x c", "j", axis=1), node("Relu", "j", "r"), node("Max", "r d")],
        (13,),
        c=weights(1, 2),
        d=weights(1, 4),
    ),
    case(
        "scaler",
        (1, 4),
        helper.make_node(
            "Scaler",
            ["x"],
            ["y"],
            domain="ai.onnx.ml",
            offset=[1.0, -2.0, 0.5, 0.0],
            scale=[2.0, 0.5, 3.0, 1.0],
        ),
        (13,),
    ),
]
LINEAR = [
    case("gemm", (1, 5), node("Gemm", "x w b"), w=weights(5, 3), b=weights(3)),
    case(
        "gemm_factors",
        (1, 5),
        node("Gemm", "x w b", alpha=0.5, beta=2.0, transB=1),
        w=weights(3, 5),
        b=weights(1, 3),
    ),
    case(
        "gemm_scalar_bias", (1, 5), node("Gemm", "x w b"), (7, 13), w=weights(5, 3), b=single(2.0)
    ),
    case("gemm_no_bias", (1, 5), node("Gemm", "x w"), (11, 13, 18), w=weights(5, 3)),
    case("gemm_trans_a", (1, 5), node("Gemm", "x w b", transA=1), w=weights(1, 3), b=weights(5, 1)),
    case(
        "gemm_right",
        (1, 5),
        node("Gemm", "w x b", transB=1, alpha=2.0),
        w=weights(4, 5),
        b=weights(4, 1),
    ),
    case(
        "gemm_symbolic_c", (1, 3), node("Gemm", "a w x", beta=0.5), a=weights(2, 5), w=weights(5, 3)
    ),
    case("gemm_residual", (1, 3), node("Gemm", "x w x", beta=0.5), w=weights(3, 3)),
    case("matmul", (1, 5), node("MatMul", "x w"), w=weights(5, 3)),
    case("matmul_vector", (1, 5), node("MatMul", "x w"), w=weights(5)),
    case("matmul_left", (1, 5, 2), node("MatMul", "w x"), w=weights(3, 5)),
    case("matmul_left_vector", (1, 5, 2), node("MatMul", "w x"), w=weights(5)),
    case("matmul_rank3", (1, 4, 5), node("MatMul", "x w"), w=weights(5, 3)),
    case("matmul_batched", (1, 2, 4, 5), node("MatMul", "x w"), w=weights(2, 5, 3)),
    case("matmul_grows", (1, 4, 5), node("MatMul", "x w"), w=weights(3, 1, 5, 2)),
    case("matmul_left_batched", (1, 2, 4, 5), node("MatMul", "w x"), w=weights(2, 3, 4)),
    case(
        "batch_norm",
        IMAGE,
        node("BatchNormalization", "x s b m v", epsilon=0.01),
        (7, 9, 13, 15),
        s=weights(4),
        b=weights(4),
        m=weights(4),
        v=weights(4) ** 2,
    ),
    case(
        "batch_norm_flat",
        (1, 4),
        node("BatchNormalization", "x s b m v"),
        (9, 15),
        s=weights(4),
        b=weights(4),
        m=weights(4),
        v=weights(4) ** 2,
    ),
    case("reduce_sum_attribute", IMAGE, node("ReduceSum", axes=[2, 3], keepdims=0), (7, 11)),
    case("reduce_sum_input", IMAGE, node("ReduceSum", "x a", keepdims=1), (13, 18), a=ints(-1, 1)),
    case("reduce_sum_all", IMAGE, node("ReduceSum", keepdims=0), (7, 13)),
    case("reduce_sum_none", IMAGE, node("ReduceSum", noop_with_empty_axes=1), (13,)),
    case("reduce_mean", IMAGE, node("ReduceMean", axes=[1], keepdims=1), (7, 11, 13)),
    case("reduce_mean_input", IMAGE, node("ReduceMean", "x a"), (18,), a=ints(2)),
    case("reduce_max", IMAGE, node("ReduceMax", axes=[-1]), (7, 11, 13)),
    case("reduce_max_input", IMAGE, node("ReduceMax", "x a"), (18,), a=ints(2, 3)),
    case("reduce_min", IMAGE, node("ReduceMin", axes=[2], keepdims=0), (7, 13)),
]
W2 = weights(6, 4, 3, 2)
CONVOLUTION = [
    case("conv", IMAGE, node("Conv", "x w b"), w=W2, b=weights(6)),
    case("conv_strided", IMAGE, node("Conv", "x w", strides=[2, 3], pads=[1, 0, 2, 1]), w=W2),
    case("conv_dilated", IMAGE, node("Conv", "x w", dilations=[2, 3], pads=[1, 1, 1, 1]), w=W2),
    case(
        "conv_groups",
        IMAGE,
        node("Conv", "x w", group=2, kernel_shape=[3, 2]),
        w=weights(6, 2, 3, 2),
    ),
    case(
        "conv_depthwise", IMAGE, node("Conv", "x w b", group=4), w=weights(8, 1, 3, 3), b=weights(8)
    ),
    case(
        "conv_same_upper", IMAGE, node("Conv", "x w", auto_pad="SAME_UPPER", strides=[2, 2]), w=W2
    ),
    case(
        "conv_same_lower", IMAGE, node("Conv", "x w", auto_pad="SAME_LOWER", strides=[2, 1]), w=W2
    ),
    case("conv_valid", IMAGE, node("Conv", "x w", auto_pad="VALID"), w=W2),
    case("conv_1d", (1, 3, 9), node("Conv", "x w", strides=[2], pads=[1, 2]), w=weights(4, 3, 4)),
    case("conv_3d", (1, 2, 4, 3, 3), node("Conv", "x w"), (11,), w=weights(2, 2, 2, 2, 2)),
    case(
        "conv_all_padding",
        (1, 1, 2, 2),
        node("Conv", "x w b", pads=[2, 2, 2, 2]),
        w=weights(1, 1, 2, 2),
        b=weights(1),
    ),
]
POOLING = [
    case("max_pool", IMAGE, node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])),
    case(
        "max_pool_pads",
        IMAGE,
        node("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    ),
    case(
        "max_pool_ceil",
        IMAGE,
        node("MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        ALL[2:],
    ),
    case(
        "max_pool_ceil_pads",
        IMAGE,
        node("MaxPool", kernel_shape=[2, 3], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1),
        ALL[2:],
    ),
    case(
        "max_pool_dilated", IMAGE, node("MaxPool", kernel_shape=[2, 2], dilations=[2, 3]), ALL[2:]
    ),
    case(
        "max_pool_same",
        IMAGE,
        node("MaxPool", kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER"),
    ),
    case("max_pool_1d", (1, 2, 9), node("MaxPool", kernel_shape=[3], strides=[2])),
    case("global_max_pool", IMAGE, node("GlobalMaxPool")),
    case("average_pool", IMAGE, node("AveragePool", kernel_shape=[2, 2], strides=[2, 2])),
    case(
        "average_pool_pads",
        IMAGE,
        node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    ),
    case(
        "average_pool_counted",
        IMAGE,
        node("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1),
    ),
    case(
        "average_pool_ceil",
        IMAGE,
        node("AveragePool", kernel_shape=[2, 3], strides=[2, 2], ceil_mode=1),
        (10, 13, 19),
    ),
    case(
        "average_pool_ceil_counted",
        IMAGE,
        node(
            "AveragePool",
            kernel_shape=[3, 3],
            strides=[3, 2],
            pads=[1, 1, 1, 1],
            ceil_mode=1,
            count_include_pad=1,
        ),
        (19,),
    ),
    case(
        "average_pool_dilated",
        IMAGE,
        node("AveragePool", kernel_shape=[2, 2], dilations=[2, 2]),
        (19,),
    ),
    case(
        "average_pool_same",
        IMAGE,
        node("AveragePool", kernel_shape=[3, 3], auto_pad="SAME_UPPER", strides=[2, 2]),
    ),
    case("global_average_pool", IMAGE, node("GlobalAveragePool")),
]
SHAPE = [
    case("flatten", IMAGE, node("Flatten", axis=1)),
    case("flatten_2", IMAGE, node("Flatten", axis=2), (9, 11, 13)),
    case("flatten_negative", IMAGE, node("Flatten", axis=-1), (11, 13)),
    case("reshape", IMAGE, node("Reshape", "x s"), s=ints(0, -1, 3)),
    case("transpose", IMAGE, node("Transpose", perm=[0, 2, 3, 1])),
    case("transpose_default", (1, 4, 7), node("Transpose")),
    case("squeeze_attribute", (1, 1, 4, 1), node("Squeeze", axes=[1]), (7, 11)),
    case("squeeze_input", (1, 1, 4, 1), node("Squeeze", "x a"), (13, 21), a=ints(-1)),
    case("unsqueeze_attribute", (1, 4), node("Unsqueeze", axes=[0, 3]), (7, 11)),
    case("unsqueeze_input", (1, 4), node("Unsqueeze", "x a"), (13, 21), a=ints(1)),
    case(
        "slice_attribute",
        IMAGE,
        node("Slice", starts=[1, -3], ends=[3, 2**31 - 1], axes=[1, 3]),
        (7, 9),
    ),
    case(
        "slice_input",
        IMAGE,
        node("Slice", "x a b c d"),
        (10, 13),
        a=ints(-1, 0),
        b=ints(-9, 5),
        c=ints(2, 3),
        d=ints(-2, 2),
    ),
    case("gather", IMAGE, node("Gather", "x i", axis=2), i=ints(3, 0, 3)),
    case("gather_scalar", IMAGE, node("Gather", "x i", axis=1), (7, 13), i=np.array(2)),
    case("gather_negative", IMAGE, node("Gather", "x i", axis=1), (11, 13), i=ints(-1)),
    case(
        "gather_elements",
        (1, 4),
        node("GatherElements", "x i", axis=1),
        (11, 13),
        i=ints(2, 2, 0)[None],
    ),
    case(
        "split_attribute",
        (1, 6),
        [node("Split", "x", "a b", axis=1, split=[2, 4]), node("Relu", "b")],
        (7, 11),
    ),
    case(
        "split_input",
        (1, 6),
        [node("Split", "x s", "a b", axis=1), node("Relu", "b")],
        (13, 18),
        s=ints(2, 4),
    ),
    case("split_even", (1, 6), [node("Split", "x", "a b", axis=1), node("Sub", "b a")], (7, 13)),
    case(
        "split_count",
        (1, 5),
        [node("Split", "x", "a b", axis=1, num_outputs=2), node("Relu", "b")],
        (18,),
    ),
    case(
        "concat", (1, 3), [node("Relu", "x", "r"), node("Concat", "x c r", axis=1)], c=weights(1, 2)
    ),
    case(
        "pad_attribute",
        (1, 1, 2, 3),
        node("Pad", pads=[0, 0, 1, 0, 0, 0, 0, 2], value=0.5),
        (7, 10),
    ),
    case(
        "pad_input",
        (1, 1, 2, 3),
        node("Pad", "x p v"),
        (11, 13, 18),
        p=ints(0, 0, 1, 0, 0, 0, 0, 2),
        v=single(0.5),
    ),
    case("pad_axes", (1, 1, 2, 3), node("Pad", "x p _ a"), (18, 21, 23), p=ints(1, 2), a=ints(-1)),
    case(
        "pad_reflect",
        (1, 1, 3, 3),
        node("Pad", "x p", mode="reflect"),
        (11, 18),
        p=ints(0, 0, 1, 2, 0, 0, 0, 1),
    ),
    case(
        "pad_edge",
        (1, 1, 3, 3),
        node("Pad", "x p", mode="edge"),
        (11, 18),
        p=ints(0, 0, 1, 2, 0, 0, 0, 1),
    ),
    case(
        "pad_negative", (1, 1, 4, 4), node("Pad", "x p"), (11, 18), p=ints(0, 0, -1, 1, 0, 0, 0, -2)
    ),
    case("expand", (1, 3, 1), node("Expand", "x s"), (8, 13), s=ints(1, 3, 4)),
    case("tile", (1, 3), node("Tile", "x r"), (7, 13), r=ints(1, 2)),
    case("depth_to_space", (1, 8, 2, 2), node("DepthToSpace", blocksize=2), (7, 13)),
    case(
        "depth_to_space_crd", (1, 8, 2, 2), node("DepthToSpace", blocksize=2, mode="CRD"), (11, 13)
    ),
    case("space_to_depth", (1, 2, 4, 4), node("SpaceToDepth", blocksize=2), (7, 13)),
    case(
        "where",
        (1, 4),
        [node("Neg", "x", "n"), node("Where", "c x n")],
        (9, 16),
        c=np.array([True, False, True, False]),
    ),
    case(
        "where_constant",
        (1, 4),
        node("Where", "c x z"),
        (9, 16),
        c=np.array([True, False, True, False]),
        z=weights(1),
    ),
    case("identity", (1, 4), node("Identity")),
    case(
        "cast",
        (1, 4),
        [node("Cast", "x", "d", to=TensorProto.DOUBLE), node("Cast", "d", to=TensorProto.FLOAT)],
    ),
    case("dropout_attribute", (1, 4), node("Dropout", ratio=0.3), (7, 10)),
    case("dropout_input", (1, 4), node("Dropout", "x r"), (12, 13), r=single(0.3)),
    case(
        "shape_chain",
        (1, 3, 4),
        [
            node("Shape", "x", "s"),
            node("Gather", "s zero", "n"),
            node("Unsqueeze", "n", "u", axes=[0]),
            node("Concat", "u minus", "t", axis=0),
            node("Reshape", "x t"),
        ],
        (7, 9, 11),
        zero=np.array(0),
        minus=ints(-1),
    ),
    case(
        "shape_part",
        (1, 3, 4),
        [
            node("Shape", "x", "s", start=1),
            node("ReduceProd", "s", "p", keepdims=1),
            node("Concat", "one p", "t", axis=0),
            node("Reshape", "x t"),
        ],
        (15, 18),
        one=ints(1),
    ),
    case(
        "constant_of_shape",
        (1, 3),
        [
            node("Shape", "x", "s"),
            node("ConstantOfShape", "s", "c", value=numpy_helper.from_array(weights(1))),
            node("Add", "x c"),
        ],
        (9, 13, 21),
    ),
    case(
        "range",
        (1, 3),
        [
            node("Size", "x", "n"),
            node("Range", "zero n one", "r"),
            node("Cast", "r", "f", to=TensorProto.FLOAT),
            node("Mul", "x f"),
        ],
        (11, 13),
        zero=np.array(0),
        one=np.array(1),
    ),
    case(
        "constant_node",
        (1, 3),
        [
            helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(weights(3))),
            node("Add", "x c"),
        ],
    ),
    case(
        "constant_floats",
        (1, 3),
        [
            helper.make_node("Constant", [], ["c"], value_floats=[1.0, -2.0, 0.5]),
            node("Add", "x c"),
        ],
        (12, 13),
    ),
]
TAILS = [
    case("softmax", (1, 5), node("Softmax")),
    case("softmax_flattens", (1, 3, 4), node("Softmax", axis=1), (7, 11)),
    case("softmax_groups", (1, 3, 4), node("Softmax", axis=1), (13, 18)),
    case("softmax_last", (1, 3, 4), node("Softmax"), (13,)),
    case("softmax_flat_last", (1, 3, 4), node("Softmax", axis=2), (7, 11)),
    case("log_softmax", (1, 5), node("LogSoftmax")),
    case("log_of_softmax", (1, 5), [node("Softmax", "x", "p"), node("Log", "p")]),
    case("argmax", (1, 5), node("ArgMax", axis=1), (7, 11, 13)),
    case("argmax_rank3", (1, 3, 4), node("ArgMax", axis=1, keepdims=0), (13,)),
    case("argmin", (1, 5), node("ArgMin", axis=-1), (11, 13)),
    case("softmax_argmax", (1, 5), [node("Softmax", "x", "p"), node("ArgMax", "p", axis=1)], (13,)),
    case("sigmoid", (1, 5), node("Sigmoid")),
    case(
        "tanh_scaled",
        (1, 3),
        [node("Tanh", "x", "t"), node("Mul", "t c", "u"), node("Add", "d u")],
        c=np.abs(weights(3)),
        d=weights(3),
    ),
    case(
        "tanh_divided",
        (1, 3),
        [node("Tanh", "x", "t"), node("Div", "t c", "u"), node("Sub", "u d")],
        c=np.abs(weights(3)),
        d=weights(3),
    ),
    case("softplus", (1, 5), node("Softplus")),
    case("softsign", (1, 5), node("Softsign")),
    case("exp", (1, 5), node("Exp")),
    case("erf", (1, 5), node("Erf"), (9, 13)),
    case("atan", (1, 5), node("Atan")),
    case("sinh", (1, 5), node("Sinh"), (9, 13)),
    case("asinh", (1, 5), node("Asinh"), (9, 13)),
    case("elu", (1, 5), node("Elu", alpha=0.5)),
    case("selu", (1, 5), node("Selu")),
    case("celu", (1, 5), node("Celu", alpha=0.5), (12, 13)),
    case(
        "through_reshape",
        (1, 4),
        [
            node("Sigmoid", "x", "s"),
            node("Reshape", "s r"),
        ],
        r=ints(1, 2, 2),
    ),
    case(
        "reshape_then_argmax",
        (1, 4),
        [node("Softmax", "x", "s"), node("Reshape", "s r", "t"), node("ArgMax", "t", axis=2)],
        (13,),
        r=ints(1, 2, 2),
    ),
]
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
