"""How fast does the C++ core list regions, and what do its choices cost?

Networks of the table, timed from C++ (see engine.cpp): from the call until the states, interior
points, minimal facets and the outputs' affine maps exist. Three tables: regions a second beside
what is asked for, and beside the machine's own peak; the kinds of cells beside each other; two
threads beside one, and outputs beside none. Ratios are of processor seconds (threads: of medians
of wall seconds), the runs one after another. Two threads can be no faster than the cores they had,
which are processor over wall seconds: on a busy machine less than two.

"Multiply-adds per region" is how many fused ones the core could have done at its peak in the time
of a region; "one map from scratch" is how many one composition of the region's affine map takes.

    python benchmarks/engine_speed.py [--build FOLDER] [--seconds S] [--only NAME] [--all]
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import pairwise

import random_networks
from engine import Engine

# regions a second and core to reach
AT_LEAST = {
    "2-16-16-1": 8.0e6,
    "2-64-64-64-1": 4.0e6,
    "2-128-128-128-1": 2.5e6,
    "3-32-32-1": 2.5e6,
    "4-16-16-1": 2.0e6,
    "5-32-32-1": 1.2e6,
    "6-16-16-1": 0.7e6,
}
LARGEST = {"8-16-16-1": 0.17e6}  # one call takes most of a minute and gigabytes


def free_dimensions(name):
    return random_networks.sizes(name)[0]


def from_scratch(name):
    """Multiply-adds of composing the k columns of an affine map through all layers."""
    sizes = random_networks.sizes(name)
    return sizes[0] * sum(rows * columns for rows, columns in pairwise(sizes[1:]))


def table(head, rows):
    """A markdown table, line by line."""
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "--:|" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def speeds(timings, wanted):
    for name, t in timings.items():
        rate = t.regions / t.cpu
        yield (
            name,
            f"{t.regions:,}",
            f"{t.regions / t.wall / 1e6:.2f}",
            f"{t.regions / t.median / 1e6:.2f}",
            f"{rate / 1e6:.2f}",
            f"{wanted[name] / 1e6:g}",
            "yes" if rate >= wanted[name] else f"no ({rate / wanted[name]:.0%})",
            f"{t.multiply_adds:,.0f}",
            f"{from_scratch(name):,}",
        )


SPEEDS = (
    "network",
    "regions",
    "M/s (best wall)",
    "M/s (median wall)",
    "M/s (best CPU)",
    "at least",
    "reached",
    "peak multiply-adds per region",
    "one map from scratch",
)


def kinds(engine, timings, seconds):
    """Processor seconds of each kind of cell over those of the automatic choice."""
    for name, automatic in timings.items():
        k = free_dimensions(name)
        cells = [name]
        for cell, allowed in (("polygons", k <= 2), ("vertices", k <= 7), ("lp", True)):
            if not allowed:
                cells.append("-")
                continue
            other = engine.run(name, seconds=seconds, cell=cell)
            counts = "" if other.regions == automatic.regions else f" ({other.regions:,} regions)"
            cells.append(f"{other.cpu / automatic.cpu:.2f}{counts}")
        yield cells


def choices(engine, timings, seconds):
    for name, one in timings.items():
        two = engine.run(name, seconds=seconds, threads=2)
        bare = engine.run(name, seconds=seconds, outputs=False)
        yield (
            name,
            f"{one.median / two.median:.2f}",
            f"{two.cpu / two.wall:.2f}",
            f"{one.cpu / bare.cpu:.2f}",
        )


def report(engine, seconds, wanted):
    """The lines of the three tables."""
    timings = {name: engine.run(name, seconds=seconds) for name in wanted}
    yield from table(SPEEDS, speeds(timings, wanted))
    best = max(t.peak for t in timings.values())
    yield f"\nPeak of one core: {best / 1e9:.1f} G fused multiply-adds a second.\n"
    head = ("time, over that of the automatic choice", "polygons", "vertices", "lp")
    yield from table(head, kinds(engine, timings, seconds))
    yield ""
    head = ("network", "two threads, times as fast", "cores they had", "outputs, over none")
    yield from table(head, choices(engine, timings, seconds))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", help="where to build, and to find what is built")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--only", choices=sorted(AT_LEAST | LARGEST))
    parser.add_argument("--all", action="store_true", help="also the network with 8 inputs")
    arguments = parser.parse_args()
    wanted = AT_LEAST | (LARGEST if arguments.all else {})
    if arguments.only:
        wanted = {arguments.only: (AT_LEAST | LARGEST)[arguments.only]}
    with tempfile.TemporaryDirectory() as temporary:
        for line in report(Engine(arguments.build or temporary), arguments.seconds, wanted):
            print(line, flush=True)


if __name__ == "__main__":
    main()
