"""Networks full of ties, by kind, in the form of random_networks: hyperplanes that coincide, pass
through one point or belong to units that never change. Needs numpy only.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import random_networks

KINDS = ("dup", "dead", "integer", "quantised", "pruned", "no-bias")


def layers(kind, name, seed=0):
    """[(weights, biases)] of a network that has the shape of random_networks' `name`.

    dup: every unit stands there twice. dead: a quarter of the units is off everywhere, a quarter
    of the others has no weights. integer: weights -1, 0, 1, biases -2 to 2. quantised: multiples
    of 1/8, as of few bits. pruned: seven of ten weights are zero. no-bias: all biases are zero.
    """
    rng = np.random.default_rng(seed)
    generic = random_networks.layers(name, seed)
    if kind == "dup":
        return _doubled(generic)
    if kind == "dead":
        return [
            _with_dead(W, b, rng) if i + 1 < len(generic) else (W, b)
            for i, (W, b) in enumerate(generic)
        ]
    if kind == "integer":
        return [
            (rng.integers(-1, 2, (m, n)).astype(float), rng.integers(-2, 3, m).astype(float))
            for n, m in pairwise(random_networks.sizes(name))
        ]
    if kind == "quantised":
        return [(np.round(8 * W) / 8, np.round(8 * b) / 8) for W, b in generic]
    if kind == "pruned":
        return [(W * (rng.random(W.shape) < 0.3), b) for W, b in generic]
    if kind == "no-bias":
        return [(W, np.zeros_like(b)) for W, b in generic]
    raise ValueError(f"no kind of tie is called {kind}; there are {', '.join(KINDS)}")


def _doubled(generic):
    """Each hidden unit twice; the copies' weights onward are halved, so that values stay."""
    result = []
    for i, (W, b) in enumerate(generic):
        if i > 0:
            W = np.repeat(W, 2, axis=1) / 2  # noqa: PLW2901
        if i + 1 < len(generic):
            W, b = np.repeat(W, 2, axis=0), np.repeat(b, 2)  # noqa: PLW2901
        result.append((W, b))
    return result


def _with_dead(W, b, rng):
    W, b = W.copy(), b.copy()
    units = rng.permutation(len(b))
    off, constant = units[: len(b) // 4], units[len(b) // 4 : len(b) // 4 + len(b) // 5]
    b[off] = -np.abs(W[off]).sum(1) * 100
    W[constant] = 0.0
    b[constant] = np.abs(b[constant])
    return W, b
