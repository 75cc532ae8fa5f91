"""PyTorch's functions and methods of one tensor in ONNX's words.

Each has its parameters as torch names them, with their defaults. What is given is bound to them; a
parameter that is not listed is refused, and every listed one is passed on or checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ModelLoadError
from .torch_layers import (
    EXPORT,
    Operator,
    clip,
    flatten,
    softmax,
    softplus,
    threshold,
    unknown,
)

__all__ = ["BoundCall", "bind"]

Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class BoundCall:
    """A function, its tensor, and the operators it stands for.

    Attributes
    ----------
    tensor
        What was given as the tensor.
    operators
        One after the other.
    in_place
        Whether the result is written over the tensor.
    same
        Whether the result is the tensor itself, or looks into its memory.
    """

    tensor: Any
    operators: Sequence[Operator]
    in_place: bool
    same: bool


@dataclass(frozen=True, eq=False)
class _Function:
    parameters: Mapping[str, Any]
    operators: Callable[[Values], Sequence[Operator]]
    same: bool = False


_REQUIRED = object()


def bind(name: str, arguments: Sequence[Any], options: Values) -> BoundCall:
    """The call of a function by name, such as ``torch.relu`` or ``x.relu_``.

    Raises
    ------
    UnsupportedOperatorError
        If the function, or one of its arguments, is not known, or is a tensor where a number is
        needed.
    """
    in_place = name.endswith("_") and not name.endswith("__")
    function = _FUNCTIONS.get(name[:-1] if in_place else name)
    if function is None:
        raise unknown(f"the network calls {name}()")
    names = ("input", *function.parameters)
    if len(arguments) > len(names):
        raise unknown(f"the network calls {name}() with {len(arguments)} arguments")
    given = dict(zip(names, arguments, strict=False))
    for key, value in options.items():
        if key not in names or key in given:
            raise unknown(f"the network calls {name}() with {key}={value!r}")
        given[key] = value
    values = {**function.parameters, **given}
    tensor = values.pop("input", None)
    for key, value in values.items():
        if value is _REQUIRED or not _is_plain(value):
            raise unknown(f"the network calls {name}() with a computed or missing {key!r}")
    in_place = in_place or bool(values.get("inplace", False))
    return BoundCall(tensor, function.operators(values), in_place, function.same)


def _is_plain(value: Any) -> bool:
    plain = value is None or isinstance(value, (bool, int, float, str))
    return plain or type(value).__name__ == "memory_format"


def _one(op: str) -> Callable[[Values], Sequence[Operator]]:
    return lambda _: [Operator(op)]


def _number(op: str, name: str, key: str) -> Callable[[Values], Sequence[Operator]]:
    return lambda values: [Operator(op, {key: float(values[name])})]


def _dropout(values: Values) -> Sequence[Operator]:
    if values["training"]:
        raise ModelLoadError(
            "the network calls dropout() in training mode: call module.eval() first, and give "
            f"training=self.training to the function, or {EXPORT}"
        )
    return [Operator("Identity")]


def _softmax(op: str, name: str) -> _Function:
    def operators(values: Values) -> Sequence[Operator]:
        if values["dtype"] is not None:
            raise unknown(f"the network calls {name}() with a dtype")
        return [softmax(op, values["dim"], f"{name}()")]

    return _Function({"dim": None, "_stacklevel": 3, "dtype": None}, operators)


def _clamp(low: Any = None, high: Any = None) -> _Function:
    return _Function({"min": low, "max": high}, lambda v: [clip(v["min"], v["max"])])


_IN_PLACE = {"inplace": False}
_SAME = _Function({}, _one("Identity"), same=True)


def _drop(training: bool) -> _Function:
    parameters = {"p": 0.5, "training": training, "inplace": False}
    return _Function(parameters, _dropout, same=True)


_FUNCTIONS: dict[str, _Function] = {
    **dict.fromkeys(("abs", "absolute"), _Function({}, _one("Abs"))),
    **dict.fromkeys(("neg", "negative"), _Function({}, _one("Neg"))),
    "relu": _Function(_IN_PLACE, _one("Relu")),
    "relu6": _Function(_IN_PLACE, lambda _: [clip(0.0, 6.0)]),
    "leaky_relu": _Function(
        {"negative_slope": 0.01, **_IN_PLACE}, _number("LeakyRelu", "negative_slope", "alpha")
    ),
    "hardtanh": _Function(
        {"min_val": -1.0, "max_val": 1.0, **_IN_PLACE},
        lambda values: [clip(values["min_val"], values["max_val"])],
    ),
    "hardsigmoid": _Function(
        _IN_PLACE, lambda _: [Operator("HardSigmoid", {"alpha": 1.0 / 6.0, "beta": 0.5})]
    ),
    "softshrink": _Function(
        {"lambd": 0.5},
        lambda v: [Operator("Shrink", {"lambd": float(v["lambd"]), "bias": float(v["lambd"])})],
    ),
    **dict.fromkeys(
        ("threshold", "_threshold"),
        _Function(
            {"threshold": _REQUIRED, "value": _REQUIRED, **_IN_PLACE},
            lambda values: [threshold(values["threshold"], values["value"], "threshold()")],
        ),
    ),
    **dict.fromkeys(("clamp", "clip"), _clamp()),
    "clamp_min": _Function({"min": _REQUIRED}, lambda values: [clip(values["min"], None)]),
    "clamp_max": _Function({"max": _REQUIRED}, lambda values: [clip(None, values["max"])]),
    "sigmoid": _Function({}, _one("Sigmoid")),
    "tanh": _Function({}, _one("Tanh")),
    "exp": _Function({}, _one("Exp")),
    "softsign": _Function({}, _one("Softsign")),
    "softplus": _Function(
        {"beta": 1, "threshold": 20},
        lambda values: softplus(values["beta"], values["threshold"], "softplus()"),
    ),
    "elu": _Function({"alpha": 1.0, **_IN_PLACE}, _number("Elu", "alpha", "alpha")),
    "celu": _Function({"alpha": 1.0, **_IN_PLACE}, _number("Celu", "alpha", "alpha")),
    "selu": _Function(_IN_PLACE, _one("Selu")),
    "gelu": _Function({"approximate": "none"}, _one("Gelu")),
    "silu": _Function(_IN_PLACE, _one("Swish")),
    "mish": _Function(_IN_PLACE, _one("Mish")),
    "softmax": _softmax("Softmax", "softmax"),
    "log_softmax": _softmax("LogSoftmax", "log_softmax"),
    "flatten": _Function(
        {"start_dim": 0, "end_dim": -1},
        lambda values: [flatten(values["start_dim"], values["end_dim"], "flatten()")],
        same=True,
    ),
    "dropout": _drop(training=True),
    "dropout1d": _drop(training=True),
    "dropout2d": _drop(training=True),
    "dropout3d": _drop(training=True),
    "alpha_dropout": _drop(training=False),
    "feature_alpha_dropout": _drop(training=False),
    "contiguous": _Function({"memory_format": None}, _one("Identity"), same=True),
    "detach": _SAME,
    "clone": _Function({"memory_format": None}, _one("Identity")),
}
