"""Cases of the last steps of a network, which are stripped from it."""

from __future__ import annotations

import numpy as np

from oracles.operators.case import case, ints, node, weights

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
