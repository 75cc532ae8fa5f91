"""Decides VNN-LIB properties of a model: a counterexample, or a proof that there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.checks import frozen
from ..errors import InvalidInputError
from ..models.model import Model
from ..search.options import SearchKeywords, SearchOptions
from .vnnlib import Property, PropertyCase

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
        ``"complete"``; or why nothing was decided: a limit, ``"cancelled"``, or ``"touches"``: the
        conditions are reached to within 1e-9 (relative to 1 + the largest threshold), and no point
        was found where the model, with its rounding, fulfils them.
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


def verify(
    model: Model, question: Property | str | Path, **options: Unpack[SearchKeywords]
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
    asked = question if isinstance(question, Property) else Property.read(question)
    _check_sizes(model, asked)
    with how.running() as core_options:
        found = _core.verify(model.form, [_core_case(case) for case in asked.cases], core_options)
    witness, outputs = found.witness, found.outputs
    unbounded = found.answer == "sat" or found.bound == np.inf
    return VerifyResult(
        answer=found.answer,
        witness=None if witness is None else frozen(witness),
        outputs=None if outputs is None else frozen(outputs),
        bound=None if unbounded else found.bound,
        status=found.status,
        cells=found.cells,
        seconds=time.monotonic() - start,
    )


def _core_case(case: PropertyCase) -> _core.PropertyCase:
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
