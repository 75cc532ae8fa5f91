"""Files that the command line reads: points and names. CSV files: `csv_points`."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..base.frames import column_names
from ..base.read_file import plain_suffix, read_bytes, read_text
from ..base.read_limits import ReadLimits, limits_of
from ..base.whole_file import write_whole
from ..errors import InvalidInputError
from .csv_points import ColumnOptions, read_csv
from .option_values import read_limits

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["is_saved", "points_of", "read_names", "read_points", "write_whole"]

Array = NDArray[np.float64]


def is_saved(options: argparse.Namespace) -> bool:
    """Whether MODEL is a partition that was saved with its model."""
    return bool(options.model.suffix.lower() == ".facetry")


def points_of(options: argparse.Namespace, path: Path, model: Model) -> Array:
    """Points that an option names, read as the others say; see `read_points`."""
    limits = read_limits(options)
    dropped = read_names(options.drop_columns, limits) if options.drop_columns is not None else ()
    of_saved = is_saved(options) and not getattr(options, "points", None)
    return read_points(path, model, limits, ColumnOptions(dropped, not of_saved))


def read_points(
    path: Path,
    model: Model,
    limits: ReadLimits | None = None,
    columns: ColumnOptions | None = None,
) -> Array:
    """Points from a .npy, .csv or .json file: float64 of shape (N, m).

    If a CSV file begins with a line of names, these must be the features', in any order; without
    one, columns are taken in the order of the features. JSON may hold a row, or a list of values,
    by the names of features.

    Raises
    ------
    InvalidInputError
        If the file cannot be read or does not fit the model.
    """
    known = limits_of(limits)
    readers: dict[str, Callable[[], Any]] = {
        ".npy": lambda: _read_npy(path, model, known),
        ".csv": lambda: read_csv(path, model, known, columns or ColumnOptions()),
        ".json": lambda: _read_json(path, model, known),
    }
    reader = readers.get(plain_suffix(path))
    if reader is None:
        raise InvalidInputError(
            f"{path}: points are read from .npy, .csv or .json files (also .gz)"
        )
    try:
        values = reader()
    except InvalidInputError:
        raise
    except (OSError, ValueError, TypeError, RecursionError, csv.Error) as problem:
        raise InvalidInputError(f"cannot read points from {path}: {problem}") from None
    return model.points(values, str(path))


def _read_npy(path: Path, model: Model, limits: ReadLimits) -> Any:
    values = np.load(
        io.BytesIO(read_bytes(path, limits, InvalidInputError, "points from")),
        allow_pickle=False,
    )
    single = tuple(values.shape) == tuple(model.input_shape)
    return values.reshape(1, -1) if single else values


def _read_json(path: Path, model: Model, limits: ReadLimits) -> Any:
    """Rows of numbers; rows, or lists of values, by the names of features; or one row."""
    values = json.loads(read_text(path, limits, InvalidInputError, "points from"))
    if column_names(values) is not None:
        return values
    try:
        array = np.array(values)
    except ValueError:  # rows of different lengths
        return values
    single = tuple(array.shape) == tuple(model.input_shape)
    return array.reshape(1, -1) if single else values


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
