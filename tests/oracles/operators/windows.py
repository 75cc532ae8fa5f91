"""Cases of convolutions and pooling."""

from __future__ import annotations

from oracles.operators.case import ALL, IMAGE, case, node, weights

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
