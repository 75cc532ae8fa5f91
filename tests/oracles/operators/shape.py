"""Cases of operators that move values, and of what shapes are computed with."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from oracles.operators.case import IMAGE, case, ints, node, single, weights

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
