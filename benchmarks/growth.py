"""Do time and memory grow in proportion to the regions found?

Families k-w-w-1, the width w growing, timed from C++, each network in a process of its own. The
slope of the logarithm of time (of processor seconds) and of memory over that of the regions is
fitted by least squares: 1 is proportional. Memory is the process's peak less that of a process
that finds next to nothing; networks below 4 MiB do not count, as a process takes whole pages.

    python benchmarks/growth.py [--build FOLDER] [--seconds S] [--plot FILE]
"""

from __future__ import annotations

import argparse
import tempfile

import numpy as np

from engine import Engine

FAMILIES = {3: (8, 12, 16, 24, 32, 48, 64), 5: (6, 8, 12, 16, 20, 24)}
NOTHING = "1-1-1-1"


def measure(engine, k, seconds):
    """(width, timing, MiB) of each network of a family."""
    base = engine.run(NOTHING, seconds=0.0).mebibytes
    for width in FAMILIES[k]:
        t = engine.run(f"{k}-{width}-{width}-1", seconds=seconds)
        alone = engine.run(f"{k}-{width}-{width}-1", seconds=0.0)  # one call: its own peak
        yield width, t, alone.mebibytes - base


def slope(x, y):
    """Of log y over log x, by least squares."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def report(engine, seconds, plot=None):
    """The lines of the tables; draws the figure."""
    families = {}
    for k in FAMILIES:
        rows = families[k] = list(measure(engine, k, seconds))
        yield f"| {k} inputs | regions | CPU s | MiB | µs per region | bytes per region |"
        yield "|---|" + "--:|" * 5
        for width, t, mebibytes in rows:
            yield (
                f"| {k}-{width}-{width}-1 | {t.regions:,} | {t.cpu:.4g} | {mebibytes:.1f} | "
                f"{1e6 * t.cpu / t.regions:.3f} | {mebibytes * 2**20 / t.regions:,.0f} |"
            )
        time = slope([t.regions for _, t, _ in rows], [t.cpu for _, t, _ in rows])
        seen = [(t.regions, m) for _, t, m in rows if m > 4.0]
        memory = slope(*zip(*seen, strict=True))
        yield f"\nSlopes, {k} inputs: time {time:.3f}, memory {memory:.3f}.\n"
    if plot:
        draw(families, plot)


def draw(families, file):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for k, rows in families.items():
        regions = np.array([t.regions for _, t, _ in rows], dtype=float)
        for panel, values in zip(
            panels, ([t.cpu for _, t, _ in rows], [m for _, _, m in rows]), strict=True
        ):
            (line,) = panel.loglog(regions, values, "o-", label=f"{k}-w-w-1")
            through = values[-1] * regions / regions[-1]
            panel.loglog(regions, through, ":", color=line.get_color(), linewidth=1)
    for panel, label in zip(panels, ("processor seconds", "peak memory, MiB"), strict=True):
        panel.set(xlabel="regions found", ylabel=label)
        panel.legend(title="dotted: proportional", frameon=False)
    figure.savefig(file, dpi=120)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", help="where to build, and to find what is built")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each measurement")
    parser.add_argument("--plot", help="a file for the figure")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        engine = Engine(arguments.build or temporary)
        for line in report(engine, arguments.seconds, arguments.plot):
            print(line, flush=True)


if __name__ == "__main__":
    main()
