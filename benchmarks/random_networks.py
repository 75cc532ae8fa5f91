"""The random networks that the benchmarks share, by name: "5-32-32-1" has 5 inputs, two layers of
32 ReLUs and 1 output; nothing follows its last layer. Needs numpy only.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def sizes(name):
    """Inputs, the widths of the layers, outputs."""
    return [int(size) for size in name.split("-")]


def layers(name, seed=0):
    """[(weights, biases)]: He-initialised weights, biases of deviation 0.1."""
    rng = np.random.default_rng(seed)
    result = []
    for fan_in, fan_out in pairwise(sizes(name)):
        W = rng.normal(0, np.sqrt(2 / fan_in), (fan_out, fan_in))
        result.append((W, rng.normal(0, 0.1, fan_out)))
    return result


def limits(name):
    """(low, high) of the cube that is asked about, in every input."""
    return (0.0, 1.0) if name.startswith("5-32-32-") else (-1.0, 1.0)
