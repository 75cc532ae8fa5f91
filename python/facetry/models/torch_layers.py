"""PyTorch's layers in ONNX's words: the operator, its attributes and its weights.

Layers are told by the name of their class and its module, so that torch itself need not be
imported here. Each kind lists the options that are passed on, or do not matter at inference; a
layer with any other option is refused, never read without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnsupportedOperatorError

__all__ = [
    "EXPORT",
    "OPSET",
    "Operator",
    "clip",
    "flatten",
    "is_in_place",
    "layer_operators",
    "softmax",
    "softplus",
    "threshold",
    "unknown",
]

OPSET = 13
EXPORT = "export it with torch.onnx.export(module, (example,), 'model.onnx') and load that file"


@dataclass(frozen=True, eq=False)
class Operator:
    """One operator applied to the running tensor and, after it, to constants."""

    op: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    constants: Sequence[NDArray[Any]] = ()


def layer_operators(layer: Any, name: str) -> list[Operator]:
    """The operators a ``torch.nn`` layer stands for, as it acts at inference.

    Raises
    ------
    UnsupportedOperatorError
        If the layer, or an option of it, is not known.
    """
    kind = type(layer).__name__
    if not type(layer).__module__.startswith("torch.nn.modules."):
        raise unknown(f"layer {name!r} is a {type(layer).__module__}.{kind}")
    entry = next((known for prefix, known in _LAYERS.items() if _matches(kind, prefix)), None)
    if entry is None:
        raise unknown(f"layer {name!r} is a {kind}")
    options = set(getattr(layer, "__constants__", None) or ())
    if left := sorted(options - set(entry.options.split()) - {"inplace"}):
        raise unknown(f"layer {name!r} is a {kind} with the option {left[0]!r}")
    made = entry.operators
    return made(layer, name) if callable(made) else [made]


def _matches(kind: str, prefix: str) -> bool:
    return kind == prefix or (prefix.endswith("*") and kind.startswith(prefix[:-1]))


def unknown(what: str) -> UnsupportedOperatorError:
    """The error for what is not read, with the way that is left."""
    return UnsupportedOperatorError(
        f"{what}, which facetry does not read from a torch module; {EXPORT}"
    )


def is_in_place(layer: Any) -> bool:
    """Whether a layer writes its result over its input."""
    return bool(getattr(layer, "inplace", False))


def _array(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().cpu().double().numpy())


def _linear(layer: Any, _: str) -> list[Operator]:
    product = Operator("MatMul", constants=[_array(layer.weight).T])
    return [product] if layer.bias is None else [product, Operator("Add", {}, [_array(layer.bias)])]


def _conv(layer: Any, name: str) -> list[Operator]:
    if layer.padding_mode != "zeros" or "Transpose" in type(layer).__name__:
        raise unknown(f"layer {name!r} is a {type(layer).__name__} with {layer.padding_mode} pads")
    attributes: dict[str, Any] = {
        "strides": tuple(layer.stride),
        "dilations": tuple(layer.dilation),
        "group": layer.groups,
    }
    if isinstance(layer.padding, str):
        attributes["auto_pad"] = "SAME_UPPER" if layer.padding == "same" else "VALID"
    else:
        attributes["pads"] = tuple(layer.padding) * 2
    biases = [] if layer.bias is None else [_array(layer.bias)]
    return [Operator("Conv", attributes, [_array(layer.weight), *biases])]


def _batch_norm(layer: Any, name: str) -> list[Operator]:
    if layer.running_mean is None:
        raise unknown(f"layer {name!r} keeps no running statistics")
    mean, variance = _array(layer.running_mean), _array(layer.running_var)
    scale = np.ones_like(mean) if layer.weight is None else _array(layer.weight)
    shift = np.zeros_like(mean) if layer.bias is None else _array(layer.bias)
    constants = [scale, shift, mean, variance]
    return [Operator("BatchNormalization", {"epsilon": float(layer.eps)}, constants)]


def _pool(layer: Any, name: str) -> list[Operator]:
    kind = type(layer).__name__
    rank = int(kind[-2])
    attributes: dict[str, Any] = {
        "kernel_shape": _spread(layer.kernel_size, rank),
        "strides": _spread(layer.stride, rank),
        "pads": _spread(layer.padding, rank) * 2,
        "ceil_mode": int(layer.ceil_mode),
    }
    if getattr(layer, "return_indices", False):
        raise unknown(f"layer {name!r} returns indices, too")
    if kind.startswith("Max"):
        attributes["dilations"] = _spread(layer.dilation, rank)
        return [Operator("MaxPool", attributes)]
    if getattr(layer, "divisor_override", None):
        raise unknown(f"layer {name!r} overrides its divisor")
    return [Operator("AveragePool", {**attributes, "count_include_pad": layer.count_include_pad})]


def _adaptive_pool(layer: Any, name: str) -> list[Operator]:
    kind = type(layer).__name__
    if getattr(layer, "return_indices", False):
        raise unknown(f"layer {name!r} returns indices, too")
    if set(_spread(layer.output_size, int(kind[-2]))) != {1}:
        raise unknown(f"layer {name!r} is a {kind} to a size other than 1")
    return [Operator("GlobalAveragePool" if "Avg" in kind else "GlobalMaxPool")]


def _spread(value: Any, rank: int) -> tuple[int, ...]:
    return (int(value),) * rank if isinstance(value, int) else tuple(value)


def _prelu(layer: Any, _: str) -> list[Operator]:
    slopes = _array(layer.weight)
    if slopes.size == 1:
        return [Operator("LeakyRelu", {"alpha": float(slopes[0])})]
    # one slope per channel: channels are axis 1, which the driver knows the rank for
    return [Operator("PRelu", {"channels": True}, [slopes])]


def clip(low: float | None, high: float | None) -> Operator:
    """The values, kept between two limits; None for no limit."""
    limits = [-np.inf if low is None else float(low), np.inf if high is None else float(high)]
    return Operator("Clip", {}, [np.array(limit) for limit in limits])


def softmax(op: str, axis: int | None, name: str) -> Operator:
    """Softmax or LogSoftmax over an axis that is not the batch's."""
    if axis is None:  # torch then takes axis 1 of matrices and images, but 0 of what has 3 axes
        return Operator(op, {"axis": 1, "implicit": True})
    if axis == 0:
        raise unknown(f"{name} runs over the batch")
    return Operator(op, {"axis": int(axis)})


def flatten(first: int, last: int, name: str) -> Operator:
    """All axes but the batch's as one."""
    if (first, last) != (1, -1):
        raise unknown(f"{name} flattens axes {first} to {last}")
    return Operator("Flatten", {"axis": 1})


def softplus(beta: float, limit: float, name: str) -> list[Operator]:
    """``log(1 + exp(beta x)) / beta``; torch gives x itself where beta x is above the limit."""
    if beta <= 0 or limit < _FAR:
        raise unknown(f"{name} is a softplus with beta {beta} and threshold {limit}")
    if beta == 1:
        return [Operator("Softplus")]
    factor = np.array(float(beta))
    return [Operator("Mul", {}, [factor]), Operator("Softplus"), Operator("Div", {}, [factor])]


_FAR = 20.0
"""From here on softplus(x) and x differ by less than the roundings of single precision."""


def threshold(limit: float, value: float, name: str) -> Operator:
    """x above the limit, else the value: continuous only where both are one number."""
    if limit != value:
        raise UnsupportedOperatorError(
            f"{name} jumps from {value} to its threshold {limit}: it is not continuous"
        )
    return clip(limit, None)


def _softshrink(layer: Any, _: str) -> list[Operator]:
    return [Operator("Shrink", {"lambd": float(layer.lambd), "bias": float(layer.lambd)})]


# The kinds of layers ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Kind:
    """What a kind of layer stands for, and which of its options that says all of."""

    operators: Operator | Callable[[Any, str], list[Operator]]
    options: str = ""


_CONV = _Kind(
    _conv,
    "stride padding dilation groups padding_mode output_padding in_channels out_channels "
    "kernel_size",
)
_POOLING = "kernel_size stride padding dilation return_indices ceil_mode count_include_pad"
_ADAPTIVE = _Kind(_adaptive_pool, "output_size return_indices")
_DROPPED = _Kind(Operator("Identity"), "p")

_LAYERS: dict[str, _Kind] = {
    "Linear": _Kind(_linear, "in_features out_features"),
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "Conv3d": _CONV,
    "BatchNorm*": _Kind(_batch_norm, "track_running_stats momentum eps num_features affine"),
    "MaxPool*": _Kind(_pool, _POOLING),
    "AvgPool*": _Kind(_pool, f"{_POOLING} divisor_override"),
    "AdaptiveAvgPool*": _ADAPTIVE,
    "AdaptiveMaxPool*": _ADAPTIVE,
    "Flatten": _Kind(
        lambda layer, name: [flatten(layer.start_dim, layer.end_dim, f"layer {name!r}")],
        "start_dim end_dim",
    ),
    "Identity": _DROPPED,
    "Dropout*": _DROPPED,
    "AlphaDropout": _DROPPED,
    "FeatureAlphaDropout": _DROPPED,
    "ReLU": _Kind(Operator("Relu")),
    "ReLU6": _Kind(clip(0.0, 6.0), "min_val max_val"),
    "PReLU": _Kind(_prelu, "num_parameters"),
    "LeakyReLU": _Kind(
        lambda layer, _: [Operator("LeakyRelu", {"alpha": float(layer.negative_slope)})],
        "negative_slope",
    ),
    "Hardtanh": _Kind(lambda layer, _: [clip(layer.min_val, layer.max_val)], "min_val max_val"),
    "Hardsigmoid": _Kind(Operator("HardSigmoid", {"alpha": 1.0 / 6.0, "beta": 0.5})),
    "Softshrink": _Kind(_softshrink, "lambd"),
    "Threshold": _Kind(
        lambda layer, name: [threshold(layer.threshold, layer.value, f"layer {name!r}")],
        "threshold value",
    ),
    "Sigmoid": _Kind(Operator("Sigmoid")),
    "Tanh": _Kind(Operator("Tanh")),
    "Softsign": _Kind(Operator("Softsign")),
    "Softplus": _Kind(
        lambda layer, name: softplus(layer.beta, layer.threshold, f"layer {name!r}"),
        "beta threshold",
    ),
    "ELU": _Kind(lambda layer, _: [Operator("Elu", {"alpha": float(layer.alpha)})], "alpha"),
    "CELU": _Kind(lambda layer, _: [Operator("Celu", {"alpha": float(layer.alpha)})], "alpha"),
    "SELU": _Kind(Operator("Selu")),
    "Softmax": _Kind(lambda layer, name: [softmax("Softmax", layer.dim, f"layer {name!r}")], "dim"),
    "LogSoftmax": _Kind(
        lambda layer, name: [softmax("LogSoftmax", layer.dim, f"layer {name!r}")], "dim"
    ),
    # Always refused, in words of their own: they are no piecewise-linear functions.
    "GELU": _Kind(Operator("Gelu"), "approximate"),
    "SiLU": _Kind(Operator("Swish")),
    "Mish": _Kind(Operator("Mish")),
    "Hardswish": _Kind(Operator("HardSwish")),
    "LayerNorm": _Kind(Operator("LayerNormalization"), "normalized_shape eps elementwise_affine"),
    "GroupNorm": _Kind(Operator("GroupNormalization"), "num_groups num_channels eps affine"),
}
