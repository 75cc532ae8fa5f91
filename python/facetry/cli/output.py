"""Results of the command line: to the screen, or whole into a file, in the format asked for."""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import math
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.printable import json_text, printable
from ..base.whole_file import write_whole
from ..errors import InvalidInputError
from ..files.columns import Columns, explanation_columns, partition_columns
from ..files.number_text import item_texts
from ..files.table import write_parquet
from ..show.plot import save_picture
from ..show.text import partition_text
from .options import FORMATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base.foreign_types import Axes
    from ..results.explanation import Explanation
    from ..search.partition import Partition

__all__ = [
    "SCREEN",
    "check_output",
    "emit",
    "emit_partition",
    "explanation_forms",
    "forms_of_picture",
]

Form = Callable[[], Iterator[str]] | Callable[[Path], None]
"""A text in pieces, or something that writes a file (its one argument)."""

SCREEN = Path("-")
"""Says of an output that it goes to the screen, as programs have it."""

_BLOCK = 4096  # regions or rows that are written at a time
_TEXTS = ("table", "json", "csv", "html")
_SUFFIXES = {".txt": "table", ".htm": "html"}


def explanation_forms(explanation: Explanation, picture: Callable[[], Axes]) -> dict[str, Form]:
    """How an explanation can be written."""
    return {
        "table": lambda: iter([f"{explanation}\n"]),
        "json": lambda: iter([explanation.to_json(), "\n"]),
        "csv": lambda: csv_lines(explanation_columns(explanation)),
        "html": lambda: iter([explanation._repr_html_(), "\n"]),
        "parquet": lambda path: write_parquet(explanation_columns(explanation), path),
        **forms_of_picture(picture),
    }


def partition_forms(partition: Partition, picture: Callable[[], Axes]) -> dict[str, Form]:
    """How a partition can be written."""
    return {
        "table": lambda: iter([f"{partition_text(partition)}\n"]),
        "json": lambda: json_lines(partition),
        "csv": lambda: csv_lines(partition_columns(partition)),
        "parquet": lambda path: write_parquet(partition_columns(partition), path),
        **forms_of_picture(picture),
    }


def emit_partition(
    options: argparse.Namespace, partition: Partition, picture: Callable[[], Axes]
) -> None:
    """Write a partition; a file that facetry can open again holds its model too."""
    if _format(options, FORMATS["partition"], "table") == "facetry":
        partition.save(options.output)
    else:
        emit(options, partition_forms(partition, picture))


def forms_of_picture(picture: Callable[[], Axes]) -> dict[str, Form]:
    """The picture formats."""
    return {
        "png": lambda path: save_picture(picture(), path, "png"),
        "svg": lambda path: save_picture(picture(), path, "svg"),
    }


def emit(options: argparse.Namespace, forms: dict[str, Form], default: str = "table") -> None:
    """Write the result in the format that --format or the ending of --output says."""
    format = _format(options, forms, default)
    form: Any = forms[format]
    if options.output is None:
        sys.stdout.writelines(form())
        sys.stdout.flush()
    elif format in _TEXTS:
        write_whole(options.output, lambda path: _write_text(path, form()))
    else:
        write_whole(options.output, form)


def check_output(options: argparse.Namespace, formats: Collection[str]) -> str:
    """The format that will be written; mistakes are found before a long search, not after it.

    Raises
    ------
    InvalidInputError
        As in `emit`, or if the directory does not exist.
    """
    if options.output == SCREEN:
        options.output = None
    format = _format(options, formats, "table")
    if options.output is None and format not in _TEXTS:
        raise InvalidInputError(f"{format} cannot go to the screen; give a file with -o")
    if options.output is not None and not options.output.parent.is_dir():
        raise InvalidInputError(f"cannot write {options.output}: there is no such directory")
    return format


def _format(options: argparse.Namespace, known: Collection[str], default: str) -> str:
    if options.format:
        return str(options.format)
    if options.output is None:
        return default
    suffix = options.output.suffix.lower()
    format = _SUFFIXES.get(suffix, suffix[1:])
    if format not in known:
        raise InvalidInputError(
            f"the ending of {options.output} names no known format; known are {', '.join(known)}"
        )
    return str(format)


def _write_text(path: Path, pieces: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


def csv_lines(columns: Columns) -> Iterator[str]:
    """The columns as CSV lines; numbers are written so that they read back exactly.

    Control characters in names are escaped: tables are looked at in terminals.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(printable, columns))
    yield _drained(buffer)
    for start in range(0, max(map(len, columns.values()), default=0), _BLOCK):
        cells = (_shown(column[start : start + _BLOCK]) for column in columns.values())
        writer.writerows(zip(*cells, strict=True))
        yield _drained(buffer)


def _shown(column: NDArray[Any]) -> list[Any]:
    """The cells of a column; texts as they can be shown."""
    if column.dtype.kind == "f" and np.isfinite(column).all():
        return item_texts(column)
    cells: list[Any] = column.tolist()
    if column.dtype != object:
        return cells
    shown = {cell: printable(cell) for cell in set(cells)}
    return [shown[cell] for cell in cells]


def _drained(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def json_lines(partition: Partition) -> Iterator[str]:
    """The partition as JSON, one region per line."""
    model = partition.model
    head = {
        "format": "facetry partition",
        "version": 1,
        "level": partition.exactness,
        "status": str(partition.status),
        "coverage": _or_null(partition.coverage),
        "undecided": int(partition.undecided),
        "feature_names": list(model.feature_names),
        "output_names": list(model.output_names),
        "region": partition.region.to_dict(),
    }
    yield json_text(head)[:-1] + ', "regions": [\n'
    for start in range(0, len(partition), _BLOCK):
        end = min(start + _BLOCK, len(partition))
        lines = ",\n".join(_region_texts(partition, start, end))
        yield lines + ("\n" if end == len(partition) else ",\n")
    yield "]}\n"


def _region_texts(partition: Partition, start: int, end: int) -> Iterator[str]:
    """Some regions as JSON."""
    offsets, rows, limits = partition.halfspaces
    sides = slice(offsets[start], offsets[end])
    own = (offsets[start : end + 1] - offsets[start]).tolist()
    A, b = item_texts(rows[sides]), item_texts(limits[sides])
    columns = (
        item_texts(partition.coef[start:end]),
        item_texts(partition.intercept[start:end]),
        item_texts(partition.volumes[start:end], nan_as_null=True),
        item_texts(partition.interior_points[start:end]),
        [f"[{', '.join(A[i:j])}]" for i, j in itertools.pairwise(own)],
        [f"[{', '.join(b[i:j])}]" for i, j in itertools.pairwise(own)],
    )
    names = ("coef", "intercept", "volume", "interior_point", "A", "b")
    entry = "{" + ", ".join(f'"{name}": %s' for name in names) + "}"
    return (entry % parts for parts in zip(*columns, strict=True))


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
