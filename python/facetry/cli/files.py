"""Files that the command line reads: points and names."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..base.checks import points_array
from ..base.read_file import plain_suffix, read_bytes, read_text
from ..base.read_limits import ReadLimits, limits_of
from ..base.tables import column_order
from ..base.whole_file import write_whole
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["read_names", "read_points", "write_whole"]

Array = NDArray[np.float64]


def read_points(path: Path, model: Model, limits: ReadLimits | None = None) -> Array:
    """Points from a .npy, .csv or .json file: float64 of shape (N, m).

    If a CSV file begins with a line of names, these must be the features', in any order; without
    one, columns are taken in the order of the features.

    Raises
    ------
    InvalidInputError
        If the file cannot be read or does not fit the model.
    """
    readers: dict[str, Callable[[Path, Model, ReadLimits], Any]] = {
        ".npy": _read_npy,
        ".csv": _read_csv,
        ".json": _read_json,
    }
    reader = readers.get(plain_suffix(path))
    if reader is None:
        raise InvalidInputError(
            f"{path}: points are read from .npy, .csv or .json files (also .gz)"
        )
    try:
        values = reader(path, model, limits_of(limits))
    except InvalidInputError:
        raise
    except (OSError, ValueError, TypeError, RecursionError, csv.Error) as problem:
        raise InvalidInputError(f"cannot read points from {path}: {problem}") from None
    return points_array(values, model.input_size, str(path))


def _read_npy(path: Path, model: Model, limits: ReadLimits) -> Any:
    values = np.load(
        io.BytesIO(read_bytes(path, limits, InvalidInputError, "points from")),
        allow_pickle=False,
    )
    single = tuple(values.shape) == tuple(model.input_shape)
    return values.reshape(1, -1) if single else values


def _read_json(path: Path, model: Model, limits: ReadLimits) -> Any:
    values = np.array(json.loads(read_text(path, limits, InvalidInputError, "points from")))
    single = tuple(values.shape) == tuple(model.input_shape)
    return values.reshape(1, -1) if single else values


def _read_csv(path: Path, model: Model, limits: ReadLimits) -> Any:
    reader = csv.reader(io.StringIO(read_text(path, limits, InvalidInputError, "points from")))
    rows = [(reader.line_num, row) for row in reader if "".join(row).strip() or len(row) > 1]
    if not rows:
        raise InvalidInputError(f"{path} is empty")
    names = None if _is_numeric(rows[0][1]) else [name.strip() for name in rows.pop(0)[1]]
    columns = list(range(len(rows[0][1]) if rows else 0))
    if names is not None:
        columns = _columns(path, names, model)
    width = len(columns)
    values = []
    for line, row in rows:
        if len(row) != width:
            raise InvalidInputError(f"{path}, line {line}: {len(row)} values, not {width}")
        try:
            values.append([float(row[column]) for column in columns])
        except ValueError as problem:
            raise InvalidInputError(f"{path}, line {line}: {problem}") from None
    return values


def _columns(path: Path, names: list[str], model: Model) -> list[int]:
    """For each feature its column, by the names in the first line."""
    try:
        return column_order(names, model.feature_names, str(path), by_place=False)
    except InvalidInputError as problem:
        raise InvalidInputError(
            f"{problem}. --feature-names gives the features other names; a file without a line of "
            "names is taken in the order of the features"
        ) from None


def _is_numeric(line: list[str]) -> bool:
    try:
        [float(text) for text in line]
    except ValueError:
        return False
    return True


def read_names(text: str, limits: ReadLimits) -> list[str]:
    """Names separated by commas, or those in a .txt file (one per line) or a .json list.

    Raises
    ------
    InvalidInputError
        If the file cannot be read.
    """
    path = Path(text)
    if "," in text or plain_suffix(path) not in (".txt", ".json"):
        return [name.strip() for name in text.split(",")]
    try:
        content = read_text(path, limits, InvalidInputError, "names from")
        if plain_suffix(path) == ".json":
            return [str(name) for name in json.loads(content)]
    except InvalidInputError:
        raise
    except (ValueError, TypeError, RecursionError) as problem:
        raise InvalidInputError(f"cannot read names from {path}: {problem}") from None
    return [line.strip() for line in content.splitlines() if line.strip()]
