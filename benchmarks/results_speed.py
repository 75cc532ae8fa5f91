"""What results cost beside the search that they follow from: volumes, moments, folds, halfspaces,
facets with neighbours; and what Python makes of them: describe, tables, files.

    python benchmarks/results_speed.py [--seconds S] [--quick] [--build FOLDER]

Ratios to the plain safe search in the same run, one thread. The C++ part is timed by
facetry_results (results.cpp), which this builds, in processor seconds.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import facetry
import random_networks
from engine import Engine

NETWORKS = ("2-64-64-64-1", "3-32-32-1", "4-16-16-1", "5-32-32-1", "6-16-16-1")
# At least, and the aim: volumes and totals folded, with moments, halfspaces, neighbours.
ASKED = {
    2: ((0.3, 0.1), (0.6, 0.25), (0.8, 0.4), (1.0, 0.4)),
    3: ((0.8, 0.35), (1.5, 0.8), (0.5, 0.25), (1.0, 0.4)),
    4: ((2.5, 1.2), (6.0, 3.0), (0.4, 0.2), (1.0, 0.4)),
    5: ((5.0, 2.5), (11.0, 6.0), (0.4, 0.2), (1.0, 0.4)),
    6: ((11.0, 6.0), (24.0, 12.0), (0.3, 0.1), (1.0, 0.4)),
}
COLUMNS = ("totals", "moments", "halfspaces", "neighbours")


def core_row(engine, name, seconds):
    """Regions, search in microseconds a region, ratios of COLUMNS, how far volumes are off."""
    command = [engine.program, engine.write(name), "--seconds", str(seconds), "--exactness", "safe"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    regions, plain, _, _, totals, integrals, halfspaces, neighbours, volume = map(
        float, done.stdout.split()
    )
    low, high = random_networks.limits(name)
    box = (high - low) ** random_networks.sizes(name)[0]
    ratios = (totals / plain - 1, integrals / plain - 1, halfspaces / plain, neighbours / plain)
    return int(regions), 1e6 * plain / regions, ratios, volume / box - 1


def best(call, seconds):
    """The least processor seconds of a call, within about so many seconds."""
    times = []
    while not times or sum(times) < seconds:
        before = time.process_time()
        call()
        times.append(time.process_time() - before)
    return min(times)


def python_rows(name, seconds):
    """(what, times of the search) for what Python makes of regions."""
    layers = random_networks.layers(name)
    model = facetry.load(layers)
    low, high = random_networks.limits(name)
    k = random_networks.sizes(name)[0]
    box = facetry.AnalysisRegion.box([low] * k, [high] * k)
    plain = best(lambda: facetry.partition(model, box, threads=1), seconds)
    found = facetry.describe(model, box, threads=1)
    points = np.random.default_rng(1).uniform(low, high, (len(found), k))
    explainer = facetry.Explainer(model)
    with tempfile.TemporaryDirectory() as folder:
        asked = [
            ("describe", lambda: facetry.describe(model, box, threads=1)),
            ("fold", lambda: facetry.fold(model, box, threads=1)),
            ("explain_points, a point a region", lambda: explainer.explain_points(points)),
            ("to_pandas", found.to_pandas),
            ("to_json", found.to_json),
            ("save", lambda: found.partition.save(Path(folder) / "found.facetry")),
        ]
        return [(what, best(call, seconds) / plain) for what, call in asked]


def main():
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="the first three networks")
    parser.add_argument("--build", help="the folder to build in; a new one if left out")
    words = parser.parse_args()
    names = NETWORKS[:3] if words.quick else NETWORKS
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(words.build or folder, "facetry_results")
        print(f"{'network':14} {'regions':>8} {'us':>6}" + "".join(f"{c:>22}" for c in COLUMNS))
        for name in names:
            regions, micro, ratios, off = core_row(engine, name, words.seconds)
            asked = ASKED[random_networks.sizes(name)[0]]
            cells = [
                f"{r:8.2f} (<= {least:g}, {aim:g})"
                for r, (least, aim) in zip(ratios, asked, strict=True)
            ]
            print(f"{name:14} {regions:8} {micro:6.2f}" + "".join(f"{c:>22}" for c in cells))
            print(f"{'':14} volumes add up to the box's but for {off:.1e}")
    print("\nTimes of the search, in Python:")
    for name in (names[0], names[-1]) if words.quick else (NETWORKS[0], NETWORKS[3]):
        for what, ratio in python_rows(name, words.seconds):
            print(f"{name:14} {what:36} {ratio:8.1f}")


if __name__ == "__main__":
    main()
