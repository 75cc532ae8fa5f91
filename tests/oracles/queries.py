"""What a query must find, from the full partition: each region cut by the guards of each answer.

Independent of any directed search: all regions and all answers are tried, and what is left of a
region is measured with SciPy.
"""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, HalfspaceIntersection

FLAT = 1e-12


class Piece(NamedTuple):
    """What is left of one region."""

    volume: float
    radius: float


def filtered_partition(partition, *, top=None, runner_up=None, rows=()):
    """{(region, top, runner-up): Piece} of everything with interior.

    `top` is a number or None for each; `runner_up` too, or "any", or None if it does not matter
    (then it is -1 in the keys). `rows`: (weights, threshold) with weights . outputs >= threshold;
    if there are some and nothing is asked about the choice, it is -1 as well.
    """
    decision = partition.model.decision
    found = {}
    for region, shape in enumerate(_shapes(partition)):
        for a, b in _answers(partition.model, top, runner_up, bool(rows)):
            guards = _guards(decision, shape.values, a, b) + [
                (shape.combination(weights, threshold), True) for weights, threshold in rows
            ]
            piece = shape.cut(guards)
            if piece is not None:
                found[region, a, b] = piece
    return found


def disagreements(first, second):
    """{(region of first, region of second, choice, other choice): Piece}, for different choices."""
    found = {}
    n = first.model.output_size
    theirs = list(_shapes(second))
    for i, shape in enumerate(_shapes(first)):
        for j, other in enumerate(theirs):
            common = shape.meet(other)
            if common.cut([]) is None:
                continue
            for a in range(n):
                for b in range(n):
                    if a != b:
                        guards = _guards(first.model.decision, shape.values, a, -1)
                        guards += _guards(second.model.decision, other.values, b, -1)
                        piece = common.cut(guards)
                        if piece is not None:
                            found[i, j, a, b] = piece
    return found


class _Shape:
    """A polytope G y <= h with corners, in free coordinates, and the outputs V y + c on it."""

    def __init__(self, G, h, corners, values, scale):
        self.G, self.h, self.corners, self.values, self.scale = G, h, corners, values, scale

    def combination(self, weights, threshold):
        row = np.asarray(weights) @ self.values
        row[-1] -= threshold
        return row

    def meet(self, other):
        G, h = np.vstack([self.G, other.G]), np.concatenate([self.h, other.h])
        return _Shape(G, h, self.corners, self.values, self.scale)

    def cut(self, guards):
        """What is left where every row (a, c), a . y + c >= 0, holds; None if no interior.

        Of a row that is constant the second part says what happens at exactly 0.
        """
        G, h = [*self.G], [*self.h]
        for row, at_zero in guards:
            a, c = row[:-1], row[-1]
            if np.abs(a).max(initial=0.0) < FLAT:
                if c < -FLAT or (c <= FLAT and not at_zero):
                    return None
                continue
            if (self.corners @ a + c).max() <= 0.0:
                return None
            G.append(-a)
            h.append(c)
        return _measure(np.array(G), np.array(h), self.scale, self.corners.mean(axis=0))


def _shapes(partition):
    domain = partition.domain
    basis, origin = domain.basis, domain.origin
    offsets, A, b = partition.halfspaces
    starts, corners = partition.corners
    scale = np.sqrt(np.linalg.det(basis.T @ basis))
    inverse = np.linalg.pinv(basis)
    for i in range(len(partition)):
        part = slice(offsets[i], offsets[i + 1])
        G, h = A[part] @ basis, b[part] - A[part] @ origin
        coef, intercept = partition.coef[i], partition.intercept[i]
        values = np.hstack([coef @ basis, (intercept + coef @ origin)[:, None]])
        own = (corners[starts[i] : starts[i + 1]] - origin) @ inverse.T
        yield _Shape(G, h, own, values, scale)


def _answers(model, top, runner_up, only_conditions):
    """All (choice, second choice) that are asked about."""
    count = 2 if model.decision.kind == "threshold" else model.output_size
    if top is None and runner_up is None and only_conditions:
        return [(-1, -1)]
    tops = range(count) if top is None else [top]
    if runner_up is None:
        return [(a, -1) for a in tops]
    pairs = permutations(range(count), 2)
    return [(a, b) for a, b in pairs if a in tops and runner_up in ("any", b)]


def _guards(decision, values, a, b):
    """Rows that say that a is chosen and b comes second; ties go to the lowest number."""
    if a < 0:
        return []
    if decision.kind == "threshold":
        row = values[0].copy()
        row[-1] -= decision.threshold
        return [(row, False)] if a == 1 else [(-row, True)]
    sign = -1.0 if decision.kind == "lowest" else 1.0
    rest = [i for i in range(len(values)) if i != a]
    guards = [(sign * (values[a] - values[i]), a < i) for i in rest]
    if b >= 0:
        guards += [(sign * (values[b] - values[i]), b < i) for i in rest if i != b]
    return guards


def _measure(G, h, scale, inside):
    """Volume and inradius of G y <= h, or None if its interior is empty (or thinner than 1e-9).

    `inside` is a point that may be well inside; then the radius is only that around it.
    """
    k = G.shape[1]
    norms = np.linalg.norm(G, axis=1)
    G, h = G / norms[:, None], h / norms
    if k == 1:
        low, high = np.max(-h[G[:, 0] < 0]), np.min(h[G[:, 0] > 0])
        return Piece((high - low) * scale, (high - low) / 2) if high - low > 2e-9 else None
    centre, radius = inside, float(np.min(h - G @ inside))
    if radius < 1e-3:
        goal = np.append(np.zeros(k), -1.0)
        ball = np.hstack([G, np.ones((len(G), 1))])
        solved = linprog(goal, A_ub=ball, b_ub=h, bounds=[(None, None)] * k + [(0, None)])
        if solved.status != 0 or solved.x[-1] < 1e-9:
            return None
        centre, radius = solved.x[:-1], solved.x[-1]
    # Shifted and scaled so that thin pieces do not upset the hull.
    shifted = np.hstack([G, ((G @ centre - h) / radius)[:, None]])
    corners = HalfspaceIntersection(shifted, np.zeros(k), qhull_options="QJ").intersections
    return Piece(ConvexHull(corners, qhull_options="QJ").volume * radius**k * scale, radius)
