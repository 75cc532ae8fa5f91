"""How much less do questions cost than solvers and full partitions?

1. The largest output of 5-32-32-1 on [0, 1]^5, for three seeds, against two solvers through
   OR-Tools on facetry's own encoding, whose bounds are already tightened. facetry uses one thread,
   the solvers what they choose; processor time of all threads; the solvers go to a gap of 0.
2. Where one of four outputs of 5-32-32-4 is the highest: the cells visited and the time for each
   region of the answer, against a query for every choice and a full partition. The search only,
   one thread, safe.
3. How far the decision boundary is from a point, in each norm: one thread, at most 10 seconds each;
   in Linf also by a solver on facetry's encoding, one program for each other choice, 60 seconds.
4. Bounds by each method: how wide, how long, and how many of the rows that units read keep their
   sign.

    python benchmarks/queries.py [--only {maximum,choice,distance,bounds}] [--data FOLDER]
"""

from __future__ import annotations

import argparse
import os
import time
from functools import partial
from pathlib import Path

import numpy as np

import facetry
import random_networks
from facetry import _core
from facetry.questions.core_query import core_query, run_query
from facetry.search.milp_program import encode_model
from facetry.search.options import SearchOptions
from facetry.search.ortools_solver import solve_program

SEEDS = 3
REPEATS = 5
SOLVERS = ("highs", "gscip")
DISTANCES = ("3-16-16-3", "5-32-32-4", "8-24-24-2", "12-24-24-2", "20-24-24-2")
METHODS = ("interval", "forward", "backward", "combined")


def load(name, seed=0):
    network = [(W.tolist(), b.tolist()) for W, b in random_networks.layers(name, seed)]
    low, high = random_networks.limits(name)
    size = random_networks.sizes(name)[0]
    return facetry.load(network), facetry.AnalysisRegion.box([low] * size, [high] * size)


def least_time(run, repeats=REPEATS):
    """(the result, the least processor seconds)"""
    least = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        result = run()
        least = min(least, time.process_time() - start)
    return result, least


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def head(*cells):
    print()
    row(*cells)
    print("|---" + "|--:" * (len(cells) - 1) + "|")


def solve(model, region, solver):
    """The largest output by a solver, encoding included."""
    encoding = encode_model(model, region)
    encoding.program.set_objective([(int(encoding.outputs[0]), 1.0)], 0.0, True)
    solution = solve_program(encoding.program, solver=solver, gap=0.0)
    assert solution.status == "optimal"
    return solution.objective


def maximum():
    head(
        "5-32-32-1, seed",
        "largest output",
        "float, ms",
        "safe, ms",
        "cells (safe)",
        *(f"{solver}, s" for solver in SOLVERS),
        *(f"times the CPU of safe: {solver}" for solver in SOLVERS),
        "largest difference of optima",
    )
    worst = float("inf")
    for seed in range(SEEDS):
        model, region = load("5-32-32-1", seed)
        explainer = facetry.Explainer(model)
        spent, values = {}, []
        for level in ("float", "safe"):
            ask = partial(explainer.maximum, region, exactness=level, threads=1)
            best, spent[level] = least_time(ask)
            assert best.status == "complete"
            values.append(best.value)
        for solver in SOLVERS:
            value, spent[solver] = least_time(partial(solve, model, region, solver), 1)
            values.append(value)
        difference = max(abs(value - best.value) for value in values)
        assert difference < 1e-6, "the optima differ"
        ratios = [spent[solver] / spent["safe"] for solver in SOLVERS]
        worst = min(worst, *ratios)
        row(
            str(seed),
            f"{best.value:.9f}",
            *(f"{1e3 * spent[level]:.1f}" for level in ("float", "safe")),
            f"{best.cells:,}",
            *(f"{spent[solver]:.1f}" for solver in SOLVERS),
            *(f"{ratio:,.0f}" for ratio in ratios),
            f"{difference:.0e}",
        )
    print(f"\nAsked for: at least 50 times less processor time. The least: {worst:,.0f} times.")


def choice():
    model, region = load("5-32-32-4")
    explainer = facetry.Explainer(model)
    domain = region.resolve(model)
    head(
        "5-32-32-4",
        "regions",
        "share of the volume",
        "cells",
        "of all cells",
        "ms",
        "microseconds a region",
        "times the partition's",
        "times every choice's",
    )
    found, base = least_time(partial(search_partition, model, domain), 3)
    each = base / len(found)
    row("full partition", f"{len(found):,}", "100.0%", "", "", *times(base, len(found), each), "")
    every, spent = least_time(partial(search, explainer, region, None), 3)
    cells = every.cells
    row(
        "every choice",
        f"{len(every.regions):,}",
        "100.0%",
        f"{cells:,}",
        "100.0%",
        *times(spent, len(every.regions), each, spent / len(every.regions)),
    )
    every_each = spent / len(every.regions)
    shares = np.bincount(every.top, minlength=4)
    weights = np.bincount(every.top, every.regions.volumes(0, len(every.regions), 1), minlength=4)
    for top in range(4):
        answer, spent = least_time(partial(search, explainer, region, top), 3)
        assert len(answer.regions) == shares[top]
        row(
            f"top = {top}",
            f"{len(answer.regions):,}",
            f"{weights[top] / weights.sum():.1%}",
            f"{answer.cells:,}",
            f"{answer.cells / cells:.1%}",
            *(times(spent, shares[top], each, every_each) if shares[top] else [""] * 4),
        )


def times(spent, regions, *others):
    """Milliseconds, microseconds a region, and how many times those of others."""
    own = spent / regions
    return [f"{1e3 * spent:.1f}", f"{1e6 * own:.2f}", *(f"{own / other:.2f}" for other in others)]


def search(explainer, region, top):
    """The search of a query only: neither linear models nor volumes of the answer."""
    query = core_query(explainer.model, top=top)
    return run_query(explainer.model, region, query, SearchOptions(threads=1))[1]


def search_partition(model, domain):
    return _core.subdivide(model.form, domain, _core.SearchOptions())


def distance():
    head(
        "boundary distance",
        "norm",
        "distance",
        "proven",
        "cells",
        "s",
        "HiGHS, s",
        "HiGHS: distance",
    )
    for name in DISTANCES:
        model, region = load(name, 1)
        explainer = facetry.Explainer(model)
        low, high = random_networks.limits(name)
        share = np.random.default_rng(5).uniform(0.25, 0.75, model.input_size)
        x = low + share * (high - low)
        for norm in ("L1", "L2", "Linf"):
            ask = partial(
                explainer.boundary_distance, region, x, norm=norm, threads=1, time_limit=10.0
            )
            near, spent = least_time(ask, 1)
            solved = ["", ""]
            if norm == "Linf":
                value, seconds = least_time(partial(solve_distance, model, region, x), 1)
                solved = [f"{seconds:.2f}", "limit" if value is None else f"{value:.6f}"]
            row(
                name,
                norm,
                f"{near.distance:.6f}",
                f"{near.proven:.6f}",
                f"{near.cells:,}",
                f"{spent:.2f}",
                *solved,
            )


def solve_distance(model, region, x):
    """The Linf distance to another choice by HiGHS, or None if one program takes more than 60 s."""
    own = int(model.decide(x[None])[0])
    best = np.inf
    for other in range(model.output_size):
        if other == own:
            continue
        encoding = encode_model(model, region)
        program = encoding.program
        t = program.add_variable(0.0, np.inf)
        for i, variable in enumerate(encoding.inputs):
            program.add_row([(t, 1.0), (int(variable), -1.0)], -x[i], np.inf)
            program.add_row([(t, 1.0), (int(variable), 1.0)], x[i], np.inf)
        outputs = encoding.outputs
        lead = [(int(outputs[other]), 1.0), (int(outputs[own]), -1.0)]
        program.add_row(lead, 0.0, np.inf)
        program.set_objective([(t, 1.0)], 0.0, False)
        solution = solve_program(program, solver="highs", gap=0.0, time_limit=60.0)
        if solution.status in ("feasible", "undecided"):
            return None
        if solution.status == "optimal":
            best = min(best, solution.objective)
    return best


def bounds(data):
    head(
        "network",
        "method",
        "ms",
        "width of the first output",
        "times the exact one",
        "signs known",
    )
    cases = {"5-32-32-1": load("5-32-32-1"), "5-32-32-4": load("5-32-32-4")}
    file = data / "acasxu" / "ACASXU_run2a_1_1_batch_2000.onnx"
    if file.exists():
        model = facetry.load(file, decision="lowest")
        for half in (0.5, 0.1, 0.02):
            cases[f"ACAS Xu 1_1, half width {half}"] = (
                model,
                facetry.AnalysisRegion.box([-half] * 5, [half] * 5),
            )
    large = {name for name in cases if "0.5" in name or "0.1" in name}  # of exact ones
    for name, (model, region) in cases.items():
        exact = exact_range(model, region) if name not in large else None
        for method in METHODS:
            found, spent = least_time(partial(facetry.bounds, model, region, method), 10)
            widths = found.output_high - found.output_low
            ratio = "" if exact is None else f"{widths[0] / exact:.2f}"
            low, high = np.concatenate(found.low), np.concatenate(found.high)
            row(
                name,
                method,
                f"{1e3 * spent:.2f}",
                f"{widths[0]:.4g}",
                ratio,
                f"{np.sum((low >= 0) | (high <= 0))} of {len(low)}",
            )


def exact_range(model, region):
    """The exact width of the first output."""
    explainer = facetry.Explainer(model)
    ends = [ask(region, 0, time_limit=60.0) for ask in (explainer.minimum, explainer.maximum)]
    complete = all(end.status == "complete" for end in ends)
    return ends[1].value - ends[0].value if complete else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", choices=("maximum", "choice", "distance", "bounds"))
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("FACETRY_DATA", ".")), help="of ACAS Xu"
    )
    arguments = parser.parse_args()
    parts = {
        "maximum": maximum,
        "choice": choice,
        "distance": distance,
        "bounds": lambda: bounds(arguments.data),
    }
    for name, part in parts.items():
        if arguments.only in (None, name):
            part()


if __name__ == "__main__":
    main()
