"""Did something become slower? Compares ratios within one run, never absolute times.

For each network of the table, timed from C++ on one core: how many multiply-adds the core could
have done at its peak in the time of a region; how long a region takes beside one of 3-32-32-1; how
long linear-program cells take beside the automatic choice; and what results cost beside the safe
search, and networks full of ties beside generic ones (results_core.py). A ratio fails if it is more
than --factor times the stored one; one that fails is measured again, the least counts. When what
stands below the line became faster, a ratio fails as well: then store the ratios anew. Those to the
peak belong to a kind of machine: on another kind keep a file of its own with --ratios.

    python benchmarks/guard.py [--build FOLDER] [--seconds S] [--factor F] [--ratios FILE] [--store]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import results_core
from engine import Engine

RATIOS = Path(__file__).with_name("results") / "ratios.json"
NETWORKS = ("2-16-16-1", "2-64-64-64-1", "2-128-128-128-1", "3-32-32-1", "4-16-16-1", "5-32-32-1")
UNIT = "3-32-32-1"
PEAK = "peak multiply-adds per region, {}"
BESIDE = "time per region over that of " + UNIT + ", {}"
LP = "linear-program cells over the automatic choice, {}"
RESULTS = "{} over the safe search, {}"
RESULTS_OF = results_core.NETWORKS[:4]
TIES = "time per region over that of the generic network, {} {}"


def measure(engine, seconds, names=NETWORKS):
    """The ratios of some networks, measured beside the unit's."""
    ratios = {}
    for name in names:
        unit = engine.run(UNIT, seconds=seconds)
        own = engine.run(name, seconds=seconds)
        programs = engine.run(name, seconds=seconds, cell="lp")
        ratios[PEAK.format(name)] = own.multiply_adds
        if name != UNIT:
            ratios[BESIDE.format(name)] = (own.cpu / own.regions) / (unit.cpu / unit.regions)
        ratios[LP.format(name)] = programs.cpu / own.cpu
    return ratios


def measure_results(engine, seconds):
    """The ratios of results and of ties."""
    ratios = {}
    for name in RESULTS_OF:
        _, _, found, _ = results_core.core_row(engine, name, seconds)
        for what, ratio in zip(results_core.COLUMNS, found, strict=True):
            ratios[RESULTS.format(what, name)] = ratio
    for name in results_core.TIES:
        for kind, _, _, share, _ in results_core.tie_rows(engine, name, seconds):
            if kind != "generic":
                ratios[TIES.format(kind, name)] = 1.0 / share
    return ratios


def worse(ratios, stored, factor):
    """The ratios that are too large, and those without a stored one."""
    return {what for what, ratio in ratios.items() if ratio > factor * stored.get(what, 0.0)}


def settle(engines, arguments, stored):
    """The ratios; those that fail measured again up to three times, the least kept."""
    engine, results = engines
    ratios = measure(engine, arguments.seconds) | measure_results(results, arguments.seconds)
    for _ in range(3):
        bad = worse(ratios, stored, arguments.factor)
        names = [name for name in NETWORKS if any(what.endswith(f", {name}") for what in bad)]
        again = measure(engine, 2 * arguments.seconds, names) if names else {}
        if any(" over the safe search" in what or "generic network" in what for what in bad):
            again |= measure_results(results, 2 * arguments.seconds)
        if not again:
            break
        ratios |= {what: min(ratio, ratios[what]) for what, ratio in again.items()}
    return ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", help="where to build, and to find what is built")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each measurement")
    parser.add_argument("--factor", type=float, default=1.6)
    parser.add_argument("--ratios", type=Path, default=RATIOS)
    parser.add_argument("--store", action="store_true", help="write the ratios, compare nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        engine = Engine(arguments.build or temporary)
        results = Engine(arguments.build or temporary, "facetry_results")
        if arguments.store:
            ratios = measure(engine, 2 * arguments.seconds)
            ratios |= measure_results(results, 2 * arguments.seconds)
            rounded = {what: float(f"{ratio:.3g}") for what, ratio in ratios.items()}
            arguments.ratios.parent.mkdir(parents=True, exist_ok=True)
            arguments.ratios.write_text(json.dumps(rounded, indent=2) + "\n")
            return 0
        stored = json.loads(arguments.ratios.read_text())
        ratios = settle((engine, results), arguments, stored)
    bad = worse(ratios, stored, arguments.factor)
    print("| ratio | stored | now | now / stored | |\n|---|--:|--:|--:|---|")
    for what, ratio in ratios.items():
        kept = stored.get(what)
        change = (
            f"{kept:.4g} | {ratio:.4g} | {ratio / kept:.2f}" if kept else f"- | {ratio:.4g} | -"
        )
        print(f"| {what} | {change} | {'WORSE' if what in bad else 'ok'} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
