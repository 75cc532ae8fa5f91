"""Tables and the names of features: which column is which, and what can be done if none is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from ..errors import InvalidInputError

__all__ = [
    "Advice",
    "advice_for",
    "advice_for_regions",
    "are_generated",
    "column_order",
    "listed",
    "nearest",
]

_SHOWN = 5
_COMPARED = 200  # letters: comparing takes their square

Advice = Callable[[Sequence[str], Sequence[str]], str]
"""From the names that are missing and those that are unknown to what can be done about them."""


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
    >>> column_order(["dept", "age"], ["age", "debt"], "X")
    Traceback (most recent call last):
    ...
    facetry.errors.InvalidInputError: X: columns are matched by name: 'debt' is missing and 'dept' is unknown (did you mean 'debt' by 'dept'?); the model's features are 'age', 'debt'
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
            f"{what}: columns are matched by name: {' and '.join(filter(None, parts))}"
            f"{_meant(missing, unknown)}; the model's features are {listed(features)}{what_to_do}"
        )
    if len(place) < len(columns):
        repeated = next(name for name in columns if list(columns).count(name) > 1)
        raise error(f"{what}: there are several columns {repeated!r}; keep one of them")
    return [place[name] for name in features]


def advice_for(table: Any, names: str = "model.feature_names") -> Advice:
    """What can be done about the columns of a data frame (the entries of a series) in Python.

    Parameters
    ----------
    table
        The table.
    names
        The expression for the features' names.

    Examples
    --------
    >>> advice_for(None)([], ["id"])
    "Drop what is no feature: frame.drop(columns=['id'])"
    """

    def advice(missing: Sequence[str], unknown: Sequence[str]) -> str:
        if not missing:
            return f"Drop what is no feature{_dropped(table, unknown, names)}"
        if not unknown:
            return "Add what is missing"
        if table is not None and not hasattr(table, "to_numpy"):
            return "Rename the columns"
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


def _dropped(table: Any, unknown: Sequence[str], names: str) -> str:
    """The expression that gives the table without these columns, after a colon."""
    name = _name_of(table)
    if hasattr(table, "column_names"):  # as pyarrow has them
        return f": frame.drop_columns({list(unknown)!r})"
    if table is not None and not hasattr(table, "drop"):
        return ""
    if len(unknown) > _SHOWN:
        return f": {name}[list({names})]"
    of_pandas = table is None or hasattr(table, "loc")
    keyword = "columns=" if of_pandas and name == "frame" else ""
    return f": {name}.drop({keyword}{list(unknown)!r})"


def _meant(missing: Sequence[str], unknown: Sequence[str]) -> str:
    """For the first names that are unknown the nearest of those that are missing."""
    pairs = [(name, nearest(name, missing)) for name in unknown[:_SHOWN]]
    meant = [f"{near!r} by {name!r}" for name, near in pairs if near is not None]
    return f" (did you mean {', '.join(meant)}?)" if meant else ""


def nearest(name: str, names: Sequence[str]) -> str | None:
    """The name that is most like another, in any case of letters; None if none is.

    Examples
    --------
    >>> nearest("Dept", ["age", "debt"]), nearest("city", ["age", "debt"])
    ('debt', None)
    """
    plain: dict[str, str] = {}
    for known in names:
        plain.setdefault(_plain(known), known)
    near = get_close_matches(_plain(name), plain, n=1)
    return plain[near[0]] if near else None


def _plain(name: str) -> str:
    """As names are compared: without capitals, spaces, dots and lines within."""
    return re.sub(r"[\s._-]", "", name[:_COMPARED].lower())


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
