"""How many regions, in how many seconds, with how much memory?

Each row is a process of its own, so that its peak memory is its own. Times are from the call of
`facetry.partition` to its return (states, interior points and minimal facets); "models" is the time
for all linear models with respect to all inputs, "volumes" for all volumes. The largest of the
table's networks (8 inputs) runs with --all.

    python benchmarks/regions_per_second.py [--threads N] [--all]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import facetry
import random_networks

PROJECT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("FACETRY_DATA") or PROJECT.parent / "shared" / "data")
TABLE = ["2-16-16-1", "2-64-64-64-1", "3-32-32-1", "4-16-16-1", "5-32-32-1", "6-16-16-1"]
LARGEST = "8-16-16-1"
ACAS = ["1_1", "1_7", "1_9", "2_1", "2_9", "3_3", "4_5", "5_7"]


def random_network(name):
    """One of the table, on its cube."""
    model = facetry.load(random_networks.layers(name))
    low, high = random_networks.limits(name)
    size = model.input_size
    return model, facetry.AnalysisRegion.box([low] * size, [high] * size)


def pensieve():
    """The cut of the paper's Figure 3: buffer and last throughput, all else at the mean."""
    model = facetry.load(DATA / "pensieve/pensieve_actor.onnx")
    states = np.load(DATA / "pensieve/pensieve_states.npz")["states"].reshape(-1, 48)
    cut = facetry.AnalysisRegion.cut(states.mean(axis=0), {15: (0.0, 3.0), 23: (0.0, 0.75)})
    return model, cut


def acas(net, number):
    """The input box of an ACAS Xu property."""
    model = facetry.load(DATA / f"acasxu/ACASXU_run2a_{net}_batch_2000.onnx", decision="lowest")
    text = (DATA / f"acasxu/prop_{number}.vnnlib").read_text()
    bounds = re.findall(r"\(assert \((<=|>=) X_(\d+) (\S+)\)\)", text)
    low, high = np.zeros(5), np.zeros(5)
    for sign, index, value in bounds:
        (high if sign == "<=" else low)[int(index)] = float(value)
    return model, facetry.AnalysisRegion.box(low, high)


def problem(name):
    """(model, region) of a row's name."""
    if name == "pensieve":
        return pensieve()
    if name.startswith("acas"):
        _, net, number = name.split()
        return acas(net, number)
    return random_network(name)


def measure(name, threads):
    """One row, in this process."""
    model, region = problem(name)
    start = time.perf_counter()
    found = facetry.partition(model, region, threads=threads)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    _ = found.coef
    models = time.perf_counter() - start
    volumes = float("nan")
    if found.dimension <= 5:
        start = time.perf_counter()
        _ = found.volumes
        volumes = time.perf_counter() - start
    return {
        "network": name,
        "k": found.dimension,
        "regions": len(found),
        "status": found.status,
        "undecided": found.undecided,
        "seconds": seconds,
        "regions/s": len(found) / seconds,
        "peak MiB": peak,
        "models s": models,
        "volumes s": volumes,
    }


def rows(arguments):
    """The rows, each measured in a process of its own."""
    names = TABLE + ([LARGEST] if arguments.all else [])
    if (DATA / "INDEX.md").exists():
        names += ["pensieve"] + [f"acas {net} {number}" for net in ACAS for number in (3, 4)]
    for name in names:
        command = [sys.executable, __file__, "--row", name, "--threads", str(arguments.threads)]
        finished = subprocess.run(command, check=True, capture_output=True, text=True)
        yield json.loads(finished.stdout)


FORMATS = {
    "network": "{}",
    "k": "{}",
    "regions": "{:,}",
    "status": "{}",
    "undecided": "{}",
    "seconds": "{:.3f}",
    "regions/s": "{:,.0f}",
    "peak MiB": "{:.0f}",
    "models s": "{:.3f}",
    "volumes s": "{:.3f}",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="also the network with 8 inputs")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.row:
        print(json.dumps(measure(arguments.row, arguments.threads)))
        return
    print("| " + " | ".join(FORMATS) + " |")
    print("|---|" + "--:|" * (len(FORMATS) - 1))
    for row in rows(arguments):
        cells = [form.format(row[name]) for name, form in FORMATS.items()]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
