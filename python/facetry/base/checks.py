"""Checks of arrays that people hand over: one clear message for each mistake."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidInputError
from .arguments import shown
from .tables import column_names, column_order, is_table, table_values

__all__ = [
    "count_or_none",
    "finite_array",
    "frozen",
    "number_from_zero",
    "points_array",
    "seconds_or_none",
]

_MOST = 2**62
_MOST_AXES = 32  # more than numpy can broadcast

Array = NDArray[np.float64]


def finite_array(
    value: ArrayLike, name: str, *, error: type[InvalidInputError] = InvalidInputError
) -> Array:
    """A float64 copy of `value`, of any shape; an error if it is not numeric and finite.

    Parameters
    ----------
    value
        Numbers: a scalar, a sequence or an array.
    name
        What the value is, for the message.
    error
        The class of the error raised: ``InvalidInputError`` or one derived from it.

    Examples
    --------
    >>> finite_array([1, 2], "low")
    array([1., 2.])
    >>> finite_array([1, float("nan")], "low")
    Traceback (most recent call last):
    ...
    facetry.errors.InvalidInputError: low holds NaN at position 1; give finite numbers
    """
    array = _as_float(value, name, error)
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        what = "NaN" if np.isnan(array.flat[wrong[0]]) else "an infinite value"
        place = f" at position {wrong[0]}" if array.ndim else ""
        raise error(f"{name} holds {what}{place}; give finite numbers")
    return array


def _as_float(value: Any, name: str, error: type[InvalidInputError]) -> Array:
    try:
        array = table_values(value) if is_table(value) else np.array(value)
    except RecursionError:
        raise error(f"{name} is nested too deeply; give a regular array") from None
    except (ValueError, TypeError, OverflowError) as problem:
        regular = "inhomogeneous" in str(problem)
        what = "has rows of different lengths" if regular else f"is no array ({problem})"
        raise error(f"{name} {what}; give a regular array") from None
    if array.ndim > _MOST_AXES:
        raise error(f"{name} has {array.ndim} axes; give a regular array")
    if array.dtype.kind not in "iufb":
        raise error(f"{name} must hold real numbers, not {_described(value, array)}")
    return array.astype(np.float64)


def _described(value: Any, array: NDArray[Any]) -> str:
    if isinstance(value, (str, bytes)) or value is None:
        return repr(value)
    if is_table(value):
        return _strange_columns(value) or type(value).__name__
    return f"{array.dtype.name} data" if array.dtype.kind == "c" else type(value).__name__


def _strange_columns(table: Any) -> str:
    """Which columns of a data frame hold no numbers."""
    names, kinds = getattr(table, "columns", None), getattr(table, "dtypes", None)
    if names is None or kinds is None:
        return ""
    pairs = zip(names, kinds, strict=False)
    strange = [name for name, kind in pairs if getattr(kind, "kind", "f") not in "iufb"]
    return (
        f"column {strange[0]!r} of type {dict(zip(names, kinds, strict=False))[strange[0]]}"
        if strange
        else ""
    )


def points_array(
    points: ArrayLike,
    size: int | None,
    name: str = "X",
    *,
    features: Sequence[str] | None = None,
    error: type[InvalidInputError] = InvalidInputError,
) -> Array:
    """Points as float64 of shape (N, m), from (N, m), (N, *input_shape) or one point (m,).

    Parameters
    ----------
    points
        One point per row; further axes are flattened.
    size
        The number m of inputs, or None if any will do.
    name, error
        See `finite_array`.
    features
        The names of the inputs: columns of data frames (entries of a series) with names are taken
        by them, see `facetry.base.tables.column_order`.

    Examples
    --------
    >>> points_array([[[1, 2], [3, 4]]], 4)
    array([[1., 2., 3., 4.]])
    """
    array = finite_array(points, name, error=error)
    if array.ndim == 0:
        raise error(f"{name} must hold one point per row, not a single number")
    if array.size == 0:
        raise error(f"{name} is empty; give at least one point")
    rows = array.reshape(1, -1) if array.ndim == 1 else array.reshape(len(array), -1)
    columns = None if features is None else column_names(points)
    if features is not None and columns is not None and len(columns) == rows.shape[1]:
        rows = rows[:, column_order(columns, features, name, error=error)]
    if size is not None and rows.shape[1] != size:
        raise error(f"{name} has {rows.shape[1]} values per point, but the model has {size} inputs")
    return rows


def frozen(array: Array) -> Array:
    """The same array, made read-only."""
    array.setflags(write=False)
    return array


def count_or_none(value: int | None, name: str) -> int | None:
    """A whole number from 1, or None; an error that names it otherwise."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise InvalidInputError(f"{name} must be a whole number from 1, not {shown(value)}")
    return min(int(value), _MOST)  # more than the core counts is as good as no limit


def seconds_or_none(value: float | None, name: str) -> float | None:
    """A number of seconds from 0, or None (also for more than the core counts)."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not value >= 0:
        raise InvalidInputError(f"{name} must be a number of seconds from 0, not {shown(value)}")
    # Whole numbers may be too large for a float.
    return float(value) if value < 1e9 else None


def number_from_zero(value: float, name: str) -> float:
    """A finite number from 0; an error that names it otherwise.

    Examples
    --------
    >>> number_from_zero(1e-9, "gap")
    1e-09
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < float("inf"):
        raise InvalidInputError(f"{name} must be a finite number from 0, not {shown(value)}")
    return float(min(value, 1e308))
