"""Results of the command line: to the screen, or whole into a file, in the format asked for."""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.printable import json_text, printable
from ..base.whole_file import write_whole
from ..errors import InvalidInputError
from ..files.columns import Columns, explanation_columns, partition_columns
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
    for row in zip(*map(_shown, columns.values()), strict=True):
        writer.writerow(row)
        if buffer.tell() > 1 << 16:
            yield _drained(buffer)
    yield _drained(buffer)


def _shown(column: NDArray[Any]) -> list[Any]:
    """The cells of a column; texts as they can be shown."""
    cells: list[Any] = column.tolist()
    return [printable(cell) for cell in cells] if column.dtype == object else cells


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
    offsets, rows, limits = partition.halfspaces
    for index in range(len(partition)):
        side = slice(offsets[index], offsets[index + 1])
        entry = {
            "coef": partition.coef[index].tolist(),
            "intercept": partition.intercept[index].tolist(),
            "volume": _or_null(partition.volumes[index]),
            "interior_point": partition.interior_points[index].tolist(),
            "A": rows[side].tolist(),
            "b": limits[side].tolist(),
        }
        yield json_text(entry) + ("\n" if index == len(partition) - 1 else ",\n")
    yield "]}\n"


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
