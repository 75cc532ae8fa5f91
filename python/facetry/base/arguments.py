"""Checks of single arguments: texts, paths, flags, choices and places. One clear message each."""

from __future__ import annotations

import operator
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FacetryError, InvalidInputError, PlaceError

__all__ = ["chosen_of", "flag_of", "float_of", "path_of", "place_of", "shown", "text_of"]

_LONGEST = 120


def shown(value: object) -> str:
    """A value for a message: short, and without an error of its own.

    Examples
    --------
    >>> shown("a"), shown([0] * 100)[-8:]
    ("'a'", '0, 0,...')
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # whole numbers of thousands of digits; lists in lists
        text = f"a {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def path_of(value: Any, name: str, *, error: type[FacetryError] = InvalidInputError) -> Path:
    """A path from a text or an `os.PathLike`; an error that names it otherwise."""
    try:
        text = os.fspath(value)
    except TypeError:
        raise error(f"{name} must be a path, not {shown(value)}") from None
    try:
        if not isinstance(text, str) or "\0" in text:
            raise ValueError
        os.fsencode(text)
    except ValueError:
        raise error(f"{name} must be a path, not {shown(text)}") from None
    if not text:
        raise error(f"{name} is empty; give a path")
    return Path(text)


def text_of(value: Any, name: str, *, error: type[FacetryError] = InvalidInputError) -> str:
    """The value, if it is a text."""
    if not isinstance(value, str):
        raise error(f"{name} must be a text, not {shown(value)}")
    return value


def flag_of(value: Any, name: str) -> bool:
    """The value, if it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidInputError(f"{name} must be True or False, not {shown(value)}")
    return bool(value)


def chosen_of(value: Any, name: str, choices: Collection[str]) -> str:
    """The value, if it is one of the choices.

    Examples
    --------
    >>> chosen_of("c", "engine", ("a", "b"))
    Traceback (most recent call last):
    ...
    facetry.errors.InvalidInputError: engine must be 'a' or 'b', not 'c'
    """
    if not isinstance(value, str) or value not in choices:
        *first, last = map(repr, choices)
        listed = f"{', '.join(first)} or {last}" if first else last
        raise InvalidInputError(f"{name} must be {listed}, not {shown(value)}")
    return value


def place_of(value: Any, size: int, what: str) -> int:
    """A place in a sequence of `size`, counted from the end if it is negative.

    Raises
    ------
    PlaceError
        If it is no whole number, or out of range.
    """
    try:
        place = operator.index(value)
    except TypeError:
        raise PlaceError(f"{what} must be a whole number, not {shown(value)}") from None
    if isinstance(value, (bool, np.bool_)) or not -size <= place < size:
        raise PlaceError(f"{what} {shown(value)} is out of range: there are {size}")
    return place + size if place < 0 else place


def float_of(value: Any) -> float:
    """A number as a float; infinite if it is beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
