"""Decides VNN-LIB properties of a model: a counterexample, or a proof that there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.checks import frozen
from ..base.read_limits import ReadLimits, limits_of
from ..base.reading_time import Interrupted, reading_while
from ..errors import InvalidInputError, MissingDependencyError, ModelLoadError, NumericalError
from ..models.model import Model, check_model
from ..search.blocks import GoesOn
from ..search.options import SearchKeywords, SearchOptions
from .vnnlib import Conjunction, Property, PropertyCase

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["VerifyResult", "verify"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class VerifyResult:
    """Whether any input is what a property describes: a counterexample.

    Attributes
    ----------
    answer
        ``"sat"``: `witness` is one. ``"unsat"``: there is none, proven at the level of exactness
        that was asked for, of the folded network (see the notes of `facetry.Model`), not of what a
        program computes in float32. ``"unknown"``: not decided; `status` says why.
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
        ``"complete"``; or why nothing was decided: a limit, ``"cancelled"``, ``"touches"``: the
        conditions are reached, or nearly, and no point was found where the model, with its
        rounding, fulfils them; or ``"numerical"``: double precision was not enough for a step of
        the search. A condition that stands alone is decided up to some roundings (as a rule below
        1e-10 of 1 + its threshold). Conditions that must hold together are searched as one and
        decided up to 1e-9 of 1 + the largest threshold among them: a large one makes "touches"
        coarse for all, so leave conditions out that always hold.
    cells
        How many cells were visited; 0 if points decided it.
    seconds
        How long it took.
    confirmed
        Whether the outputs that onnxruntime computes at the witness, in the file's own precision
        (float32, as a rule, to which the witness is rounded first), fulfil the conditions too.
        None if that was not tried: the answer is not "sat", the model does not come from an ONNX
        file, onnxruntime is not installed or does not run it.
    runtime_outputs
        float64 (n,): those outputs; None where `confirmed` is.
    """

    answer: str
    witness: Array | None
    outputs: Array | None
    bound: float | None
    status: str
    cells: int
    seconds: float
    confirmed: bool | None = None
    runtime_outputs: Array | None = None


def verify(
    model: Model,
    question: Property | str | Path,
    *,
    limits: ReadLimits | None = None,
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
    limits
        How much the file may hold; see `facetry.ReadLimits`.
    options
        See `facetry.SearchOptions`. `time_limit` is for all of it: it also ends reading
        the property, with status ``"time_limit"`` (as `cancel` does, with ``"cancelled"``); parts
        that are not decided yet share what is left evenly.

    Raises
    ------
    FileFormatError
        If the file is not understood.
    InvalidInputError
        If the property has other numbers of inputs or outputs than the model, or an option is
        unknown or out of range.

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
    how = SearchOptions.of(options)
    goes_on = how.watch()
    check_model(model)
    limits = limits_of(limits)
    try:
        with reading_while(goes_on):
            asked = (
                question
                if isinstance(question, Property)
                else Property.read(question, limits=limits)
            )
        _check_sizes(model, asked)
        cases = [_core_case(case, goes_on) for case in asked.cases]
    except Interrupted:
        return _undecided(_reason(how), start)
    left = None if how.time_limit is None else how.time_limit - (time.monotonic() - start)
    if left is not None and left <= 0 and cases:
        return _undecided("time_limit", start)
    try:
        with replace(how, time_limit=left).running() as core_options:
            found = _core.verify(model.form, cases, core_options)
    except NumericalError:
        return _undecided("numerical", start)
    return _result(model, asked, found, start)


def _result(model: Model, asked: Property, found: _core.Verification, start: float) -> VerifyResult:
    witness, outputs = found.witness, found.outputs
    unbounded = found.answer == "sat" or found.bound == np.inf
    confirmed, theirs = None, None
    if witness is not None:
        theirs = _runtime_outputs(model, witness)
        confirmed = None if theirs is None else _fulfils(asked, witness, theirs)
    return VerifyResult(
        answer=found.answer,
        witness=None if witness is None else frozen(witness),
        outputs=None if outputs is None else frozen(outputs),
        bound=None if unbounded else found.bound,
        status=found.status,
        cells=found.cells,
        seconds=time.monotonic() - start,
        confirmed=confirmed,
        runtime_outputs=None if theirs is None else frozen(theirs),
    )


def _undecided(status: str, start: float) -> VerifyResult:
    return VerifyResult("unknown", None, None, None, status, 0, time.monotonic() - start)


def _reason(how: SearchOptions) -> str:
    return "cancelled" if how.cancel is not None and how.cancel.is_set() else "time_limit"


def _runtime_outputs(model: Model, witness: Array) -> Array | None:
    """The logits at a point as onnxruntime computes them, if it can be asked."""
    if model.logits_reference is None:
        return None
    try:
        theirs = model.logits_reference(witness[None, :])[0]
    except (MissingDependencyError, ModelLoadError):
        return None
    return theirs if theirs.shape == (model.output_size,) else None


def _fulfils(asked: Property, x: Array, outputs: Array) -> bool:
    """Whether outputs at a point are what the property describes; without any rounding."""
    if not np.isfinite(outputs).all():
        return False
    values = [Fraction(float(value)) for value in outputs]
    return any(
        _holds(conjunction, values)
        for case in asked.cases
        if np.all((case.low <= x) & (x <= case.high))
        for conjunction in case.conjunctions
    )


def _holds(conjunction: Conjunction, values: list[Fraction]) -> bool:
    rows = zip(conjunction.weights, conjunction.thresholds, strict=True)
    return all(
        sum(Fraction(float(row[j])) * values[j] for j in np.flatnonzero(row)) >= float(threshold)
        for row, threshold in rows
    )


def _core_case(case: PropertyCase, goes_on: GoesOn) -> _core.PropertyCase:
    if not goes_on():
        raise Interrupted
    alternatives = [_core.Conjunction(one.weights, one.thresholds) for one in case.conjunctions]
    return _core.PropertyCase(case.low, case.high, alternatives)


def _check_sizes(model: Model, asked: Property) -> None:
    for what, declared, present in (
        ("inputs", asked.input_size, model.input_size),
        ("outputs", asked.output_size, model.output_size),
    ):
        if declared != present:
            raise InvalidInputError(
                f"{asked.source} declares {declared} {what}, but the model has {present}"
            )
