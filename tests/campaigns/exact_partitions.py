"""Partitions against exact rational enumeration, and `locate` against exact values.

    python -m campaigns.exact_partitions [--cases N] [--seed S]          (in tests/)

Checked for each problem: the states of the safe partition are all those that have interior, in
order; volumes add up; a point on corners and edges is located in the lowest region that holds it.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np

import facetry
from campaigns.bad_values import Record, main
from campaigns.exact_problems import Problem, problem
from oracles.exact_subdivision import exact_cells


def run(seed: int, problems: int) -> Record:
    """So many problems."""
    rng = random.Random(seed)
    record = Record()
    for number in range(problems):
        record.calls += 1
        fault = fault_of(problem(rng), rng)
        record.answered += not fault
        if fault:
            record.escaped.append(f"problem {number} of seed {seed}: {fault}")
    return record


def fault_of(given: Problem, rng: random.Random) -> str:
    """What is wrong with the product's answer; empty if nothing is."""
    cells = exact_cells(given.layers, given.low, given.high, given.halfspaces)
    try:
        found = facetry.partition(given.model, given.region, threads=1)
    except facetry.RegionError as error:
        return "" if not cells else f"refused: {error}"
    except facetry.InvalidInputError as error:
        return f"refused: {error}"
    if not cells:  # two halfspaces that leave a line, or a point
        flat = found.dimension < len(given.low)
        return "" if flat else f"{len(found)} regions where there is no interior: {given}"
    expected = [state for state, _, _ in cells]
    states = [tuple(state) for state in found.states.tolist()]
    if states != expected:
        return f"{len(states)} regions, {len(expected)} in exact arithmetic: {given}"
    return _volumes(given, found) or ("" if len(given.low) > 2 else _located(found, cells, rng))


def _volumes(given: Problem, found: facetry.Partition) -> str:
    if given.halfspaces:
        return ""
    whole = float(np.prod([b - a for a, b in zip(given.low, given.high, strict=True)]))
    total = float(found.volumes.sum())
    return "" if abs(total - whole) <= 1e-6 * whole else f"volumes {total} of {whole}: {given}"


def _located(found: facetry.Partition, cells: list[Any], rng: random.Random) -> str:
    """Corners that are doubles, by the hulls of all regions: which region is the lowest?"""
    for _ in range(4):
        _, corners, _ = rng.choice(cells)
        corner = rng.choice(corners)
        x = [float(value) for value in corner]
        exact = tuple(Fraction(value) for value in x)
        if exact != corner:
            continue  # the corner is no point of doubles
        expected = next(i for i, (_, points, _) in enumerate(cells) if corner in points)
        holds = [i for i, (_, points, _) in enumerate(cells) if _in_hull(exact, points)]
        located = int(found.locate([x])[0])
        if located != min([expected, *holds]):
            return f"the corner {x} is located in {located}, not {min([expected, *holds])}"
    return ""


def _in_hull(point: tuple[Fraction, ...], corners: list[tuple[Fraction, ...]]) -> bool:
    """Of one or two dimensions: between the ends, or on the inner side of every edge."""
    if len(point) == 1:
        return min(corners)[0] <= point[0] <= max(corners)[0]
    for a in corners:
        for b in corners:
            edge = [(b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) for c in corners]
            if a == b or min(edge) < 0:
                continue
            side = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
            if side < 0:
                return False
    return True


if __name__ == "__main__":
    main(run, 1000)
