"""The tail: the last steps of a network that keep the order of its outputs, and what they mean.

A tail is stripped before the network is explained (METHOD.md, section 1). What it did is kept here
as data, so that `Model.predict` can still apply it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..base.points import points_array

__all__ = ["Tail", "TailPart", "TailStep"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TailStep:
    """One stripped step.

    Attributes
    ----------
    kind
        ``"softmax"``, ``"log_softmax"``, ``"argmax"``, ``"argmin"`` (over one axis); ``"affine"``
        (per output, positive scale); ``"complement"`` (p becomes 1-p, p); or an increasing
        function: ``"sigmoid"``, ``"tanh"``, ``"exp"``, ``"log"``, ``"softplus"``, ``"softsign"``,
        ``"erf"``, ``"atan"``, ``"sinh"``, ``"asinh"``, ``"elu"``, ``"selu"``, ``"celu"``.
    groups
        For the steps over one axis: the outputs are seen as (outer, size, inner) and the step runs
        over the middle. Else ().
    scale, shift
        For ``"affine"``: one number per output. Else ().
    alpha, gamma
        The parameters of ``"elu"``, ``"selu"`` and ``"celu"``.
    """

    kind: str
    groups: tuple[int, ...] = ()
    scale: tuple[float, ...] = ()
    shift: tuple[float, ...] = ()
    alpha: float = 1.0
    gamma: float = 1.0

    def apply(self, Z: Array) -> Array:
        """The step on values Z of shape (N, n): float64 of shape (N, n'), one row per sample."""
        if self.kind in _GROUPED:
            view = Z.reshape(len(Z), *self.groups)
            return np.asarray(_GROUPED[self.kind](view).reshape(len(Z), -1))
        if self.kind == "affine":
            return np.asarray(Z * np.array(self.scale) + np.array(self.shift))
        if self.kind == "complement":
            return np.hstack([1.0 - Z, Z])
        with np.errstate(over="ignore", under="ignore"):
            return _INCREASING[self.kind](Z) if self.kind in _INCREASING else _elu(self, Z)


@dataclass(frozen=True)
class TailPart:
    """The steps stripped from one output tensor: outputs start .. stop-1 of the model."""

    start: int
    stop: int
    steps: tuple[TailStep, ...] = ()


@dataclass(frozen=True)
class Tail:
    """What was stripped from the end of a network.

    Attributes
    ----------
    parts
        One for each output tensor, in order; they cover all outputs.
    labels
        The class labels the file holds, as text; () if it holds none. With one logit there may be
        two: that of the class below the threshold, then the one above.

    Examples
    --------
    >>> import numpy as np
    >>> tail = Tail.of(2, TailStep("softmax", groups=(1, 2, 1)))
    >>> tail.kind, tail.apply(np.array([[0.0, 0.0]])).tolist()
    ('softmax', [[0.5, 0.5]])
    """

    parts: tuple[TailPart, ...] = ()
    labels: tuple[str, ...] = ()

    @classmethod
    def of(cls, size: int, *steps: TailStep, labels: tuple[str, ...] = ()) -> Tail:
        """The tail of a model with one output tensor of `size` values."""
        return cls((TailPart(0, size, steps),), labels)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the steps in order, of the only part; () if there are several parts."""
        return tuple(step.kind for step in self.parts[0].steps) if len(self.parts) == 1 else ()

    @property
    def kind(self) -> str:
        """The step next to the logits: ``"softmax"``, ..., ``"none"``, or ``"mixed"``."""
        firsts = {part.steps[0].kind if part.steps else "none" for part in self.parts}
        return "mixed" if len(firsts) > 1 else next(iter(firsts), "none")

    def apply(self, Z: Array) -> Array:
        """What the network's last steps make of logits Z (N, n): float64 of shape (N, n')."""
        Z = points_array(Z, max((part.stop for part in self.parts), default=None), "Z")
        return np.hstack([_run(part.steps, Z[:, part.start : part.stop]) for part in self.parts])

    def __str__(self) -> str:
        parts = [" then ".join(step.kind for step in part.steps) or "none" for part in self.parts]
        return ", ".join(parts) if len(set(parts)) > 1 else (parts or ["none"])[0]


def _run(steps: tuple[TailStep, ...], Z: Array) -> Array:
    for step in steps:
        Z = step.apply(Z)
    return Z


def _softmax(view: Array) -> Array:
    powers = np.exp(view - view.max(axis=2, keepdims=True))
    return np.asarray(powers / powers.sum(axis=2, keepdims=True))


def _log_softmax(view: Array) -> Array:
    shifted = view - view.max(axis=2, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True)))


_GROUPED: dict[str, Callable[[Array], Array]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "argmax": lambda view: view.argmax(axis=2).astype(np.float64),
    "argmin": lambda view: view.argmin(axis=2).astype(np.float64),
}


def _sigmoid(z: Array) -> Array:
    # exp is only taken of negative numbers, so that it cannot overflow
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, small) / (1.0 + small))


def _elu(step: TailStep, z: Array) -> Array:
    width = step.alpha if step.kind == "celu" else 1.0
    below = step.alpha * np.expm1(np.minimum(z, 0.0) / width)
    return np.asarray(step.gamma * np.where(z > 0, z, below))


def _log(z: Array) -> Array:
    with np.errstate(divide="ignore"):  # the logarithm of an underflowed probability is -inf
        return np.asarray(np.log(z))


_INCREASING: dict[str, Callable[[Array], Array]] = {
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": _log,
    "softplus": lambda z: np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))),
    "softsign": lambda z: z / (1.0 + np.abs(z)),
    "erf": np.vectorize(math.erf, otypes=[np.float64]),
    "atan": np.arctan,
    "sinh": np.sinh,
    "asinh": np.arcsinh,
}
