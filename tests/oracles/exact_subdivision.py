"""The partition of a tiny network in exact rational arithmetic on the stored doubles.

Cells are vertex lists in Fractions with the set of constraints that hold with equality; a unit
splits a cell if some vertex lies strictly above its boundary and another strictly below. Slow, and
right without any tolerance: it says which regions there are, with their corners and outputs.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product


def exact_states(layers, low, high):
    """All activation states with interior on the box, sorted, as tuples over the units in order."""
    return [state for state, _, _ in exact_cells(layers, low, high)]


def exact_cells(layers, low, high, halfspaces=()):
    """All regions with interior: (state, vertices, the outputs' rows over the inputs), by state.

    Of the part of the box where ``a . x <= b`` for all `halfspaces` (a, b). Nothing if that part
    has no interior.
    """
    k = len(low)
    box = [(Fraction(a), Fraction(b)) for a, b in zip(low, high, strict=True)]
    vertices = []
    for corner in product((0, 1), repeat=k):
        point = tuple(box[i][side] for i, side in enumerate(corner))
        vertices.append((point, frozenset((i, side) for i, side in enumerate(corner))))
    for number, (a, b) in enumerate(halfspaces):
        row = (*(-Fraction(float(w)) for w in a), Fraction(float(b)))
        _, above = _cut(vertices, row, ("halfspace", number))
        if above is None:
            return []
        vertices = above
    inputs = [_unit_row(i, k) for i in range(k)]
    found = []
    _run(layers, 0, 0, vertices, inputs, {-1: inputs}, [], (), found, k)
    cells = [(state, [point for point, _ in cell], rows) for state, cell, rows in found]
    return sorted(cells, key=lambda one: one[0])


def _unit_row(i, k):
    return (*(Fraction(int(i == j)) for j in range(k)), Fraction(0))


def _combine(weights, rows, bias, k):
    total = [Fraction(0)] * k + [Fraction(float(bias))]
    for weight, row in zip(weights, rows, strict=True):
        w = Fraction(float(weight))
        total = [t + w * r for t, r in zip(total, row, strict=True)]
    return tuple(total)


def _value(row, point):
    return sum((r * p for r, p in zip(row, point, strict=False)), row[-1])


def _run(layers, number, unit, cell, rows, given, done, state, found, k):  # noqa: PLR0917
    """Decide unit after unit of a layer; `rows` are its inputs, `done` its results so far."""
    if number == len(layers):
        found.append((state, cell, rows))
        return
    kind, *parts = layers[number]
    if kind in ("affine", "join"):
        if kind == "affine":
            result = [_combine(w, rows, b, k) for w, b in zip(*parts, strict=True)]
        else:
            result = [*rows, *given[parts[0]]]
        following = given | {number: result}
        _run(layers, number + 1, 0, cell, result, following, [], state, found, k)
        return
    if unit == len(parts[0]):
        following = given | {number: done}
        _run(layers, number + 1, 0, cell, done, following, [], state, found, k)
        return
    split = _pieces if kind == "piecewise" else _winners
    for piece, part, row in split(parts[0][unit], rows, unit, cell, (number, unit), k):
        _run(layers, number, unit + 1, part, rows, given, [*done, row], (*state, piece), found, k)


def _pieces(function, rows, unit, cell, name, _k):
    breakpoints, slopes, intercepts = function
    row = rows[unit]
    for piece in range(len(slopes)):
        above = below = None
        if piece < len(breakpoints):
            boundary = (*row[:-1], row[-1] - Fraction(float(breakpoints[piece])))
            below, above = _cut(cell, boundary, (*name, piece))
            if below is None and above is None:  # flat: the lower piece
                below = cell
        else:
            below = cell
        if below is not None:
            s, c = Fraction(float(slopes[piece])), Fraction(float(intercepts[piece]))
            yield piece, below, (*(s * r for r in row[:-1]), s * row[-1] + c)
        if above is None:
            return
        cell = above


def _winners(group, rows, _unit, cell, name, _k):
    for winner, index in enumerate(group):
        part = cell
        for other, rival in enumerate(group):
            if other == winner or part is None:
                continue
            boundary = tuple(a - b for a, b in zip(rows[index], rows[rival], strict=True))
            below, above = _cut(part, boundary, (*name, winner, other))
            if below is None and above is None:  # the same on the whole cell: the first wins
                above = part if winner < other else None
            part = above
        if part is not None:
            yield winner, part, rows[index]


def _cut(cell, row, name):
    """(part below or None, part above or None); both None if the row vanishes on the cell."""
    values = [_value(row, point) for point, _ in cell]
    if all(v == 0 for v in values):
        return None, None
    if min(values) >= 0:
        return None, cell
    if max(values) <= 0:
        return cell, None
    below, above = [], []
    for (point, tight), value in zip(cell, values, strict=True):
        marked = (point, tight | {name}) if value == 0 else (point, tight)
        if value <= 0:
            below.append(marked)
        if value >= 0:
            above.append(marked)
    k = len(cell[0][0])
    for a, b in combinations(range(len(cell)), 2):
        if values[a] * values[b] >= 0 or not _adjacent(cell, a, b, k):
            continue
        share = values[a] / (values[a] - values[b])
        (p, tight_p), (q, tight_q) = cell[a], cell[b]
        point = tuple(x + share * (y - x) for x, y in zip(p, q, strict=True))
        fresh = (point, (tight_p & tight_q) | {name})
        below.append(fresh)
        above.append(fresh)
    return below, above


def _adjacent(cell, a, b, k):
    common = cell[a][1] & cell[b][1]
    if len(common) < k - 1:
        return False
    return not any(common <= tight for i, (_, tight) in enumerate(cell) if i not in (a, b))
