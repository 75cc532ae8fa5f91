"""Scales of feature weights: expected ranges and standard deviations, declared or from data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.checks import finite_array, frozen, points_array
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..models.model import Model
    from ..regions.region_parts import FeatureLimits

__all__ = ["FeatureSigmas", "feature_ranges", "feature_sigmas"]

Array = NDArray[np.float64]
FeatureSigmas = Mapping[Any, float]
"""From features to their standard deviation."""


def feature_ranges(
    model: Model,
    declared: ArrayLike | FeatureLimits | None,
    data: ArrayLike | None,
) -> Array | None:
    """The expected range of each feature: float64 (m, 2), or None if nothing is known.

    A declared range wins over that of the data (their smallest and largest value).
    """
    known = np.full((model.input_size, 2), np.nan)
    if data is not None:
        rows = points_array(data, model.input_size, "data")
        known[:, 0], known[:, 1] = rows.min(axis=0), rows.max(axis=0)
    if declared is not None:
        _declare(model, known, declared, "feature_ranges")
    crossed = np.flatnonzero(known[:, 0] > known[:, 1])
    if crossed.size:
        name, (low, high) = model.feature_names[crossed[0]], known[crossed[0]]
        raise InvalidInputError(
            f"feature_ranges: low of feature {name!r} ({low:g}) is above high ({high:g})"
        )
    return None if declared is None and data is None else frozen(known)


def feature_sigmas(
    model: Model,
    declared: ArrayLike | FeatureSigmas | None,
    data: ArrayLike | None,
) -> Array | None:
    """The standard deviation of each feature: float64 (m,), or None if nothing is known.

    A declared one wins over that of the data.
    """
    known = np.full((model.input_size,), np.nan)
    if data is not None:
        known = points_array(data, model.input_size, "data").std(axis=0)
    if declared is not None:
        _declare(model, known, declared, "feature_sigmas")
    if (known < 0).any():
        name = model.feature_names[np.flatnonzero(known < 0)[0]]
        raise InvalidInputError(f"feature_sigmas: that of feature {name!r} is negative")
    return None if declared is None and data is None else frozen(known)


def _declare(model: Model, known: Array, declared: Any, what: str) -> None:
    """Write the declared values over `known`, and see that none is left unknown."""
    if isinstance(declared, Mapping):
        for feature, value in declared.items():
            entry = finite_array(value, f"{what}: feature {feature!r}")
            _check_shape(entry, known.shape[1:], f"{what}: the value of feature {feature!r}")
            known[model.feature_index(feature)] = entry
        _check_complete(model, known, what)
        return
    values = finite_array(declared, what)
    _check_shape(values, known.shape, what)
    known[...] = values


def _check_shape(values: Array, shape: tuple[int, ...], what: str) -> None:
    if values.shape != shape:
        raise InvalidInputError(f"{what} must have shape {shape}, not {values.shape}")


def _check_complete(model: Model, known: Array, what: str) -> None:
    missing = np.flatnonzero(np.isnan(known.reshape(len(known), -1)).any(axis=1))
    if missing.size:
        names = ", ".join(repr(model.feature_names[index]) for index in missing[:5])
        more = ", ..." if missing.size > 5 else ""
        raise InvalidInputError(
            f"{what}: {missing.size} features have none ({names}{more}); "
            "give all of them, or data to take the others from"
        )
