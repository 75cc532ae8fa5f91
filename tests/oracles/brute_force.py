"""All activation states of a tiny network by trying every combination with a linear program.

Independent of any subdivision: for each of the product of piece numbers, the constraints are
written down layer by layer and the largest ball inside them is sought with SciPy's solver.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog


def brute_force_radii(layers, low, high):
    """{state: radius of the largest ball inside}, for states with a radius above 1e-9."""
    counts = _piece_counts(layers)
    radii = {}
    for state in product(*map(range, counts)):
        rows = _constraints(layers, state, len(low))
        radius = None if rows is None else _radius(rows, np.asarray(low), np.asarray(high))
        if radius is not None and radius > 1e-9:
            radii[state] = radius
    return radii


def _piece_counts(layers):
    counts = []
    for kind, *parts in layers:
        if kind == "piecewise":
            counts += [len(function[1]) for function in parts[0]]
        elif kind == "maximum":
            counts += [len(group) for group in parts[0]]
    return counts


def _constraints(layers, state, k):
    """Rows (a, c) with a . x + c >= 0, or None if the state is not the canonical one of a tie."""
    rows, values = [], np.hstack([np.eye(k), np.zeros((k, 1))])
    given, state = {-1: values}, list(state)
    for number, (kind, *parts) in enumerate(layers):
        if kind == "affine":
            values = parts[0] @ values
            values[:, -1] += parts[1]
        elif kind == "join":
            values = np.vstack([values, given[parts[0]]])
        elif kind == "piecewise":
            result = []
            for row, function in zip(values, parts[0], strict=True):
                piece = state.pop(0)
                if not _bound_piece(row, function, piece, rows):
                    return None
                scaled = function[1][piece] * row
                scaled[-1] += function[2][piece]
                result.append(scaled)
            values = np.array(result)
        else:
            result = []
            for group in parts[0]:
                winner = state.pop(0)
                if not _bound_winner(values, group, winner, rows):
                    return None
                result.append(values[group[winner]])
            values = np.array(result)
        given[number] = values
    return rows


def _bound_piece(row, function, piece, rows):
    breakpoints = function[0]
    if np.abs(row[:-1]).max() < 1e-12:  # constant: the canonical piece, the lower one on a tie
        position = next((i for i, t in enumerate(breakpoints) if row[-1] <= t + 1e-12), None)
        return piece == (len(breakpoints) if position is None else position)
    if piece > 0:
        rows.append(np.append(row[:-1], row[-1] - breakpoints[piece - 1]))
    if piece < len(breakpoints):
        rows.append(-np.append(row[:-1], row[-1] - breakpoints[piece]))
    return True


def _bound_winner(values, group, winner, rows):
    for other, rival in enumerate(group):
        if other == winner:
            continue
        row = values[group[winner]] - values[rival]
        if np.abs(row[:-1]).max() < 1e-12:
            tie = abs(row[-1]) < 1e-12
            if (tie and other < winner) or (not tie and row[-1] < 0):
                return False
            continue
        rows.append(row)
    return True


def _radius(rows, low, high):
    k = len(low)
    A, b = [], []
    for row in rows:
        A.append(np.append(-row[:-1], np.linalg.norm(row[:-1])))
        b.append(row[-1])
    for i in range(k):
        unit = np.eye(k)[i]
        A += [np.append(unit, 1.0), np.append(-unit, 1.0)]
        b += [high[i], -low[i]]
    goal = np.append(np.zeros(k), -1.0)
    bounds = [(None, None)] * k + [(0, None)]
    solved = linprog(goal, A_ub=np.array(A), b_ub=np.array(b), bounds=bounds, method="highs")
    return float(solved.x[-1]) if solved.status == 0 else None
