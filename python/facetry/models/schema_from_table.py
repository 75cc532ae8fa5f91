"""Guesses of features from the columns of a table: each with the reason, for people to judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..base.arguments import shown
from ..base.frames import Column, Table, is_missing
from ..base.printable import counted
from ..base.tables import are_generated
from ..errors import InvalidInputError
from .feature import Feature

__all__ = ["Guess", "guessed"]

_MANY = 100
"""Categories beyond which a column is perhaps no feature."""


class Guess(NamedTuple):
    """A feature, and what it was guessed from; an empty text if it was not guessed."""

    feature: Feature
    why: str


def guessed(
    table: Table, known: Mapping[str, Feature], inputs: Sequence[str] | None = None
) -> list[Guess]:
    """A feature for each column.

    Parameters
    ----------
    table
        The data.
    known
        Features that need no guess, by column.
    inputs
        The names of the model's inputs, if it is known: encodings are chosen to fit them.

    Raises
    ------
    InvalidInputError
        If a column holds what is no feature; or it has no value at all.

    Examples
    --------
    >>> from facetry.base.frames import read_table
    >>> table = read_table({"sex": ["F", "M"]})
    >>> guessed(table, {}, ["sex_M"])[0].feature
    Feature('sex', 'categorical', categories=['F', 'M'], drop='F')
    """
    if not len(table):
        raise InvalidInputError("the table has no rows to guess from")
    found = [
        Guess(known[column.name], "") if column.name in known else _guess(column)
        for column in table.columns
    ]
    if inputs is None:
        return found
    if are_generated(inputs):
        return _fitting_number(found, len(inputs))
    return [_fitting_names(guess, column, inputs)
            for guess, column in zip(found, table.columns, strict=True)]  # fmt: skip


# By the values ----------------------------------------------------------------------------------


def _guess(column: Column) -> Guess:
    if column.categories:
        return _of_categories(column)
    if column.is_numeric:
        return _of_numbers(column)
    if column.kind == "text":
        labels = sorted({value for value in column.values if value is not None})
        why = f"it holds texts; its categories are the {len(labels)} in {_rows(column)}"
        many = len(labels) > _MANY or len(labels) == len(column.values) > _MANY // 5
        notice = "; there are many: perhaps it is no feature" if many else ""
        return _labelled(column, "categorical", labels, why + notice)
    if column.kind == "object":
        kinds = sorted({type(v).__name__ for v in column.values if v is not None})
        what = f"holds values of several types ({', '.join(kinds)})"
        what = what if len(kinds) > 1 else f"holds values of type {', '.join(kinds)}"
    else:
        what = f"is of type {column.kind}"
    raise InvalidInputError(
        f"the table's column {column.name!r} {what}: no feature is made of it; leave the column "
        "out, make it numbers or texts, or give overrides="
    )


def _of_categories(column: Column) -> Guess:
    kind = "ordinal" if column.ordered else "categorical"
    order = "have an order" if column.ordered else "have no order"
    why = f"the column has {_categories(len(column.categories))}, which {order}"
    if any(is_missing(label) for label in column.categories):
        raise InvalidInputError(f"the table's column {column.name!r} has a missing category")
    return _labelled(column, kind, list(column.categories), why)


def _categories(count: int) -> str:
    return f"{count} categor{'y' if count == 1 else 'ies'}"


def _labelled(column: Column, kind: str, labels: list[Any], why: str) -> Guess:
    feature = Feature(column.name, kind, categories=labels)
    return Guess(feature, f"{kind}, because {why}{_missing(column)}; {_encoded(feature)}")


def _encoded(feature: Feature) -> str:
    if feature.encoding == "one-hot":
        return "one-hot" if feature.drop is None else f"one-hot without {shown(feature.drop)}"
    return (
        "coded "
        + ", ".join(f"{code:g}" for code in feature.rows[:4, 0])
        + (", ..." if len(feature.rows) > 4 else "")
    )


def _of_numbers(column: Column) -> Guess:
    values = column.values[~np.isnan(column.values)]
    if not values.size:
        raise InvalidInputError(
            f"the table's column {column.name!r} has no value; leave it out, or give overrides="
        )
    if not np.isfinite(values).all():
        raise InvalidInputError(f"the table's column {column.name!r} holds an infinite value")
    low, high = float(values.min()), float(values.max())
    missing = _missing(column)
    if column.kind == "bool":
        feature = Feature(column.name, "binary", categories=[False, True])
        return Guess(feature, f"binary, because it holds True and False{missing}; coded 0, 1")
    if {low, high} == {0.0, 1.0} and np.isin(values, (0, 1)).all():
        feature = Feature(column.name, "binary")
        return Guess(feature, f"binary, because all values are 0 or 1{missing}")
    of_data = f"the range is that of {_rows(column)}{missing}"
    whole = bool((values == np.floor(values)).all())
    if column.kind == "integer":
        feature = Feature(column.name, "integer", range=(int(low), int(high)))
        return Guess(feature, f"integer, because all values are whole; {of_data}")
    hint = " (all values are whole: it may be an integer)" if whole else ""
    feature = Feature(column.name, range=(low, high))
    return Guess(feature, f"continuous, because it holds numbers{hint}; {of_data}")


def _rows(column: Column) -> str:
    return counted(len(column.values), "row")


def _missing(column: Column) -> str:
    if column.is_numeric:
        count = int(np.isnan(column.values).sum())
    else:
        count = sum(value is None for value in column.values)
    return f", {count} of them without a value" if count else ""


# By the model's inputs --------------------------------------------------------------------------


def _fitting_names(guess: Guess, column: Column, inputs: Sequence[str]) -> Guess:
    """The encoding that the names of inputs tell: the column's own, or one for each category."""
    feature, name = guess.feature, guess.feature.name
    if not guess.why or (feature.encoding == "value" and name in inputs):
        return guess
    if name in inputs:
        if feature.kind != "categorical":
            return guess
        return _changed(guess, replace(feature, encoding="codes"), "the model has one input of it")
    labels = list(feature.categories) if feature.is_labelled else _whole_labels(column)
    without = [label for label in labels if f"{name}_{label}" not in inputs]
    if not labels or len(without) > 1 or len(without) == len(labels):
        return guess
    kind = "ordinal" if feature.kind == "ordinal" else "categorical"
    drop = without[0] if without else None
    encoded = Feature(name, kind, categories=labels, encoding="one-hot", drop=drop)
    return _changed(guess, encoded, f"the model has inputs such as {encoded.input_names[0]!r}")


def _whole_labels(column: Column) -> list[Any]:
    """The different values of a column of numbers, as categories."""
    if not column.is_numeric:
        return []
    values = np.unique(column.values[~np.isnan(column.values)])
    whole = column.kind in ("integer", "bool")
    return [int(value) if whole else float(value) for value in values[: _MANY + 1]]


def _changed(guess: Guess, feature: Feature, why: str) -> Guess:
    start = guess.why.rpartition("; ")[0] if feature.kind == guess.feature.kind else feature.kind
    return Guess(feature, f"{start}; {_encoded(feature)}, because {why}")


def _fitting_number(found: list[Guess], size: int) -> list[Guess]:
    """The first of some usual encodings of all categories that gives so many inputs.

    One input for each category; the same without the first of two, or of all; one of codes.
    """
    for encoding in ("one-hot", "if two", "first", "codes"):
        guesses = [_as(guess, encoding, size) for guess in found]
        if sum(guess.feature.input_count for guess in guesses) == size:
            return guesses
    return found  # what does not fit is said when the model gets it


def _as(guess: Guess, encoding: str, size: int) -> Guess:
    feature = guess.feature
    if not guess.why or feature.kind != "categorical" or encoding == "one-hot":
        return guess
    why = f"this gives the model's {counted(size, 'input')}"
    if encoding == "codes":
        return _changed(guess, replace(feature, encoding="codes"), why)
    if len(feature.categories) < 2 or (encoding == "if two" and len(feature.categories) > 2):
        return guess
    return _changed(guess, replace(feature, drop=feature.categories[0]), why)
