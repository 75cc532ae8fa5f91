"""Checks of arrays that people hand over: one clear message for each mistake."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidInputError
from .arguments import shown
from .frames import column_names, is_table, table_values
from .printable import counted

__all__ = [
    "count_or_none",
    "check_finite",
    "finite_array",
    "float_array",
    "frozen",
    "number_from_zero",
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
    array = float_array(value, name, error)
    check_finite(array, name, column_names(value), error)
    return array


def check_finite(
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
        which = "rows are" if last else "both"
        return f" in row {place[0]}, column {last or place[1]} ({which} counted from 0)"
    return f" at position {place}" if place else ""


def float_array(value: Any, name: str, error: type[InvalidInputError]) -> Array:
    """A float64 copy of `value`, which may hold NaN; an error if it is not numeric."""
    try:
        array = table_values(value) if is_table(value) else np.array(value)
    except RecursionError:
        raise error(f"{name} is nested too deeply; give a regular array") from None
    except (ValueError, TypeError, OverflowError) as problem:
        regular = "inhomogeneous" in str(problem)
        what = f"has rows of different lengths{_uneven(value)}"
        what = what if regular else f"is no array ({problem})"
        raise error(f"{name} {what}; give a regular array") from None
    if array.ndim > _MOST_AXES:
        raise error(f"{name} has {array.ndim} axes; give a regular array")
    if array.dtype.kind not in "iufb":
        raise error(f"{name} must hold real numbers, not {_described(value, array)}")
    return array.astype(np.float64)


def _uneven(value: Any) -> str:
    """Where rows of different lengths begin: the first row that is not as long as the first."""
    try:
        sizes = [len(row) for row in value]
    except TypeError:
        return ""
    other = next((row for row, size in enumerate(sizes) if size != sizes[0]), None)
    if other is None:
        return ""
    return (
        f" (row {other} has {counted(sizes[other], 'value')}, row 0 has {sizes[0]}; rows are "
        "counted from 0)"
    )


def _described(value: Any, array: NDArray[Any]) -> str:
    if isinstance(value, (str, bytes)) or value is None:
        return repr(value)
    if is_table(value):
        return _strange_columns(value) or type(value).__name__
    if callable(getattr(value, "collect", None)):
        return f"{type(value).__name__}, which is not read yet: collect() it first"
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
