"""What do minimal facets, all linear models and the safe mode cost, beside the search?

Processor seconds on one core, timed from C++ (see engine.cpp), as ratios to one search that gives
states, interior points, minimal facets and the outputs' maps in free coordinates. The variants run
in turns, each in a process of its own, and the least of each counts.

"Facets": the search over one that asks for none at its leaves. Polygons and lists of vertices know
their sides anyway, so this is the cost of listing, sorting and keeping them. Cells of linear
programs prove facets on the way down, for their children's sake: that part cannot be left out, and
the ratio shows only what is left to prove at the leaves. "Models": the linear models of all regions
with respect to all inputs, written into one array, over the search. "Safe": the search with
--exactness safe, over the plain one; "-" where the engine has no such mode.

    python benchmarks/extras.py [--build FOLDER] [--seconds S] [--rounds N] [--only NAME]
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile

from engine import Engine
from engine_speed import AT_LEAST, table

# network, kind of cell
ROWS = [(name, "auto") for name in AT_LEAST] + [("3-32-32-1", "lp"), ("5-32-32-1", "lp")]
VARIANTS = {
    "search": (),
    "bare": ("--no-facets",),
    "models": ("--models",),
    "safe": ("--exactness", "safe"),
}
HEAD = (
    "network",
    "cells",
    "regions",
    "ns a region",
    "facets, over none",
    "models, of the search",
    "safe, over float",
)


def measure(engine, name, cell, seconds, rounds):
    """{variant: its runs}; a variant that the engine does not know has none."""
    runs = {variant: [] for variant in VARIANTS}
    for _ in range(rounds):
        for variant, words in VARIANTS.items():
            try:
                own = engine.run(name, seconds=seconds, cell=cell, words=words)
            except subprocess.CalledProcessError as failed:
                if failed.returncode != 2 or variant != "safe":
                    raise
            else:
                runs[variant].append(own)
    return runs


def row(name, cell, runs):
    least = {variant: min(run.cpu for run in own) for variant, own in runs.items() if own}
    search = least["search"]
    regions = runs["search"][0].regions
    models = min(run.models for run in runs["models"])
    safe = f"{least['safe'] / search:.2f}" if "safe" in least else "-"
    return (
        name,
        cell,
        f"{regions:,}",
        f"{1e9 * search / regions:.0f}",
        f"{search / least['bare']:.2f}",
        f"{models / search:.2f}",
        safe,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", help="where to build, and to find what is built")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=sorted(AT_LEAST))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        engine = Engine(arguments.build or temporary)
        wanted = [one for one in ROWS if arguments.only in (None, one[0])]
        rows = (
            row(name, cell, measure(engine, name, cell, arguments.seconds, arguments.rounds))
            for name, cell in wanted
        )
        for line in table(HEAD, rows):
            print(line, flush=True)


if __name__ == "__main__":
    main()
