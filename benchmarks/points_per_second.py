"""How many points a second, on one core?

Linear models at points (`explain_points`), the region of a point (`Partition.locate`), the linear
models of all regions (`Partition.coef`) and the model's values, each beside two yardsticks of the
same run: a plain numpy forward pass over the same points, and the arithmetic limit, which is the
multiply-adds a second of a large numpy matrix product divided by those that one point needs. The
product of numpy fuses multiplies with adds and that of facetry does not, so where a machine has no
separate adders half of the limit is all there is. Runs are interleaved; figures are medians. Points
are as many as keep the linear models below 64 MiB: beyond that the system's page faults are timed.
Seconds are of processor time, all threads together, so a busy machine disturbs less.

    python benchmarks/points_per_second.py [--threads N] [--points N] [--rounds N]
"""

# ruff: noqa: E402
from __future__ import annotations

import argparse
import os

for library in ("OPENBLAS", "OMP", "MKL"):  # numpy on one core: read when it is imported
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import time
from statistics import median

import numpy as np

import facetry
import random_networks

# name of the network, and how many of its inputs are free where points are located (the others are
# fixed at 0.5: a partition over all of them would not end)
NETWORKS = {"5-32-32-1": 5, "10-64-64-3": 3, "48-64-64-6": 2, "48-128-128-6": 2}
BLOCK = 4096
MOST_BYTES = 64 << 20  # of linear models


def numpy_forward(layers, X):
    """The network's values, in blocks that stay in the cache."""
    result = []
    for begin in range(0, len(X), BLOCK):
        values = X[begin : begin + BLOCK]
        for W, b in layers[:-1]:
            values = np.maximum(values @ W.T + b, 0.0)
        result.append(values @ layers[-1][0].T + layers[-1][1])
    return np.concatenate(result)


def partitioned(model, free):
    """The partition over the first `free` inputs, and points of it."""
    size = model.input_size
    if free == size:
        region = facetry.AnalysisRegion.box([0.0] * size, [1.0] * size)
    else:
        region = facetry.AnalysisRegion.cut([0.5] * size, dict.fromkeys(range(free), (0.0, 1.0)))
    return facetry.partition(model, region, threads=1)


def work(layers):
    """Multiply-adds of one point: a whole forward pass, one to the last units, and one model."""
    entries = [W.size for W, _ in layers]
    biases = sum(len(b) for _, b in layers[:-1])
    outputs = len(layers[-1][1])
    backward = outputs * (sum(entries[:-1]) + biases)
    return {"values": sum(entries), "states": sum(entries[:-1]), "model": backward}


def questions(name, free, count, threads):
    """(question, items, multiply-adds of an item, function to time) of a network."""
    layers = random_networks.layers(name)
    model = facetry.load(layers)
    explainer = facetry.Explainer(model)
    found = partitioned(model, free)
    count = min(count, MOST_BYTES // (8 * model.input_size * model.output_size))
    X = np.random.default_rng(1).uniform(0, 1, (count, model.input_size))
    inside = X.copy()
    inside[:, free:] = 0.5
    found.threads = threads
    needed = work(layers)

    def region_models():
        found.__dict__.pop("_models", None)  # computed once and kept; here each time
        return found.coef

    located = f"locate, {len(found):,} regions in {free} dimensions"
    return [
        ("numpy forward pass", count, needed["values"], lambda: numpy_forward(layers, X)),
        ("model(X)", count, needed["values"], lambda: model(X)),
        (
            "explain_points",
            count,
            needed["states"] + needed["model"],
            lambda: explainer.explain_points(X, threads=threads),
        ),
        (located, count, needed["states"], lambda: found.locate(inside)),
        ("models of regions", len(found), needed["model"], region_models),
    ]


def seconds(function):
    """Processor time of all threads."""
    start = time.process_time()
    function()
    return time.process_time() - start


def product_speed(size=768, repeats=3):
    """Multiply-adds a second of numpy's product of two large matrices."""
    A = np.random.default_rng(2).normal(size=(size, size))
    return size**3 / min(seconds(lambda: A @ A) for _ in range(repeats))


def rows(arguments):
    for name, free in NETWORKS.items():
        asked = questions(name, free, arguments.points, arguments.threads)
        times = [[] for _ in asked]
        speeds = []
        for function in (function for *_, function in asked):
            function()  # warm
        for _ in range(arguments.rounds):
            speeds.append(product_speed())
            for own, (*_, function) in zip(times, asked, strict=True):
                own.append(seconds(function))
        rates = [items / median(own) for own, (_, items, *_) in zip(times, asked, strict=True)]
        for rate, (question, _, needed, _) in zip(rates, asked, strict=True):
            share = rate * needed / median(speeds)
            yield (
                f"| {name} | {question} | {rate / 1e6:.2f} M | {rate / rates[0]:.2f} | "
                f"{needed:,} | {rate * needed / 1e9:.1f} G | {100 * share:.0f} % |"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--threads", type=int, default=1, help="of facetry")
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    print(
        "| network | question | a second and core | of numpy's forward passes | "
        "multiply-adds each | multiply-adds a second | of the arithmetic limit |"
    )
    print("|---|---|--:|--:|--:|--:|--:|")
    for row in rows(parser.parse_args()):
        print(row, flush=True)


if __name__ == "__main__":
    main()
