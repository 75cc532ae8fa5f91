"""How much faster than other tools, at listing all linear regions of a network in a box?

The same random networks for all, on the cube [-h, h]^m, on one core, in double precision. Runs are
interleaved in one process (facetry, peer, facetry, peer, ...); each row gives both counts, the
regions a second of processor time (medians), and the ratio of the times. Every peer is optional;
see README.md for how to install them, and for what each one does beyond or short of the same work.

    python benchmarks/peers.py [--rounds N] [--seconds S] [--only NAME]
"""

# ruff: noqa: E402
from __future__ import annotations

import os

for library in ("OPENBLAS", "OMP", "MKL", "RAYON"):  # one core each: read when they are imported
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import argparse
import contextlib
import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from statistics import median

import numpy as np

import facetry
import random_networks

# peer, network, half-width h of the cube
PLAN = [
    ("regioncam", "2-16-16-1", 1.0),
    ("regioncam", "2-64-64-64-1", 1.0),
    ("regioncam", "2-128-128-128-1", 1.0),
    ("affinitree", "3-32-32-1", 0.25),
    ("affinitree", "3-32-32-1", 1.0),
    ("affinitree", "4-16-16-1", 1.0),
    ("affinitree", "5-32-32-1", 0.03),
    ("relucent", "2-16-16-1", 1.0),
    ("relucent", "3-32-32-1", 0.02),
    ("relucent", "4-16-16-1", 0.1),
    ("relucent", "5-32-32-1", 0.02),
]


# Each of the functions below imports a tool, prepares what does not count, and returns the function
# to time: it lists all regions and returns how many there are.


def with_facetry(layers, half, halfspaces=False):
    model = facetry.load(layers)
    size = model.input_size
    box = facetry.AnalysisRegion.box([-half] * size, [half] * size)

    def run():
        found = facetry.partition(model, box, threads=1, exactness="float")
        if found.status != "complete":
            raise RuntimeError(f"the partition is not complete: {found.status}")
        if halfspaces:
            _ = found.halfspaces  # the minimal ones of every region, as arrays
        return len(found)

    return run


def with_regioncam(layers, half):
    import regioncam

    single = [
        (np.ascontiguousarray(W.T, dtype=np.float32), b.astype(np.float32)) for W, b in layers
    ]

    def run():
        plane = regioncam.Regioncam(size=half)
        for number, (W, b) in enumerate(single):
            plane.linear(W, b)
            if number < len(single) - 1:
                plane.relu()
        return plane.num_faces

    return run


def with_affinitree(layers, half):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has no torch
        import affinitree

    size = layers[0][0].shape[1]
    architecture = affinitree.Architecture(size)
    for number, (W, b) in enumerate(layers):
        architecture.linear(affinitree.AffFunc.from_mats(W, b))
        if number < len(layers) - 1:
            architecture.relu()
    cube = affinitree.Polytope.hyperrectangle(size, [(-half, half)] * size)

    def run():
        inside = affinitree.AffTree.from_poly(cube, affinitree.AffFunc.identity(size))
        with quiet():
            return affinitree.builder.from_layers(architecture, inside).num_terminals()

    return run


def with_relucent(layers, half):
    import relucent
    from relucent.model.model import LinearLayer, ReLULayer, ReLUNetwork

    steps = []
    for W, b in layers:
        steps += [LinearLayer(W, b[None]), ReLULayer()]
    network = ReLUNetwork(steps[:-1])
    size = layers[0][0].shape[1]
    start = np.random.default_rng(0).uniform(-half / 2, half / 2, (1, size))  # on no hyperplane

    def run():
        cells = relucent.Complex(network)
        cells.bfs(
            start, nworkers=1, cube_radius=half, cube_mode="intersect", verify=False, verbose=0
        )
        return len(cells)

    return run


PEERS = {"regioncam": with_regioncam, "affinitree": with_affinitree, "relucent": with_relucent}


@contextlib.contextmanager
def quiet():
    """Nothing of what a tool prints, whatever language it is written in."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.close(nothing)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def timed(run):
    start = time.process_time()
    count = run()
    return count, time.process_time() - start


def measure(layers, half, peer, rounds, budget):
    """(count, times) of facetry, of facetry with all minimal halfspaces, and of the peer, run in
    turns; fewer turns than `rounds` if those done took `budget` seconds."""
    ways = (
        with_facetry(layers, half),
        with_facetry(layers, half, halfspaces=True),
        PEERS[peer](layers, half),
    )
    ways[0]()  # warm; the peers are slow enough not to need it
    counts, times = [[] for _ in ways], [[] for _ in ways]
    while len(times[0]) < rounds and sum(map(sum, times)) < budget:
        for own, run in enumerate(ways):
            count, seconds = timed(run)
            counts[own].append(count)
            times[own].append(seconds)
    if len(set(counts[0] + counts[1])) > 1:
        raise RuntimeError(f"facetry's own counts differ between runs: {set(counts[0])}")
    return [(own[0], taken) for own, taken in zip(counts, times, strict=True)]


def row(peer, network, half, arguments):
    where = f"| {peer} | {network} | {half:g} |"
    try:
        name = f"{peer} {version(peer)}"
        found = measure(
            random_networks.layers(network), half, peer, arguments.rounds, arguments.seconds
        )
    except (PackageNotFoundError, ImportError):
        return f"{where} not installed |||||||"
    except Exception as error:  # a peer that fails is a result, not the end of the table
        return f"{where} failed: {type(error).__name__}: {str(error)[:60]} |||||||"
    (ours, our_times), (_, with_halfspaces), (theirs, their_times) = found
    agree = "yes" if ours == theirs else f"differ by {theirs - ours:+,}"
    return (
        f"| {name} | {network} | {half:g} | {ours:,} | {theirs:,} | {agree} | "
        f"{ours / median(our_times):,.0f} | {theirs / median(their_times):,.0f} | "
        f"{median(their_times) / median(our_times):,.1f} ({len(our_times)} runs) | "
        f"{median(their_times) / median(with_halfspaces):,.1f} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0, help="no new round of a row after")
    parser.add_argument("--only", choices=sorted(PEERS), help="only this peer")
    arguments = parser.parse_args()
    print(
        "| peer | network | h | regions, facetry | regions, peer | same | "
        "facetry regions/s | peer regions/s | time, peer / facetry | "
        "the same, facetry with all halfspaces |"
    )
    print("|---|---|--:|--:|--:|---|--:|--:|--:|--:|")
    for peer, network, half in PLAN:
        if arguments.only in (None, peer):
            print(row(peer, network, half, arguments), flush=True)


if __name__ == "__main__":
    main()
