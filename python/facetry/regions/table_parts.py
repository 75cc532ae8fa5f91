"""Tables that regions are made of: numbers with limits, and columns of labels with what is in them.

A region knows no model, so labels stay labels until it is used with one, whose schema encodes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import shown
from ..base.checks import check_finite, finite_array
from ..base.frames import Column, Table, column_names, read_table
from ..base.points import WrongValue, points_array, refusal
from ..errors import RegionError

__all__ = ["ColumnLabels", "Cloud", "cloud_of", "labels_text", "point_of", "shown_limits"]

Array = NDArray[np.float64]
_SHOWN = 3
_MOST = 8
_FEW = 50


class ColumnLabels(NamedTuple):
    """The values that a column of a table holds, each once, in case they are categories.

    Of a column of whole numbers they are kept beside its limits, if they are few.
    """

    column: str
    labels: tuple[Any, ...]

    @property
    def are_numbers(self) -> bool:
        """Whether the column has limits, too."""
        return not any(isinstance(label, str) for label in self.labels)


class Cloud(NamedTuple):
    """Rows of numbers, float64 (N, k); columns of texts are 0 in them, and in `labels`."""

    rows: Array
    columns: tuple[str, ...] = ()
    labels: tuple[ColumnLabels, ...] = ()


def cloud_of(points: Any, what: str) -> Cloud:
    """Points for a region, from an array or a table.

    Raises
    ------
    RegionError
        If a value is missing, infinite, or neither a number nor a label.

    Examples
    --------
    >>> cloud_of({"age": [30.5, 40], "sex": ["F", "F"]}, "points").labels
    (ColumnLabels(column='sex', labels=('F',)),)
    """
    if column_names(points) is None:
        return Cloud(points_array(points, None, what, error=RegionError))
    table = read_table(points, what, error=RegionError)
    if not len(table):
        raise RegionError(f"{what} is empty; give at least one point")
    found = [
        _numbers(column) if column.is_numeric else _labels(table, column, what)
        for column in table.columns
    ]
    labels = tuple(entry for entry in found if entry is not None)
    zeros = np.zeros(len(table))  # texts
    rows = np.column_stack([c.values if c.is_numeric else zeros for c in table.columns])
    check_finite(rows[0] if table.single else rows, what, table.names, RegionError)
    return Cloud(rows, table.names, labels)


def point_of(value: Any, what: str) -> tuple[Array, Cloud]:
    """One point for a region: its values in the shape given, and what its columns are.

    Raises
    ------
    RegionError
        As `cloud_of`.
    """
    if column_names(value) is None:
        values = finite_array(value, what, error=RegionError)
        return values, Cloud(values.reshape(1, -1))
    cloud = cloud_of(value, what)
    return cloud.rows[0], cloud


def _numbers(column: Column) -> ColumnLabels | None:
    """The values of a column of whole numbers that may be categories."""
    if column.kind != "integer" or not np.isfinite(column.values).all():
        return None
    different = np.unique(column.values)
    if not 1 < len(different) <= _FEW:
        return None
    return ColumnLabels(column.name, tuple(int(value) for value in different))


def _labels(table: Table, column: Column, what: str) -> ColumnLabels:
    if column.kind not in ("text", "object", "bool"):
        raise RegionError(
            f"{what} must hold real numbers, or categories, not column {column.name!r} of type "
            f"{column.kind}"
        )
    for row, value in enumerate(column.values):
        if value is None:
            why = "fill it in, or leave the row out"
            wrong = WrongValue(row, [column.name], "a missing value", why)
            raise refusal(wrong, table, what, RegionError)
        if not isinstance(value, (str, int, float, np.number, np.bool_)):
            wrong = WrongValue(row, [column.name], shown(value), "it is no number and no category")
            raise refusal(wrong, table, what, RegionError)
    different = dict.fromkeys(
        value.item() if isinstance(value, np.generic) else value for value in column.values
    )
    return ColumnLabels(column.name, tuple(sorted(different, key=lambda v: (str(type(v)), v))))


def labels_text(labels: Sequence[Any]) -> str:
    """Labels for a message or a text.

    Examples
    --------
    >>> labels_text(["F", "M"])
    "'F' or 'M'"
    """
    few = " or ".join(map(shown, labels[:_SHOWN]))
    return f"{few} or ..." if len(labels) > _SHOWN else few


def shown_limits(
    values: Array, columns: Sequence[str] = (), labels: Sequence[ColumnLabels] = ()
) -> str:
    """Limits as a text, with labels where the table had some.

    Examples
    --------
    >>> shown_limits(np.array([30.0, 0.0]), ["age", "sex"], [ColumnLabels("sex", ("F", "M"))])
    "[30, 'F' or 'M']"
    """
    if values.ndim == 0:
        return f"{values:g}"
    if values.size > _MOST:
        return f"<{values.size} values>"
    held = {name: texts for name, texts in labels if not ColumnLabels(name, texts).are_numbers}
    names = columns or [""] * values.size
    parts = zip(names, values, strict=True)
    texts = [labels_text(held[name]) if name in held else f"{value:g}" for name, value in parts]
    return f"[{', '.join(texts)}]"
