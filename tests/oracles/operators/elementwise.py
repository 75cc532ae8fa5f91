"""Cases of operators that act on each element, or add and compare tensors."""

from __future__ import annotations

from onnx import helper

from oracles.operators.case import ALL, IMAGE, case, node, single, weights

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
