"""What results cost beside the search that they follow from: volumes, moments, folds, halfspaces,
facets with neighbours; what networks full of ties cost beside generic ones; and what Python makes
of regions: describe, tables, texts, files, pictures.

    python benchmarks/results_speed.py [--seconds S] [--quick] [--build FOLDER]

Ratios to the plain safe search in the same run, one thread. The C++ part is timed by
facetry_results (results.cpp), which this builds, in processor seconds.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

import facetry
import random_networks
from engine import Engine
from facetry.show.plot import new_axes
from results_core import ASKED, COLUMNS, NETWORKS, TIES, core_row, tie_rows


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
    fresh = partial(dataclasses.replace, found)  # without the weights and ranks that it keeps
    _ = found.to_pandas(), new_axes()  # what is imported once is not counted
    text = found.to_json()
    points = np.random.default_rng(1).uniform(low, high, (len(found), k))
    explainer = facetry.Explainer(model)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        asked = [
            ("describe", lambda: facetry.describe(model, box, threads=1)),
            ("fold", lambda: facetry.fold(model, box, threads=1)),
            ("explain_points, a point a region", lambda: explainer.explain_points(points)),
            ("to_pandas", lambda: fresh().to_pandas()),
            ("to_json", lambda: fresh().to_json()),
            ("from_json", lambda: facetry.Explanation.from_json(text)),
            ("text", lambda: str(fresh())),
            ("html", lambda: fresh()._repr_html_()),
            ("save", lambda: found.partition.save(folder / "found.facetry")),
        ]
        if k == 2:
            asked += [
                ("plot", lambda: picture(fresh())),
                ("plot, as png", lambda: picture(fresh(), folder / "found.png")),
                ("plot, as svg", lambda: picture(fresh(), folder / "found.svg")),
                (
                    "an empty picture, as png",
                    lambda: new_axes()[0].figure.savefig(folder / "no.png"),
                ),
            ]
        return [(what, best(call, seconds) / plain) for what, call in asked]


def picture(explanation, path=None):
    """Draws the weights of a feature, and writes the picture to a file."""
    axes = explanation.plot(color="weight", feature=0, ax=new_axes()[0])
    if path is not None:
        axes.figure.savefig(path)


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
        print("\nTies: regions a second of a safe search, as a share of the generic network's, and")
        print("of a search in double precision (a tenth of the generic at least):")
        for name in TIES[:1] if words.quick else TIES:
            for kind, regions, rate, share, beside in tie_rows(engine, name, words.seconds):
                line = f"{name:12} {kind:10} {regions:8} {rate:12,.0f}"
                print(f"{line} {share:8.3f} {beside:8.2f}")
    print("\nTimes of the search, in Python:")
    for name in (names[0], names[-1]) if words.quick else (NETWORKS[0], NETWORKS[3]):
        for what, ratio in python_rows(name, words.seconds):
            print(f"{name:14} {what:36} {ratio:8.1f}")


if __name__ == "__main__":
    main()
