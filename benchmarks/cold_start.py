"""How long does someone wait for a first answer?

Every run is a new process that has used nothing of facetry before. "import" is `import facetry`,
"load" reading the model, "partition" its first call (states, interior points, minimal facets),
"models" all linear models with respect to all inputs, "halfspaces" the minimal facets written out
as inequalities on the inputs, "facets" what each of them is (unit, layer, neighbour); "all" is the
whole process, the interpreter's own start included. Figures are medians over the runs, in
milliseconds; the first answer is load, partition and models. Rows: the table's 3-32-32-1,
Pensieve's cut (the paper's Figure 3), and ACAS Xu's properties 3 and 4. The real networks are left
out without the folder in FACETRY_DATA.

    python benchmarks/cold_start.py [--rounds N] [--threads N]
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from statistics import median

ROWS = ["3-32-32-1", "pensieve"]
ACAS = ["1_1", "1_9", "2_1", "3_3", "5_7"]
STEPS = ("import", "load", "partition", "models", "halfspaces", "facets", "all")


def once(name, threads):
    """The steps of one row, in this process, which must be new."""
    seconds = []

    def timed(step):
        start = time.perf_counter()
        result = step()
        seconds.append(time.perf_counter() - start)
        return result

    facetry = timed(lambda: importlib.import_module("facetry"))
    import regions_per_second

    model, region = timed(lambda: regions_per_second.problem(name))
    found = timed(lambda: facetry.partition(model, region, threads=threads))
    timed(lambda: found.coef)
    timed(lambda: found.halfspaces)
    timed(lambda: found.facets)
    return {"regions": len(found), "seconds": seconds}


def measure(name, arguments):
    """(regions, milliseconds of each step)."""
    command = [sys.executable, __file__, "--once", name, "--threads", str(arguments.threads)]
    rows = []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - start
        row = json.loads(done.stdout)
        rows.append([*row["seconds"], seconds])
        regions = row["regions"]
    return regions, [1000 * median(step) for step in zip(*rows, strict=True)]


def report(arguments):
    """The lines of the table."""
    import regions_per_second

    names = ROWS + [f"acas {net} {number}" for number in (3, 4) for net in ACAS]
    if not (regions_per_second.DATA / "INDEX.md").exists():
        names = ROWS[:1]
    head = (
        "row",
        "regions",
        *(f"{step} ms" for step in STEPS),
        "first answer ms",
        "models / partition",
    )
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "--:|" * (len(head) - 1)
    for name in names:
        regions, steps = measure(name, arguments)
        took = dict(zip(STEPS, steps, strict=True))
        cells = [name, f"{regions:,}", *(f"{step:.1f}" for step in steps)]
        cells.append(f"{took['load'] + took['partition'] + took['models']:.1f}")
        cells.append(f"{took['models'] / took['partition']:.2f}")
        yield "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--once", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(once(arguments.once, arguments.threads)))
        return
    for line in report(arguments):
        print(line, flush=True)


if __name__ == "__main__":
    main()
