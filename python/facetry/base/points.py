"""Points as the model takes them: from arrays by place, from tables by name.

This is the one way from what people hand over to float64 of shape (N, m); every entry point that
takes points goes through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidInputError
from .arguments import shown
from .checks import check_finite, float_array
from .frames import Column, Table, column_names, column_of, is_table, read_table
from .printable import counted
from .tables import advice_for, are_generated, column_order, listed

__all__ = ["TableSchema", "WrongValue", "are_inputs", "points_array", "refusal"]

Array = NDArray[np.float64]


class WrongValue(Exception):  # noqa: N818
    """A value of a table that cannot be taken; `refusal` makes the message of it.

    Attributes
    ----------
    row, columns
        Where it is.
    what
        The value, as messages say it: ``"'Q'"``, ``"a missing value"``.
    why
        What is wrong with it, and what can be done.
    count
        How many such values the column has.
    """

    def __init__(
        self, row: int, columns: Sequence[str], what: str, why: str, count: int = 1
    ) -> None:
        super().__init__(what)
        self.row, self.columns, self.what, self.why = row, tuple(columns), what, why
        self.count = count


class TableSchema(Protocol):
    """What points need to know of a schema: which columns a table has, and how they are encoded."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, which are those of a table's columns."""
        ...

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the model's inputs, in their order."""
        ...

    def encoded(self, columns: Sequence[Column]) -> Array:
        """The inputs (N, m) of one column for each feature; raises WrongValue."""
        ...

    def check_inputs(self, rows: Array) -> None:
        """Raises WrongValue if inputs are not the encoding of any values."""
        ...


def points_array(
    points: ArrayLike,
    size: int | None,
    name: str = "X",
    *,
    features: Sequence[str] | None = None,
    schema: TableSchema | None = None,
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
        The names of the inputs: columns of tables (entries of a series) with names are taken by
        them, see `facetry.base.tables.column_order`.
    schema
        What the features are: tables then have a column for each feature, or for each input; and
        rows without names may have a value for each feature. Arrays of numbers with m columns are
        inputs as they are, and are not held against it.

    Raises
    ------
    InvalidInputError
        If a column is missing, unknown or there twice, or a value cannot be taken. It names the
        column and the row.

    Examples
    --------
    >>> points_array([[[1, 2], [3, 4]]], 4)
    array([[1., 2., 3., 4.]])
    >>> points_array({"debt": 2.0, "age": 30}, 2, features=["age", "debt"])
    array([[30.,  2.]])
    """
    columns = None if features is None else column_names(points)
    rows = _rows_of_features(points, size, name, schema, error) if columns is None else None
    if features is not None and columns is not None:
        rows = _named_rows(points, features, schema, name, error)
    elif rows is None:
        rows = _plain_rows(points, name, features, error)
    if rows.size == 0:
        raise error(f"{name} is empty; give at least one point")
    if size is not None and rows.shape[1] != size:
        given, needed = counted(rows.shape[1], "value"), counted(size, "input")
        raise error(f"{name} has {given} per point, but the model has {needed}")
    return rows


# Arrays, by place -------------------------------------------------------------------------------


def _plain_rows(
    points: Any, name: str, features: Sequence[str] | None, error: type[InvalidInputError]
) -> Array:
    array = float_array(points, name, error)
    check_finite(array, name, _names_of_columns(points, array, features), error)
    if array.ndim == 0:
        raise error(f"{name} must hold one point per row, not a single number")
    if array.size == 0:
        raise error(f"{name} is empty; give at least one point")
    return array.reshape(1, -1) if array.ndim == 1 else array.reshape(len(array), -1)


def _names_of_columns(
    points: Any, array: Array, features: Sequence[str] | None
) -> Sequence[str] | None:
    """What the columns are called in messages: as in the table, or as the model's features."""
    names = column_names(points)
    if names is not None or features is None or is_table(points):
        return names
    return features if array.ndim and array.shape[-1] == len(features) else None


def _rows_of_features(
    points: Any,
    size: int | None,
    name: str,
    schema: TableSchema | None,
    error: type[InvalidInputError],
) -> Array | None:
    """Inputs of rows that hold a value per feature, in their order; None if they are no such rows.

    They are if some value is no number, or if there are so many values, and another number of
    inputs.
    """
    if schema is None or isinstance(points, (str, bytes, dict)) or points is None:
        return None
    try:
        array = np.asarray(points)
        if array.dtype.kind in "OUS":
            array = np.array(points, dtype=object)
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None  # what is wrong with it is said where it is read as numbers
    width = len(schema.names)
    if array.ndim not in (1, 2) or array.shape[-1] != width or array.size == 0:
        return None
    if array.dtype.kind != "O" and (width == size or array.dtype.kind not in "iufb"):
        return None
    single = array.ndim == 1
    rows = array.reshape(-1, width)
    columns = zip(schema.names, rows.T, strict=True)
    table = Table(tuple(column_of(label, values.tolist()) for label, values in columns), single)
    return _encoded(table, schema, name, error)


# Tables, by name --------------------------------------------------------------------------------


def _named_rows(
    points: Any,
    features: Sequence[str],
    schema: TableSchema | None,
    name: str,
    error: type[InvalidInputError],
) -> Array:
    """Which column is which is known before values are looked at: others may be texts."""
    columns = column_names(points) or ()
    if schema is None:
        order = _order(points, columns, features, name, error)
        table = read_table(points, name, error=error)
        table = replace(table, columns=tuple(table.columns[place] for place in order))
        return _numbers(table, name, error, _SCHEMA)
    of_inputs = are_inputs(columns, schema)
    names = schema.input_names if of_inputs else schema.names
    advice = advice_for(points, "model.schema.names")
    order = column_order(columns, names, name, error=error, by_place=False, advice=advice)
    table = read_table(points, name, error=error)
    table = replace(table, columns=tuple(table.columns[place] for place in order))
    if not of_inputs:
        return _encoded(table, schema, name, error)
    rows = _numbers(table, name, error)
    try:
        schema.check_inputs(rows)
    except WrongValue as wrong:
        raise refusal(wrong, table, name, error) from None
    return rows


def are_inputs(columns: Sequence[str], schema: TableSchema) -> bool:
    """Whether a table has a column per input of the model, not per feature."""
    given = set(columns)
    features, inputs = set(schema.names), set(schema.input_names)
    return not features <= given and len(given & inputs) > len(given & features)


def _order(
    table: Any,
    columns: Sequence[str],
    features: Sequence[str],
    name: str,
    error: type[InvalidInputError],
) -> list[int]:
    """For each feature its column, where there is no schema."""
    order = column_order(columns, features, name, error=error, advice=advice_for(table))
    if len(order) != len(features) and are_generated(features):
        raise error(
            f"{name} has {counted(len(columns), 'column')} ({listed(columns)}), but the model has "
            f"{counted(len(features), 'input')}, and no names of its own; give just its columns, "
            "in its order, or load it with feature_names=; or, if they are features with "
            "categories, give the model a schema that says them: "
            "model.with_schema(facetry.Schema.from_table(frame, model))"
        )
    return order


_SCHEMA = (
    "; if it holds categories, give the model a schema that says them: "
    "model.with_schema(facetry.Schema.from_table(frame, model))"
)


def _numbers(table: Table, name: str, error: type[InvalidInputError], advice: str = "") -> Array:
    """The numbers of a table whose columns are all of numbers; `advice` if one holds texts."""
    for column in table.columns:
        if not column.is_numeric:
            raise error(f"{name} must hold real numbers, not {_strange(table, column, advice)}")
    rows = np.column_stack([column.values for column in table.columns])
    if table.lines:
        bad = np.argwhere(~np.isfinite(rows))
        if len(bad):
            row, place = map(int, bad[0])
            what = "NaN" if np.isnan(rows[row, place]) else "an infinite value"
            wrong = WrongValue(row, [table.names[place]], what, "give finite numbers")
            raise refusal(wrong, table, name, error)
    check_finite(rows[0] if table.single else rows, name, table.names, error)
    return np.asarray(rows)


def _strange(table: Table, column: Column, advice: str) -> str:
    """What a column holds that is no number."""
    advice = advice if column.kind in ("text", "object") else ""
    if table.single:
        return f"{shown(column.values[0])} at {column.name!r}{advice}"
    return f"column {column.name!r} of type {column.kind}{advice}"


def _encoded(table: Table, schema: TableSchema, name: str, error: type[InvalidInputError]) -> Array:
    try:
        return schema.encoded(table.columns)
    except WrongValue as wrong:
        raise refusal(wrong, table, name, error) from None


def refusal(
    wrong: WrongValue, table: Table, name: str, error: type[InvalidInputError] = InvalidInputError
) -> InvalidInputError:
    """The error that says where a value is that cannot be taken, and why.

    Examples
    --------
    >>> wrong = WrongValue(1, ["sex"], "'Q'", "it is none of the categories 'F', 'M'")
    >>> print(refusal(wrong, read_table({"sex": ["F", "Q"]}), "X"))
    X holds 'Q' in row 1, column 'sex' (rows are counted from 0): it is none of the categories \
'F', 'M'
    """
    columns = ", ".join(map(repr, wrong.columns))
    more = f" (and {counted(wrong.count - 1, 'more such value')})" if wrong.count > 1 else ""
    if table.lines:
        place = f"{name}, line {table.lines[wrong.row]}, {columns}"
        return error(f"{place}: {wrong.what}{more}: {wrong.why}")
    where = f" in row {wrong.row}, column{'s' if len(wrong.columns) > 1 else ''} {columns}"
    where = f" at {columns}" if table.single else f"{where} (rows are counted from 0)"
    return error(f"{name} holds {wrong.what}{where}{more}: {wrong.why}")
