"""How much faster than the plain loop does the MILP engine list regions?

The plain loop is the paper's, written here with OR-Tools' own modelling interface: one model of the
whole network with one constant M for all units (the largest interval bound), solved again and again
by HiGHS, with a row after each solution that blocks its activation state. It gets slower with every
row, so a run of a few seconds flatters it; on 2-8-8-1 it runs to its end. It also finds states
without interior, which are counted for it.

The engine runs on one thread, in turns with slices of the loop, and processor time is compared.
Most regions it finds at points of a cell, before it asks a solver; "the solver alone" goes without.

    python benchmarks/milp_engine.py [--seconds S] [--only NAME]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from ortools.math_opt.python import mathopt

import facetry
import random_networks
from facetry import _core
from facetry.search.ortools_solver import load_library

NETWORKS = ("2-8-8-1", "2-16-16-1", "3-12-12-1")
SLICES = 3
HEAD = (
    "network",
    "regions",
    "loop, states a second",
    "its states",
    "engine, regions a second",
    "times the loop",
    "times the loop on 2-8-8-1",
    "solves a region",
    "time, of that by the solver alone",
    "two threads, times as fast",
)


class PlainLoop:
    """One model, one constant M, one more row for each state found."""

    def __init__(self, name):
        self.model = mathopt.Model(name=name)
        low, high = random_networks.limits(name)
        values = [
            self.model.add_variable(lb=low, ub=high) for _ in range(random_networks.sizes(name)[0])
        ]
        self.binaries, self.states, self.cpu, self.finished = [], 0, 0.0, False
        layers = random_networks.layers(name)[:-1]
        big = largest_bound(layers, max(abs(low), abs(high)))
        for W, b in layers:
            values = [self.unit(row, bias, values, big) for row, bias in zip(W, b, strict=True)]

    def unit(self, weights, bias, values, big):
        """A ReLU: its result."""
        model = self.model
        q = sum(float(w) * v for w, v in zip(weights, values, strict=True)) + float(bias)
        z, y = model.add_binary_variable(), model.add_variable(lb=0.0, ub=big)
        model.add_linear_constraint(y >= q)
        model.add_linear_constraint(y <= q + big * (1 - z))
        model.add_linear_constraint(y <= big * z)
        self.binaries.append(z)
        return y

    def run(self, seconds):
        """Go on for so many processor seconds, or to the end."""
        start = time.process_time()
        while not self.finished and time.process_time() - start < seconds:
            solved = mathopt.solve(self.model, mathopt.SolverType.HIGHS)
            if solved.termination.reason != mathopt.TerminationReason.OPTIMAL:
                self.finished = True
                break
            self.states += 1
            found = [solved.variable_values(z) > 0.5 for z in self.binaries]
            differs = sum(
                1 - z if on else z + 0 for z, on in zip(self.binaries, found, strict=True)
            )
            self.model.add_linear_constraint(differs >= 1)
        self.cpu += time.process_time() - start

    @property
    def rate(self):
        return self.states / self.cpu


def largest_bound(layers, reach):
    """The largest magnitude of a pre-activation, by intervals."""
    largest = 0.0
    low, high = np.full(layers[0][0].shape[1], -reach), np.full(layers[0][0].shape[1], reach)
    for W, b in layers:
        positive, negative = np.maximum(W, 0), np.minimum(W, 0)
        low, high = (
            positive @ low + negative @ high + b,
            positive @ high + negative @ low + b,
        )
        largest = max(largest, float(np.abs([low, high]).max()))
        low, high = np.maximum(low, 0), np.maximum(high, 0)
    return largest


class Engine:
    def __init__(self, name):
        network = [(W.tolist(), b.tolist()) for W, b in random_networks.layers(name)]
        self.model = facetry.load(network)
        low, high = random_networks.limits(name)
        size = random_networks.sizes(name)[0]
        self.region = facetry.AnalysisRegion.box([low] * size, [high] * size)
        self.domain = self.region.resolve(self.model)
        self.library = load_library()

    def run(self, threads=1, samples=None):
        """(regions, solves, processor seconds, wall seconds)"""
        cpu, wall = time.process_time(), time.perf_counter()
        options = _core.SearchOptions(threads=threads, exactness="float")
        chosen = {} if samples is None else {"samples": samples}
        found = _core.enumerate_by_milp(
            self.model.form, self.domain, self.library, options, **chosen
        )
        return (
            len(found.partition),
            found.solves,
            time.process_time() - cpu,
            time.perf_counter() - wall,
        )


def measure(name, seconds, base):
    """One row; and the loop's rate."""
    loop, engine = PlainLoop(name), Engine(name)
    expected = len(facetry.partition(engine.model, engine.region))
    runs = []
    for _ in range(SLICES):
        loop.run(seconds / SLICES)
        runs.append(engine.run())
    if base is None:
        loop.run(float("inf"))
    regions, solves, cpu, _ = min(runs, key=lambda run: run[2])
    assert regions == expected, "the engines disagree"
    alone = engine.run(samples=0)
    one, two = (min(engine.run(threads)[3] for _ in range(SLICES)) for threads in (1, 2))
    rate = regions / cpu
    cells = (
        name,
        f"{regions:,}",
        f"{loop.rate:.1f}",
        f"{loop.states}{'' if loop.finished else ' (stopped)'}",
        f"{rate:.0f}",
        f"{rate / loop.rate:.0f}",
        f"{rate / (base or loop.rate):.0f}",
        f"{solves / regions:.2f}",
        f"{cpu / alone[2]:.2f}",
        f"{one / two:.2f}",
    )
    return cells, loop.rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=30.0, help="of each plain loop")
    parser.add_argument("--only", choices=NETWORKS)
    arguments = parser.parse_args()
    print("| " + " | ".join(HEAD) + " |")
    print("|---" + "|--:" * (len(HEAD) - 1) + "|")
    base = None
    for name in NETWORKS:
        if arguments.only in (None, name, NETWORKS[0]):
            cells, rate = measure(name, arguments.seconds, base)
            base = base or rate
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
