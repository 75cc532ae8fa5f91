"""Categories and their codes: checked, found among values, and found back among inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import float_of, shown
from ..base.checks import finite_array
from ..base.printable import counted
from ..base.tables import nearest
from ..errors import InvalidInputError

__all__ = [
    "as_given",
    "categories_in",
    "codes_in",
    "first_repeated",
    "list_in",
    "names_in",
    "no_category",
    "no_code",
    "numbers_of",
    "of_one_hot",
    "one_hot",
    "range_in",
    "rows_in",
    "step_in",
    "values_in",
]

Array = NDArray[np.float64]
_LABELLED = ("binary", "categorical", "ordinal")


def categories_in(given: Any, kind: str, what: str) -> tuple[Any, ...]:
    """The categories as texts, numbers and bools of Python, all different.

    Raises
    ------
    InvalidInputError
        If they are something else, too few, or do not go with the kind.

    Examples
    --------
    >>> categories_in([], "binary", "x"), categories_in(np.array([1, 2]), "ordinal", "x")
    ((0, 1), (1, 2))
    """
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise InvalidInputError(f"{what}: categories must be a list of them, not {shown(given)}")
    labels = tuple(_label(entry, what) for entry in given)
    if kind not in _LABELLED:
        if labels:
            raise InvalidInputError(f"{what}: a feature of kind {kind!r} has no categories")
        return ()
    if kind == "binary":
        if len(labels) not in (0, 2):
            raise InvalidInputError(
                f"{what}: a binary feature has two values, not {len(labels)}; for more of them "
                "there is kind 'categorical'"
            )
        labels = labels or (0, 1)
    if len(labels) < 1:
        raise InvalidInputError(f"{what}: a feature of kind {kind!r} needs its categories")
    seen: set[Any] = set()
    for label in labels:
        if label in seen:
            raise InvalidInputError(
                f"{what}: there are two categories {shown(label)} (1, 1.0 and True are the same)"
            )
        seen.add(label)
    return labels


def _label(entry: Any, what: str) -> Any:
    if isinstance(entry, np.generic):
        entry = entry.item()
    if isinstance(entry, (str, bool)):
        return str(entry) if isinstance(entry, str) else entry
    if isinstance(entry, Integral):
        return int(entry)
    if isinstance(entry, Real) and isfinite(float_of(entry)):
        return float(entry)
    raise InvalidInputError(
        f"{what}: a category is a text, a finite number, True or False, not {shown(entry)}"
    )


def step_in(step: Any, kind: str, what: str) -> int:
    """The step of an integer feature.

    Raises
    ------
    InvalidInputError
        If it is no whole number from 1, or another kind has one.
    """
    if isinstance(step, bool) or not isinstance(step, Integral) or step < 1:
        raise InvalidInputError(f"{what}: step must be a whole number from 1, not {shown(step)}")
    if step != 1 and kind != "integer":
        raise InvalidInputError(f"{what}: only integer features have a step, not {kind}")
    return int(step)


def range_in(ends: Any, kind: str, what: str) -> tuple[float, float]:
    """The expected (low, high); whole numbers of an integer feature.

    Raises
    ------
    InvalidInputError
        If it is upside down or no range, or the feature has categories.

    Examples
    --------
    >>> range_in([0, 2.5], "continuous", "x"), range_in([0, 9.0], "integer", "x")
    ((0.0, 2.5), (0, 9))
    """
    if kind in _LABELLED:
        raise InvalidInputError(f"{what}: its categories say its values; leave range out")
    given = finite_array(ends, f"{what}: range")
    if given.shape != (2,):
        raise InvalidInputError(f"{what}: range must be (low, high), not {shown(ends)}")
    low, high = map(float, given)
    if low > high:
        raise InvalidInputError(f"{what}: range is upside down: low {low:g} is above high {high:g}")
    if kind != "integer":
        return low, high
    if not low.is_integer() or not high.is_integer():
        raise InvalidInputError(
            f"{what}: the range of an integer feature has whole ends, not {shown(ends)}"
        )
    return int(low), int(high)


def first_repeated(names: Sequence[str]) -> str | None:
    """The first name that is there a second time, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def names_in(given: Any, what: str) -> tuple[str, ...]:
    """A list of different texts as a tuple.

    Raises
    ------
    InvalidInputError
        If it is something else.
    """
    listed = isinstance(given, (list, tuple)) or getattr(given, "ndim", 0) == 1
    names = tuple(given) if listed else ()
    if not listed or not all(isinstance(name, str) for name in names):
        raise InvalidInputError(f"{what} must be a list of texts, not {shown(given)}")
    repeated = first_repeated(names)
    if repeated is not None:
        raise InvalidInputError(f"{what} holds {shown(repeated)} more than once")
    return tuple(map(str, names))


def list_in(given: Any, what: str) -> tuple[Any, ...]:
    """The entries of a list, a tuple or an array.

    Raises
    ------
    InvalidInputError
        If it is something else.
    """
    if not isinstance(given, (list, tuple)) and getattr(given, "ndim", 0) < 1:
        raise InvalidInputError(f"{what} must be a list, not {shown(given)}")
    return tuple(given)


def values_in(given: Any, what: str) -> list[Any]:
    """The values of a list, an array (N,) or a series of any package.

    Raises
    ------
    InvalidInputError
        If it is something else.

    Examples
    --------
    >>> values_in(np.array(["a", "b"]), "x"), values_in((1, None), "x")
    (['a', 'b'], [1, None])
    """
    listed: Any = list(given) if isinstance(given, (list, tuple, range)) else None
    for name in ("tolist", "to_list", "to_pylist"):
        method = getattr(given, name, None)
        if listed is None and callable(method) and getattr(given, "ndim", 1) == 1:
            listed = None if isinstance(given, type) else method()
    if not isinstance(listed, list):
        raise InvalidInputError(f"{what} must be a list of them, not {shown(given)}")
    return listed


def codes_in(given: Any, count: int, what: str) -> tuple[Any, ...]:
    """Different codes for so many categories: a float each, or a tuple of floats each.

    Raises
    ------
    InvalidInputError
        If they are something else.

    Examples
    --------
    >>> codes_in([], 3, "x"), codes_in([[1, 0], [0, 1]], 2, "x")
    ((0.0, 1.0, 2.0), ((1.0, 0.0), (0.0, 1.0)))
    """
    if not len(given):
        return tuple(float(number) for number in range(count))
    array = finite_array(given, f"{what}: codes")
    if array.ndim not in (1, 2) or len(array) != count or not array.size:
        raise InvalidInputError(
            f"{what}: codes must have a number, or a row of numbers, for each of "
            f"{counted(count, 'category').replace('categorys', 'categories')}, not shape "
            f"{array.shape}"
        )
    array = array + 0.0  # minus zero is zero
    if len(np.unique(array.reshape(count, -1), axis=0)) < count:
        raise InvalidInputError(f"{what}: two categories have the same codes; give different ones")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 1:
        return tuple(array.tolist())
    return tuple(map(tuple, array.tolist()))


def numbers_of(values: NDArray[Any], places: Mapping[Any, int]) -> NDArray[np.int64]:
    """For each value the number of its category, or -1: int64 of shape (N,)."""
    if values.dtype.kind == "f":  # few different ones, as a rule
        different, which = np.unique(values, return_inverse=True)
        found = np.array([places.get(value, -1) for value in different.tolist()], dtype=np.int64)
        return np.asarray(found[which.reshape(-1)])
    try:
        return np.array([places.get(value, -1) for value in values], dtype=np.int64)
    except TypeError:  # what cannot be a key is no category
        return np.array([_place(value, places) for value in values], dtype=np.int64)


def _place(value: Any, places: Mapping[Any, int]) -> int:
    try:
        return places.get(value, -1)
    except TypeError:
        return -1


def as_given(value: Any) -> Any:
    """A value as it was before numbers became float64: whole ones without a point."""
    if isinstance(value, np.generic):
        value = value.item()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def rows_in(inputs: Array, rows: Array) -> NDArray[np.int64]:
    """For each row of inputs the number of the category with these codes, or -1: int64 (N,)."""
    known = {row.tobytes(): number for number, row in enumerate(np.ascontiguousarray(rows) + 0.0)}
    given = np.ascontiguousarray(inputs) + 0.0  # minus zero is zero
    return np.array([known.get(row.tobytes(), -1) for row in given], dtype=np.int64)


def one_hot(numbers: NDArray[np.int64], count: int, dropped: int | None) -> Array:
    """A row for each number: 1 at its place of `count`, without the dropped place.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3, 0).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    rows = np.zeros((len(numbers), count))
    rows[np.arange(len(numbers)), numbers] = 1.0
    return rows if dropped is None else np.delete(rows, dropped, axis=1)


def of_one_hot(inputs: Array, dropped: int | None) -> NDArray[np.int64]:
    """For each row the number of its one; -1 if it has not just zeros and one of them.

    A row of zeros is the dropped number.

    Examples
    --------
    >>> of_one_hot(np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 1.0]]), 0).tolist()
    [2, 0, -1]
    """
    ones = (inputs == 1).sum(axis=1)
    plain = ((inputs == 1) | (inputs == 0)).all(axis=1)
    found = inputs.argmax(axis=1)
    if dropped is not None:
        found = np.where(ones == 0, dropped, found + (found >= dropped))
    enough = (ones == 1) if dropped is None else (ones <= 1)
    return np.where(plain & enough, found, -1).astype(np.int64)


# Messages ---------------------------------------------------------------------------------------

_SHOWN = 6


def no_category(value: Any, name: str, categories: Sequence[Any]) -> str:
    """Why a value is no category, with the nearest one.

    Examples
    --------
    >>> no_category("male", "sex", ["Female", "Male"])
    "it is none of the categories 'Female', 'Male' of 'sex'; did you mean 'Male'?"
    """
    known = ", ".join(map(shown, categories[:_SHOWN]))
    more = ", ..." if len(categories) > _SHOWN else ""
    why = f"it is none of the categories {known}{more} of {name!r}"
    near = nearest(value if isinstance(value, str) else shown(value), list(map(str, categories)))
    if near is None:
        return why
    meant = next(label for label in categories if str(label) == near)
    return f"{why}; did you mean {shown(meant)}?"


def no_code(row: Array, name: str, encoding: str) -> tuple[str, str]:
    """What inputs are that are the code of no category, and why they are wrong.

    Examples
    --------
    >>> no_code(np.array([1.0, 1.0, 0.0]), "sex", "one-hot")
    ('2 ones', "these are the inputs of 'sex', of which only one can be 1")
    """
    numbers = ", ".join(f"{value:g}" for value in row[:_SHOWN])
    written = f"{numbers}{', ...' if len(row) > _SHOWN else ''}"
    if encoding != "one-hot":
        return written, f"no category of {name!r} has this code"
    owners = f"these are the inputs of {name!r}"
    if not np.isin(row, (0, 1)).all():
        return written, f"{owners}, of which one is 1 and the others are 0"
    ones = int((row == 1).sum())
    if ones > 1:
        return f"{ones} ones", f"{owners}, of which only one can be 1"
    return "no one", f"{owners}, of which one must be 1"
