"""Data frames and series: told by what they offer, read by the names of their columns.

No package is imported for it: pandas and polars are recognised by their methods.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInputError

__all__ = ["are_generated", "column_names", "column_order", "is_table", "table_values"]

_SHOWN = 5


def is_table(value: object) -> bool:
    """Whether the value is a data frame or a series."""
    named = hasattr(value, "columns") or hasattr(value, "index") or hasattr(value, "name")
    return named and callable(getattr(value, "to_numpy", None)) and not isinstance(value, type)


def column_names(value: Any) -> tuple[str, ...] | None:
    """The names of a data frame's columns, or of a series' entries; None if they are no texts."""
    if not is_table(value):
        return None
    names = getattr(value, "columns", None)
    if names is None:
        names = getattr(value, "index", None)
    if names is None or callable(names):
        return None
    found = tuple(names)
    return found if found and all(isinstance(name, str) for name in found) else None


def table_values(value: Any) -> NDArray[Any]:
    """The numbers of a table as an array: columns of bools are 0 and 1 where others are numbers.

    What is not a number stays in an array of objects, for the caller to refuse.
    """
    kinds = getattr(value, "dtypes", None)
    listed = [kinds] if hasattr(kinds, "kind") or kinds is None else list(kinds)
    if listed and all(getattr(kind, "kind", "O") in "iufb" for kind in listed):
        try:
            return np.asarray(value.to_numpy(dtype=np.float64, na_value=np.nan))
        except TypeError:  # not as pandas has it
            pass
    return _numbers(np.asarray(value.to_numpy()))


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind == "O" and all(isinstance(v, (Real, np.bool_)) for v in array.flat):
        return array.astype(np.float64)
    return array


def are_generated(names: Sequence[str]) -> bool:
    """Whether names were made up when a model was loaded: x0, x1, ...; or a[0], a[1], ..."""
    counted = all(name == f"x{i}" for i, name in enumerate(names))
    return counted or all(re.fullmatch(r".+\[\d+\]", name, re.DOTALL) for name in names)


def column_order(
    columns: Sequence[str],
    features: Sequence[str],
    what: str,
    *,
    error: type[InvalidInputError] = InvalidInputError,
    by_place: bool = True,
) -> list[int]:
    """For each feature its column, by name.

    A model without names of its own takes all columns in their order, unless they have its names,
    or `by_place` is false.

    Parameters
    ----------
    columns, features
        The names of the table, and of the model.
    what, error
        For the message.
    by_place
        Whether columns may be taken in their order.

    Raises
    ------
    InvalidInputError
        If a name is missing, unknown, or there twice.

    Examples
    --------
    >>> column_order(["debt", "age"], ["age", "debt"], "X")
    [1, 0]
    >>> column_order(["debt", "years"], ["age", "debt"], "X")
    Traceback (most recent call last):
    ...
    facetry.errors.InvalidInputError: X: columns are matched by name: 'age' is missing and 'years' is unknown; the model's features are 'age', 'debt'
    """  # noqa: E501
    place = {name: index for index, name in enumerate(columns)}
    missing = [name for name in features if name not in place]
    known = set(features)
    unknown = [name for name in columns if name not in known]
    if by_place and are_generated(features) and len(missing) == len(features):
        return list(range(len(columns)))  # the number of them is checked as that of any array
    if missing or unknown:
        parts = [_named(missing, "missing"), _named(unknown, "unknown")]
        raise error(
            f"{what}: columns are matched by name: {' and '.join(filter(None, parts))}; the "
            f"model's features are {_listed(features)}"
        )
    if len(place) < len(columns):
        repeated = next(name for name in columns if list(columns).count(name) > 1)
        raise error(f"{what}: there are several columns {repeated!r}")
    return [place[name] for name in features]


def _named(names: Sequence[str], what: str) -> str:
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'} {what}" if names else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")
