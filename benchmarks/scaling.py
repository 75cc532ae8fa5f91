"""How much faster do more threads list regions, measured for two and simulated up to 128?

scaling.cpp takes the tree of cells of a search and the seconds each cell takes, and lets simulated
threads search it by the rules of the real ones (task_graph.cpp): a thread without work makes a busy
one give away the last part of what it has, at its next cell, and not again within 1024 cells. Costs
of handing over are measured. "Alone" is a search whose regions are dropped; "list" gathers them in
order into one list, as `partition` does, by one thread at a time.

What is not simulated: waiting for the queue's lock, the bookkeeping of parts, and what threads take
from each other in caches, memory and shared cores; the last is why two threads take more processor
time than one for the same work. So the check at two threads is of how many cores they keep busy,
processor over wall seconds, of the middle one of the runs that others did not disturb. If nearly
all were disturbed, the seconds that threads stood in line for a core may have slowed the fastest
one down, and it tells a range. The check holds if the simulated number is in it, by 5 %. If they
stood in line for more than a fifth of the time, the machine was too busy to tell.

    python benchmarks/scaling.py [--build FOLDER] [--seconds S] [--only NAME] [--plot FILE]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from dataclasses import dataclass, field

from engine import Engine
from engine_speed import table

NETWORKS = ("2-64-64-64-1", "3-32-32-1", "5-32-32-1", "6-16-16-1")
THREADS = (1, 2, 4, 8, 16, 32, 64, 128)
SHARING = (1024, 256, 64)  # the first is the engine's own
WAYS = ("alone", "list")


@dataclass(frozen=True)
class Measured:
    """Seconds of one thread and of two."""

    cpu1: float
    wall2: float
    cpu2: float
    queued2: float  # in line for a core
    parts: float  # that changed hands

    @property
    def speedup(self):
        return self.cpu1 / self.wall2

    @property
    def disturbed(self):
        """Did others have the cores for too long to tell?"""
        return self.queued2 > self.wall2 / 5

    @property
    def cores(self):
        """That were kept busy: at least, and at most."""
        free = max(self.wall2 - self.queued2, self.cpu2 / 2)
        return self.cpu2 / self.wall2, self.cpu2 / free


@dataclass(frozen=True)
class Simulated:
    """Shares of the seconds of all threads; the rest is waiting."""

    speedup: float
    parts: float
    searching: float
    retracing: float
    gathering: float

    @property
    def waiting(self):
        return 1.0 - self.searching - self.retracing - self.gathering


@dataclass
class Run:
    """What the program prints for a network."""

    tree: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    measured: dict[str, Measured] = field(default_factory=dict)
    simulated: dict[tuple[str, int, int], Simulated] = field(default_factory=dict)


def run(engine, name, seconds):
    command = [engine.program, engine.write(name), "--seconds", str(seconds)]
    # Threads that have nothing to do must not keep a core from those that have.
    quiet = os.environ | {"OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=quiet)
    result = Run()
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0] == "tree":
            result.tree = list(map(int, words[1:]))
        elif words[0] == "costs":
            result.costs = list(map(float, words[1:]))
        elif words[1] == "measured":
            result.measured[words[0]] = Measured(*map(float, words[2:]))
        else:
            key = (words[0], int(words[2]), int(words[3]))
            result.simulated[key] = Simulated(*map(float, words[4:]))
    return result


COSTS = ("network", "regions", "cells", "deepest", "ns a cell", "start µs", "gift µs", "wake µs",
         "ns a region into the list")  # fmt: skip


def costs(runs):
    for name, found in runs.items():
        start, gift, wake, gather, cell = found.costs
        counts = [f"{count:,}" for count in found.tree]
        yield (name, *counts, f"{1e9 * cell:.0f}", f"{1e6 * start:.0f}", f"{1e6 * gift:.1f}",
               f"{1e6 * wake:.1f}", f"{1e9 * gather:.0f}")  # fmt: skip


CHECK = ("two threads", "speed-up, measured", "simulated", "processor s, 2 over 1", "in line",
         "cores kept busy, measured", "simulated", "holds", "parts, measured",
         "simulated")  # fmt: skip


def verdict(measured, simulated):
    low, high = measured.cores
    if measured.disturbed:
        return "machine too busy"
    return "yes" if low / 1.05 <= simulated <= high * 1.05 else "NO"


def check(runs):
    for name, found in runs.items():
        for way, m in found.measured.items():
            s = found.simulated[way, SHARING[0], 2]
            busy = 2 * (1 - s.waiting)
            low, high = m.cores
            yield (
                f"{name}, {way}",
                f"{m.speedup:.2f}",
                f"{s.speedup:.2f}",
                f"{m.cpu2 / m.cpu1:.3f}",
                f"{m.queued2 / m.wall2:.1%}",
                f"{low:.2f} - {high:.2f}",
                f"{busy:.2f}",
                verdict(m, busy),
                f"{m.parts:.0f}" if way == "alone" else "-",
                f"{s.parts:.0f}",
            )


def speedups(runs, way, sharing):
    for name, found in runs.items():
        rows = [found.simulated[way, sharing, threads] for threads in THREADS]
        yield (name, *(f"{row.speedup:.2f}" for row in rows))


SHARES = ("128 threads, share of their time", "searching", "finding the way", "gathering",
          "waiting", "parts", "gathering goes on for")  # fmt: skip


def shares(runs):
    for name, found in runs.items():
        for way in WAYS:
            s = found.simulated[way, SHARING[0], THREADS[-1]]
            parts = (s.searching, s.retracing, s.gathering, s.waiting)
            cells = [f"{part:.1%}" for part in parts]
            gathering = f"{s.gathering * THREADS[-1]:.0%} of the time"  # one thread at a time
            yield (f"{name}, {way}", *cells, f"{s.parts:,.0f}", gathering)


def report(engine, seconds, names, plot=None):
    """The lines of the tables; draws the figure."""
    runs = {name: run(engine, name, seconds) for name in names}
    yield from table(COSTS, costs(runs))
    yield "\nIs the simulation honest? It must tell what was measured with two threads.\n"
    yield from table(CHECK, check(runs))
    yield "\nSpeed-up by simulation; columns are threads.\n"
    heads = [str(threads) for threads in THREADS]
    for way in WAYS:
        yield from table((way, *heads), speedups(runs, way, SHARING[0]))
        yield ""
    yield from table(SHARES, shares(runs))
    yield "\nThe same if work may change hands after fewer cells (simulated only).\n"
    for sharing in SHARING[1:]:
        for way in WAYS:
            yield from table(
                (f"{way}, after {sharing} cells", *heads), speedups(runs, way, sharing)
            )
            yield ""
    if plot:
        draw(runs, plot)


def draw(runs, file):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", sharey=True)
    for panel, way in zip(panels, WAYS, strict=True):
        for name, found in runs.items():
            rows = [found.simulated[way, SHARING[0], threads].speedup for threads in THREADS]
            (line,) = panel.loglog(THREADS, rows, "o-", base=2, label=name)
            measured = found.measured[way]
            if not measured.disturbed:
                panel.plot([2], [measured.speedup], "x", color=line.get_color(), markersize=10)
        panel.plot(THREADS, THREADS, "k:", linewidth=1)
        panel.set(xlabel="threads", title=f"{way}; crosses: measured")
    panels[0].set(ylabel="times as fast as one thread")
    panels[0].legend(frameon=False)
    figure.savefig(file, dpi=120)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", help="where to build, and to find what is built")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--only", choices=NETWORKS)
    parser.add_argument("--plot", help="a file for the figure")
    arguments = parser.parse_args()
    names = [arguments.only] if arguments.only else NETWORKS
    with tempfile.TemporaryDirectory() as temporary:
        engine = Engine(arguments.build or temporary, "facetry_scaling")
        for line in report(engine, arguments.seconds, names, arguments.plot):
            print(line, flush=True)


if __name__ == "__main__":
    main()
