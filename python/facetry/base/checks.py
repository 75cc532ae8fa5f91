"""Checks of arrays that people hand over: one clear message for each mistake."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidInputError
from .arguments import shown
from .printable import counted
from .tables import (
    advice_for,
    are_generated,
    column_names,
    column_order,
    is_table,
    listed,
    table_values,
)

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
    _check_finite(array, name, column_names(value), error)
    return array


def _check_finite(
    array: Array, name: str, columns: Sequence[str] | None, error: type[InvalidInputError]
) -> None:
    """An error that says where the first NaN or infinite value is, by row and column."""
    wrong = np.argwhere(~np.isfinite(array))
    if not len(wrong):
        return
    place = tuple(map(int, wrong[0]))
    what = "NaN" if np.isnan(array[place]) else "an infinite value"
    more = f" (and {len(wrong) - 1} more such values)" if len(wrong) > 1 else ""
    raise error(f"{name} holds {what}{_place(place, columns)}{more}; give finite numbers")


def _place(place: tuple[int, ...], columns: Sequence[str] | None) -> str:
    """Where an entry is: rows and columns are counted from 0, as Python does.

    Examples
    --------
    >>> _place((2, 0), ["age", "debt"]), _place((1,), None)
    (" in row 2, column 'age' (rows are counted from 0)", ' at position 1')
    """
    named = place and columns is not None and place[-1] < len(columns)
    last = repr(columns[place[-1]]) if named and columns is not None else ""
    if len(place) == 1:
        return f" at {last}" if last else f" at position {place[0]}"
    if len(place) == 2:
        counted = "rows are" if last else "both"
        return f" in row {place[0]}, column {last or place[1]} ({counted} counted from 0)"
    return f" at position {place}" if place else ""


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
    """Which columns of a data frame, or entries of a series, hold no numbers."""
    names, kinds = getattr(table, "columns", None), getattr(table, "dtypes", None)
    if names is None:
        return _strange_entry(table)
    if kinds is None:
        return ""
    pairs = zip(names, kinds, strict=False)
    strange = [(name, kind) for name, kind in pairs if getattr(kind, "kind", "f") not in "iufb"]
    return f"column {strange[0][0]!r} of type {strange[0][1]}" if strange else ""


def _strange_entry(series: Any) -> str:
    names, values = column_names(series), series.to_numpy()
    if names is None or values.ndim != 1:
        return ""
    pairs = zip(names, values, strict=False)
    strange = [(name, value) for name, value in pairs if not isinstance(value, (Real, np.bool_))]
    return f"{shown(strange[0][1])} at {strange[0][0]!r}" if strange else ""


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
    columns = None if features is None else column_names(points)
    order = None
    if features is not None and columns is not None:
        order = _order(points, columns, features, name, error)
    array = _as_float(points, name, error)
    _check_finite(array, name, _names_of_columns(points, array, features), error)
    if array.ndim == 0:
        raise error(f"{name} must hold one point per row, not a single number")
    if array.size == 0:
        raise error(f"{name} is empty; give at least one point")
    rows = array.reshape(1, -1) if array.ndim == 1 else array.reshape(len(array), -1)
    if order is not None and len(order) == rows.shape[1]:
        rows = rows[:, order]
    if size is not None and rows.shape[1] != size:
        given, needed = counted(rows.shape[1], "value"), counted(size, "input")
        raise error(f"{name} has {given} per point, but the model has {needed}")
    return rows


def _order(
    table: Any,
    columns: Sequence[str],
    features: Sequence[str],
    name: str,
    error: type[InvalidInputError],
) -> list[int]:
    """For each feature its column; it is known before values are looked at: others may be texts."""
    order = column_order(columns, features, name, error=error, advice=advice_for(table))
    if len(order) != len(features) and are_generated(features):
        raise error(
            f"{name} has {counted(len(columns), 'column')} ({listed(columns)}), but the model has "
            f"{counted(len(features), 'input')}, and no names of its own; give just its columns, "
            "in its order, or load it with feature_names="
        )
    return order


def _names_of_columns(
    points: Any, array: Array, features: Sequence[str] | None
) -> Sequence[str] | None:
    """What the columns are called in messages: as in the table, or as the model's features."""
    names = column_names(points)
    if names is not None or features is None or is_table(points):
        return names
    return features if array.ndim and array.shape[-1] == len(features) else None


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
