"""How a search is done: the keywords that every search takes, checked in one place."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypedDict

from .. import _core
from ..base.arguments import chosen_of, flag_of, shown, text_of
from ..base.checks import count_or_none, seconds_or_none
from ..errors import InvalidInputError
from .blocks import GoesOn
from .progress import (
    CancelFlag,
    Poll,
    ProgressCallback,
    check_watchers,
    progress_reporter,
    watched,
)

__all__ = ["RegionKeywords", "SearchKeywords", "SearchOptions", "resolve_threads"]

CELLS = ("auto", "polygons", "vertices", "lp")
LEVELS = ("float", "safe")
ENGINES = ("subdivision", "milp")
_MOST_THREADS = 4096


class SearchKeywords(TypedDict, total=False):
    """The keywords of every search; `SearchOptions` says what they mean."""

    threads: int | None
    time_limit: float | None
    memory_limit: int | None
    exactness: str | None
    cell: str
    cancel: CancelFlag | None
    progress: bool | ProgressCallback


class RegionKeywords(SearchKeywords, total=False):
    """Those of a search that lists regions: `max_regions` too."""

    max_regions: int | None


@dataclass(frozen=True)
class SearchOptions:
    """How a search is done. Every search takes these as keywords, with the same defaults.

    Ctrl-C ends any search with a KeyboardInterrupt; what it found is dropped. To keep it, let a
    handler of SIGINT set the event that is given as `cancel`.

    Attributes
    ----------
    threads
        How many threads to use; all processors if left out. The result is the same for any number.
    time_limit
        Seconds after which the search stops; what was found until then is returned, and its
        `status` says why it ended. Of `facetry.query` and `facetry.describe` it covers the volumes
        too, of `facetry.verify` reading the property, of `facetry.iter_regions` what the caller
        does with the batches. It is looked at between steps: what the core prepares before a search
        (bounds, exact forms of the limits; seconds with hundreds of inputs) is one.
    memory_limit
        Bytes: the search stops when what it holds takes as much (the regions found, or the parts
        that it left aside). Of a stream: the regions that may wait for earlier ones.
    exactness
        ``"safe"``, the default: every "cannot cut here" and the interior of every region is proven
        with bounds of all rounding, and what they leave open is decided in exact arithmetic on the
        weights of the folded network (see the notes of `facetry.Model`): nothing is
        undecided, and regions may be as thin as these numbers make them.
        ``"float"`` searches in double precision: a cut counts if the cell reaches at least 1e-9 (of
        the analysis region's half-width) beyond it on both sides, and thinner ones are counted as
        `undecided`.
    cell
        ``"auto"``, ``"polygons"``, ``"vertices"`` or ``"lp"``: how cells are held. "auto" takes
        polygons in 1 and 2 free dimensions, vertex lists up to 7 and linear programs above.
    cancel
        A `threading.Event`: the search stops soon after it is set, by any thread.
    progress
        True shows a progress bar (needs the package tqdm); or a function ``f(regions, share)``
        called about 20 times a second with the regions found and an estimate of the share done
        (each cut of the search counts as halves), which cancels by returning False. Searches for
        one value or point (`facetry.maximum`, `facetry.verify`, `facetry.boundary_distance` and
        their like) go where the best is promised, not through a tree of known size: they know no
        share, list no regions, and call ``f(0, 0.0)`` as a sign of life.
    max_regions
        Of a search that lists regions: it returns the first this many, in the order of their
        states.
    engine
        ``"subdivision"``, or ``"milp"`` where a question offers it; see `facetry.partition`.
    """

    threads: int
    time_limit: float | None = None
    memory_limit: int | None = None
    exactness: str = "safe"
    cell: str = "auto"
    cancel: CancelFlag | None = None
    progress: bool | ProgressCallback = False
    max_regions: int | None = None
    engine: str = "subdivision"

    @classmethod
    def of(
        cls, keywords: Mapping[str, Any], *, lists: bool = False, engine: str = "subdivision"
    ) -> SearchOptions:
        """The options that keywords mean.

        Parameters
        ----------
        keywords
            As in `SearchKeywords`, and `RegionKeywords` if the search lists regions.
        lists
            Does it?
        engine
            Which engine was asked for.

        Raises
        ------
        InvalidInputError
            For an unknown keyword, with the nearest one that exists, or a value out of range.

        Examples
        --------
        >>> SearchOptions.of({"threads": 2, "time_limit": 1}).time_limit
        1.0
        >>> SearchOptions.of({"thread": 2})
        Traceback (most recent call last):
        ...
        facetry.errors.InvalidInputError: unknown option 'thread'; did you mean 'threads'?
        """
        known = RegionKeywords if flag_of(lists, "lists") else SearchKeywords
        _check_names(keywords, tuple(known.__annotations__))
        chosen_of(engine, "engine", ENGINES)
        cell = keywords.get("cell", "auto")
        chosen_of(cell, "cell", CELLS)
        progress = keywords.get("progress")
        progress = False if progress is None else progress
        check_watchers(progress, keywords.get("cancel"))
        return cls(
            threads=resolve_threads(keywords.get("threads")),
            time_limit=seconds_or_none(keywords.get("time_limit"), "time_limit"),
            memory_limit=count_or_none(keywords.get("memory_limit"), "memory_limit"),
            exactness=_level(engine, cell, keywords.get("exactness")),
            cell=cell,
            cancel=keywords.get("cancel"),
            progress=progress,
            max_regions=count_or_none(keywords.get("max_regions"), "max_regions"),
            engine=engine,
        )

    @contextmanager
    def running(self) -> Iterator[_core.SearchOptions]:
        """The options as the core takes them, while a search runs: its time limit begins here."""
        with self.reporting() as poll:
            yield self.core(poll)

    @contextmanager
    def reporting(self) -> Iterator[Poll | None]:
        """What is to be told of progress, which also says whether to go on."""
        with progress_reporter(self.progress) as report:
            yield watched(report, self.cancel)

    def watch(self) -> GoesOn:
        """Asked between two steps of what follows a search: go on? The time limit counts from now.

        Examples
        --------
        >>> SearchOptions.of({"time_limit": 0}).watch()()
        False
        """
        end = math.inf if self.time_limit is None else time.monotonic() + self.time_limit
        flag = self.cancel
        return lambda: time.monotonic() < end and not (flag is not None and flag.is_set())

    def core(self, poll: Poll | None = None) -> _core.SearchOptions:
        """The options as the core takes them; the time limit counts from now."""
        return _core.SearchOptions(
            threads=self.threads,
            time_limit=self.time_limit,
            memory_limit=self.memory_limit,
            cell=self.cell,
            exactness=self.exactness,
            progress=poll,
        )


def _check_names(keywords: Mapping[str, Any], known: tuple[str, ...]) -> None:
    if not isinstance(keywords, Mapping):
        raise InvalidInputError(f"options must be a mapping of names, not {shown(keywords)}")
    for name in keywords:
        if name in known:
            continue
        text_of(name, "the name of an option")
        near = get_close_matches(name, known, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise InvalidInputError(f"unknown option {shown(name)}; {advice}")


def _level(engine: str, cell: str, exactness: str | None) -> str:
    """The level of exactness that is meant, if it fits the engine."""
    if exactness is not None:
        chosen_of(exactness, "exactness", LEVELS)
    if engine == "milp" and (cell != "auto" or exactness == "safe"):
        raise InvalidInputError("cell and exactness are options of engine='subdivision'")
    if exactness is None:
        return "float" if engine == "milp" else "safe"
    return exactness


def resolve_threads(threads: int | None) -> int:
    """The number of threads to use: the one given, or all processors."""
    if threads is None:
        return int(_core.available_threads())
    return min(count_or_none(threads, "threads") or 1, _MOST_THREADS)
