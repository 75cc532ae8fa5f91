"""Points in CSV files: the separator, the line of names, and which column is which feature."""

from __future__ import annotations

import csv
import io
import math
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..base.read_file import read_text
from ..base.read_limits import ReadLimits
from ..base.tables import column_order
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["ColumnOptions", "read_csv"]

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


class ColumnOptions(NamedTuple):
    """What options say of columns: names to leave out, and if features can be renamed."""

    dropped: Collection[str] = ()
    renaming: bool = True


class _Line(NamedTuple):
    number: int
    cells: list[str]


def read_csv(
    path: Path, model: Model, limits: ReadLimits, options: ColumnOptions
) -> list[list[float]]:
    """The points of a CSV file, in the order of the features.

    Raises
    ------
    InvalidInputError
        It names the line, and the column where that has a name.
    """
    text = read_text(path, limits, InvalidInputError, "points from")
    lines = _lines(text, _separator(text, model))
    if not lines:
        raise InvalidInputError(f"{path} is empty")
    names = None if _is_numeric(lines[0].cells) else [name.strip() for name in lines[0].cells]
    rows = lines if names is None else lines[1:]
    width = len(lines[0].cells)
    kept = list(range(width))
    if names is not None:
        kept = [place for place, name in enumerate(names) if name not in options.dropped]
        order = _order(path, [names[place] for place in kept], model, options)
        kept = [kept[place] for place in order]
    shown = model.feature_names if len(kept) == model.input_size else None
    return [_numbers(path, row, width, kept, shown) for row in rows]


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
    if _is_numeric(row):
        return len(row) == model.input_size
    return set(model.feature_names) <= {name.strip() for name in row}


def _is_numeric(row: list[str]) -> bool:
    try:
        [float(text) for text in row]
    except ValueError:
        return False
    return True


def _order(path: Path, names: list[str], model: Model, options: ColumnOptions) -> list[int]:
    """For each feature its column, by the names in the first line."""

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
        return f"{renaming}a file without a line of names is taken in the order of the features"

    return column_order(names, model.feature_names, str(path), by_place=False, advice=advice)


def _written(names: Sequence[str]) -> str:
    """Names as --drop-columns takes them."""
    if any("," in name for name in names):
        return "FILE.json (a list of names)"
    return shlex.quote(",".join(names))


def _numbers(
    path: Path, row: _Line, width: int, kept: list[int], features: Sequence[str] | None
) -> list[float]:
    if len(row.cells) != width:
        raise InvalidInputError(f"{path}, line {row.number}: {len(row.cells)} values, not {width}")
    values = []
    for place, column in enumerate(kept):
        where = f"{path}, line {row.number}"
        where += f", {features[place]!r}" if features else f", column {column + 1}"
        values.append(_number(where, row.cells[column]))
    return values


def _number(where: str, text: str) -> float:
    try:
        value = float(text)
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
