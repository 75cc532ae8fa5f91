"""Points in CSV files: the separator, the line of names, and which column is which feature."""

from __future__ import annotations

import csv
import io
import math
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base.frames import Column, Table, column_of
from ..base.points import are_inputs
from ..base.read_file import read_text
from ..base.read_limits import ReadLimits
from ..base.tables import column_order
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..models.feature import Feature
    from ..models.model import Model

__all__ = ["ColumnOptions", "read_csv"]

_BOOLS = {"true": 1.0, "false": 0.0}
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


class ColumnOptions(NamedTuple):
    """What options say of columns: names to leave out, and if features can be renamed."""

    dropped: Collection[str] = ()
    renaming: bool = True


class _Line(NamedTuple):
    number: int
    cells: list[str]


class _Place(NamedTuple):
    """A column of a file, and what messages call it."""

    name: str
    at: int

    def number(self, path: Path, row: _Line) -> float:
        return _number(f"{path}, line {row.number}, {self.name}", row.cells[self.at])


def read_csv(
    path: Path, model: Model, limits: ReadLimits, options: ColumnOptions
) -> Table | list[list[float]]:
    """The points of a CSV file: columns by name, or rows of numbers if there is no line of names.

    Raises
    ------
    InvalidInputError
        It names the line, and the column where that has a name.
    """
    text = read_text(path, limits, InvalidInputError, "points from")
    lines = _lines(text, _separator(text, model))
    if not lines:
        raise InvalidInputError(f"{path} is empty")
    width = len(lines[0].cells)
    if _is_numeric(lines[0].cells):
        named = width == model.input_size
        columns = [
            _Place(repr(model.feature_names[at]) if named else f"column {at + 1}", at)
            for at in range(width)
        ]
        return [[place.number(path, row) for place in columns]
                for row in _of_width(path, lines, width)]  # fmt: skip
    names = [name.strip() for name in lines[0].cells]
    kept = [at for at, name in enumerate(names) if name not in options.dropped]
    expected = _expected([names[at] for at in kept], model)
    order = _order(path, [names[at] for at in kept], expected, model, options)
    rows = _of_width(path, lines[1:], width)
    if not rows:
        raise InvalidInputError(f"{path} is empty; give at least one point")
    labelled: dict[str, Feature] = {}
    if model.schema is not None and expected == model.schema.names:
        labelled = {entry.name: entry for entry in model.schema.features if entry.is_labelled}
    columns = [_Place(repr(name), kept[at]) for name, at in zip(expected, order, strict=True)]
    found = [
        _column(path, rows, name, place, labelled.get(name))
        for name, place in zip(expected, columns, strict=True)
    ]
    return Table(tuple(found), lines=tuple(row.number for row in rows))


def _expected(names: Sequence[str], model: Model) -> tuple[str, ...]:
    """The columns that a file must have: features of the schema, or inputs of the model."""
    if model.schema is None or are_inputs(names, model.schema):
        return model.feature_names
    return model.schema.names


def _column(
    path: Path, rows: list[_Line], name: str, place: _Place, feature: Feature | None
) -> Column:
    if feature is None:
        numbers = [place.number(path, row) for row in rows]
        return Column(name, np.array(numbers, dtype=np.float64), "float")
    return column_of(name, [feature.label_of_text(row.cells[place.at]) for row in rows])


def _of_width(path: Path, rows: list[_Line], width: int) -> list[_Line]:
    """The rows, which must all be as long as the first line."""
    for row in rows:
        if len(row.cells) != width:
            found = len(row.cells)
            raise InvalidInputError(f"{path}, line {row.number}: {found} values, not {width}")
    return rows


def _lines(text: str, separator: str) -> list[_Line]:
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    rows = (_Line(reader.line_num, row) for row in reader)
    return [row for row in rows if "".join(row.cells).strip() or len(row.cells) > 1]


def _separator(text: str, model: Model) -> str:
    """What separates the cells: the one of , ; tab by which the first line is as the model needs.

    A comma, unless exactly one of the others gives the features' names, or as many numbers as
    there are features; or splits the line at all, where a comma does not.
    """
    first = {mark: next(iter(_lines(text[: 1 << 20], mark)), None) for mark in _SEPARATORS}
    cells = {mark: line.cells for mark, line in first.items() if line is not None}
    fitting = [mark for mark, row in cells.items() if _fits(row, model)]
    splitting = [mark for mark, row in cells.items() if len(row) > 1]
    for found in (fitting, splitting):
        if len(found) == 1:
            return found[0]
    return ","


def _fits(row: list[str], model: Model) -> bool:
    names = [model.feature_names, *([model.schema.names] if model.schema else [])]
    if _is_numeric(row):
        return len(row) in map(len, names)
    return any(set(known) <= {name.strip() for name in row} for known in names)


def _is_numeric(row: list[str]) -> bool:
    try:
        [float(text) for text in row]
    except ValueError:
        return False
    return True


def _order(
    path: Path, names: list[str], expected: Sequence[str], model: Model, options: ColumnOptions
) -> list[int]:
    """For each feature its column, by the names in the first line."""
    if model.schema is not None:  # its features have their names, and places need no order
        options = options._replace(renaming=False)

    def advice(missing: Sequence[str], unknown: Sequence[str]) -> str:
        if not missing:
            return f"--drop-columns {_written(unknown)} leaves out what is no feature"
        if not unknown:
            return "Add what is missing to the file"
        if len(missing) != len(unknown):
            return "Rename the columns in the first line of the file"
        renaming = (
            "--feature-names gives the features other names (all of them, in their order); "
            if options.renaming
            else "Rename the columns in the first line of the file; "
        )
        if model.schema is not None:
            return renaming.removesuffix("; ")
        return f"{renaming}a file without a line of names is taken in the order of the features"

    return column_order(names, expected, str(path), by_place=False, advice=advice)


def _written(names: Sequence[str]) -> str:
    """Names as --drop-columns takes them."""
    if any("," in name for name in names):
        return "FILE.json (a list of names)"
    return shlex.quote(",".join(names))


def _number(where: str, text: str) -> float:
    plain = text.strip().lower()
    try:
        value = _BOOLS[plain] if plain in _BOOLS else float(text)
    except ValueError:
        raise InvalidInputError(f"{where}: {_not_a_number(text)}") from None
    if not math.isfinite(value):
        raise InvalidInputError(f"{where}: {text.strip()} is no finite number")
    return value


def _not_a_number(text: str) -> str:
    if not text.strip():
        return "there is no value; fill it in, or leave the line out"
    try:
        float(text.replace(",", "."))
    except ValueError:
        return f"{text!r} is no number"
    return f"{text!r} is no number: write it with a decimal point"
