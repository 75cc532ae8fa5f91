"""Explanations as HTML for notebooks. Every name is escaped; no scripts, no outside files."""

from __future__ import annotations

from html import escape

from ..base.doors import html_of
from ..base.printable import printable
from ..results.explanation import Explanation
from .rows import Cell, Row, caption, notes, shortened, shown_rows

__all__ = ["explanation_html"]

_POSITIVE = "0,114,178"  # blue and orange: told apart with any colour vision
_NEGATIVE = "213,94,0"


@html_of.way_of(Explanation)
def explanation_html(explanation: Explanation) -> str:
    """A table of the largest regions: features by rank, shaded by sign and relative weight."""
    rows = shown_rows(explanation)
    hidden = len(explanation) - len({row.number for row in rows})
    more = f"<p>... and {hidden} more</p>" if hidden else ""
    remarks = "".join(f"<br><small>{escape(note)}</small>" for note in notes(explanation))
    body = "".join(_html_row(explanation, row) for row in rows)
    return (
        f"<table><caption><b>{escape(caption(explanation))}</b>{remarks}</caption>"
        f"<thead>{_header(explanation, rows)}</thead><tbody>{body}</tbody></table>{more}"
    )


def _header(explanation: Explanation, rows: list[Row]) -> str:
    names = [explanation.subject]
    names += ["volume"] if any(row.share is not None for row in rows) else []
    names += ["choice"] if explanation.top is not None else []
    names += ["output"] if len(explanation.output_names) > 1 else []
    width = max((len(row.cells) for row in rows), default=0)
    heads = "".join(f"<th>{name}</th>" for name in names)
    return f'<tr>{heads}<th colspan="{width}">features by rank</th></tr>'


def _html_row(explanation: Explanation, row: Row) -> str:
    cells = [f"{row.number}{'*' if row.one_sided else ''}"]
    cells += [] if row.share is None else [f"{row.share:.1%}"]
    cells += [escape(row.choice)] if explanation.top is not None else []
    cells += [escape(shortened(row.output))] if len(explanation.output_names) > 1 else []
    plain = "".join(f"<td>{text}</td>" for text in cells)
    largest = max((abs(cell.weight) for cell in row.cells), default=0.0)
    return f"<tr>{plain}{''.join(_html_cell(cell, largest) for cell in row.cells)}</tr>"


def _html_cell(cell: Cell, largest: float) -> str:
    strength = 0.6 * abs(cell.weight) / largest if largest else 0.0
    colour = _POSITIVE if cell.weight > 0 else _NEGATIVE
    style = f"background:rgba({colour},{strength:.2f})"
    return (
        f'<td style="{style}" title="{escape(printable(cell.feature))}">{escape(cell.text())}</td>'
    )
