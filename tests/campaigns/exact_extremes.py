"""Extremes and properties against exact rational optima.

    python -m campaigns.exact_extremes [--cases N] [--seed S]          (in tests/)

Checked for each problem: the bound of a maximum is not below the exact one, status "complete" means
that value and bound are within the gap, and properties whose threshold is between one unit in the
last place and 1e-6 from the exact maximum, on either side, are never answered wrongly.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction

import facetry
from campaigns.bad_values import Record, main
from campaigns.exact_problems import Problem, problem
from oracles.exact_subdivision import exact_cells

GAP = 1e-9


def run(seed: int, problems: int) -> Record:
    """So many problems."""
    rng = random.Random(seed)
    record = Record()
    for number in range(problems):
        given = problem(rng)
        largest = exact_maximum(given)
        if largest is None:
            continue
        record.calls += 1
        fault = _maximum(given, largest) or _property(given, largest, rng)
        record.answered += not fault
        if fault:
            record.escaped.append(f"problem {number} of seed {seed}: {fault}: {given}")
    return record


def exact_maximum(given: Problem) -> Fraction | None:
    """The largest first output; None if the region has no interior."""
    cells = exact_cells(given.layers, given.low, given.high, given.halfspaces)
    values = [
        sum((w * x for w, x in zip(rows[0], corner, strict=False)), rows[0][-1])
        for _, corners, rows in cells
        for corner in corners
    ]
    return max(values) if values else None


def _maximum(given: Problem, largest: Fraction) -> str:
    found = facetry.maximum(given.model, given.region, 0, threads=1)
    if Fraction(found.bound) < largest:
        return f"the bound {found.bound!r} is below the maximum {float(largest)!r}"
    if found.status != "complete":
        return f"status {found.status}"
    room = 1.01 * GAP * (1.0 + abs(found.value)) + _evaluation(given, found.value)
    if found.bound - found.value > room:
        return f"complete, with value {found.value!r} and bound {found.bound!r}"
    return ""


def _evaluation(given: Problem, value: float) -> float:
    """What the network's own evaluation in doubles may be off by: values far from the origin of
    their inputs are differences of large numbers."""
    _, W, b = given.layers[0]
    far = max(max(abs(a), abs(c)) for a, c in zip(given.low, given.high, strict=True))
    _, V, c = given.layers[-1]
    size = (abs(W).sum() * far + abs(b).sum()) * abs(V).sum() + abs(c).sum() + abs(value)
    inner = [abs(layer[1]).sum() for layer in given.layers[1:-1] if layer[0] == "affine"]
    return float(1e-14 * size * math.prod([1.0, *inner]))


def _property(given: Problem, largest: Fraction, rng: random.Random) -> str:
    if given.halfspaces:
        return ""
    nearest = float(largest)
    step = rng.choice((0.0, math.ulp(nearest), 1e-12, 1e-9, 1e-6))
    step = step * (1.0 + abs(nearest)) if step and step != math.ulp(nearest) else step
    threshold = nearest + rng.choice((-1.0, 1.0)) * step
    text = "".join(
        f"(declare-const X_{i} Real)"
        f"(assert (>= X_{i} {_number(a)}))(assert (<= X_{i} {_number(b)}))"
        for i, (a, b) in enumerate(zip(given.low, given.high, strict=True))
    )
    outputs = given.model.output_size
    text += "".join(f"(declare-const Y_{i} Real)" for i in range(outputs))
    text += f"(assert (>= Y_0 {_number(threshold)}))"
    answer = facetry.verify(given.model, facetry.Property.parse(text), threads=1).answer
    if answer == "unsat" and Fraction(threshold) <= largest:
        return f"unsat, but the maximum is {float(largest - Fraction(threshold))} above"
    beyond = Fraction(threshold) - largest
    if answer == "sat" and beyond > Fraction(_evaluation(given, nearest)):
        return f"sat, but the maximum is {float(beyond)} below"
    return ""


def _number(value: float) -> str:
    return f"(- {-value!r})" if value < 0 else repr(value)


if __name__ == "__main__":
    main(run, 1000)
