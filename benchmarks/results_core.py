"""What facetry_results (results.cpp) measures, as ratios within one run: for results_speed.py and
the guard. Needs no facetry in Python.
"""

from __future__ import annotations

import subprocess

import random_networks
import tie_networks

NETWORKS = ("2-64-64-64-1", "3-32-32-1", "4-16-16-1", "5-32-32-1", "6-16-16-1")
# At least, and the aim: volumes and totals folded, with moments, halfspaces, neighbours.
ASKED = {
    2: ((0.3, 0.1), (0.6, 0.25), (0.8, 0.4), (1.0, 0.4)),
    3: ((0.8, 0.35), (1.5, 0.8), (0.5, 0.25), (1.0, 0.4)),
    4: ((2.5, 1.2), (6.0, 3.0), (0.4, 0.2), (1.0, 0.4)),
    5: ((5.0, 2.5), (11.0, 6.0), (0.4, 0.2), (1.0, 0.4)),
    6: ((11.0, 6.0), (24.0, 12.0), (0.3, 0.1), (1.0, 0.4)),
}
TIES = ("2-32-32-1", "3-12-12-1", "3-32-32-1")
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


def seconds_of(engine, file, seconds, exactness):
    """Regions, and seconds of the plain search."""
    command = [engine.program, file, "--seconds", str(seconds), "--exactness", exactness]
    done = subprocess.run([*command, "--only", "plain"], check=True, capture_output=True, text=True)
    regions, plain = map(float, done.stdout.split())
    return regions, plain


def tie_rows(engine, name, seconds):
    """(kind, regions, safe regions a second, times of the generic network's, safe over float)."""
    generic = None
    for kind in ("generic", *tie_networks.KINDS):
        own = kind == "generic"
        layers = random_networks.layers(name) if own else tie_networks.layers(kind, name)
        file = engine.write_layers(f"{kind}-{name}", layers, random_networks.limits(name))
        regions, safe = seconds_of(engine, file, seconds, "safe")
        _, floating = seconds_of(engine, file, seconds, "float")
        generic = generic or regions / safe
        yield kind, int(regions), regions / safe, regions / safe / generic, floating / safe
