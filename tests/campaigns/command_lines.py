"""Every subcommand with wrong words: unknown options, values out of range, missing files.

    python -m campaigns.command_lines [--cases N] [--seed S]          (in tests/)

A command line starts from one that works. Whatever is wrong with it ends in an exit code of the
documented ones, and an error in one line without a traceback or a control character.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import random
import re
import tempfile
import warnings
from pathlib import Path

import numpy as np

import facetry
from campaigns.bad_values import Record, main
from facetry.cli.main import main as facetry_command
from oracles.command_lines import PIECEWISE

LIMITS = ["--threads", "1", "--time-limit", "1"]
GOOD = {
    "partition": ["{m}", "--cut", "0=0:1", "--cut", "1=0:1", *LIMITS, "--max-regions", "9",
                  "--format", "csv"],
    "partition to a file": ["{m}", "--box", "0:1", *LIMITS, "--max-regions", "9", "-o", "p.json"],
    "explain": ["{m}", "--cut", "0=0:1", "--base", "base.json", *LIMITS, "--data", "data.csv",
                "--scale", "range", "--output-name", "0"],
    "explain points": ["{m}", "--points", "points.npy", "--range", "0:1"],
    "explain saved": ["saved.facetry", "--scale", "none", "-o", "e.html"],
    "plot": ["{m}", "--cut", "0=0:1", "--cut", "1=0:1", *LIMITS, "--max-regions", "5", "--color",
             "weight", "--feature", "0", "-o", "p.svg"],
    "regions": ["{m}", "--box", "0:1", *LIMITS, "--max-regions", "9", "--batch", "4",
                "--frontier", "f"],
    "regions to a folder": ["{m}", "--region", "region.json", *LIMITS, "--max-regions", "9",
                            "--write", "run", "--format", "npz", "--memory-limit", "9"],
    "milp": ["{m}", "--box", "0:1", "-o", "p.lp", "--maximize", "0"],
    "verify": ["{m}", "p.vnnlib", *LIMITS],
}  # fmt: skip
WORDS = [
    "", "-", "--", "-1", "0", "1", "1e999", "nan", "inf", "-inf", "9" * 5000, "x", "\x1b[2J",
    "a\nb",
    "0:1", "1:0", "nan:1", "0=0:1", "x=0:1", "0=1:0", "99=0:1", "-5:5", ":", "=", "0=:", "missing",
    "missing.npy", "missing.onnx", ".", "broken.json", "broken.npy",
    "broken.csv", "broken.onnx", "broken.vnnlib", "broken.facetry", "odd.json", "points.npy",
    "data.csv", "region.json", "saved.facetry", "p.vnnlib", "deep.json", "latin.csv", "names.txt",
    "{m}", "a,b", ",", "highest", "--format", "png", "parquet", "facetry", "--progress", "--box",
    "--cut", "--region", "--points", "--base", "--decision", "--inputs", "--outputs", "--unordered",
    "--exactness", "safe", "float", "--scale", "sigma", "--help", "\ud800", "é", "💡", "%s", "{}",
    "--read-limit", "nodes=1", "bytes=9", "words=99",
]  # fmt: skip


def prepare() -> None:
    """The files that command lines name."""
    model = facetry.load(PIECEWISE)
    box = facetry.AnalysisRegion.box(np.zeros(5), np.ones(5))
    facetry.partition(model, box, threads=1, max_regions=5).save("saved.facetry")
    text = "".join(f"(declare-const X_{i} Real)" for i in range(5)) + "(declare-const Y_0 Real)"
    text += "".join(f"(assert (>= X_{i} 0))(assert (<= X_{i} 1))" for i in range(5))
    contents: dict[str, str | bytes] = {
        "base.json": "[0.5, 0.5, 0.5, 0.5, 0.5]",
        "data.csv": "0,0,0,0,0\n1,1,1,1,1\n",
        "region.json": box.to_json(),
        "p.vnnlib": text + "(assert (>= Y_0 1000))",
        "broken.json": "{",
        "broken.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'",
        "broken.csv": 'a,b\n"1',
        "broken.onnx": b"\x08\x07\x12",
        "broken.vnnlib": "(assert",
        "broken.facetry": b"PK\x03\x04",
        "odd.json": json.dumps({"box": {"low": [None], "high": "x"}}),
        "deep.json": "[" * 100_000,
        "latin.csv": b"\xe9,\xff\n1,2\n",
        "names.txt": "a\n\x1b[2J\n",
    }
    for name, content in contents.items():
        path = Path(name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    np.save("points.npy", np.zeros((2, 5)))


def spoiled(words: list[str], rng: random.Random) -> list[str]:
    """The command line with one to three changes."""
    result = list(words)
    for _ in range(rng.choice((1, 1, 2, 3))):
        place, word = rng.randrange(len(result) + 1), rng.choice(WORDS)
        kind = rng.random()
        if kind < 0.6 and place < len(result):
            result[place] = word
        elif kind < 0.8:
            result.insert(place, word)
        elif len(result) > 1:
            del result[min(place, len(result) - 1)]
    return result


class WrongEnd(Exception):  # noqa: N818
    """A command ended in another way than documented."""


def check(words: list[str]) -> None:
    """Run the command; a FacetryError stands for a refusal that is as documented."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = facetry_command(words)
        except SystemExit as stop:  # of the parser
            code = stop.code if isinstance(stop.code, int) else 1
    errors = err.getvalue()
    if code not in (0, 1, 2, 3):
        raise WrongEnd(f"exit code {code}: {errors[-200:]!r}")
    if "Traceback" in errors:
        raise WrongEnd(f"a traceback: {errors[-300:]!r}")
    if code == 1 and (errors.count("\n") != 1 or not errors.startswith("facetry: error: ")):
        raise WrongEnd(f"not one line: {errors[:300]!r}")
    control = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", errors.replace("\r", ""))
    if code == 1 and control:
        raise WrongEnd(f"a control character in {errors[:200]!r}")
    if code in (1, 2):
        raise facetry.FacetryError(errors[:1000] or "refused")


def run(seed: int = 0, count: int = 200) -> Record:
    """The campaign."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    record, rng = Record(), random.Random(seed)
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(folder)
        try:
            prepare()
            for number, (name, good) in zip(
                range(count), itertools.cycle(GOOD.items()), strict=False
            ):
                words = [name.split()[0], *spoiled(good, rng)]
                words = [word.replace("{m}", PIECEWISE) for word in words]
                record.run(f"{number} {words!r:.300}", lambda words=words: check(words))
        finally:
            os.chdir(here)
    return record


if __name__ == "__main__":
    main(run, 2000)
