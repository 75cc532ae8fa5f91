"""Explanations as plain text for a terminal."""

from __future__ import annotations

import math

import numpy as np

from ..base.doors import text_of
from ..base.printable import counted
from ..results.explanation import Explanation
from ..search.partition import Partition
from .rows import MAX_CELLS, MAX_ENTRIES, Row, caption, notes, shortened, shown_rows

__all__ = ["aligned", "explanation_text", "partition_text"]

_PAGE_WIDTH = 100
_POINT_FEATURES = 5


@text_of.way_of(Explanation)
def explanation_text(explanation: Explanation) -> str:
    """The largest regions with their features by rank, and how to read them."""
    rows, table = _fitting_table(explanation)
    lines = [caption(explanation), *(f"  {note}" for note in notes(explanation)), "", *table]
    hidden = len(explanation) - len({row.number for row in rows})
    if hidden:
        lines.append(f"... and {counted(hidden, f'more {explanation.subject}')}")
    return "\n".join(lines)


def _fitting_table(explanation: Explanation) -> tuple[list[Row], list[str]]:
    """The table with as many features as fit into the width of a page, at least two."""
    for cells in range(MAX_CELLS, 1, -1):
        rows = shown_rows(explanation, cells)
        header = _header(explanation, rows)
        table = aligned(header, [_text_row(explanation, row) for row in rows])
        if max(map(len, table), default=0) <= _PAGE_WIDTH:
            break
    return rows, table


def _header(explanation: Explanation, rows: list[Row]) -> list[str]:
    width = max((len(row.cells) for row in rows), default=0)
    volume = ["volume"] if any(row.share is not None for row in rows) else []
    output = ["output"] if len(explanation.output_names) > 1 else []
    output = (["choice"] if any(row.choice for row in rows) else []) + output
    features = ["features by rank", *[""] * (width - 1)]
    more = [""] if any(row.left_out for row in rows) else []
    return [explanation.subject, *volume, *output, *features, *more]


def _text_row(explanation: Explanation, row: Row) -> list[str]:
    number = f"{row.number}{'*' if row.one_sided else ''}"
    volume = [] if row.share is None else [f"{row.share:.1%}"]
    output = [shortened(row.output)] if len(explanation.output_names) > 1 else []
    output = ([row.choice] if row.choice else []) + output
    more = [f"+{row.left_out} more"] if row.left_out else []
    return [number, *volume, *output, *(cell.text() for cell in row.cells), *more]


def partition_text(partition: Partition) -> str:
    """The largest regions: their volume, how many halfspaces bound them, a point inside."""
    volumes, count = np.asarray(partition.volumes), len(partition)
    order = np.arange(count) if np.isnan(volumes).any() else np.argsort(-volumes, kind="stable")
    free = [int(index) for index in partition.domain.free_features[:_POINT_FEATURES]]
    names = [shortened(partition.model.feature_names[index]) for index in free]
    header = ["region", "volume", "halfspaces", *names]
    rows = []
    for region in order[:MAX_ENTRIES].tolist():
        point = [f"{partition.interior_points[region, index]:.6g}" for index in free]
        volume = "-" if math.isnan(volumes[region]) else f"{volumes[region]:.4g}"
        sides = len(partition[region].halfspaces[1])
        rows.append([str(region), volume, str(sides), *point])
    more = [f"... and {counted(count - len(rows), 'more region')}"] if count > len(rows) else []
    return "\n".join([_partition_caption(partition), "", *aligned(header, rows), *more])


def _partition_caption(partition: Partition) -> str:
    covered = "" if math.isnan(partition.coverage) else f", {partition.coverage:.1%} covered"
    return (
        f"{counted(len(partition), 'linear region')} in "
        f"{counted(partition.dimension, 'dimension')}: "
        f"{partition.status}{covered}, {partition.undecided} undecided "
        f"(level: {partition.exactness})\n"
        "the largest regions (or the first, where volumes are not known), each with a point inside"
    )


def aligned(header: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a table in columns: numbers right, words left.

    Examples
    --------
    >>> aligned(["region", "name"], [["7", "a"], ["12", "b"]])
    ['region  name', '     7  a', '    12  b']
    """
    if not rows:
        return []
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    numeric = [all(_is_number(row[i]) for row in rows) for i in range(len(header))]
    return [_line(row, widths, numeric) for row in [header, *rows]]


def _is_number(text: str) -> bool:
    return text.lstrip("-")[:1].isdigit() and " " not in text


def _line(row: list[str], widths: list[int], numeric: list[bool]) -> str:
    cells = zip(row, widths, numeric, strict=True)
    return "  ".join(
        text.rjust(width) if right else text.ljust(width) for text, width, right in cells
    ).rstrip()
