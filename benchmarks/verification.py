"""How long does it take to decide the standard properties of small networks?

ACAS Xu: properties 1 to 4 on all networks of the data, 5 to 10 each on the network it was written
for. The policies: the properties that came with them. "Known" is what a tool at VNN-COMP 2022 found
by its published results; an answer that contradicts it ends the run. The lattice networks came
without properties: here they are asked whether the output reaches its largest value over all
corners of the partition, a millionth less and a millionth more. "?" marks what the limit left open.
Cells are those the exact search visited: 0 where points, or steps uphill from them, found the
counterexample. Bound: no input fulfils the conditions by more.

    python benchmarks/verification.py [--limit S] [--only PART] [--threads N] [--data FOLDER]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import facetry

PROJECT = Path(__file__).resolve().parents[1]
ACAS = ("1_1", "1_7", "1_9", "2_1", "2_9", "3_3", "4_5", "5_7")
WRITTEN_FOR = {5: "1_1", 6: "1_1", 7: "1_9", 8: "2_9", 9: "3_3", 10: "4_5"}
COUNTEREXAMPLES = {
    2: ("2_1", "2_9", "4_5", "5_7"),
    3: ("1_7", "1_9"),
    4: ("1_7", "1_9"),
    7: ("1_9",),
    8: ("2_9",),
}
POLICIES = {
    "cartpole": ("unsat", ("safe_14", "safe_27")),
    "lunarlander": ("sat", ("safe_0", "safe_1")),
    "dubinsrejoin": ("unsat", ("safe_0", "safe_1")),
}
LATTICE = """
(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real)
(assert (>= X_0 -2)) (assert (<= X_0 2)) (assert (>= X_1 -2)) (assert (<= X_1 2))
(assert (>= Y_0 {threshold}))
"""
HEAD = ("network", "property", "answer", "known", "seconds", "cells", "bound")


def instances():
    """(name, model file, property, property file, the known answer)."""
    pairs = [(number, network) for number in (1, 2, 3, 4) for network in ACAS]
    for number, network in [*pairs, *WRITTEN_FOR.items()]:
        expected = "sat" if network in COUNTEREXAMPLES.get(number, ()) else "unsat"
        file = f"acasxu/ACASXU_run2a_{network}_batch_2000.onnx"
        name = f"ACAS Xu {network.replace('_', ',')}"
        yield name, file, str(number), f"acasxu/prop_{number}.vnnlib", expected
    for name, (expected, cases) in POLICIES.items():
        for case in cases:
            yield name, f"rl/{name}.onnx", case, f"rl/{name}_case_{case}.vnnlib", expected


def lattices(data):
    """The same of the two-level lattice networks, with properties of our own."""
    for number in (0, 1):
        file = f"tll/tll_n2_N8_{number}.onnx"
        model = facetry.load(data / file)
        square = facetry.AnalysisRegion.box([-2, -2], [2, 2])
        most = float(model(facetry.partition(model, square).corners.points).max())
        for step, expected in ((-1e-6, "sat"), (1e-6, "unsat")):
            text = LATTICE.format(threshold=repr(most + step))
            yield f"tll {number}", file, f"max {step:+g}", facetry.Property.parse(text), expected


def measure(data, instance, limit, threads):
    """One row."""
    name, file, number, question, expected = instance
    model = facetry.load(data / file)
    asked = data / question if isinstance(question, str) else question
    found = facetry.verify(model, asked, time_limit=limit, threads=threads)
    if found.answer not in (expected, "unknown"):
        raise SystemExit(f"{name}, property {number}: {found.answer}, known is {expected}")
    return (
        name,
        number,
        "?" if found.answer == "unknown" else found.answer,
        expected,
        f"{found.seconds:.2f}",
        f"{found.cells:,}",
        "" if found.bound is None else f"{found.bound:.2g}",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each property")
    parser.add_argument("--only", default="", help="rows whose 'network property' holds this")
    parser.add_argument("--threads", type=int, default=2)
    default = os.environ.get("FACETRY_DATA") or PROJECT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(default))
    arguments = parser.parse_args()
    print(f"At most {arguments.limit:g} s each, {arguments.threads} threads.\n")
    print("| " + " | ".join(HEAD) + " |")
    print("|---|---|---|---|--:|--:|--:|")
    for instance in [*instances(), *lattices(arguments.data)]:
        if arguments.only in f"{instance[0]} {instance[2]}":
            row = measure(arguments.data, instance, arguments.limit, arguments.threads)
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
