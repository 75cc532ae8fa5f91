"""Builds facetry_engine (engine.cpp), which times the C++ core alone, or another program of the
C++ benchmarks, and runs it. For the others.

The build takes cmake and ninja from the PATH, and Eigen from where CMake finds it or from the
running interpreter's package cmeel-eigen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import random_networks

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Timing:
    """What one run of the engine prints; seconds are of one call."""

    regions: int
    calls: int
    wall: float  # the least
    median: float
    cpu: float  # the least, all threads together
    peak: float  # fused multiply-adds a second of one core, in the same process
    mebibytes: float  # of the whole process
    models: float  # processor seconds of all linear models, if asked for

    @property
    def multiply_adds(self):
        """How many the core could have done at its peak in the processor time of a region."""
        return self.cpu * self.peak / self.regions


def tool(name):
    """A build tool: beside the running interpreter, else on the PATH."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise SystemExit(f"the engine is built with {name}: pip install {name}, and start again")
    return found


class Engine:
    """A program, built in `folder`, where the networks' files go as well."""

    def __init__(self, folder, program="facetry_engine"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        prefix = Path(sysconfig.get_path("purelib")) / "cmeel.prefix"
        prefixes = [str(prefix)] if prefix.exists() else []
        prefixes += filter(None, [os.environ.get("CMAKE_PREFIX_PATH")])
        options = ["BUILD_TYPE=Release", f"MAKE_PROGRAM={tool('ninja')}"]
        options.append("PREFIX_PATH=" + ";".join(prefixes))
        command = [tool("cmake"), "-S", PROJECT, "-B", self.folder, "-G", "Ninja"]
        command += [f"-DCMAKE_{option}" for option in options]
        command += ["-DFACETRY_BINDINGS=OFF", "-DFACETRY_BENCHMARKS=ON"]
        build = [tool("cmake"), "--build", self.folder, "--target", program, "-j", "1"]
        for step in (command, build):
            done = subprocess.run(step, check=False, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"building the engine failed:\n{done.stdout}{done.stderr}")
        self.program = self.folder / program

    def write(self, name):
        """The file of a random network and its cube."""
        return self.write_layers(name, random_networks.layers(name), random_networks.limits(name))

    def write_layers(self, name, layers, limits):
        """The file of any network of ReLUs and a cube (low, high)."""
        low, high = limits
        lines = [f"{layers[0][0].shape[1]} {low} {high} {len(layers)}"]
        for W, b in layers:
            lines.append(f"{W.shape[0]} {W.shape[1]}")
            lines += [" ".join(map(repr, row.tolist())) for row in (W.ravel(), b)]
        file = self.folder / f"{name}.txt"
        file.write_text("\n".join(lines) + "\n")
        return file

    def run(self, name, *, seconds=1.0, threads=1, cell="auto", outputs=True, words=()):
        """Calls within `seconds`, at least one, in a process of its own; `words`: more options.

        In double precision (`--exactness float`), unless they say otherwise.
        """
        command = [self.program, self.write(name), "--seconds", str(seconds)]
        command += ["--exactness", "float"]
        command += ["--threads", str(threads), "--cell", cell]
        command += [*([] if outputs else ["--no-outputs"]), *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        regions, calls, *figures = done.stdout.split()
        return Timing(int(regions), int(calls), *map(float, figures))
