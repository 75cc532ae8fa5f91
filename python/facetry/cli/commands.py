"""The commands: each from parsed options to a written result and an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.printable import counted, printable
from ..base.whole_file import write_whole
from ..errors import InvalidInputError
from ..explain.explainer import Explainer
from ..files.model_file import is_model_file, open_model
from ..files.partition_file import open_partition
from ..models.load import load
from ..models.model import renamed
from ..search.partition import partition
from ..show.plot import check_colour, plot_explanation, plot_partition, save_picture
from ..show.polygons import check_dimension
from ..show.rows import STOPPED
from .demo import demo_explanation, demo_picture
from .exit_codes import ExitCode
from .files import is_saved, points_of, read_names
from .interrupts import interrupts
from .milp import run_milp
from .option_values import read_limits, repeated_limit
from .options import FORMATS, PICTURES
from .output import SCREEN, check_output, emit, emit_partition, explanation_forms, forms_of_picture
from .progress import search_progress
from .region import feature_of, has_region, index_or_name, intervals_of_all, region_from_options
from .regions import regions_problem, run_regions
from .verify import run_verify

if TYPE_CHECKING:
    from ..models.model import Model
    from ..results.explanation import Explanation
    from ..search.partition import Partition

__all__ = ["COMMANDS", "usage_problem"]


def run_partition(options: argparse.Namespace) -> ExitCode:
    """`facetry partition`."""
    format = check_output(options, FORMATS[options.command])
    model, search = _question(options)
    if format in PICTURES:
        _check_plane(options, model)
    found = search()
    emit_partition(options, found, lambda: plot_partition(found, color="region"))
    return _verdict(found)


def run_explain(options: argparse.Namespace) -> ExitCode:
    """`facetry explain`."""
    format = check_output(options, FORMATS[options.command])
    model, search = _question(options)
    explainer = _explainer(options, model)
    _check_names(options, model, explainer)
    if options.points:
        _emit_explanation(options, _explain_points(options, model, explainer))
        return ExitCode.DONE
    if format in PICTURES:
        check_colour(model, "leader", None, _output(options, model))
        _check_plane(options, model)
    found = search()
    explanation = explainer.describe(
        found, _output(options, model), options.scale, validity=format == "json"
    )
    _emit_explanation(options, explanation)
    return _verdict(found)


def run_plot(options: argparse.Namespace) -> ExitCode:
    """`facetry plot`."""
    if options.output == SCREEN:
        raise InvalidInputError("a picture cannot go to the screen; give a file with -o")
    if options.output is None:
        options.output = Path(f"{options.model.stem}.{options.format or 'png'}")
    check_output(options, FORMATS[options.command])
    model, search = _question(options)
    explainer = _explainer(options, model)
    _check_names(options, model, explainer)
    feature = None if options.feature is None else feature_of(options.feature, model)
    check_colour(model, options.color, feature, _output(options, model))
    _check_plane(options, model)
    found = search()
    picture = forms_of_picture(
        lambda: plot_partition(
            found,
            color=options.color,
            feature=feature,
            output=_output(options, model),
            explainer=explainer,
            scale=options.scale,
        )
    )
    emit(options, picture, default="png")
    print(f"wrote {printable(str(options.output))} ({counted(len(found), 'region')})")
    return _verdict(found)


def run_demo(options: argparse.Namespace) -> ExitCode:
    """`facetry demo`."""
    if options.output == SCREEN:
        raise InvalidInputError("a picture cannot go to the screen; give a file with -o")
    explanation = demo_explanation()
    print(explanation, flush=True)
    format = "svg" if options.output.suffix.lower() == ".svg" else "png"
    write_whole(options.output, lambda path: save_picture(demo_picture(explanation), path, format))
    place = printable(str(options.output))
    print(f"\nwrote {place}: which feature matters most where, and the rank of x3")
    return ExitCode.DONE


_OF_SEARCH = ("box", "cut", "base", "region", "inputs", "outputs", "feature_names",
              "output_names", "decision", "time_limit", "max_regions")  # fmt: skip

COMMANDS: dict[str, Callable[[argparse.Namespace], ExitCode]] = {
    "partition": run_partition,
    "explain": run_explain,
    "plot": run_plot,
    "regions": lambda options: run_regions(options, _load(options)),
    "milp": lambda options: run_milp(options, _load(options)),
    "verify": lambda options: run_verify(options, _load(options)),
    "demo": run_demo,
}
"""What each command runs."""


def _question(options: argparse.Namespace) -> tuple[Model, Callable[[], Partition]]:
    """The model, and what gives its partition: a search, or the file it was saved in."""
    if is_saved(options):
        saved = open_partition(options.model)
        return _renamed(options, saved.model), lambda: saved
    model = _load(options)
    return model, lambda: _search(options, model)


def _load(options: argparse.Namespace) -> Model:
    limits = read_limits(options)
    if is_model_file(options.model):
        return _renamed(options, open_model(options.model, limits))

    def tensors(text: str | None) -> list[str] | None:
        return None if text is None else text.split(",")

    return load(
        options.model,
        inputs=tensors(options.inputs),
        outputs=tensors(options.outputs),
        **_names(options),
        limits=limits,
    )


def _renamed(options: argparse.Namespace, model: Model) -> Model:
    """A model that was saved, with the names and the decision that the options give it."""
    for tensors in ("inputs", "outputs"):
        if getattr(options, tensors) is not None:
            raise InvalidInputError(
                f"--{tensors} names tensors of ONNX graphs; {options.model} holds a network as "
                "facetry saved it"
            )
    return renamed(model, **_names(options))


def _names(options: argparse.Namespace) -> dict[str, Any]:
    limits = read_limits(options)

    def names(text: str | None) -> list[str] | None:
        return None if text is None else read_names(text, limits)

    return {
        "feature_names": names(options.feature_names),
        "output_names": names(options.output_names),
        "decision": _decision(options.decision),
    }


def _decision(text: str | None) -> str | float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _search(options: argparse.Namespace, model: Model) -> Partition:
    with search_progress(options.progress) as progress, interrupts() as stop:
        return partition(
            model,
            region_from_options(options, model),
            threads=options.threads,
            time_limit=options.time_limit,
            max_regions=options.max_regions,
            exactness=options.exactness,
            progress=progress,
            cancel=stop,
        )


def _explainer(options: argparse.Namespace, model: Model) -> Explainer:
    data = None if options.data is None else points_of(options, options.data, model)
    ranges: Any = None
    if options.range:
        ends = intervals_of_all(options.range, model, "--range")
        known = np.flatnonzero(~np.isnan(ends[:, 0]))
        ranges = {int(index): tuple(ends[index]) for index in known}
    return Explainer(model, data=data, feature_ranges=ranges)


def _output(options: argparse.Namespace, model: Model) -> int | None:
    """The index of --output-name: a name; or an index, if no output has it for a name."""
    text = options.output_name
    if text is None:
        return None
    return model.output_index(index_or_name(text, model.output_names))


def _check_names(options: argparse.Namespace, model: Model, explainer: Explainer) -> None:
    """Find mistakes in the options of the weights before a long search, not after it."""
    _output(options, model)
    if options.scale == "range" and explainer.scales.ranges is None:
        raise InvalidInputError(
            "--scale range needs the expected range of each feature (not the width of the region): "
            "give --range, or --data to take it from"
        )
    if options.scale == "sigma" and explainer.scales.sigmas is None:
        raise InvalidInputError(
            "--scale sigma needs the standard deviation of each feature: give --data for it"
        )


def _check_plane(options: argparse.Namespace, model: Model) -> None:
    """Find a region that cannot be drawn before a long search, not after it."""
    if not is_saved(options):
        check_dimension(region_from_options(options, model).resolve(model).dimension)


def _explain_points(options: argparse.Namespace, model: Model, explainer: Explainer) -> Explanation:
    points = points_of(options, options.points, model)
    validity = region_from_options(options, model) if has_region(options) else None
    return explainer.explain_points(
        points,
        _output(options, model),
        options.scale,
        validity=validity,
        threads=options.threads,
    )


def _emit_explanation(options: argparse.Namespace, explanation: Explanation) -> None:
    emit(
        options,
        explanation_forms(explanation, lambda: plot_explanation(explanation, color="leader")),
    )


def _verdict(found: Partition) -> ExitCode:
    """Say on the standard error what a reader of the result must know."""
    if found.undecided:
        print(
            f"facetry: note: undecided: {counted(found.undecided, 'place')} thinner than the "
            "tolerance",
            file=sys.stderr,
        )
    if found.status == "complete":
        return ExitCode.DONE
    covered = "" if np.isnan(found.coverage) else f", {found.coverage:.1%} of the volume"
    print(
        f"facetry: incomplete: {STOPPED.get(found.status, found.status)}; "
        f"{counted(len(found), 'region')} {'is' if len(found) == 1 else 'are'} written{covered}",
        file=sys.stderr,
    )
    return ExitCode.INCOMPLETE


def usage_problem(options: argparse.Namespace) -> str | None:
    """What is wrong with a command line beyond what argparse sees, or None."""
    if options.command == "demo":
        return None
    return repeated_limit(options) or _command_problem(options)


def _command_problem(options: argparse.Namespace) -> str | None:
    if options.command == "regions":
        if is_saved(options):
            return f"{options.model} is a saved partition; its regions are found already"
        problem = regions_problem(options)
        if problem:
            return problem
    if options.command in ("milp", "verify") and is_saved(options):
        return f"{options.model} is a saved partition; give the model it was made of"
    if options.command == "verify":
        return None
    if is_saved(options) and not getattr(options, "points", None):
        given = [name for name in _OF_SEARCH if getattr(options, name) is not None]
        option = f"--{given[0].replace('_', '-')}" if given else ""
        return f"{options.model} is a saved partition; leave {option} out" if given else None
    if not has_region(options) and not getattr(options, "points", None):
        return "give an analysis region with --box, --cut or --region"
    given = [f"--{name}" for name in ("box", "cut", "region") if getattr(options, name)]
    if len(given) > 1:
        return f"give one of --box, --cut and --region, not {' and '.join(given)}"
    if options.base and not options.cut:
        return "--base goes with --cut: it holds the values of the fixed features"
    return None
