"""PyTorch's layers and functions in ONNX's words: the operator, its attributes and its weights.

Layers are told by their class name, so that torch itself need not be imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnsupportedOperatorError

__all__ = ["OPSET", "Operator", "function_operators", "layer_operators"]

OPSET = 13


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
    if kind in _SIMPLE:
        return [Operator(_SIMPLE[kind])]
    if kind in _FIXED:
        return [_FIXED[kind]]
    for prefix, translate in _LAYERS.items():
        if kind == prefix or (prefix.endswith("*") and kind.startswith(prefix[:-1])):
            return translate(layer, name)
    raise _unknown(f"layer {name!r} is a {kind}")


def function_operators(name: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Operator:
    """The operator of a function with one tensor, such as ``torch.relu``; options after it."""
    if name in _FUNCTIONS:
        return Operator(_FUNCTIONS[name])
    if name in ("softmax", "log_softmax"):
        axis = options.get("dim", arguments[0] if arguments else -1)
        return _softmax("Softmax" if name == "softmax" else "LogSoftmax", axis)
    if name == "leaky_relu":
        alpha = options.get("negative_slope", arguments[0] if arguments else 0.01)
        return Operator("LeakyRelu", {"alpha": float(alpha)})
    if name in ("clamp", "clip", "hardtanh"):
        return _clamp(name, arguments, options)
    if name == "flatten":
        first = options.get("start_dim", arguments[0] if arguments else 0)
        last = options.get("end_dim", arguments[1] if len(arguments) > 1 else -1)
        return _flatten(first, last, "flatten")
    raise _unknown(f"the network calls {name}()")


def _unknown(what: str) -> UnsupportedOperatorError:
    return UnsupportedOperatorError(
        f"{what}, which facetry does not read from a torch module; export it with "
        "torch.onnx.export(module, (example,), 'model.onnx') and load that file"
    )


_SIMPLE = {
    "ReLU": "Relu",
    "Identity": "Identity",
    "Dropout": "Identity",
    "Dropout1d": "Identity",
    "Dropout2d": "Identity",
    "AlphaDropout": "Identity",
    "Sigmoid": "Sigmoid",
    "Tanh": "Tanh",
    "Softsign": "Softsign",
    "GELU": "Gelu",
    "SiLU": "Swish",
    "Mish": "Mish",
    "Hardswish": "HardSwish",
    "SELU": "Selu",
    "LayerNorm": "LayerNormalization",
    "GroupNorm": "GroupNormalization",
}
_FUNCTIONS = {
    "relu": "Relu",
    "relu_": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "abs": "Abs",
    "neg": "Neg",
    "dropout": "Identity",
    "contiguous": "Identity",
    "gelu": "Gelu",
    "silu": "Swish",
    "selu": "Selu",
    "elu": "Elu",
    "softplus": "Softplus",
    "exp": "Exp",
}


def _array(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().cpu().double().numpy())


def _linear(layer: Any, _: str) -> list[Operator]:
    product = Operator("MatMul", constants=[_array(layer.weight).T])
    return [product] if layer.bias is None else [product, Operator("Add", {}, [_array(layer.bias)])]


def _conv(layer: Any, name: str) -> list[Operator]:
    if layer.padding_mode != "zeros" or "Transpose" in type(layer).__name__:
        raise _unknown(f"layer {name!r} is a {type(layer).__name__} with {layer.padding_mode} pads")
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
        raise _unknown(f"layer {name!r} keeps no running statistics")
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
    if kind.startswith("Max"):
        attributes["dilations"] = _spread(layer.dilation, rank)
        return [Operator("MaxPool", attributes)]
    if getattr(layer, "divisor_override", None):
        raise _unknown(f"layer {name!r} overrides its divisor")
    return [Operator("AveragePool", {**attributes, "count_include_pad": layer.count_include_pad})]


def _adaptive_pool(layer: Any, name: str) -> list[Operator]:
    kind = type(layer).__name__
    if set(_spread(layer.output_size, int(kind[-2]))) != {1}:
        raise _unknown(f"layer {name!r} is a {kind} to a size other than 1")
    return [Operator("GlobalAveragePool" if "Avg" in kind else "GlobalMaxPool")]


def _spread(value: Any, rank: int) -> tuple[int, ...]:
    return (int(value),) * rank if isinstance(value, int) else tuple(value)


def _prelu(layer: Any, _: str) -> list[Operator]:
    slopes = _array(layer.weight)
    if slopes.size == 1:
        return [Operator("LeakyRelu", {"alpha": float(slopes[0])})]
    # one slope per channel: channels are axis 1, which the driver knows the rank for
    return [Operator("PRelu", {"channels": True}, [slopes])]


def _clip(low: float | None, high: float | None) -> Operator:
    limits = [-np.inf if low is None else float(low), np.inf if high is None else float(high)]
    return Operator("Clip", {}, [np.array(limit) for limit in limits])


def _clamp(name: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Operator:
    names = ("min_val", "max_val") if name == "hardtanh" else ("min", "max")
    defaults = (-1.0, 1.0) if name == "hardtanh" else (None, None)
    given = dict(zip(names, arguments, strict=False)) | dict(options)
    low, high = (given.get(key, default) for key, default in zip(names, defaults, strict=True))
    return _clip(low, high)


_FIXED = {
    "ReLU6": _clip(0.0, 6.0),
    "Hardsigmoid": Operator("HardSigmoid", {"alpha": 1.0 / 6.0, "beta": 0.5}),
}


def _softmax(op: str, axis: int | None) -> Operator:
    return Operator(op, {"axis": -1 if axis is None else int(axis)})


def _flatten(first: int, last: int, name: str) -> Operator:
    if (first, last) != (1, -1):
        raise _unknown(f"{name} flattens axes {first} to {last}")
    return Operator("Flatten", {"axis": 1})


def _softplus(layer: Any, name: str) -> list[Operator]:
    if layer.beta != 1:
        raise _unknown(f"layer {name!r} is a Softplus with beta {layer.beta}")
    return [Operator("Softplus")]


def _softshrink(layer: Any, _: str) -> list[Operator]:
    return [Operator("Shrink", {"lambd": float(layer.lambd), "bias": float(layer.lambd)})]


_LAYERS: dict[str, Callable[[Any, str], list[Operator]]] = {
    "Linear": _linear,
    "Conv1d": _conv,
    "Conv2d": _conv,
    "Conv3d": _conv,
    "BatchNorm*": _batch_norm,
    "MaxPool*": _pool,
    "AvgPool*": _pool,
    "AdaptiveAvgPool*": _adaptive_pool,
    "AdaptiveMaxPool*": _adaptive_pool,
    "PReLU": _prelu,
    "LeakyReLU": lambda layer, _: [Operator("LeakyRelu", {"alpha": float(layer.negative_slope)})],
    "Hardtanh": lambda layer, _: [_clip(layer.min_val, layer.max_val)],
    "Softshrink": _softshrink,
    "Softplus": _softplus,
    "ELU": lambda layer, _: [Operator("Elu", {"alpha": float(layer.alpha)})],
    "CELU": lambda layer, _: [Operator("Celu", {"alpha": float(layer.alpha)})],
    "Softmax": lambda layer, _: [_softmax("Softmax", layer.dim)],
    "LogSoftmax": lambda layer, _: [_softmax("LogSoftmax", layer.dim)],
    "Flatten": lambda layer, name: [_flatten(layer.start_dim, layer.end_dim, f"layer {name!r}")],
}
