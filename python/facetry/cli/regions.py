"""`facetry regions`: all regions counted, or written to a folder, without holding them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.printable import counted, printable
from ..errors import InvalidInputError
from ..files.region_writer import write_regions
from ..search.stream import iter_regions
from ..show.rows import STOPPED
from .exit_codes import ExitCode
from .interrupts import interrupts
from .progress import search_progress
from .region import region_from_options

if TYPE_CHECKING:
    from ..models.model import Model
    from ..search.options import RegionKeywords
    from ..search.stream import RegionStream

__all__ = ["regions_problem", "run_regions"]

_MEBIBYTE = 1 << 20


def run_regions(options: argparse.Namespace, model: Model) -> ExitCode:
    """`facetry regions`, with its model loaded."""
    _check_frontier(options)
    region = region_from_options(options, model)
    with search_progress(options.progress) as progress, interrupts() as stop:
        batch, ordered = options.batch or 65536, not options.unordered
        limits: RegionKeywords = {
            "threads": options.threads,
            "time_limit": options.time_limit,
            "exactness": options.exactness,
            "max_regions": options.max_regions,
            "memory_limit": options.memory_limit and options.memory_limit * _MEBIBYTE,
            "progress": progress,
            "cancel": stop,
        }
        if options.write is not None:
            form = options.format or "parquet"
            stream = write_regions(
                model,
                region,
                options.write,
                format=form,
                batch=batch,
                ordered=ordered,
                **limits,
            )
        else:
            every = 10.0 if options.save_every is None else options.save_every
            stream = iter_regions(
                model,
                region,
                batch=batch,
                ordered=ordered,
                frontier=options.frontier,
                save_every=every,
                **limits,
            )
            with stream:
                for _ in stream:
                    pass
    return _verdict(options, stream)


def regions_problem(options: argparse.Namespace) -> str | None:
    """What is wrong with the options of `facetry regions`, or None."""
    if options.write is not None:
        kept = "a folder keeps its own frontier, saved with every part; leave {} out"
        if options.frontier is not None:
            return kept.format("--frontier")
        if options.save_every is not None:
            return kept.format("--save-every")
    elif options.format:
        return "--format goes with --write: it says what the parts are"
    elif options.save_every is not None and options.frontier is None:
        return "--save-every goes with --frontier: it says how often that file is written"
    return None


def _say_it_went_on(before: int, place: Path) -> None:
    shown = printable(str(place))
    print(
        f"facetry: note: {counted(before, 'region')} of these were there from earlier runs; to "
        f"start anew, delete {shown} or name another place",
        file=sys.stderr,
    )


def _check_frontier(options: argparse.Namespace) -> None:
    """Find a place that cannot be written before a long search, not after it."""
    file = options.frontier
    if file is not None and not file.parent.is_dir():
        raise InvalidInputError(f"cannot write {file}: there is no such directory")


def _verdict(options: argparse.Namespace, stream: RegionStream) -> ExitCode:
    """Say what was found, and on the standard error what a reader of it must know."""
    if options.write is None:
        print(counted(stream.regions, "region"))
    else:
        regions, parts = counted(stream.regions, "region"), stream.frontier.batches
        place = printable(str(options.write))
        print(f"wrote {place} ({regions} in {counted(parts, 'part')})")
    if stream.regions_before:
        _say_it_went_on(stream.regions_before, options.write or options.frontier)
    if stream.undecided:
        print(
            f"facetry: note: undecided: {counted(stream.undecided, 'place')} thinner than the "
            "tolerance",
            file=sys.stderr,
        )
    if stream.status == "complete":
        return ExitCode.DONE
    kept = options.write is not None or options.frontier is not None
    print(
        f"facetry: incomplete: {STOPPED.get(stream.status, stream.status)}; "
        f"about {stream.share_done:.1%} of the search is done"
        + ("; the same command goes on from there" if kept else ""),
        file=sys.stderr,
    )
    return ExitCode.INCOMPLETE
