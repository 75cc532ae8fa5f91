"""Verification against brute force over all regions; touching, limits and errors."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog

import facetry
from facetry import AnalysisRegion, FileFormatError, InvalidInputError, Property, verify
from facetry.questions.vnnlib import Conjunction, PropertyCase

MARGIN = 1e-9  # Tolerances::touching_margin


def network(sizes, seed):
    rng = np.random.default_rng(seed)
    return facetry.load(
        [
            (rng.normal(size=(n, m)) / np.sqrt(m), rng.normal(size=n) * 0.3)
            for m, n in pairwise(sizes)
        ]
    )


def asking(low, high, *conjunctions):
    """A property of one box; conjunctions as (weights, thresholds)."""
    found = [
        Conjunction(np.array(W, dtype=float), np.array(t, dtype=float)) for W, t in conjunctions
    ]
    case = PropertyCase(np.array(low, dtype=float), np.array(high, dtype=float), tuple(found))
    return Property(len(low), found[0].weights.shape[1], (case,))


def best_margin(model, low, high, W, t):
    """The largest value of the smallest margin, by a linear program on each region."""
    found = facetry.partition(model, AnalysisRegion.box(low, high))
    best = -np.inf
    for region in found:
        # z = (x, s): s as large as possible, s <= W (C x + d) - t, and x in the region.
        spaces = region.halfspaces
        rows = np.hstack([-W @ region.coef, np.ones((len(t), 1))])
        limits = W @ region.intercept - t
        A = np.vstack([rows, np.hstack([spaces[0], np.zeros((len(spaces[1]), 1))])])
        solved = linprog(
            np.append(np.zeros(len(low)), -1.0),
            A_ub=A,
            b_ub=np.append(limits, spaces[1]),
            bounds=[*zip(low, high, strict=True), (None, None)],
        )
        best = max(best, -solved.fun)
    return best


def check_witness(model, asked, found):
    """The witness is one, by the model itself."""
    assert found.witness.shape == (model.input_size,)
    assert found.outputs.tolist() == model(found.witness)[0].tolist()
    assert (found.bound, found.status) == (None, "complete")
    for case in asked.cases:
        inside = np.all(case.low <= found.witness) and np.all(found.witness <= case.high)
        for one in case.conjunctions if inside else ():
            if np.all(one.weights @ found.outputs >= one.thresholds):
                return
    pytest.fail("the witness fulfils nothing")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("conditions", [1, 2, 4])
def test_against_brute_force_on_both_sides_of_the_truth(seed, conditions):
    model = network([3, 7, 6, 3], seed)
    rng = np.random.default_rng(100 + seed)
    low = rng.uniform(-1, 0, size=3)
    high = low + rng.uniform(0.2, 2.0, size=3)
    W, t = rng.normal(size=(conditions, 3)), rng.normal(size=conditions) * 0.2
    best = best_margin(model, low, high, W, t)
    for shift, answer in ((1e-6, "unsat"), (-1e-6, "sat")):
        asked = asking(low, high, (W, t + best + shift))
        for exactness in ("safe", "float"):
            found = verify(model, asked, exactness=exactness, threads=1)
            assert (found.answer, found.status) == (answer, "complete")
            if answer == "sat":
                check_witness(model, asked, found)
            else:
                assert -shift - 1e-9 <= found.bound < 0
                assert found.witness is found.outputs is None


def test_alternatives_are_all_looked_at():
    model = network([2, 8, 2], 3)
    low, high, W = [-1, -1], [1, 1], np.array([[1.0, -1.0]])
    top, bottom = (best_margin(model, low, high, sign * W, np.zeros(1)) for sign in (1, -1))
    never = (W, [top + 0.1])
    assert verify(model, asking(low, high, never, (-W, [bottom + 0.1]))).answer == "unsat"
    asked = asking(low, high, never, (-W, [bottom - 1e-7]))
    check_witness(model, asked, verify(model, asked))
    # two boxes: the first without, the second with a counterexample
    place = verify(model, asked).witness
    far = asking(-place - 1e-3, -place + 1e-3, (-W, [bottom - 1e-7])).cases[0]
    both = Property(2, 2, (far, asked.cases[0]))
    assert verify(model, Property(2, 2, (far,))).answer == "unsat"
    check_witness(model, both, verify(model, both))


ABSOLUTE = facetry.load([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])


@pytest.mark.parametrize(
    ("conditions", "place"),
    [
        (([[1.0]], [2.0]), [2.0]),  # at the end of the box
        (([[-1.0]], [0.0]), [0.0]),  # at a kink of the model
        (([[1.0], [-1.0]], [0.5, -0.5]), [-0.5, 0.5]),  # between two conditions
        (([[1.0], [1.0]], [2.0, 1.0]), [2.0]),
    ],
)
def test_conditions_that_are_only_touched_count(conditions, place):
    asked = asking([-1], [2], conditions)
    found = verify(ABSOLUTE, asked)
    assert found.answer == "sat"
    assert float(found.witness[0]) in place
    check_witness(ABSOLUTE, asked, found)


def test_next_to_the_touch():
    last = verify(ABSOLUTE, asking([-1], [2], ([[1.0]], [np.nextafter(2.0, 3.0)])))
    assert (last.answer, last.status) == ("unknown", "touches")  # below the rounding of bounds
    one = verify(ABSOLUTE, asking([-1], [2], ([[1.0]], [2.0 + 1e-12])))
    assert one.answer == "unsat"
    assert one.bound < 0
    # Two conditions are searched with rounded weights: nearer than the margin proves nothing.
    two = verify(ABSOLUTE, asking([-1], [2], ([[1.0], [-1.0]], [2.0 + 1e-12, -5.0])))
    assert (two.answer, two.status, two.bound) == ("unknown", "touches", pytest.approx(0, abs=1e-8))
    beyond = asking([-1], [2], ([[1.0], [-1.0]], [2.0 + 20 * MARGIN, -5.0]))
    assert verify(ABSOLUTE, beyond).answer == "unsat"


def test_special_boxes_and_conditions():
    point = asking([0.5], [0.5], ([[1.0]], [0.5]))
    assert verify(ABSOLUTE, point).witness.tolist() == [0.5]
    for W, t in (([[1.0]], [0.6]), ([[1.0], [-1.0]], [0.6, -3.0])):
        assert verify(ABSOLUTE, asking([0.5], [0.5], (W, t))).answer == "unsat"
    free = asking([-1], [2], (np.zeros((0, 1)), []))
    check_witness(ABSOLUTE, free, verify(ABSOLUTE, free))
    nothing = verify(ABSOLUTE, Property(1, 1, ()))
    assert (nothing.answer, nothing.bound, nothing.cells) == ("unsat", -np.inf, 0)


def hard_question():
    """A model and a threshold that points do not reach and a first bound does not exclude."""
    model = network([6, 40, 40, 40, 2], 5)
    low, high = np.full(6, -2.0), np.full(6, 2.0)
    bound = facetry.bounds(model, AnalysisRegion.box(low, high)).output_high[0]
    seen = model(np.random.default_rng(0).uniform(-2, 2, size=(20000, 6)))[:, 0].max()
    return model, asking(low, high, ([[1.0, 0.0]], [seen + 0.5 * (bound - seen)]))


def test_the_time_limit_ends_it_and_leaves_a_bound():
    model, asked = hard_question()
    start = time.monotonic()
    found = verify(model, asked, time_limit=0.05)
    assert time.monotonic() - start < 10
    assert (found.answer, found.status, found.witness) == ("unknown", "time_limit", None)
    assert found.bound is None or found.bound >= 0
    assert verify(model, asked, time_limit=0).status == "time_limit"


def test_a_progress_function_cancels():
    model, asked = hard_question()
    calls = []

    def stop(regions, share):
        calls.append((regions, share))
        return False

    found = verify(model, asked, progress=stop)
    assert calls
    assert (found.answer, found.status) == ("unknown", "cancelled")


def test_threads_do_not_change_the_result():
    model = network([3, 8, 8, 3], 8)
    W, t = np.array([[1.0, -1.0, 0.0], [1.0, 0.0, -1.0]]), np.zeros(2)
    best = best_margin(model, [-1] * 3, [1] * 3, W, t)
    asked = asking([-1] * 3, [1] * 3, (W, t + best + 1e-7))
    one, two = (verify(model, asked, threads=n) for n in (1, 2))
    assert (one.answer, one.bound, one.cells) == (two.answer, two.bound, two.cells)
    assert one.answer == "unsat"
    assert one.cells > 1


def test_errors(tmp_path):
    asked = asking([0], [1], ([[1.0]], [0.0]))
    with pytest.raises(InvalidInputError, match="declares 1 inputs, but the model has 2"):
        verify(network([2, 3, 1], 0), asked)
    with pytest.raises(InvalidInputError, match="declares 1 outputs, but the model has 2"):
        verify(network([1, 3, 2], 0), asked)
    for options in ({"time_limit": -1}, {"threads": 0}, {"exactness": "vague"}):
        with pytest.raises(InvalidInputError):
            verify(ABSOLUTE, asking([-1], [2], ([[1.0]], [3.0])), **options)
    with pytest.raises(FileFormatError, match="cannot read the property"):
        verify(ABSOLUTE, tmp_path / "missing.vnnlib")
