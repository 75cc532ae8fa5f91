"""What a person is shown of an explanation: which rows, and their words. Text and HTML share it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.printable import counted, printable
from ..results.explanation import SCALES, Explanation

__all__ = [
    "MAX_CELLS",
    "MAX_ENTRIES",
    "STOPPED",
    "Cell",
    "Row",
    "caption",
    "notes",
    "shortened",
    "shown_rows",
]

MAX_ROWS = 20
MAX_ENTRIES = 10
MAX_CELLS = 5
STOPPED = {
    "time_limit": "the time limit stopped the search",
    "region_limit": "the limit on the number of regions stopped the search",
    "memory_limit": "the memory limit stopped the search",
    "cancelled": "the search was cancelled",
    "numerical": "double precision was not enough for a step of the search",
}


class Cell(NamedTuple):
    """One feature of a row: its name, its signed weight, its rank, and whether it shares it."""

    feature: str
    weight: float
    rank: int
    shared: bool

    def text(self) -> str:
        """Such as ``1. age -0.25``; ranks that are shared are written ``1=``."""
        name, mark = shortened(self.feature), "=" if self.shared else "."
        weight = f"{self.weight:+.3g}" if self.weight else "0"
        return f"{self.rank}{mark} {name} {weight}"


class Row(NamedTuple):
    """One output of region (or point) `number`; `share` of the volume is None if not known.

    `choice` is what a query says of the region: the choice, and what stands beside it.
    """

    number: int
    share: float | None
    output: str
    cells: tuple[Cell, ...]
    left_out: int
    one_sided: bool
    choice: str = ""


def shortened(name: str, width: int = 24) -> str:
    """The name as it can be shown, with its middle left out if it is long.

    Examples
    --------
    >>> shortened("a rather long name of a feature")
    'a rather lon…f a feature'
    """
    name = printable(name)
    if len(name) <= width:
        return name
    half = width // 2
    return f"{name[:half]}…{name[1 - half :]}"


def caption(explanation: Explanation) -> str:
    """What is explained, in one line."""
    names = explanation.output_names
    outputs = printable(names[0]) if len(names) == 1 else f"{len(names)} outputs"
    what = explanation.subject if explanation.subject == "point" else "linear region"
    place = "at" if explanation.subject == "point" else "over"
    return f"Explanation of {outputs} {place} {counted(len(explanation), what)}"


def notes(explanation: Explanation) -> list[str]:
    """What a reader must know to read the rows rightly, one sentence each."""
    result = [f"weight: {SCALES[explanation.scale]}; + raises the output, - lowers it"]
    result.append(_how_exact(explanation))
    if explanation.subject == "region" and not len(explanation):
        result.append(_nothing_found(explanation))
    if explanation.status != "complete":
        done = "" if np.isnan(explanation.coverage) else f"; {explanation.coverage:.1%} is covered"
        reason = STOPPED.get(explanation.status, explanation.status)
        result.append(f"incomplete: {reason}{done}")
    if explanation.undecided:
        result.append(
            f"undecided: {counted(explanation.undecided, 'place')} thinner than the tolerance"
        )
    if explanation.one_sided.any():
        result.append("*: a unit vanishes there; weights of fixed features hold to one side only")
    return result


def _how_exact(explanation: Explanation) -> str:
    safe = explanation.exactness == "safe"
    if explanation.subject == "region":
        regions = "are proven" if safe else "are found with a tolerance"
        return (
            f"exactness: {explanation.exactness} (the regions {regions}, coefficients are in "
            "double precision)"
        )
    if safe:
        return "each point's region is decided exactly, coefficients are in double precision"
    return "all in double precision: on a boundary of regions, the weights are those of one side"


def _nothing_found(explanation: Explanation) -> str:
    """What it means that there is no region."""
    of_two = explanation.other_choice is not None
    if explanation.status != "complete":
        return "none was found before the search stopped"
    if of_two:
        return "no disagreement: both models choose alike in all of the analysis region"
    return "there is no such region: nowhere in the analysis region is this so"


def shown_rows(explanation: Explanation, cells: int = MAX_CELLS) -> list[Row]:
    """The largest regions (or the first points), one row for each output, with so many cells."""
    order, shares = _order(explanation)
    outputs = range(len(explanation.output_names))
    entries = max(1, min(MAX_ENTRIES, MAX_ROWS // len(outputs)))
    return [
        _row(explanation, int(index), output, None if shares is None else shares[index], cells)
        for index in order[:entries]
        for output in outputs
    ]


def _order(explanation: Explanation) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
    volumes = explanation.volumes
    total = volumes.sum() if len(volumes) else np.nan
    if not np.isfinite(total) or total <= 0 or explanation.subject == "point":
        return np.arange(len(explanation)), None
    covered = 1.0 if np.isnan(explanation.coverage) else explanation.coverage
    return np.argsort(-volumes, kind="stable"), volumes / total * covered


def _row(explanation: Explanation, index: int, output: int, share: float | None, count: int) -> Row:
    weights, ranks = explanation.weights[index, output], explanation.ranks[index, output]
    first = np.argsort(ranks, kind="stable")[:count]
    cells = tuple(
        Cell(
            explanation.feature_names[feature],
            float(weights[feature]),
            int(ranks[feature]),
            int((ranks == ranks[feature]).sum()) > 1,
        )
        for feature in first
    )
    left_out = len(weights) - len(cells)
    name = explanation.output_names[output]
    share = None if share is None else float(share)
    one_sided = bool(explanation.one_sided[index])
    return Row(index, share, name, cells, left_out, one_sided, choice_text(explanation, index))


def choice_text(explanation: Explanation, index: int) -> str:
    """The choice in a query's region, and the second one behind it, or that of
    another model: such as ``cat, then dog`` or ``cat, not dog``."""
    if explanation.top is None:
        return ""
    text = shortened(explanation.choice_names[explanation.top[index]])
    names = explanation.choice_names
    if explanation.runner_up is not None:
        return f"{text}, then {shortened(names[explanation.runner_up[index]])}"
    if explanation.other_choice is not None:
        return f"{text}, not {shortened(names[explanation.other_choice[index]])}"
    return text
