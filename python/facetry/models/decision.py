"""The decision: how a model's outputs become a choice."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import chosen_of, float_of, shown
from ..base.points import points_array
from ..errors import InvalidInputError
from .tail import Tail, TailStep

__all__ = ["Decision"]

_KINDS = ("highest", "lowest", "none")
_CLASSIFIER_STEPS = {"softmax", "log_softmax", "argmax", "sigmoid"}


@dataclass(frozen=True)
class Decision:
    """How outputs become a choice.

    Attributes
    ----------
    kind
        ``"highest"`` or ``"lowest"`` output, ``"threshold"`` on one logit, or ``"none"``.
    threshold
        Of ``"threshold"``: the choice is 1 where the logit is above it, else 0.

    Examples
    --------
    >>> import numpy as np
    >>> Decision("lowest").decide(np.array([[3.0, 1.0, 2.0]]))
    array([1])
    """

    kind: str
    threshold: float = 0.0

    def __post_init__(self) -> None:
        """Raise InvalidInputError for another kind, or a threshold that is no finite number."""
        chosen_of(self.kind, "the kind of a decision", (*_KINDS, "threshold"))
        value = self.threshold
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(float_of(value)):
            raise InvalidInputError(f"a threshold must be a finite number, not {shown(value)}")

    def decide(self, Z: NDArray[np.float64]) -> NDArray[np.int64]:
        """The choice for each row of logits Z (N, n): int64 of shape (N,); ties: lowest index.

        Raises
        ------
        InvalidInputError
            If the model has no decision.
        """
        Z = points_array(Z, None, "Z")
        if self.kind == "highest":
            return np.asarray(Z.argmax(axis=1), dtype=np.int64)
        if self.kind == "lowest":
            return np.asarray(Z.argmin(axis=1), dtype=np.int64)
        if self.kind == "threshold":
            return (Z[:, 0] > self.threshold).astype(np.int64)
        raise InvalidInputError(
            "this model has no decision: its outputs are values, not choices; load it with "
            f"decision={decisions_for(Z.shape[1])}"
        )

    def __str__(self) -> str:
        return f"threshold {self.threshold:g}" if self.kind == "threshold" else self.kind


def decisions_for(size: int) -> str:
    """What a model with so many outputs could be loaded with to make choices."""
    return "a number: the threshold on its one output" if size == 1 else "'highest' or 'lowest'"


def resolve_decision(decision: str | float | None, size: int, tail: Tail) -> Decision:
    """The decision asked for, or the default one, for a model with `size` outputs."""
    if decision is None:
        return _default_decision(size, tail)
    if isinstance(decision, str):
        return _named_decision(decision, size)
    if (
        isinstance(decision, bool)
        or not isinstance(decision, Real)
        or not isfinite(float_of(decision))
    ):
        raise InvalidInputError(f"decision must be {_choices()}, not {shown(decision)}")
    if size != 1:
        raise InvalidInputError(f"a threshold needs one output, but the model has {size}")
    return Decision("threshold", float(decision))


def _default_decision(size: int, tail: Tail) -> Decision:
    if len(tail.parts) > 1:  # values of several tensors are not alternatives of one choice
        return Decision("none")
    kind = tail.kind
    if size == 1:
        return Decision("threshold", 0.0) if kind == "sigmoid" else Decision("none")
    if kind == "argmin":
        return Decision("lowest")
    keeps = all(_keeps_order(step, size) for part in tail.parts for step in part.steps)
    alternatives = kind == "none" or kind in _CLASSIFIER_STEPS
    return Decision("highest" if keeps and alternatives else "none")


def _keeps_order(step: TailStep, size: int) -> bool:
    """Whether the step treats all outputs alike, so that the highest stays the highest."""
    if step.groups:
        return step.groups[1] == size
    return len(set(step.scale)) < 2 and len(set(step.shift)) < 2


def _named_decision(decision: str, size: int) -> Decision:
    if decision not in _KINDS:
        raise InvalidInputError(f"decision must be {_choices()}, not {shown(decision)}")
    if decision != "none" and size < 2:
        raise InvalidInputError(
            f"decision={shown(decision)} needs two outputs or more, but the model has one; give a "
            "number: the threshold on its logit"
        )
    return Decision(decision)


def _choices() -> str:
    return "'highest', 'lowest', 'none' or a number (the threshold on one logit)"
