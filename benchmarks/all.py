"""All tables and plots of results/, by one command.

    python benchmarks/all.py [--build FOLDER] [--into FOLDER] [--only NAME]

The peers run only where they are installed (see README.md), and take some fifteen minutes.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = ("regioncam", "affinitree", "relucent")
NOTE = (
    "Made by `python benchmarks/all.py`. The machine is shared and noisy: what matters are the "
    "ratios within a table, not the times.\n"
)


def plan(build, into):
    """name: the arguments of each benchmark."""
    steps = {
        "engine_speed": ["--build", build],
        "growth": ["--build", build, "--plot", str(into / "growth.png")],
        "scaling": ["--build", build, "--plot", str(into / "scaling.png")],
        "extras": ["--build", build],
        "cold_start": [],
        "regions_per_second": [],
        "points_per_second": [],
        "milp_engine": [],
        "verification": [],
        "queries": [],
    }
    if any(find_spec(peer) for peer in PEERS):
        steps["peers"] = []
    return steps


def machine():
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}.\n"
    )


def run(name, arguments, into):
    command = [sys.executable, str(HERE / f"{name}.py"), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        return f"{name} failed:\n{done.stderr}"
    question = (HERE / f"{name}.py").read_text().split('"""')[1].splitlines()[0]
    text = f"# {question}\n\n{NOTE}\n{machine()}\n{done.stdout.rstrip()}\n"
    (into / f"{name}.md").write_text(text)
    return None


def first_table(file):
    """The rows of a file's first table: {head: cell}."""
    lines = [line for line in file.read_text().split("\n") if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    width = len(cells[0])
    rows = []
    for row in cells[2:]:
        if len(row) != width or set("".join(row)) <= {"-", ":"}:
            break
        rows.append(dict(zip(cells[0], row, strict=True)))
    return rows


def number(text):
    return float(re.match(r"[-\d.,]+", text).group().replace(",", ""))


def draw_speed(into):
    """Regions a second beside what is asked for."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = first_table(into / "engine_speed.md")
    places = range(len(rows))
    figure, panel = plt.subplots(figsize=(8, 4), layout="constrained")
    reached = [number(row["M/s (best CPU)"]) for row in rows]
    wanted = [number(row["at least"]) for row in rows]
    panel.bar(places, reached, width=0.6, label="reached, one core")
    panel.hlines(
        wanted, [p - 0.4 for p in places], [p + 0.4 for p in places], "black", label="at least"
    )
    panel.set_xticks(list(places), [row["network"] for row in rows], rotation=20, ha="right")
    panel.set(ylabel="million regions a second")
    panel.legend(frameon=False)
    figure.savefig(into / "engine_speed.png", dpi=120)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", help="where to build, and to find what is built")
    parser.add_argument("--into", type=Path, default=HERE / "results")
    parser.add_argument("--only", choices=sorted(plan("", HERE)), help="only this benchmark")
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    failures = []
    with tempfile.TemporaryDirectory() as temporary:
        steps = plan(arguments.build or temporary, arguments.into)
        for name in [arguments.only] if arguments.only else steps:
            print(name, flush=True)
            failures += filter(None, [run(name, steps[name], arguments.into)])
    if arguments.only in (None, "engine_speed") and not failures:
        draw_speed(arguments.into)
    print("\n".join(failures), file=sys.stderr, end="")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
