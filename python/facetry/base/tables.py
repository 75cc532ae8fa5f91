"""Data frames and series: told by what they offer, read by the names of their columns.

No package is imported for it: pandas and polars are recognised by their methods.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInputError

__all__ = [
    "Advice",
    "advice_for",
    "advice_for_regions",
    "are_generated",
    "column_names",
    "column_order",
    "is_table",
    "listed",
    "table_values",
]

_SHOWN = 5

Advice = Callable[[Sequence[str], Sequence[str]], str]
"""From the names that are missing and those that are unknown to what can be done about them."""


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
    advice: Advice | None = None,
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
    advice
        What the message says can be done.

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
        what_to_do = "" if advice is None else f". {advice(missing, unknown)}"
        raise error(
            f"{what}: columns are matched by name: {' and '.join(filter(None, parts))}; the "
            f"model's features are {listed(features)}{what_to_do}"
        )
    if len(place) < len(columns):
        repeated = next(name for name in columns if list(columns).count(name) > 1)
        raise error(f"{what}: there are several columns {repeated!r}; keep one of them")
    return [place[name] for name in features]


def advice_for(table: Any) -> Advice:
    """What can be done about the columns of a data frame (the entries of a series) in Python.

    Examples
    --------
    >>> advice_for(None)([], ["id"])
    "Drop what is no feature: frame.drop(columns=['id'])"
    """

    def advice(missing: Sequence[str], unknown: Sequence[str]) -> str:
        if not missing:
            return f"Drop what is no feature: {_dropped(table, unknown)}"
        if not unknown:
            return "Add what is missing"
        return (
            "Rename the columns, or give their values in the order of the features as an array: "
            f"{_name_of(table)}.to_numpy()"
        )

    return advice


def advice_for_regions(missing: Sequence[str], unknown: Sequence[str]) -> str:
    """What can be done about the table that a region was made of: as `advice_for`."""
    text = advice_for(None)(missing, unknown)
    return f"{text}, before the region is made of it" if not missing else text


def _name_of(table: Any) -> str:
    return "frame" if table is None or hasattr(table, "columns") else "series"


def _dropped(table: Any, names: Sequence[str]) -> str:
    """The expression that gives the table without these columns."""
    name = _name_of(table)
    if len(names) > _SHOWN:
        return f"{name}[list(model.feature_names)]"
    of_pandas = table is None or hasattr(table, "loc")
    keyword = "columns=" if of_pandas and name == "frame" else ""
    return f"{name}.drop({keyword}{list(names)!r})"


def _named(names: Sequence[str], what: str) -> str:
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'} {what}" if names else ""


def listed(names: Sequence[str]) -> str:
    """The first names, for a message.

    Examples
    --------
    >>> listed(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(map(repr, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")
