"""Networks and regions for campaigns against exact arithmetic: ties, and numbers of every size.

A problem is plain data that the exact oracle and the product both read. Inputs, hidden values and
outputs are rescaled by powers of ten between 1e-12 and 1e12, in ways that leave the picture about
the same; regions are boxes of any width and place, and thin parts of boxes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np

import facetry
from oracles.networks import model_of, random_network, rounded_copies

KINDS = ["relu", "leaky", "abs", "clip", "stairs", "hard_sigmoid", "maximum"]
SCALES = (1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1.0, 1.0, 1e3, 1e6, 1e9, 1e12)


@dataclass
class Problem:
    """A network as layers, and the part of a box where ``a . x <= b`` for all halfspaces."""

    layers: list[Any]
    low: list[float]
    high: list[float]
    halfspaces: list[tuple[list[float], float]]

    @property
    def model(self) -> facetry.Model:
        """The network as the product takes it."""
        return model_of(self.layers, len(self.low))

    @property
    def region(self) -> facetry.AnalysisRegion:
        """The region as the product takes it."""
        box = facetry.AnalysisRegion.box(self.low, self.high)
        if not self.halfspaces:
            return box
        return box.where([a for a, _ in self.halfspaces], [b for _, b in self.halfspaces])


def problem(rng: random.Random) -> Problem:
    """A random one of one to three inputs."""
    k = rng.choice((1, 2, 2, 2, 3))
    numbers = np.random.default_rng(rng.randrange(2**32))
    if rng.random() < 0.2:
        layers = rounded_copies(rng.randrange(2**32), k, count=2)
    else:
        layers = random_network(
            numbers,
            k,
            rng.choice(((3,), (4, 3), (3, 3)) if k < 3 else ((3,), (2, 2))),
            kinds=[rng.choice(KINDS), "relu"],
            integer=rng.random() < 0.5,
            outputs=rng.choice((1, 2)),
        )
    low, high = [-1.0] * k, [1.0] * k
    layers, low, high = _rescaled(layers, low, high, rng)
    return Problem(layers, low, high, _halfspaces(low, high, rng))


def _rescaled(
    layers: list[Any], low: list[float], high: list[float], rng: random.Random
) -> tuple[list[Any], list[float], list[float]]:
    """Each input in units of its own and moved away from zero, and the outputs in others."""
    units = [rng.choice(SCALES) for _ in low]
    places = [rng.choice((0.0, 0.0, 1.0, 1e3, 1e6)) for _ in low]
    _, W, b = layers[0]
    first = ("affine", W / np.array(units), b - W @ np.array(places))
    low = [(place + a) * unit for place, a, unit in zip(places, low, units, strict=True)]
    high = [(place + b) * unit for place, b, unit in zip(places, high, units, strict=True)]
    _, V, c = layers[-1]
    out = rng.choice(SCALES)
    return [first, *layers[1:-1], ("affine", V * out, c * out)], low, high


def _halfspaces(
    low: list[float], high: list[float], rng: random.Random
) -> list[tuple[list[float], float]]:
    """None, a corner cut off, or an oblique strip of some width."""
    if rng.random() < 0.6:
        return []
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    half = [(b - a) / 2 for a, b in zip(low, high, strict=True)]
    a = [rng.choice((-1.0, 1.0, 0.5, 3.0)) / h for h in half]
    centre = sum(w * m for w, m in zip(a, middle, strict=True))
    width = rng.choice((1.0, 0.1, 1e-3, 1e-6, 1e-9, 1e-12))
    rows = [(a, centre + width)]
    if rng.random() < 0.7:
        rows.append(([-w for w in a], -(centre - width)))
    return rows
