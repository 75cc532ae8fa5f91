"""What analysis regions are made of: features with limits, and linear constraints, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.arguments import shown
from ..base.checks import finite_array, frozen
from ..base.frames import column_names, is_table
from ..errors import RegionError

__all__ = [
    "FeatureKey",
    "FeatureInterval",
    "FeatureLimits",
    "bounds_of",
    "check_one_row",
    "columns_in",
    "constraints_of",
    "margin_of",
]

Array = NDArray[np.float64]
FeatureKey = str | int
"""A feature is a name, or an index into the flattened input."""

FeatureLimits = Mapping[Any, Sequence[float]]
"""From features to their (low, high). (Mapping[FeatureKey, ...] would refuse a dict[str, ...].)"""


class FeatureInterval(NamedTuple):
    """The interval of one feature."""

    feature: FeatureKey
    low: float
    high: float


def bounds_of(features: FeatureLimits, what: str) -> tuple[FeatureInterval, ...]:
    if not isinstance(features, Mapping):
        raise RegionError(f"{what}: features must be a mapping from feature to (low, high)")
    if not features:
        raise RegionError(f"{what}: no feature is given; name at least one with its (low, high)")
    return tuple(_one_bound(feature, limits, what) for feature, limits in features.items())


def _one_bound(feature: FeatureKey, limits: Any, what: str) -> FeatureInterval:
    if isinstance(feature, np.integer):
        feature = int(feature)
    if isinstance(feature, bool) or not isinstance(feature, (str, int)):
        raise RegionError(f"{what}: a feature is a name or an index, not {shown(feature)}")
    values = finite_array(limits, f"{what}: feature {shown(feature)}", error=RegionError)
    if values.shape != (2,):
        raise RegionError(
            f"{what}: feature {shown(feature)} needs (low, high), not {shown(limits)}"
        )
    low, high = map(float, values)
    if low > high:
        raise RegionError(
            f"{what}: low of feature {shown(feature)} ({low:g}) is above high ({high:g})"
        )
    return FeatureInterval(feature, low, high)


def constraints_of(A: ArrayLike, b: ArrayLike, what: str) -> tuple[Array, Array]:
    rows = finite_array(A, f"{what}: A", error=RegionError)
    limits = np.atleast_1d(finite_array(b, f"{what}: b", error=RegionError))
    rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.size == 0 or limits.shape != rows.shape[:1]:
        raise RegionError(
            f"{what}: A must have shape (constraints, inputs) and b (constraints,), "
            f"not {rows.shape} and {limits.shape}"
        )
    return frozen(rows), frozen(limits)


def margin_of(margin: ArrayLike, size: int) -> Array:
    slack = finite_array(margin, "around: margin", error=RegionError).reshape(-1)
    if slack.size not in (1, size):
        raise RegionError(f"around: margin has {slack.size} values, but points have {size}")
    if (slack < 0).any():
        raise RegionError("around: margin must not be negative")
    return np.array(slack + np.zeros(size))


def columns_in(what: str, *values: Any) -> tuple[str, ...]:
    """The names of the columns of the tables among the values; they must agree."""
    named = [names for names in map(column_names, values) if names is not None]
    if any(names != named[0] for names in named):
        raise RegionError(f"{what}: low and high have columns of different names or order")
    return named[0] if named else ()


def check_one_row(value: Any, what: str, summary: str = "mean") -> None:
    """An error if one point is needed, and a data frame of several rows is there."""
    shape: tuple[int, ...] = getattr(value, "shape", ())
    if not is_table(value) or len(shape) != 2 or shape[0] == 1:
        return
    of_pandas = hasattr(value, "loc")
    row = "frame.iloc[0]" if of_pandas else "frame[0]"
    raise RegionError(
        f"{what}: one row is needed, but this data frame has {shape[0]}; give a row, {row}, or a "
        f"summary, frame.{summary}({'numeric_only=True' if of_pandas else ''}), of the columns "
        "that are features"
    )
