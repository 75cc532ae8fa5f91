"""Conditions on a model's outputs, as queries take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import float_of, shown
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["Conditions", "OutputCondition", "resolve_conditions"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OutputCondition:
    """``low <= sum of weight x output <= high``.

    Attributes
    ----------
    weights
        From outputs (names or indices) to weights; outputs that are left out have weight 0.
    low, high
        The limits; None for none. At least one must be given.

    Examples
    --------
    >>> OutputCondition({"up": 1.0, "down": -1.0}, low=0.5)  # up leads down by 0.5 or more
    OutputCondition(weights={'up': 1.0, 'down': -1.0}, low=0.5, high=None)
    """

    weights: Mapping[str | int, float]
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """Check what does not depend on a model.

        Raises
        ------
        InvalidInputError
            If the weights are no mapping, or there is no limit.
        """
        if not isinstance(self.weights, Mapping):
            raise InvalidInputError(
                f"weights must be a mapping from outputs to numbers, not {shown(self.weights)}"
            )
        if self.low is None and self.high is None:
            raise InvalidInputError("a condition on outputs needs a low or a high limit")


Conditions = (
    Mapping[str | int, tuple[float | None, float | None]]
    | OutputCondition
    | Sequence[OutputCondition]
)
"""What `where` may be: limits for outputs, or one or more conditions."""


def resolve_conditions(model: Model, conditions: Conditions | None) -> tuple[Array, Array]:
    """Conditions as rows ``weights @ outputs >= thresholds``: float64 (c, n) and (c,).

    Raises
    ------
    InvalidInputError
        If an output is unknown, a number is NaN or infinite, limits cross or none is given.
    """
    rows: list[Array] = []
    thresholds: list[float] = []
    for condition in _as_conditions(conditions):
        weights = _weights(model, condition.weights)
        low, high = _limit(condition.low, "low"), _limit(condition.high, "high")
        if low is None and high is None:
            raise InvalidInputError("a condition on outputs needs a low or a high limit")
        if low is not None and high is not None and low > high:
            raise InvalidInputError(f"a condition's low limit {low} is above its high limit {high}")
        if low is not None:
            rows.append(weights)
            thresholds.append(low)
        if high is not None:
            rows.append(-weights)
            thresholds.append(-high)
    return np.array(rows).reshape(len(rows), model.output_size), np.array(thresholds, dtype=float)


def _as_conditions(conditions: Conditions | None) -> list[OutputCondition]:
    if conditions is None:
        return []
    if isinstance(conditions, OutputCondition):
        return [conditions]
    if isinstance(conditions, Mapping):
        found = []
        for output, limits in conditions.items():
            if not isinstance(limits, tuple) or len(limits) != 2:
                raise InvalidInputError(
                    f"the limits of output {shown(output)} must be a pair (low, high), "
                    f"not {shown(limits)}"
                )
            found.append(OutputCondition({output: 1.0}, *limits))
        return found
    listed = list(conditions) if isinstance(conditions, (list, tuple)) else []
    whole = isinstance(conditions, (list, tuple))
    if not whole or not all(isinstance(condition, OutputCondition) for condition in listed):
        raise InvalidInputError(
            "conditions must map outputs to pairs (low, high), or hold OutputCondition objects"
        )
    return listed


def _weights(model: Model, weights: Mapping[str | int, float]) -> Array:
    row = np.zeros(model.output_size)
    for output, weight in weights.items():
        number = isinstance(weight, Real) and not isinstance(weight, bool)
        if not number or not isfinite(float_of(weight)):
            raise InvalidInputError(f"the weight of output {shown(output)} must be a finite number")
        row[model.output_index(output)] += float(weight)
    return row


def _limit(value: float | None, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or isnan(float_of(value)):
        raise InvalidInputError(f"a condition's {name} limit must be a number, not {shown(value)}")
    infinite_outwards = value == (-np.inf if name == "low" else np.inf)
    if infinite_outwards:
        return None
    value = float_of(value)
    if not isfinite(value):
        raise InvalidInputError(f"a condition's {name} limit must be finite, not {shown(value)}")
    return float(value)
