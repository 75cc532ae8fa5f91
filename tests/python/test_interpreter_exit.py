"""The interpreter ends while a search runs: a clean end, whatever it was doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from oracles.processes import interruptible

START = """
import sys, threading, time
sys.path[:0] = {path!r}
import numpy as np
import facetry
from oracles.streams import network
model, box = network((6, 64, 64, 1))
def daemon(work):
    def run():
        print("started", flush=True)
        while True:
            work()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    time.sleep(0.5)
"""

ENDS = {
    "search": "daemon(lambda: facetry.partition(model, box, threads=2))",
    "query": "daemon(lambda: facetry.query(model, box, conditions={0: (0.0, None)}))",
    "maximum": "daemon(lambda: facetry.maximum(model, box))",
    "short calls": "X = np.zeros((100, 6)); daemon(lambda: model(X))",
    "short calls of many": "[daemon(lambda: model(np.zeros((10, 6)))) for _ in range(3)]",
    "stream of a daemon": "daemon(lambda: list(facetry.iter_regions(model, box, batch=50)))",
    "open stream": "stream = facetry.iter_regions(model, box, batch=50); next(stream)",
    "stream in a circle": "own = []; own += [own, facetry.iter_regions(model, box)]",
    "progress": "daemon(lambda: facetry.partition(model, box, progress=lambda *a: True))",
    "exit by an error": "daemon(lambda: facetry.partition(model, box)); sys.exit(3)",
    "volumes": """
part = facetry.partition(model, box, max_regions=20000)
daemon(lambda: facetry.describe(model, part).volumes)
""",
    "a fork": """
import os
daemon(lambda: facetry.partition(model, box, threads=1))
child = os.fork()
if child:
    os.waitpid(child, 0)
""",
    "milp": "daemon(lambda: facetry.partition(model, box, engine='milp'))",
    "regions to a folder": """
import tempfile
folder = tempfile.mkdtemp()
daemon(lambda: facetry.write_regions(model, box, folder, format="npz", batch=50))
""",
    "search of an exit handler": """
import atexit
def last():
    found = facetry.partition(*network((3, 16, 16, 1)))
    assert found.status == "complete", found.status
atexit.register(last)
""",
}


@pytest.mark.parametrize("work", ENDS)
def test_it_ends_cleanly(work):
    program = START.format(path=sys.path) + ENDS[work]
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.returncode == (3 if "sys.exit(3)" in ENDS[work] else 0)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
@pytest.mark.parametrize(
    "work",
    [
        "facetry.partition(model, box)",
        "facetry.maximum(model, box)",
        "facetry.query(model, box, conditions={0: (0.0, None)})",
        "facetry.boundary_distance(facetry.load(model_layers(), decision=0.0), box, [0.0] * 6)",
        "list(facetry.iter_regions(model, box, batch=10**9))",
        "[None for part in facetry.iter_regions(model, box, batch=50) for _ in [time.sleep(9)]]",
    ],
)
def test_ctrl_c_is_a_keyboard_interrupt_everywhere(work):
    program = (
        START.format(path=sys.path)
        + f"""
def model_layers():
    r = np.random.default_rng(0)
    s = (6, 64, 64, 1)
    return [(r.normal(size=(b, a)), r.normal(size=b)) for a, b in zip(s, s[1:])]
print("now", file=sys.stderr, flush=True)
try:
    while True:
        {work}
except KeyboardInterrupt:
    print("interrupted", file=sys.stderr)
"""
    )
    with interruptible([sys.executable, "-c", program]) as process:
        assert process.stderr.readline() == "now\n"
        time.sleep(1.0)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert errors == "interrupted\n"
    assert process.returncode == 0
