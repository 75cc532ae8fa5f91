"""Random and hand-made networks of every unit kind, as plain data that each oracle reads itself.

A network is a list of layers. An affine layer is ``("affine", W, b)``; a layer of units is
``("piecewise", [(breakpoints, slopes, intercepts), ...])`` with one function per value, or
``("maximum", [[indices], ...])`` with one group per result. ``("join", k)`` appends the values that
layer k gave to the current ones: a skip.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from facetry import Decision, Model, Tail, TailPart, _core

RELU = ([0.0], [0.0, 1.0], [0.0, 0.0])
LEAKY = ([0.0], [0.125, 1.0], [0.0, 0.0])
CLIP = ([-0.5, 0.5], [0.0, 1.0, 0.0], [-0.5, 0.0, 0.5])
ABS = ([0.0], [-1.0, 1.0], [0.0, 0.0])
HARD_SIGMOID = ([-2.0, 2.0], [0.0, 0.25, 0.0], [0.0, 0.5, 1.0])
STAIRS = ([-0.5, 0.0, 0.75], [0.0, 1.0, -0.5, 2.0], [-0.25, 0.25, 0.25, -1.625])
FUNCTIONS = {
    "relu": RELU,
    "leaky": LEAKY,
    "clip": CLIP,
    "abs": ABS,
    "hard_sigmoid": HARD_SIGMOID,
    "stairs": STAIRS,
}


def table_network(sizes, seed=0):
    """A ReLU network of the recipe that the published counts were measured with."""
    rng = np.random.default_rng(seed)
    layers = []
    for number, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        W = rng.normal(0, np.sqrt(2 / fan_in), (fan_out, fan_in))
        layers.append(("affine", W, rng.normal(0, 0.1, fan_out)))
        if number < len(sizes) - 2:
            layers.append(("piecewise", [RELU] * fan_out))
    return layers


def random_network(rng, inputs, hidden, *, kinds, integer=False, skip=False, outputs=2):
    """Hidden layers of the given sizes with unit kinds drawn from `kinds`; two outputs, or more.

    `integer` draws small whole weights (with ties, dead and duplicate units); "maximum" among the
    kinds turns a layer into maxima over pairs and triples; `skip` joins the inputs before the end.
    """
    layers, width = [], inputs
    for size in hidden:
        kind = kinds[rng.integers(len(kinds))]
        rows = 2 * size + 1 if kind == "maximum" else size
        layers.append(("affine", *_affine(rng, rows, width, integer)))
        if kind == "maximum":
            groups = [[2 * g, 2 * g + 1] for g in range(size)]
            groups[-1].append(rows - 1)
            layers.append(("maximum", groups))
        else:
            layers.append(("piecewise", [FUNCTIONS[kind]] * size))
        width = size
    if skip:
        layers.append(("join", -1))
        width += inputs
    layers.append(("affine", *_affine(rng, outputs, width, integer)))
    return layers


def _affine(rng, rows, columns, integer):
    if integer:
        W, b = rng.integers(-2, 3, (rows, columns)), rng.integers(-1, 2, rows)
        return W.astype(float), b.astype(float)
    return rng.normal(0, np.sqrt(2 / columns), (rows, columns)), rng.normal(0, 0.3, rows)


def hard_network(seed, copies, dead, zero):
    """12-12 units with duplicates (also negated and doubled), dead and constant-zero units."""
    rng = np.random.default_rng(seed)
    W1, b1 = rng.integers(-3, 4, (12, 2)) / 2.0, rng.integers(-2, 3, 12) / 2.0
    for copy in range(copies):
        factor = [1.0, -1.0, 2.0][copy % 3]
        W1[11 - copy], b1[11 - copy] = factor * W1[copy], factor * b1[copy]
    W1[4 : 4 + dead], b1[4 : 4 + dead] = 0.0, -1.0
    W1[6 : 6 + zero], b1[6 : 6 + zero] = 0.0, 0.0
    W2, b2 = rng.integers(-2, 3, (12, 12)) * 1.0, rng.integers(-1, 2, 12) * 1.0
    W2[11], b2[11] = W2[0], b2[0]
    W3 = rng.integers(-2, 3, (1, 12)) * 1.0
    return [
        ("affine", W1, b1),
        ("piecewise", [RELU] * 12),
        ("affine", W2, b2),
        ("piecewise", [RELU] * 12),
        ("affine", W3, np.zeros(1)),
    ]


def rounded_copies(seed, k, count=6):
    """Units whose boundaries are one hyperplane but for rounding."""
    rng = np.random.default_rng(seed)
    W, b = rng.normal(size=(count, k)), rng.normal(0, 0.3, count)
    scales = (1.0, 1.1, 1.0 / 3.0)
    W1 = np.vstack([W * scale for scale in scales])
    b1 = np.concatenate([b, b * 1.1, b / 3.0])
    return [
        ("affine", W1, b1),
        ("piecewise", [RELU] * len(b1)),
        ("affine", rng.normal(size=(1, len(b1))), np.zeros(1)),
    ]


def build(layers, inputs):
    """The core's graph and the value numbers of the outputs."""
    graph = _core.NeuralGraph(inputs)
    values, given = np.arange(inputs), {-1: np.arange(inputs)}
    for number, (kind, *parts) in enumerate(layers):
        if kind == "affine":
            W, b = parts
            first, count = graph.dense(values, W, b), len(b)
        elif kind == "piecewise":
            functions = [_core.PiecewiseFunction(*f) for f in parts[0]]
            which = np.arange(len(functions))
            first, count = graph.piecewise(values, functions, which), len(values)
        elif kind == "maximum":
            offsets = np.cumsum([0, *map(len, parts[0])])
            first, count = graph.maximum(offsets, values[np.concatenate(parts[0])]), len(parts[0])
        else:
            values = np.concatenate([values, given[parts[0]]])
            given[number] = values
            continue
        values = np.arange(first, first + count)
        given[number] = values
    return graph, values


def model_of(layers, inputs, decision=None):
    """A `Model` of the layers, with default names; `decision` is a `Decision`."""
    graph, outputs = build(layers, inputs)
    n = len(outputs)
    return Model(
        graph=graph,
        form=_core.NormalForm(graph, outputs),
        outputs=outputs,
        feature_names=tuple(f"x{i}" for i in range(inputs)),
        output_names=tuple(f"y{i}" for i in range(n)),
        input_shape=(inputs,),
        tail=Tail((TailPart(0, n),)),
        decision=decision or Decision("highest" if n > 1 else "none"),
        operation_names=tuple(f"layer{i}" for i in range(graph.operation_count)),
    )
