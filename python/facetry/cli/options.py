"""The options of the `facetry` command, and its help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..results.explanation import SCALES
from ..show.plot import COLOURS
from .option_values import LIMITS, positive, read_limit, seconds
from .region import interval

if TYPE_CHECKING:
    # at run time this class takes no subscript
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["FORMATS", "PICTURES", "build_parser"]

FORMATS = {
    "partition": ("table", "json", "csv", "parquet", "png", "svg", "facetry"),
    "explain": ("table", "json", "csv", "parquet", "html", "png", "svg"),
    "plot": ("png", "svg"),
}
"""The formats each command can write."""

PICTURES = ("png", "svg")
"""Those that are pictures."""

_TOP = """\
examples:
  facetry demo
  facetry explain model.onnx --box 0:1
  facetry partition model.onnx --cut age=20:60 --cut dose=0:5 --base patient.csv -o regions.csv
  facetry plot model.onnx --cut age=20:60 --cut dose=0:5 -o map.png
  facetry regions model.onnx --box 0:1 --write folder
  facetry milp model.onnx --box 0:1 -o model.mps
  facetry verify model.onnx property.vnnlib

exit codes: 0 done; 1 an error, in one line; 2 a wrong command line; 3 a limit or Ctrl-C stopped
the search and what was found is written, or verify came to no answer; 130 Ctrl-C before there was
anything to write
"""
_PARTITION = """\
examples:
  facetry partition model.onnx --box=-1:1
  facetry partition model.onnx --box age=20:60 --box dose=0:5 -o regions.json
  facetry partition model.onnx --region region.json --time-limit 60 --format csv
  facetry partition model.onnx --box 0:1 -o saved.facetry   (then: facetry explain saved.facetry)
"""
_EXPLAIN = """\
examples:
  facetry explain model.onnx --box 0:1 --data train.csv
  facetry explain model.onnx --cut age=20:60 --cut 3=0:5 --output-name yes -o explanation.json
  facetry explain model.onnx --points patients.csv --data train.csv --format csv
"""
_PLOT = """\
examples:
  facetry plot model.onnx --cut age=20:60 --cut dose=0:5 -o map.png
  facetry plot model.onnx --cut age=20:60 --cut dose=0:5 --color weight --feature age
  facetry plot model.onnx --cut age=20:60 --cut dose=0:5 --color leader -o map.svg
"""
_REGIONS = """\
examples:
  facetry regions model.onnx --box 0:1 --write folder --max-regions 1000000
  facetry regions model.onnx --box 0:1 --write folder      (again: goes on from there)
  facetry regions model.onnx --box 0:1 --frontier count.frontier --time-limit 3600

A folder holds part-000000.parquet, ... and frontier.json, which counts them; each part is whole or
not there. Limits are of this run, counts of all runs. After a limit, Ctrl-C or a kill the same
command goes on, and loses and repeats nothing.
"""
_MILP = """\
examples:
  facetry milp model.onnx --box 0:1 -o model.mps
  facetry milp model.onnx --cut age=20:60 --cut dose=0:5 --maximize yes -o model.lp

The program's points are the points of the region with all values of the network there. Inputs and
outputs have their names; z_5_0 is 1 where unit 5 is beyond its breakpoint 0, w_5_2 where argument 2
of the maximum 5 is the largest.
"""
_VERIFY = """\
examples:
  facetry verify model.onnx property.vnnlib
  facetry verify model.onnx property.vnnlib --time-limit 60 --threads 2

A VNN-LIB property describes a counterexample: an input in a box, with conditions on the outputs.
The first word printed is sat (then one follows), unsat (proven: there is none) or unknown (then
why, and by how much the conditions could still be fulfilled). X_i is the flattened input i, Y_j the
output j before a softmax or the like. Exit codes: 0 for sat and unsat, 3 for unknown.
"""
_DEMO = """\
example:
  facetry demo -o picture.png
"""


def build_parser(version: str) -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="facetry",
        description="Exact explanations of piecewise-linear neural networks.",
        epilog=_TOP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"facetry {version}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_partition(commands)
    _add_explain(commands)
    _add_plot(commands)
    _add_regions(commands)
    _add_milp(commands)
    _add_verify(commands)
    demo = _command(commands, "demo", "explain a network that ships with facetry", _DEMO)
    demo.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        default=Path("facetry_demo.png"),
        help="where the picture goes (default: %(default)s)",
    )
    return parser


def _command(commands: Commands, name: str, help: str, epilog: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_partition(commands: Commands) -> None:
    parser = _command(commands, "partition", "list the linear regions of a network", _PARTITION)
    _add_model(parser, saved=True)
    _add_region(parser)
    _add_search(parser)
    _add_output(parser, FORMATS["partition"])


def _add_explain(commands: Commands) -> None:
    parser = _command(
        commands, "explain", "weigh and rank the features, region by region", _EXPLAIN
    )
    _add_model(parser, saved=True)
    region = _add_region(parser)
    region.add_argument(
        "--points",
        type=Path,
        metavar="FILE",
        help="explain these points (.npy, .csv, .json) instead; with a region beside it, the "
        "JSON output also holds the part of the region where each explanation is valid",
    )
    _add_scale(parser)
    _add_search(parser)
    _add_output(parser, FORMATS["explain"])


def _add_plot(commands: Commands) -> None:
    parser = _command(commands, "plot", "draw the regions of a two-dimensional cut", _PLOT)
    _add_model(parser, saved=True)
    _add_region(parser)
    group = parser.add_argument_group("picture")
    group.add_argument(
        "--color",
        choices=list(COLOURS),
        help="what regions are coloured by; "
        + "; ".join(f"{name}: {meaning}" for name, meaning in COLOURS.items())
        + " (default: top, or region if the model makes no decision)",
    )
    group.add_argument("--feature", metavar="FEATURE", help="for --color weight and rank")
    _add_scale(parser)
    _add_search(parser)
    _add_output(parser, FORMATS["plot"])


def _add_regions(commands: Commands) -> None:
    parser = _command(
        commands, "regions", "count all regions, or write them to a folder, without holding them",
        _REGIONS,
    )  # fmt: skip
    _add_model(parser)
    _add_region(parser)
    _add_search(parser)
    group = parser.add_argument_group("result (without --write: the number of regions)")
    group.add_argument("--write", type=Path, metavar="FOLDER", help="write parts to this folder")
    group.add_argument(
        "--format",
        choices=("parquet", "npz"),
        help="of the parts: tables, or partitions for facetry.open (default: parquet)",
    )
    group.add_argument(
        "--batch", type=positive, metavar="N", help="the most regions in a part (default: 65536)"
    )
    group.add_argument(
        "--unordered",
        action="store_true",
        help="take regions as they are found, so that threads never wait for each other",
    )
    group.add_argument(
        "--memory-limit",
        type=positive,
        metavar="MIB",
        help="mebibytes of regions that may wait for earlier ones (default: 64)",
    )
    group.add_argument(
        "--frontier",
        type=Path,
        metavar="FILE",
        help="without --write: keep in this file where the search is, and go on from it",
    )
    group.add_argument(
        "--save-every",
        type=seconds,
        metavar="SECONDS",
        help="how often --frontier is written (default: 10)",
    )


def _add_milp(commands: Commands) -> None:
    parser = _command(
        commands, "milp", "write a network as a mixed-integer program for other solvers", _MILP
    )
    _add_model(parser)
    _add_region(parser)
    group = parser.add_argument_group("program")
    goal = group.add_mutually_exclusive_group()
    for name in ("maximize", "minimize"):
        goal.add_argument(f"--{name}", metavar="OUTPUT", help=f"{name} this output (name or index)")
    group.add_argument(
        "--indicators",
        action="store_true",
        help="rows that hold where a variable is 1, in place of large constants",
    )
    group.add_argument(
        "--lp-bounds",
        action="store_true",
        help="tighten the constants by linear programs, two for each unit that is not settled",
    )
    group.add_argument(
        "-o", "--output", type=Path, metavar="FILE", required=True, help="free MPS, or CPLEX LP"
    )


def _add_verify(commands: Commands) -> None:
    parser = _command(
        commands, "verify", "find a counterexample to a VNN-LIB property, or prove there is none",
        _VERIFY,
    )  # fmt: skip
    _add_model(parser)
    parser.add_argument("property", type=Path, metavar="PROPERTY", help="a .vnnlib file")
    _add_search(parser, counts_regions=False)


def _add_model(parser: argparse.ArgumentParser, *, saved: bool = False) -> None:
    or_saved = "; or a .facetry file, a partition saved with its model" if saved else ""
    parser.add_argument(
        "model",
        type=Path,
        metavar="MODEL",
        help=f"an ONNX, .nnet or .facetry-model file{or_saved}",
    )
    group = parser.add_argument_group("model")
    names = "separated by commas, or a .txt file with one per line, or a .json list"
    group.add_argument("--inputs", metavar="TENSOR,...", help="cut the graph: start here")
    group.add_argument("--outputs", metavar="TENSOR,...", help="cut the graph: end here")
    group.add_argument("--feature-names", metavar="NAMES", help=f"names of the features, {names}")
    group.add_argument("--output-names", metavar="NAMES", help=f"names of the outputs, {names}")
    group.add_argument(
        "--decision",
        metavar="HOW",
        help="how outputs become a choice: highest, lowest, none, or a threshold on one output",
    )
    group.add_argument(
        "--read-limit",
        type=read_limit,
        action="append",
        metavar="NAME=N",
        help="how much a file may hold, if it can be trusted; repeat for each of "
        f"{', '.join(LIMITS)} (read me: what they count)",
    )


def _add_region(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    group = parser.add_argument_group("analysis region (one of --box, --cut, --region)")
    group.add_argument(
        "--box",
        type=interval,
        action="append",
        metavar="[FEATURE=]LOW:HIGH",
        help="limits of all features, or of one; repeat for each feature",
    )
    group.add_argument(
        "--cut",
        type=interval,
        action="append",
        metavar="FEATURE=LOW:HIGH",
        help="vary this feature, fix those not named; repeat for more dimensions. "
        "A feature is a name or an index; write --cut=-name=0:1 where it begins with -",
    )
    group.add_argument(
        "--base",
        type=Path,
        metavar="FILE",
        help="with --cut: values of the fixed features (.npy, .csv, .json); all are 0 without it",
    )
    group.add_argument(
        "--drop-columns",
        metavar="NAMES",
        help="columns of CSV files that are no features and are left out, written like "
        "--feature-names; other columns without a feature are an error",
    )
    group.add_argument("--region", type=Path, metavar="FILE", help="a region as JSON or YAML")
    return group


def _add_scale(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("weights")
    group.add_argument(
        "--output-name",
        metavar="OUTPUT",
        help="the output to explain, by name or index (default: all)",
    )
    group.add_argument(
        "--scale",
        choices=list(SCALES),
        help="; ".join(f"{name}: {meaning}" for name, meaning in SCALES.items())
        + " (default: the first that is known)",
    )
    group.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="points the model is used on (.npy, .csv, .json): ranges and deviations come from it",
    )
    group.add_argument(
        "--range",
        type=interval,
        action="append",
        metavar="[FEATURE=]LOW:HIGH",
        help="the expected range of all features, or of one; repeat for each",
    )


def _add_search(parser: argparse.ArgumentParser, *, counts_regions: bool = True) -> None:
    group = parser.add_argument_group("search")
    group.add_argument("--threads", type=positive, metavar="N", help="default: all cores")
    also = "" if counts_regions else "; reading the property counts, loading the network does not"
    group.add_argument(
        "--time-limit", type=seconds, metavar="SECONDS", help=f"stop after this{also}"
    )
    if counts_regions:
        group.add_argument("--max-regions", type=positive, metavar="N", help="stop after so many")
    group.add_argument(
        "--exactness",
        choices=["safe", "float"],
        default="safe",
        help="safe (the default): proven against rounding; float: with a tolerance",
    )
    group.add_argument("--progress", action="store_true", help="say how far the search is")


def _add_output(parser: argparse.ArgumentParser, formats: tuple[str, ...]) -> None:
    group = parser.add_argument_group("result")
    texts = "table" in formats
    place = "; - is the screen" if texts else " (default: the model's name with .png)"
    group.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=f"write to this file; its ending says the format unless --format does{place}",
    )
    other = "table, to the screen" if texts else "png"
    group.add_argument(
        "--format", choices=formats, help=f"default: what the ending of -o says, else {other}"
    )
