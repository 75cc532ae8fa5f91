"""Operators that cannot be lowered, and the reason to give for each."""

from __future__ import annotations

from ...errors import UnsupportedOperatorError
from .registry import Call, refuse

__all__ = ["refused"]

_SMOOTH = {
    "Sigmoid",
    "Tanh",
    "Softplus",
    "Softsign",
    "Elu",
    "Selu",
    "Celu",
    "Gelu",
    "Mish",
    "Swish",
    "Exp",
    "Erf",
    "Atan",
    "Sinh",
    "Asinh",
}
_CURVED = {
    "Sin",
    "Cos",
    "Tan",
    "Asin",
    "Acos",
    "Cosh",
    "Acosh",
    "Atanh",
    "Log",
    "Sqrt",
    "Pow",
    "Reciprocal",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceProd",
    "ReduceSumSquare",
    "Det",
    "HardSwish",
}
_NORMALIZING = {
    "Softmax",
    "LogSoftmax",
    "LayerNormalization",
    "InstanceNormalization",
    "GroupNormalization",
    "LpNormalization",
    "MeanVarianceNormalization",
    "RMSNormalization",
    "LRN",
    "LpPool",
    "GlobalLpPool",
    "Normalizer",
}
_JUMPING = {
    "Sign",
    "Floor",
    "Ceil",
    "Round",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Equal",
    "Not",
    "And",
    "Or",
    "Xor",
    "ArgMax",
    "ArgMin",
    "Hardmax",
    "Mod",
    "OneHot",
    "Binarizer",
    "NonZero",
    "IsNaN",
    "IsInf",
    "QuantizeLinear",
    "BitShift",
    "DynamicQuantizeLinear",
    "LabelEncoder",
    "ArrayFeatureExtractor",
}
_TREES = {"TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"}
_RECURRENT = {"RNN", "LSTM", "GRU", "Loop", "Scan", "If", "SequenceMap"}
_RANDOM = {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli"}

_REASONS = (
    (
        _SMOOTH,
        "is a smooth activation inside the network: smooth activations are not piecewise linear",
    ),
    (_CURVED, "computes a curved function: it is not piecewise linear"),
    (_NORMALIZING, "normalizes values inside the network: it is not piecewise linear"),
    (_JUMPING, "jumps or selects by comparing values: it is not continuous"),
    (
        _TREES,
        "is an ensemble of decision trees, which jumps from leaf to leaf: facetry explains "
        "continuous piecewise-linear networks, and no trees",
    ),
    (_RECURRENT, "is a loop, a branch or a recurrent layer, which facetry does not read"),
    (_RANDOM, "draws random numbers"),
)
_KNOWN_DOMAINS = ("", "ai.onnx.ml")


def refused(call: Call) -> UnsupportedOperatorError:
    """The error for a node that has no lowering."""
    if call.node.domain not in _KNOWN_DOMAINS:
        return refuse(
            call,
            f"is an operator of the domain {call.node.domain!r}, which facetry does not know: "
            "re-export the model with standard ONNX operators if you can",
        )
    for operators, reason in _REASONS:
        if call.node.op in operators:
            return refuse(call, reason)
    return refuse(call, "is not an operator facetry knows")
