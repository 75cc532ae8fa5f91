"""Decides VNN-LIB properties of a model: a counterexample, or a proof that there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.checks import frozen
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..search.options import SearchKeywords, SearchOptions
from ..search.progress import Poll
from .margin_search import (
    Found,
    climb,
    corners_around,
    first_witness,
    largest_margin,
    promising,
    starting_points,
)
from .vnnlib import Conjunction, Property, PropertyCase

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["VerifyResult", "verify"]

Array = NDArray[np.float64]

QUICK = 2.0
"""Seconds of exact search for each alternative before many points are tried."""

CLIMBING = 4
"""Climbing from many points takes at most one of so many parts of the time that is left."""

TOGETHER = 256
"""So many points climb together then."""


@dataclass(frozen=True, eq=False)
class VerifyResult:
    """Whether any input is what a property describes: a counterexample.

    Attributes
    ----------
    answer
        ``"sat"``: `witness` is one. ``"unsat"``: there is none, proven at the level of exactness
        that was asked for. ``"unknown"``: not decided; `status` says why.
    witness
        float64 (m,): an input in one of the boxes, where the model's outputs fulfil the conditions;
        checked without any rounding on `outputs`. None unless the answer is "sat".
    outputs
        float64 (n,): what the model gives at the witness.
    bound
        No input fulfils its conditions by more than this, in units of the conditions' left sides:
        proven. Below 0 if the answer is "unsat" (minus infinity if no case was left to look at);
        None if the answer is "sat" or a limit came before any bound.
    status
        ``"complete"``; or why nothing was decided: ``"time_limit"``, ``"cancelled"``, or
        ``"touches"``: the conditions are reached to within `margin_search.MARGIN`, and no point was
        found where the model, with its rounding, fulfils them.
    cells
        How many cells were visited; 0 if points decided it.
    seconds
        How long it took.
    """

    answer: str
    witness: Array | None
    outputs: Array | None
    bound: float | None
    status: str
    cells: int
    seconds: float


@dataclass
class _Search:
    """What all parts of one verification share."""

    model: Model
    how: SearchOptions
    deadline: float | None
    report: Poll | None
    cells: int = 0

    def remaining(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def share(self, parts: int, most: float | None) -> float | None:
        """The seconds for one of so many parts: an even share of what is left, at most `most`."""
        remaining = self.remaining()
        if remaining is None:
            return most
        return remaining / parts if most is None else min(most, remaining / parts)


@dataclass(frozen=True)
class _Part:
    """One conjunction of one case, with sample points and the numbers of the best of them."""

    case: PropertyCase
    conjunction: Conjunction
    points: Array
    best: NDArray[np.int64]


@dataclass(frozen=True)
class _Outcome:
    """What is known of one conjunction of one case."""

    witness: tuple[Array, Array] | None
    bound: float
    status: str


def verify(
    model: Model,
    question: Property | str | Path,
    **options: Unpack[SearchKeywords],
) -> VerifyResult:
    """Search for an input that a property describes, or prove that there is none.

    First points are tried, and moved uphill from one linear model to the next. Then each
    alternative is searched exactly, the most promising parts of its box first: the smallest margin
    of its conditions is maximised until it reaches 0 or is proven to stay below. Where that is not
    done in two seconds, many more points climb before it goes on. Conditions and boxes are closed,
    so "unsat" means that they are not even touched.

    Parameters
    ----------
    model
        A model from `facetry.load`. X_i is its flattened input i, Y_j its output j before the tail;
        its decision does not matter.
    question
        A property, or the path of a .vnnlib file.
    options
        See `facetry.SearchOptions`. `time_limit` is for all of it; parts that are not decided yet
        share what is left evenly.

    Raises
    ------
    FileFormatError
        If the file is not understood.
    InvalidInputError
        If the property has other numbers of inputs or outputs than the model, or an option is out
        of range.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])  # |x|
    >>> text = "(declare-const X_0 Real) (declare-const Y_0 Real)"
    >>> text += "(assert (>= X_0 -1)) (assert (<= X_0 2)) (assert (>= Y_0 {}))"
    >>> found = facetry.verify(model, facetry.Property.parse(text.format(1.5)))
    >>> found.answer, bool(abs(found.witness[0]) >= 1.5)
    ('sat', True)
    >>> facetry.verify(model, facetry.Property.parse(text.format(2.5))).answer
    'unsat'
    """
    start = time.monotonic()
    asked = question if isinstance(question, Property) else Property.read(question)
    _check_sizes(model, asked)
    how = SearchOptions.of(options)
    with how.reporting() as report:
        end = None if how.time_limit is None else start + how.time_limit
        search = _Search(model, how, end, report)
        outcomes = _decide(search, asked)
    return _result(outcomes, search.cells, start)


def _check_sizes(model: Model, asked: Property) -> None:
    for what, declared, present in (
        ("inputs", asked.input_size, model.input_size),
        ("outputs", asked.output_size, model.output_size),
    ):
        if declared != present:
            raise InvalidInputError(
                f"{asked.source} declares {declared} {what}, but the model has {present}"
            )


def _result(outcomes: list[_Outcome], cells: int, start: float) -> VerifyResult:
    seconds = time.monotonic() - start
    for one in outcomes:
        if one.witness is not None:
            witness, outputs = (frozen(array) for array in one.witness)
            return VerifyResult("sat", witness, outputs, None, "complete", cells, seconds)
    bound = max((one.bound for one in outcomes), default=-np.inf)
    known = None if bound == np.inf else float(bound)
    for one in outcomes:
        if one.status != "complete":
            return VerifyResult("unknown", None, None, known, one.status, cells, seconds)
    return VerifyResult("unsat", None, None, known, "complete", cells, seconds)


def _decide(search: _Search, asked: Property) -> list[_Outcome]:
    """The outcomes of all parts, or of those up to the first witness."""
    parts = _by_points(search, asked)
    if isinstance(parts, _Outcome):
        return [parts]
    outcomes = [_Outcome(None, np.inf, "time_limit")] * len(parts)
    for most in (QUICK, None):
        left = [i for i, one in enumerate(outcomes) if one.status == "time_limit"]
        if most is None and left:
            witness = _by_many_points(search, [parts[i] for i in left])
            if witness is not None:
                return [_Outcome(witness, np.inf, "complete")]
        for done, i in enumerate(left):
            seconds = search.share(len(left) - done, most)
            found = _by_bounds(search, parts[i].case, parts[i].conjunction, seconds)
            bound = min(found.bound, outcomes[i].bound)
            outcomes[i] = _Outcome(found.witness, bound, found.status)
            if found.witness is not None or found.status == "cancelled":
                return outcomes
        if search.remaining() == 0.0:
            break
    return outcomes


def _by_points(search: _Search, asked: Property) -> list[_Part] | _Outcome:
    """A witness among sample points of all cases, or a short way uphill of them; else all parts."""
    model = search.model
    parts: list[_Part] = []
    for case in asked.cases:
        points = starting_points(case.low, case.high)
        outputs = model(points)
        for conjunction in case.conjunctions:
            witness = first_witness(model, case, conjunction, points, outputs)
            if witness is not None:
                return _Outcome(witness, np.inf, "complete")
            best = promising(conjunction, outputs)
            parts.append(_Part(case, conjunction, points, best))
    for part in parts:
        witness = _uphill(search, part, part.best)
        if witness is not None:
            return _Outcome(witness, np.inf, "complete")
    return parts


def _by_many_points(search: _Search, parts: list[_Part]) -> tuple[Array, Array] | None:
    """A witness uphill of any sample point, in at most a part of the time that is left.

    In the order of sampling: those that begin with large margins often climb to the same place.
    """
    seconds = search.share(CLIMBING, None)
    end = None if seconds is None else time.monotonic() + seconds
    for start in range(0, max(len(part.points) for part in parts), TOGETHER):
        for part in parts:
            if end is not None and time.monotonic() >= end:
                return None
            which = np.arange(start, min(start + TOGETHER, len(part.points)))
            witness = _uphill(search, part, which)
            if witness is not None:
                return witness
    return None


def _uphill(search: _Search, part: _Part, which: NDArray[np.int64]) -> tuple[Array, Array] | None:
    model, case, conjunction = search.model, part.case, part.conjunction
    if len(which) == 0:
        return None
    for moved in climb(model, case, conjunction, part.points[which], threads=search.how.threads):
        witness = first_witness(model, case, conjunction, moved)
        if witness is not None:
            return witness
        if search.remaining() == 0.0:
            return None
    return None


def _by_bounds(
    search: _Search, case: PropertyCase, conjunction: Conjunction, seconds: float | None
) -> _Outcome:
    """Decide one conjunction on one box with the exact search."""
    domain = AnalysisRegion.box(case.low, case.high).resolve(search.model)
    end = None if seconds is None else time.monotonic() + seconds
    bound = np.inf
    for closest in (False, True):
        found = largest_margin(
            search.model,
            domain,
            conjunction,
            replace(
                search.how, time_limit=None if end is None else max(0.0, end - time.monotonic())
            ),
            search.report,
            closest=closest,
        )
        search.cells += found.cells
        bound = min(bound, found.bound)
        if bound < 0:
            return _Outcome(None, bound, "complete")
        witness = _near(search, domain, case, conjunction, found)
        if witness is not None or found.status != "complete":
            return _Outcome(witness, bound, found.status)
        if len(conjunction.thresholds) == 1:
            break
    return _Outcome(None, bound, "touches")


def _near(
    search: _Search,
    domain: _core.Region,
    case: PropertyCase,
    conjunction: Conjunction,
    found: Found,
) -> tuple[Array, Array] | None:
    """A witness at the point that the exact search found, or at the corners of its region."""
    if found.point is None:
        return None
    witness = first_witness(search.model, case, conjunction, found.point[None, :])
    if witness is not None:
        return witness
    corners = corners_around(domain, found, search.how.threads)
    return first_witness(search.model, case, conjunction, corners) if len(corners) else None
